"""A snapshot takes the place of rows only after somebody has loaded it; a large one keeps nobody waiting meanwhile."""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc

from rooms import quarantine, store
from rooms.canary.pool import MAX_CANARIES, Canaries
from rooms.canary.process import Canary, CannotStart, Fault, NoTime
from rooms.canary.wire import Work
from rooms.live.open_document import LARGE_BYTES, OpenDocument
from rooms.models import Document, Snapshot, Update
from tests.conftest import Connect
from tests.harness.client import Page, eventually
from tests.harness.inside import Inside
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.server import Server
from tests.live import damaged

LARGE = "words " * 7_000
SMALL = "words"

# A canary that takes a question and ends, and one that takes it and never answers.
DIES = "import socket; line = socket.socket(fileno=0); line.sendall(b'!'); line.recv(1)"
HANGS = "import socket, threading; socket.socket(fileno=0).sendall(b'!'); threading.Event().wait()"

Prove = Callable[[Work, bytes, Sequence[bytes]], Any]


class Watched:
    """Stands in the place of this process's canaries: notes what they are asked, and holds their proofs back."""

    def __init__(self) -> None:
        self._real = quarantine.canaries()
        self.prove: Prove = self._real.ask
        self.asked: list[Work] = []
        self._turns = threading.Semaphore(0)
        self._held = False

    def ask(self, work: Work, snapshot: bytes, rows: Sequence[bytes]) -> Any:
        self.asked.append(work)
        if work is not Work.PROVE:
            return self._real.ask(work, snapshot, rows)
        if self._held and not self._turns.acquire(timeout=20):
            raise TimeoutError("nobody let this proof go")
        return self.prove(work, snapshot, rows)

    def hold(self) -> None:
        self._held = True

    def let_go(self) -> None:
        self._held = False
        self._turns.release()

    async def has_begun(self) -> None:
        await eventually(lambda: Work.PROVE in self.asked, what="a canary is at work")

    def stop(self) -> None:
        """The real ones are needed by other tests."""


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched()
    monkeypatch.setattr(quarantine, "canaries", lambda: watched)
    yield watched
    watched.let_go()


@pytest.fixture
def no_canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Canary:
        raise CannotStart("no processes here")

    made = Canaries(none)
    monkeypatch.setattr(quarantine, "canaries", lambda: made)


async def opened(inside: Inside, cast: Cast, text: str) -> tuple[Page, OpenDocument]:
    """Have alice write a document, and return her page of it and what is in memory here."""
    page = await (await inside.visit(cast.alice)).open(cast.document.key)
    await page.type(text)
    (document,) = inside.live.documents.all()
    return page, document


def emptied() -> list[bool]:
    """Whether each row of the log is in a snapshot only."""
    return [payload is None for payload in Update.objects.order_by("seq").values_list("payload", flat=True)]


def snapshots() -> list[int]:
    return list(Snapshot.objects.order_by("seq").values_list("seq", flat=True))


