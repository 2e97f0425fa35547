"""What the pages and the live part of one process tell each other; neither can import the other."""

from collections import Counter
from collections.abc import Callable

from django.db import transaction

# document id → user id → sockets
Answer = Callable[[int], Counter[int]]

_answers: list[Answer] = []
_listeners: list[Callable[[int], object]] = []


def answer_with(answer: Answer) -> Callable[[], None]:
    """Have `answer` asked from now on, in other threads than its own. Returns how to stop."""
    _answers.append(answer)
    return lambda: _answers.remove(answer)


def sockets(document_id: int) -> Counter[int]:
    """Return user id → how many sockets that person has in the document, through this process."""
    return sum((answer(document_id) for answer in list(_answers)), Counter())


def listen(call: Callable[[int], object]) -> Callable[[], None]:
    """Have `call` called with the id of each document whose comments this process changed, after the commit, in any
    thread. Returns how to stop.
    """
    _listeners.append(call)
    return lambda: _listeners.remove(call)


def changed(document_id: int) -> None:
    """Tell the live part, once the transaction at hand has committed. If nobody hears it, the next look at the
    database finds the change.
    """
    transaction.on_commit(lambda: _tell(document_id))


def _tell(document_id: int) -> None:
    for call in _listeners:
        call(document_id)
