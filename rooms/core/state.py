"""State vectors: which operations of which writer a document holds.

A dict of Yjs clientID → clock, the number of that writer's operations known from the start on.
"""

from rooms.core.lib0 import Malformed, read_uint, write_uint

# `Y.encodeStateVector(new Y.Doc())`. pycrdt raises on b"" (trap Y6).
EMPTY = b"\x00"


def decode(vector: bytes) -> dict[int, int]:
    """Return {client: clock}. Raises Malformed, before a count that the bytes cannot hold costs memory."""
    count, at = read_uint(vector, 0)
    if count * 2 > len(vector) - at:
        raise Malformed("more clients than bytes")
    clocks: dict[int, int] = {}
    for _ in range(count):
        client, at = read_uint(vector, at)
        clocks[client], at = read_uint(vector, at)
    if at != len(vector):
        raise Malformed("trailing bytes")
    return clocks


def encode(clocks: dict[int, int]) -> bytes:
    return write_uint(len(clocks)) + b"".join(
        write_uint(client) + write_uint(clock) for client, clock in clocks.items()
    )