class LoadsHere:
    """Notes how many bytes each new Doc of this process is fed with."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.fed: list[int] = []
        noted = self.fed

        class Counted(Doc[Any]):
            def apply_update(self, update: bytes) -> None:
                noted.append(len(update))
                super().apply_update(update)

        for module in ("rooms.core.loading", "rooms.live.open_document"):
            patch.setattr(f"{module}.Doc", Counted)


# --- Who loads it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "asked"), [(LARGE, [Work.PROVE]), (SMALL, [])], ids=["large", "small"])
async def test_y8_a_large_snapshot_is_loaded_by_a_canary_and_a_small_one_here(
    inside: Inside, live_cast: Cast, canaries: Watched, monkeypatch: pytest.MonkeyPatch, text: str, asked: list[Work]
) -> None:
    _, document = await opened(inside, live_cast, text)
    here = LoadsHere(monkeypatch)
    await inside.live.documents.compact(document)
    assert canaries.asked == asked
    assert [size > LARGE_BYTES for size in here.fed] == ([] if asked else [False])
    stored = await orm(store.load, document.id)
    assert (stored.seq, stored.tail, stored.proven) == (1, [], True)
    assert await orm(written, live_cast.document) == text


async def test_what_is_written_while_a_canary_is_at_work_is_shown_and_stays_in_the_log(
    inside: Inside, live_cast: Cast, canaries: Watched
) -> None:
    hers, document = await opened(inside, live_cast, LARGE)
    bob = await inside.visit(live_cast.bob)
    his = await bob.open(live_cast.document.key)
    canaries.hold()
    compacting = asyncio.create_task(inside.live.documents.compact(document))
    await canaries.has_begun()
    await hers.type("meanwhile ")
    bob.hear()
    assert str(his) == f"{LARGE}meanwhile "
    assert (await orm(snapshots), await orm(emptied)) == ([], [False, False])
    canaries.let_go()
    await compacting
    assert (await orm(snapshots), await orm(emptied)) == ([1], [True, False])
    assert await orm(written, live_cast.document) == f"{LARGE}meanwhile "
    loaded = await orm(store.load, document.id)
    assert document.size == len(loaded.snapshot.payload) + len(loaded.tail[0].payload)
    assert (document.compacted_seq, document.seq) == (1, 2)


async def test_a_document_has_one_snapshot_taken_at_a_time(inside: Inside, live_cast: Cast, canaries: Watched) -> None:
    hers, document = await opened(inside, live_cast, LARGE)
    canaries.hold()
    first = asyncio.create_task(inside.live.documents.compact(document))
    await canaries.has_begun()
    await hers.type("more")
    second = asyncio.create_task(inside.live.documents.compact(document))
    await inside.live.watch.compact()
    await hers.type(" and more")
    assert canaries.asked == [Work.PROVE]
    canaries.let_go()
    await asyncio.gather(first, second)
    assert canaries.asked == [Work.PROVE, Work.PROVE]
    assert (await orm(snapshots), await orm(emptied)) == ([1, 3], [True, True, True])


# --- What does not load ------------------------------------------------------------------------------------------


def answers(answer: Any) -> Prove:
    return lambda *asked: answer


def has_no_time(*asked: Any) -> Any:
    raise NoTime


def dies(*asked: Any) -> Any:
    made = Canaries(lambda: Canary(seconds=9, memory_bytes=2**28, command=[sys.executable, "-c", DIES]))
    try:
        return made.ask(*asked)
    finally:
        made.stop()


NO_PROOF: dict[str, tuple[Prove, int]] = {
    "it holds something else": (answers({"7": 1}), logging.ERROR),
    "that it loads is all that is said": (answers(None), logging.ERROR),
    "it does not load": (answers(Fault("malformed", "ValueError")), logging.ERROR),
    "it takes too long": (answers(Fault("timed_out")), logging.ERROR),
    "the canary dies of it": (dies, logging.ERROR),
    "the machine is too busy": (has_no_time, logging.WARNING),
}


@pytest.mark.parametrize("case", NO_PROOF)
async def test_y4_without_a_proof_there_is_no_snapshot_and_the_log_keeps_it_all(
    inside: Inside,
    live_cast: Cast,
    canaries: Watched,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    case: str,
) -> None:
    monkeypatch.setattr("rooms.live.documents.COMPACT_ROWS", 3)
    hers, document = await opened(inside, live_cast, LARGE)
    for word in ("and ", "more "):
        await hers.type(word)
    size, honest = document.size, canaries.prove
    canaries.prove, level = NO_PROOF[case]
    await inside.live.watch.compact()
    assert canaries.asked == [Work.PROVE]
    assert (await orm(snapshots), await orm(emptied)) == ([], [False] * 3)
    assert [one.levelno for one in caplog.records if one.name == "rooms.live.proving"] == [level]
    assert document.size == size

    await hers.type("on ")
    await inside.live.watch.compact()
    assert canaries.asked == [Work.PROVE], "not again at once"
    canaries.prove = honest
    for word in ("and ", "on "):
        await hers.type(word)
    await inside.live.watch.compact()
    assert (await orm(snapshots), await orm(emptied)) == ([6], [True] * 6)
    assert await orm(written, live_cast.document) == f"{LARGE}and more on and on "


async def test_without_canaries_a_large_snapshot_is_loaded_here(
    inside: Inside, live_cast: Cast, no_canaries: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, document = await opened(inside, live_cast, LARGE)
    here = LoadsHere(monkeypatch)
    await inside.live.documents.compact(document)
    assert [size > LARGE_BYTES for size in here.fed] == [True]
    assert await orm(snapshots) == [1]
    assert await orm(written, live_cast.document) == LARGE


@pytest.mark.parametrize("encoded", [damaged.whole("words "), damaged.GARBAGE], ids=["less", "garbage"])
@pytest.mark.parametrize("by", ["a canary", "this process", "nobody else"])
async def test_y2_an_encoding_that_has_not_all_takes_no_place_of_rows(
    inside: Inside,
    live_cast: Cast,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    by: str,
    encoded: bytes,
) -> None:
    if by == "this process":
        request.getfixturevalue("no_canaries")
    if by != "nobody else":
        monkeypatch.setattr("rooms.live.proving.LARGE_BYTES", 1)
    hers, document = await opened(inside, live_cast, SMALL)
    monkeypatch.setattr(document, "whole", lambda: encoded)
    await inside.live.documents.compact(document)
    assert (await orm(snapshots), await orm(emptied)) == ([], [False])
    assert "no snapshot, loading it failed, malformed" in caplog.text
    await hers.type(" and more")
    assert await orm(written, live_cast.document) == "words and more"


# --- What becomes of the document meanwhile ----------------------------------------------------------------------


@pytest.mark.parametrize("meanwhile", ["deleted", "replaced", "loaded anew"])
async def test_a_snapshot_of_what_is_gone_takes_no_place(
    inside: Inside, live_cast: Cast, canaries: Watched, meanwhile: str
) -> None:
    _, document = await opened(inside, live_cast, LARGE)
    canaries.hold()
    compacting = asyncio.create_task(inside.live.documents.compact(document))
    await canaries.has_begun()
    if meanwhile == "deleted":
        await orm(live_cast.document.delete)
    elif meanwhile == "replaced":
        await orm(Document.objects.filter(pk=document.id).update, epoch=2)
    await inside.live.watch.look()
    inside.live.documents.drop(document)
    if meanwhile == "loaded anew":
        await (await inside.visit(live_cast.bob)).open(document.key)
    canaries.let_go()
    await compacting
    assert await orm(snapshots) == ([1] if meanwhile == "loaded anew" else [])
    if meanwhile != "deleted":
        assert await orm(written, live_cast.document) == LARGE


async def test_a_newer_snapshot_of_another_process_stays(inside: Inside, live_cast: Cast, canaries: Watched) -> None:
    hers, document = await opened(inside, live_cast, LARGE)
    await hers.type("in two rows ")
    canaries.hold()
    compacting = asyncio.create_task(inside.live.documents.compact(document))
    await canaries.has_begun()

    def elsewhere() -> int:
        entry = store.Entry(document.id, 1, live_cast.bob.pk, damaged.whole("theirs "), document.room_id)
        assert not store.append([entry], check_rights=True).refused
        return len(damaged.snapshot_of(live_cast.document).payload)

    size = await orm(elsewhere)
    await inside.live.watch.look()
    canaries.let_go()
    await compacting
    assert await orm(snapshots) == [3]
    assert (document.seq, document.compacted_seq, document.size) == (3, 3, size)
    assert inside.live.documents.long() == []
    await hers.type("mine ")
    assert sorted((await orm(written, live_cast.document)).replace(LARGE, "").split()) == [
        "in", "mine", "rows", "theirs", "two"
    ]  # fmt: skip


# --- At the end --------------------------------------------------------------------------------------------------


async def test_a_process_that_ends_takes_large_snapshots_too(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server()
    await (await (await connect(server, live_cast.alice)).open(live_cast.document.key)).type(LARGE)
    assert await asyncio.to_thread(server.stop) == 0
    assert (await orm(snapshots), await orm(emptied)) == ([1], [True])
    assert await orm(written, live_cast.document) == LARGE
    assert " ERROR " not in server.log()
    assert "Traceback" not in server.log()


async def test_a_snapshot_that_is_being_taken_when_the_process_ends_is_taken(
    inside: Inside, live_cast: Cast, canaries: Watched
) -> None:
    _, document = await opened(inside, live_cast, LARGE)
    canaries.hold()
    compacting = asyncio.create_task(inside.live.documents.compact(document))
    inside.live._watching = [compacting]
    await canaries.has_begun()
    stopping = asyncio.create_task(inside.live.stop())
    await eventually(lambda: len(canaries.asked) == 2, what="it is asked again")
    canaries.let_go()
    canaries.let_go()
    await stopping
    assert compacting.cancelled()
    assert (await orm(snapshots), await orm(emptied)) == ([1], [True])


class Hanging(Canaries):
    """Canaries that never answer, after those that die."""

    def __init__(self, *, dying: int = 0) -> None:
        super().__init__(self._make_one)
        self._dying = dying
        self.made: list[int] = []

    def _make_one(self) -> Canary:
        code = DIES if len(self.made) < self._dying else HANGS
        canary = Canary(seconds=600, memory_bytes=2**28, command=[sys.executable, "-c", code])
        self.made.append(canary.pid)
        return canary


async def test_a_canary_that_never_answers_does_not_keep_a_process_from_ending(
    inside: Inside,
    live_cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hanging = Hanging()
    await asyncio.to_thread(hanging.warm)
    monkeypatch.setattr(quarantine, "canaries", lambda: hanging)
    monkeypatch.setattr("rooms.live.app.LAST_SNAPSHOTS_SECONDS", 1.0)
    other = await orm(Document.objects.create, room=live_cast.room, title="Other")
    await opened(inside, live_cast, LARGE)
    await (await (await inside.visit(live_cast.bob)).open(other.key)).type(SMALL)
    await inside.live.stop()
    assert await orm(lambda: [one.document_id for one in Snapshot.objects.all()]) == [other.pk], "the small one first"
    assert "no time for all snapshots" in caplog.text
    assert await orm(written, live_cast.document) == LARGE
    (pid,) = hanging.made
    await eventually(lambda: not Path(f"/proc/{pid}").exists(), what="it ended, and nobody waits for it")
    threads = inside.live.documents.proving._threads._threads
    await eventually(lambda: not any(one.is_alive() for one in threads), what="the thread that asked it ended")


@pytest.mark.parametrize(("dying", "people"), [(0, 5), (1, 1)], ids=["the first try", "the second"])
async def test_who_waits_for_a_canary_that_is_ended_learns_nothing_of_the_document(dying: int, people: int) -> None:
    """A document must not be set apart because a process ends."""
    canaries = Hanging(dying=dying)
    asking = [asyncio.create_task(asyncio.to_thread(canaries.ask, Work.LOAD, b"", [])) for _ in range(people)]
    at_work = min(people, MAX_CANARIES)
    await eventually(lambda: len(canaries.made) == dying + at_work and len(canaries._working) == at_work, what="asked")
    canaries.stop()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(one) for one in told] == [NoTime] * people
    with pytest.raises(NoTime):
        await asyncio.to_thread(canaries.ask, Work.LOAD, b"", [])
