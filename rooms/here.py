"""Who has a document open in this process. Pages ask, the live part answers; neither can import the other."""

from collections import Counter
from collections.abc import Callable

# document id → user id → sockets
Answer = Callable[[int], Counter[int]]

_answers: list[Answer] = []


def answer_with(answer: Answer) -> Callable[[], None]:
    """Have `answer` asked from now on, in other threads than its own. Returns how to stop."""
    _answers.append(answer)
    return lambda: _answers.remove(answer)


def sockets(document_id: int) -> Counter[int]:
    """Return user id → how many sockets that person has in the document, through this process."""
    return sum((answer(document_id) for answer in list(_answers)), Counter())
