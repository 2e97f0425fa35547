"""What a client may say: a frame becomes a typed message or a refusal here, and nothing behind checks types again.

The fields are those of docs/protocol.md. Unknown fields are errors: a client that sends one expects something of it.
"""

import re
from dataclasses import dataclass
from typing import Any

from rooms.core import state
from rooms.core.errors import BadFrame, TooLarge

# A key is 22 of these characters. Anything longer is not one of ours, and others not even a database may be asked for.
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
# One entry of a state vector takes 2 to 13 bytes: this is room for some ten thousand writers.
MAX_STATE_VECTOR = 131_072
# An encoded relative position is two ids and a name: some twenty bytes.
MAX_POSITION = 256
# Yjs draws client ids from 32 bits, pycrdt from 53.
MAX_CLIENT_ID = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Open:
    document: str
    have: bytes
    client_id: int
    epoch: int | None

    @classmethod
    def parse(cls, frame: object) -> "Open":
        """Raises BadFrame, also when `have` is not a state vector."""
        fields = _fields(frame, "document", "have", "client_id", "epoch")
        have = _bytes(fields, "have", MAX_STATE_VECTOR)
        state.decode(have)
        epoch = fields["epoch"]
        if epoch is not None and not _is_uint(epoch, 2**31):
            raise BadFrame("epoch")
        client_id = fields["client_id"]
        if not _is_uint(client_id, MAX_CLIENT_ID):
            raise BadFrame("client_id")
        return cls(_key(fields), have, client_id, epoch)


@dataclass(frozen=True, slots=True)
class Edit:
    document: str
    update: bytes

    @classmethod
    def parse(cls, frame: object, *, max_bytes: int) -> "Edit":
        """Raises BadFrame, or TooLarge when the update has more than `max_bytes`."""
        fields = _fields(frame, "document", "update")
        update = fields["update"]
        if isinstance(update, bytes) and len(update) > max_bytes:
            raise TooLarge(f"{len(update)} bytes, at most {max_bytes}")
        return cls(_key(fields), _bytes(fields, "update", max_bytes))


@dataclass(frozen=True, slots=True)
class CursorMove:
    document: str
    cursor: tuple[bytes, bytes] | None

    @classmethod
    def parse(cls, frame: object) -> "CursorMove":
        fields = _fields(frame, "document", "anchor", "head")
        if fields["anchor"] is None and fields["head"] is None:
            return cls(_key(fields), None)
        return cls(_key(fields), (_bytes(fields, "anchor", MAX_POSITION), _bytes(fields, "head", MAX_POSITION)))


@dataclass(frozen=True, slots=True)
class Leave:
    document: str

    @classmethod
    def parse(cls, frame: object) -> "Leave":
        return cls(_key(_fields(frame, "document")))


def _fields(frame: object, *names: str) -> dict[str, Any]:
    if not isinstance(frame, dict):
        raise BadFrame("the payload is one map")
    if frame.keys() != set(names):
        raise BadFrame(f"the fields are {', '.join(names)}")
    return frame


def _key(fields: dict[str, Any]) -> str:
    key = fields["document"]
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise BadFrame("document")
    return key


def _bytes(fields: dict[str, Any], name: str, most: int) -> bytes:
    value = fields[name]
    if not isinstance(value, bytes) or len(value) > most:
        raise BadFrame(name)
    return value


def _is_uint(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
