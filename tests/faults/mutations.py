"""Real updates, damaged: bits turned, the end cut off, two joined in the middle, a count made larger."""

from collections.abc import Callable, Iterator
from random import Random

from tests.core import corpus

# Varints that say much more than is there.
_LARGE = (b"\x7f", b"\xff\x7f", b"\x80\x80\x80\x40", b"\xff\xff\xff\xff\x0f", b"\xff" * 8 + b"\x01")


def flipped(update: bytes, rng: Random) -> bytes:
    damaged = bytearray(update)
    for _ in range(rng.randint(1, 3)):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def cut(update: bytes, rng: Random) -> bytes:
    return update[: rng.randrange(len(update))]


def spliced(update: bytes, rng: Random) -> bytes:
    other = rng.choice(_UPDATES)
    return update[: rng.randrange(len(update))] + other[rng.randrange(len(other)) :]


def inflated(update: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(update))
    return update[:at] + rng.choice(_LARGE) + update[at + 1 :]


MUTATIONS: dict[str, Callable[[bytes, Random], bytes]] = {
    "bits": flipped, "cut": cut, "spliced": spliced, "inflated": inflated,
}  # fmt: skip
_STORIES = corpus.everything()
_UPDATES = [update for story in _STORIES.values() for update in story]


def told(rng: Random) -> Iterator[tuple[str, bytes]]:
    """Yield (how it was damaged, update) for one real story as it goes on; "real": not at all, one time in three."""
    for update in rng.choice(list(_STORIES.values())):
        if rng.random() < 1 / 3:
            yield "real", update
        name = rng.choice(list(MUTATIONS))
        yield name, MUTATIONS[name](update, rng)
