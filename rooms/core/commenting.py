"""What a comment may be: sizes, states, the emoji, and who may turn which state into which."""

import re
from enum import StrEnum

from rooms.core import lib0
from rooms.core.access import Right
from rooms.core.errors import BadFrame

# An encoded relative position is two ids and a name: some twenty bytes.
MAX_POSITION_BYTES = 256
# The passage is shown above its comments, cut; it is kept to be found again after the words are gone.
MAX_QUOTE = 500
# Some four pages: more is a document of its own.
MAX_BODY = 10_000
MAX_REPLACEMENT = 10_000
# A page asks for all of a document's comments at once: these keep the answer within what it can show.
MAX_THREADS = 2_000
MAX_COMMENTS = 500
# All that is said about one document, in characters: a book, at most 4 MB. Every open page reads it at each change.
MAX_SAID = 1_000_000
# What each costs beside its words, in the same measure: who and when, and the time that it takes to read, 0.1 ms.
COMMENT_SIZE = 400
REACTION_SIZE = 50

# A fixed set: a reaction says something short, and is no second place to write. Each is one character for people.
EMOJI = ("👍", "👎", "😄", "🎉", "😕", "❤️", "🚀", "👀", "🙏", "💯", "✅", "❓")

_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Kind(StrEnum):
    """What a thread is about a passage."""

    COMMENT = "comment"
    SUGGESTION = "suggestion"


class State(StrEnum):
    """How far a thread is."""

    OPEN = "open"
    RESOLVED = "resolved"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


# (kind, state, next state) → what it takes. The author of a suggestion may reject it, and take that back, as well.
# Nothing else is a turn: whoever asks for it looks at a state that is not the present one.
TURNS: dict[tuple[Kind, State, State], Right] = {
    (Kind.COMMENT, State.OPEN, State.RESOLVED): Right.COMMENT,
    (Kind.COMMENT, State.RESOLVED, State.OPEN): Right.COMMENT,
    (Kind.SUGGESTION, State.OPEN, State.ACCEPTED): Right.EDIT,
    (Kind.SUGGESTION, State.OPEN, State.REJECTED): Right.EDIT,
    (Kind.SUGGESTION, State.ACCEPTED, State.OPEN): Right.EDIT,
    (Kind.SUGGESTION, State.REJECTED, State.OPEN): Right.EDIT,
}
AUTHORS_TURNS = frozenset(
    {(Kind.SUGGESTION, State.OPEN, State.REJECTED), (Kind.SUGGESTION, State.REJECTED, State.OPEN)}
)


def is_position(data: bytes) -> bool:
    """Whether `data` is a Yjs relative position as `encodeRelativePosition` writes it, and nothing besides.

    Every page decodes what one person sent. Source: src/utils/RelativePosition.js of yjs 13.6.
    """
    if not data or len(data) > MAX_POSITION_BYTES:
        return False
    try:
        kind, at = lib0.read_uint(data, 0)
        if kind == 1:  # the end of a root, by its name
            _, at = lib0.read_string(data, at)
        elif kind in (0, 2):  # an item, or the end of a nested type: client and clock
            _, at = lib0.read_uint(data, at)
            _, at = lib0.read_uint(data, at)
        else:
            return False
        # The side of the character that it holds on to, a small signed integer; old encodings have none.
        return at == len(data) or (at == len(data) - 1 and data[at] < 0x80)
    except BadFrame:
        return False


def is_text(text: str) -> bool:
    """Whether both databases can store `text`: no NUL, and no half of a surrogate pair."""
    return _NO_TEXT.search(text) is None
