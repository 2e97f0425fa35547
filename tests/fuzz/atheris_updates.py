"""Coverage-guided: `python -m tests.fuzz.atheris_updates -runs=100000`, with the options of libFuzzer.

Bytes are the choices of the grammar, or an update as it is for a document that holds a real story. Atheris watches
which branches of rooms/core they reach, and goes on from what reaches new ones.
"""

import sys
from random import Random
from typing import Any

try:
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]
except ImportError:
    sys.exit("atheris is not installed: it has wheels for Linux on x86-64, see requirements-dev.txt")

with atheris.instrument_imports(include=["rooms.core"]):
    from tests.core import corpus
    from tests.fuzz.judge import Document, Judge, remember

STORIES = list(corpus.everything().values())
AS_IT_IS = 64


class Choices(Random):
    """Random's choices, made by bytes."""

    def __init__(self, data: Any) -> None:
        super().__init__(0)
        self._data = data

    def random(self) -> float:
        return float(self._data.ConsumeProbability())

    def getrandbits(self, bits: int, /) -> int:
        return int(self._data.ConsumeUInt((bits + 7) // 8)) & ((1 << bits) - 1)

    def _randbelow(self, below: int) -> int:  # no rejection: every byte counts
        return int(self._data.ConsumeIntInRange(0, below - 1)) if below > 1 else 0


def one(judge: Judge, data: bytes) -> None:
    if not data:
        return
    with remember():
        if data[0] >= AS_IT_IS:
            judge.play(Choices(atheris.FuzzedDataProvider(data[1:])))
            return
        document = Document()
        for update in STORIES[data[0] % len(STORIES)]:
            document.take(update, document.check(update))
        judge.judge(document, data[1:])


def main() -> None:
    with Judge() as judge:
        atheris.Setup(sys.argv, lambda data: one(judge, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
