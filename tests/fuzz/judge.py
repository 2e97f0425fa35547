"""Plays documents: what the ingress check lets through goes to pycrdt and to yjs, which must survive it and agree.

And to y-tiptap: a page that opens it, or has it open, must show it, and whoever types there must delete nothing.
"""

import atexit
import json
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Self

from rooms.core import state, updates
from rooms.core.errors import Refusal
from rooms.core.outline import Outline
from tests.fuzz.grammar import Writer, log
from tests.fuzz.sandbox import ROOT, Child, Outcome, Sandbox

# A document of a few letters takes less than a millisecond, and a busy machine a hundred times as long.
SECONDS = 10.0
# Logs that once got through and did harm, one a line: base64 of each update.
REGRESSIONS = Path(__file__).with_name("regressions.txt")


class Harm(AssertionError):
    """An update that was let through and did harm."""


def node() -> str | None:
    """The Node of the virtual environment, or the machine's."""
    return shutil.which("node", path=f"{ROOT / '.venv/bin'}") or shutil.which("node")


class Judge:
    """`taken` counts the updates that got through, `refused` those that did not.

    `disordered` counts the documents in which something is said to stand between two in the wrong order, and `apart`
    those of them that pycrdt and yjs show differently. They cannot be refused: pycrdt itself writes some, and whether
    two are in the wrong order is known only to whoever has put everything before them in its place.
    """

    def __init__(self) -> None:
        self.pycrdt = Sandbox()
        self.yjs = Child(node() or "node", str(Path(__file__).with_name("yjs.mjs")), cwd=ROOT / "static")
        self.taken = self.refused = self.disordered = self.apart = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.pycrdt.end()
        self.yjs.end()

    @classmethod
    @contextmanager
    def shared(cls) -> "Iterator[Judge]":
        """One for all examples of a test: starting one takes longer than an example."""
        yield _shared()

    def play(self, rng: Random) -> None:
        """Write one document. Raises Harm."""
        document, writer = Document(), log(rng)
        for _ in range(rng.randint(1, 6)):
            self.send(document, writer)

    def send(self, document: "Document", writer: Writer) -> None:
        self.judge(document, writer.write(dict(document.known)))

    def judge(self, document: "Document", update: bytes, *, seconds: float = SECONDS) -> bool:
        """Whether the ingress check lets an update through. Raises Harm when it should not have."""
        try:
            summary = document.check(update)
        except Refusal:
            self.refused += 1
            return False
        outcome = self.pycrdt.apply(*document.log, update, seconds=seconds)
        if outcome.kind == "undecodable":  # the last part of the ingress check, done there
            self.refused += 1
            return False
        document.take(update, summary)
        self.taken += 1
        if outcome.kind != "taken":
            raise Harm(f"pycrdt: {outcome.kind}, {outcome.why}\n{document.told()}")
        self._compare(document, outcome)
        return True

    def _compare(self, document: "Document", outcome: Outcome) -> None:
        try:
            seen: dict[str, Any] = self.yjs.ask((document.log, outcome.whole), SECONDS)
        except (TimeoutError, EOFError) as error:
            raise Harm(f"yjs: {type(error).__name__} {error}\n{document.told()}") from None
        if "error" in seen:
            raise Harm(f"yjs: {seen['error']}\n{document.told()}")
        if seen["trouble"]:
            raise Harm(f"a page, {seen['trouble']}\n{document.told()}")
        if seen["pending"]:
            raise Harm(f"yjs waits for something\n{document.told()}")
        if state.decode(seen["state"]) != document.known:
            raise Harm(f"yjs holds {state.decode(seen['state'])}, not {document.known}\n{document.told()}")
        if seen["disordered"]:  # nobody knows where the writer saw it: each of the two libraries guesses
            self.disordered += 1
            self.apart += not (alike(outcome.content, seen["content"]) and seen["same"])
            return
        if not alike(outcome.content, seen["content"]):
            shown = json.dumps([outcome.content, seen["content"]], default=list, ensure_ascii=False)
            raise Harm(f"pycrdt and yjs show {shown}\n{document.told()}")
        if not alike(outcome.loaded, seen["loaded"]):
            shown = json.dumps([outcome.loaded, seen["loaded"]], default=list, ensure_ascii=False)
            raise Harm(f"loaded again, pycrdt and yjs show {shown}\n{document.told()}")
        if not seen["same"]:
            raise Harm(f"loaded from pycrdt's encoding, yjs shows something else\n{document.told()}")


@cache
def _shared() -> Judge:
    judge = Judge()
    atexit.register(judge.__exit__)
    return judge


@contextmanager
def remember() -> Iterator[None]:
    """Add what does harm to the regressions."""
    try:
        yield
    except Harm as harm:
        _, log = str(harm).split("\n")
        if log not in REGRESSIONS.read_text(encoding="ascii").splitlines():
            with REGRESSIONS.open("a", encoding="ascii") as regressions:
                regressions.write(f"{log}\n")
        raise


def alike(shown: Any, seen: Any) -> bool:
    """Whether pycrdt shows what yjs does; None is what pycrdt cannot show."""
    if isinstance(shown, dict) and seen is not None:
        return all(alike(shown[name], seen[name]) for name in shown)
    if isinstance(shown, list) and isinstance(seen, list):
        return len(shown) == len(seen) and all(map(alike, shown, seen))
    return shown is None or shown == seen


class Document:
    """What the server holds of a document, without pycrdt."""

    def __init__(self) -> None:
        self.log: list[bytes] = []
        self.known: dict[int, int] = {}
        self.outline = Outline()

    def check(self, update: bytes) -> updates.Summary:
        """The ingress check of an update alone. Raises Refusal."""
        summary = self.summary_of(update)
        self.outline.check(summary, self.known)
        return summary

    def summary_of(self, update: bytes) -> updates.Summary:
        summary = updates.read(update)
        updates.check_gaps(summary, self.known)
        return summary

    def take(self, update: bytes, summary: updates.Summary) -> None:
        self.log.append(update)
        self.outline.add(summary, self.known)
        updates.advance(summary, self.known)

    def told(self) -> str:
        """The log, as `regressions.txt` has it."""
        return " ".join(b64encode(update).decode() for update in self.log)
