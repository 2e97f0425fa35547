"""What the ingress check costs: `python -m tests.bench.ingress [--json]`.

For one letter in a document, and per kB for updates that were made to take long: the dearest that each kind of content
can be. The time has to grow with the bytes and no faster, and not to hang on what the bytes are.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from pycrdt import Doc, Text, get_state

from rooms.core import updates
from rooms.core.outline import Outline
from tests.core import encoding as e
from tests.core.encoding import uint

SIZES_KB = (1, 4, 16, 64, 256, 1024)
# A writer's id as Yjs draws them: five bytes.
WRITER = 2**32 - 5


def letter() -> tuple[bytes, Outline, dict[int, int]]:
    """A letter at the end of a text of a thousand, with the ground on which it stands."""
    doc: Doc[Any] = Doc(client_id=WRITER)
    text = doc.get("text", type=Text)
    outline, known = Outline(), dict[int, int]()
    for number in range(1000):
        before = doc.get_state()
        text.insert(0 if number % 7 else number, "a")
        update = doc.get_update(before)
        summary = updates.read(update)
        if number < 999:
            outline.add(summary, known)
            updates.advance(summary, known)
    return update, outline, known


def book(size: int) -> bytes:
    """Paragraphs of a hundred letters, pasted."""
    words = "words and words " * 6 + "end."
    structs: list[bytes] = []
    for clock in range(0, size, len(words) + 2):
        structs += [
            e.element("paragraph", origin=(WRITER, clock - 102)) if clock else e.element("paragraph"),
            e.item(e.TYPE, uint(6), parent=(WRITER, clock)),
            e.text(words, parent=(WRITER, clock + 1)),
        ]
    return e.update(e.section(WRITER, 0, *structs))


def repeated(make: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """An update of as many structs as fit."""
    return lambda size: e.update(e.section(1, 0, e.text("a"), *(make(n) for n in range(size // len(make(1))))))


KINDS: dict[str, Callable[[int], bytes]] = {
    "a pasted book": book,
    "letters beside one another": repeated(lambda n: e.text("a", origin=(1, 0))),
    "letters with two neighbours": repeated(lambda n: e.text("a", origin=(1, n), right=(1, 0)) if n else e.text("a")),
    "elements": repeated(lambda n: e.item(e.TYPE, uint(2), origin=(1, 0))),
    "collected runs": repeated(lambda n: bytes([e.GC, 1])),
    "formats": repeated(lambda n: e.item(e.FORMAT, e.string("b") + e.string("1"), origin=(1, 0))),
    "values": lambda size: e.update(e.section(1, 0, e.item(e.ANY, uint(size) + bytes([126]) * size, root="a"))),
    "lists of lists": lambda size: e.update(
        e.section(1, 0, e.item(e.ANY, uint(size // 2) + bytes([117, 0]) * (size // 2), root="a"))
    ),
    "one text": lambda size: e.update(e.section(1, 0, e.text("a" * size))),
    "one text of pairs": lambda size: e.update(e.section(1, 0, e.text("😀" * (size // 4)))),
    "writers": lambda size: e.update(*(e.section(128 + n, 0, bytes([e.GC, 1])) for n in range(size // 7))),
    "ranges deleted": lambda size: e.update(
        e.section(1, 0, e.text("a" * (size // 2))), deletes=e.deleted(1, *((n, 1) for n in range(0, size // 2, 3)))
    ),
}


def check(update: bytes, outline: Outline, known: dict[int, int]) -> None:
    """As `rooms.live.handlers.check`, without a participant."""
    summary = updates.read(update)
    updates.check_gaps(summary, known)
    get_state(update)
    outline.check(summary, known)


def best(work: Callable[[], Any], turns: int) -> float:
    """Return the seconds of the best of `turns`: what else runs here only ever adds."""
    found = float("inf")
    for _ in range(turns):
        started = time.perf_counter()
        work()
        found = min(found, time.perf_counter() - started)
    return found


def measure() -> dict[str, Any]:
    gc.collect()
    gc.freeze()  # as a server does once it has started
    update, outline, known = letter()
    summary = updates.read(update)
    figures: dict[str, Any] = {
        "one letter, µs": round(best(lambda: check(update, outline, known), 20_000) * 1e6, 2),
        "of that reading, µs": round(best(lambda: updates.read(update), 20_000) * 1e6, 2),
        "of that pycrdt's decoding, µs": round(best(lambda: get_state(update), 20_000) * 1e6, 2),
        "of that the outline, µs": round(best(lambda: outline.check(summary, known), 20_000) * 1e6, 2),
    }
    for name, make in KINDS.items():
        row = []
        for kilobytes in SIZES_KB:
            large = make(kilobytes * 1024)
            seconds = best(partial(check, large, Outline(), {}), max(3, 64 // kilobytes))
            row.append(seconds * 1e6 / (len(large) / 1024))
        figures[name] = [round(value, 1) for value in row]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure()
    if options.json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    for name, value in figures.items():
        if isinstance(value, list):
            sys.stdout.write(f"{name:32}" + "".join(f"{one:9.1f}" for one in value) + "\n")
        else:
            sys.stdout.write(f"{name:32}{value:10.2f}\n")
            if name == "of that the outline, µs":
                sizes = "".join(f"{size:>6} kB" for size in SIZES_KB)
                sys.stdout.write(f"\n{'µs a kB, in an update of':32}{sizes}\n")


if __name__ == "__main__":
    main()
