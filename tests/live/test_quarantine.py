"""A document that cannot be loaded takes down only itself: a canary dies of it, and nobody else notices."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms import quarantine, store
from rooms.canary.pool import Canaries
from rooms.canary.process import Canary, CannotStart, Fault
from rooms.canary.wire import Work
from rooms.models import Document, Quarantine, Snapshot, Update
from rooms.services import quarantined
from tests.conftest import Connect
from tests.harness.client import Refused, eventually
from tests.harness.inside import Inside
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.server import Server
from tests.live import damaged
from tests.live.damaged import row, snapshot

# What is stored, and how loading it fails.
DAMAGE: dict[str, tuple[Callable[[Document, bytes], None], bytes, str]] = {
    "a snapshot that overflows the stack": (snapshot, damaged.NESTED_VALUES, "crashed"),
    "a row that would": (row, damaged.NESTED_VALUES, "malformed"),
    "a snapshot that claims too much": (snapshot, damaged.CLAIMS_TOO_MUCH, "malformed"),
    "a snapshot that is garbage": (snapshot, damaged.GARBAGE, "malformed"),
    "a row that is garbage": (row, damaged.GARBAGE, "malformed"),
    "a snapshot that was cut off": (snapshot, damaged.TRUNCATED, "malformed"),
}


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def other(live_cast: Cast) -> Document:
    return Document.objects.create(room=live_cast.room, title="Other")


@pytest.mark.parametrize("payload", [damaged.NESTED_VALUES], ids=["nested values"])
def test_y4_pycrdt_still_dies_of_a_bomb(payload: bytes) -> None:
    """When it does no longer, this says so: then less of this is needed."""
    code = "import sys; from pycrdt import Doc; Doc().apply_update(sys.stdin.buffer.read())"
    died = subprocess.run([sys.executable, "-c", code], input=payload, capture_output=True, check=False)
    assert died.returncode == -signal.SIGSEGV, died.stderr[-200:]


def test_y4_pycrdt_still_dies_while_it_writes_what_it_has_loaded() -> None:
    code = (
        "import sys; from pycrdt import Doc, XmlFragment; doc = Doc(); doc.apply_update(sys.stdin.buffer.read()); "
        "print('loaded', flush=True); str(doc.get('default', type=XmlFragment))"
    )
    died = subprocess.run([sys.executable, "-c", code], input=damaged.NESTED_XML, capture_output=True, check=False)
    assert (died.returncode, died.stdout) == (-signal.SIGSEGV, b"loaded\n"), died.stderr[-200:]


# --- A server that meets one -------------------------------------------------------------------------------------


async def test_y4_a_bomb_in_the_database_takes_down_only_its_document(
    own_server: Callable[..., Server], live_cast: Cast, other: Document, connect: Connect
) -> None:
    server = own_server(COLLAB_HEAL_SECONDS="0.3")
    bombs = {}
    for name, (put, payload, code) in DAMAGE.items():
        document = await orm(Document.objects.create, room=live_cast.room, title=name)
        await orm(put, document, payload)
        bombs[document.key] = (document.pk, code)
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    hers, his = await alice.open(other.key), await bob.open(other.key)
    (worker,) = children(server.pid)

    for number, key in enumerate(bombs):
        for visitor in (alice, bob):
            with pytest.raises(Refused, match="quarantined"):
                await visitor.open(key)
        await hers.type(f"{number} ")

    await eventually(lambda: str(his) == str(hers) == "0 1 2 3 4 5 ", what="the others type on")
    assert children(server.pid) == [worker]
    found = await orm(lambda: {one.document_id: (one.code, one.seq) for one in Quarantine.objects.all()})
    assert found == {pk: (code, 1) for pk, code in bombs.values()}
    assert server.log().count(" ERROR ") == len(DAMAGE)
    assert "Traceback" not in server.log()


async def test_people_in_a_document_whose_next_row_is_bad_are_told(
    inside: Inside, live_cast: Cast, other: Document
) -> None:
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    elsewhere = await bob.open(other.key)
    await hers.type("words ")
    await orm(row, live_cast.document, damaged.GARBAGE, seq=2)
    await inside.live.watch.look()
    (told,) = alice.heard("access")
    assert (told["document"], told["role"], told["code"]) == (hers.key, None, "quarantined")
    with pytest.raises(Refused, match="not_found"):
        await hers.type("more")
    await eventually(lambda: not inside.live.documents._looking, what="set apart")
    found = await orm(Quarantine.objects.get)
    assert (found.document_id, found.code, found.epoch, found.seq) == (live_cast.document.pk, "malformed", 1, 2)
    with pytest.raises(Refused, match="quarantined"):
        await alice.open(hers.key)
    await elsewhere.type("on and on")
    assert bob.heard("access") == []


async def test_what_another_process_holds_of_a_damaged_document_is_saved_before_it_is_closed(
    inside: Inside, live_cast: Cast
) -> None:
    alice = await inside.visit(live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("all of it")
    fault = Fault("crashed", "SIGSEGV")
    assert await orm(quarantine.set_apart, live_cast.document.pk, fault, epoch=1, seq=1, instance="another")
    await inside.live.watch.look()
    assert [told["code"] for told in alice.heard("access")] == ["quarantined"]
    assert inside.live.documents.all() == []
    assert await orm(lambda: Snapshot.objects.get().seq) == 1
    assert await orm(lambda: str(_text(Snapshot.objects.get()))) == "all of it"


def _text(stored: Snapshot) -> Any:
    doc: Doc[Any] = Doc()
    doc.apply_update(bytes(stored.payload))
    return doc.get("text", type=Text)


async def test_a_large_document_that_pages_could_not_read_is_closed_after_it_was_loaded(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.live.documents.LOOK_AFTER_SECONDS", 0)
    await orm(snapshot, live_cast.document, damaged.NESTED_XML)
    alice = await inside.visit(live_cast.alice)
    await alice.call("open", {"document": live_cast.document.key, "have": b"\0", "client_id": 8, "epoch": None})
    await eventually(lambda: alice.heard("access"), what="told")
    await eventually(lambda: not inside.live.documents._looking, what="set apart")
    assert (await orm(Quarantine.objects.get)).details == "elements nested too deep"


async def test_a_document_is_set_apart_once_whoever_finds_it(live_cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    pk = live_cast.document.pk
    for instance, epoch in (("b", 2), ("a", 1), ("b", 1)):
        await orm(quarantine.set_apart, pk, Fault("malformed"), epoch=epoch, seq=0, instance=instance)
    assert (await orm(Quarantine.objects.get)).instance == "a"
    assert [one.levelno for one in caplog.records if one.name == "rooms.quarantine"] == [logging.ERROR]


async def test_after_a_restore_people_come_back_to_a_new_lineage(inside: Inside, live_cast: Cast) -> None:
    alice = await inside.visit(live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("kept ")
    await inside.live.documents.compact(inside.live.documents.all()[0])
    await orm(row, live_cast.document, damaged.GARBAGE, seq=2)
    await inside.live.watch.look()
    await eventually(lambda: not inside.live.documents._looking, what="set apart")
    good = await orm(Snapshot.objects.get)
    assert await orm(quarantined.restore, document=live_cast.document, snapshot=good, by=live_cast.bob) is None
    have = hers.doc.get_state()
    answer = await alice.call("open", {"document": hers.key, "have": have, "client_id": 7, "epoch": hers.epoch})
    assert (answer["epoch"], answer["seq"]) == (2, 3)
    fresh = await (await inside.visit(live_cast.vera)).open(hers.key)
    assert str(fresh) == "kept "
    assert await (await (await inside.visit(live_cast.bob)).open(hers.key)).type("on") == 4


async def test_a_gap_in_the_log_is_no_reason_to_close_a_document(inside: Inside, live_cast: Cast) -> None:
    """It loads, and shows what is there."""
    one, _, three = damaged.written("one ", "two ", "three")
    await orm(row, live_cast.document, one, seq=1)
    await orm(row, live_cast.document, three, seq=2)
    page = await (await inside.visit(live_cast.alice)).open(live_cast.document.key)
    assert str(page) == "one "


# --- Canaries ----------------------------------------------------------------------------------------------------


@pytest.fixture
def canaries() -> Any:
    made = Canaries(lambda: Canary(seconds=0.5, memory_bytes=268_435_456))
    yield made
    made.stop()


def test_a_canary_that_somebody_ends_is_no_fault_of_the_document(canaries: Canaries) -> None:
    canaries.warm()
    (pid,) = canaries.pids
    for meant_for_the_parent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, meant_for_the_parent)
    assert canaries.ask(Work.LOAD, None, damaged.written("a", "b")) is None
    assert canaries.pids == [pid]
    os.kill(pid, signal.SIGKILL)
    assert canaries.ask(Work.LOAD, None, damaged.written("a", "b")) is None
    assert canaries.pids != [pid]


def test_a_canary_that_is_killed_while_it_works_is_replaced_and_asked_again() -> None:
    made: list[Canary] = []

    def make() -> Canary:
        made.append(Canary(seconds=20, memory_bytes=268_435_456))
        if len(made) == 1:
            os.kill(made[0].pid, signal.SIGSTOP)  # it takes the question and no step
            asyncio.get_running_loop().call_later(0.2, os.kill, made[0].pid, signal.SIGKILL)
        return made[-1]

    async def ask() -> Any:
        canaries = Canaries(make)
        canaries.warm()
        answer = await asyncio.to_thread(canaries.ask, Work.READ, damaged.whole("words"), [])
        canaries.stop()
        return answer

    assert asyncio.run(ask()) == {"type": "doc", "content": []}
    assert len(made) == 2


def test_a_document_that_takes_too_long_or_too_much_is_a_fault(canaries: Canaries) -> None:
    endless = [damaged.whole("a")] * 300_000
    assert canaries.ask(Work.LOAD, None, endless) == Fault("timed_out")
    greedy = Canaries(lambda: Canary(seconds=30, memory_bytes=16_777_216))
    fault = greedy.ask(Work.LOAD, None, [damaged.whole("x" * 30_000_000)])
    greedy.stop()
    assert fault.code in {"memory", "crashed"}, "Python says so, Rust ends"


def test_who_waits_for_a_slow_document_gets_a_canary_of_their_own(canaries: Canaries) -> None:
    async def both() -> None:
        slow = asyncio.create_task(asyncio.to_thread(canaries.ask, Work.LOAD, None, [damaged.whole("a")] * 300_000))
        await asyncio.sleep(0.1)
        assert await asyncio.to_thread(canaries.ask, Work.LOAD, None, damaged.written("b")) is None
        assert not slow.done()
        assert await slow == Fault("timed_out")

    asyncio.run(both())


def test_a_canary_ends_with_its_parent_and_when_it_had_nothing_to_do(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import os, sys; from rooms.canary.process import Canary; "
        "print(Canary(seconds=9, memory_bytes=2**28).pid, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL
    asyncio.run(_gone(int(parent.stdout)))
    canaries.warm()
    (pid,) = canaries.pids
    canaries.rest()
    assert canaries.pids == [pid]
    monkeypatch.setattr("rooms.canary.pool.IDLE_SECONDS", 0)
    canaries.rest()
    assert canaries.pids == []
    assert not Path(f"/proc/{pid}").exists()


async def _gone(pid: int) -> None:
    def is_gone() -> bool:
        status = Path(f"/proc/{pid}/stat")
        # Whoever adopts it may not have buried it yet.
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"

    await eventually(is_gone, what="the canary ends")


async def test_without_canaries_documents_are_loaded_all_the_same(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none() -> Canary:
        raise CannotStart("no processes here")

    made = Canaries(none)
    monkeypatch.setattr(quarantine, "canaries", lambda: made)
    await orm(snapshot, live_cast.document, damaged.whole("x" * 3_000))
    page = await (await inside.visit(live_cast.alice)).open(live_cast.document.key)
    assert len(str(page)) == 3_000
    bad = await orm(Document.objects.create, room=live_cast.room, title="Bad")
    await orm(snapshot, bad, damaged.TRUNCATED)
    with pytest.raises(Refused, match="quarantined"):
        await (await inside.visit(live_cast.bob)).open(bad.key)
    assert caplog.text.count("no canary can be started") == 1


def test_a_canary_that_does_not_come_up_is_none() -> None:
    with pytest.raises(CannotStart):
        Canary(seconds=1, memory_bytes=2**28, command=[sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(CannotStart):
        Canary(seconds=1, memory_bytes=2**28, command=["/nowhere/at/all"])


def test_a_canary_knows_no_secret() -> None:
    code = "import os, socket, sys; line = socket.socket(fileno=0); line.sendall(b'!'); line.makefile('rb').read(1)"
    os.environ["COLLAB_TEST_SECRET"] = "secret"
    canary = Canary(seconds=1, memory_bytes=2**28, command=[sys.executable, "-c", code])
    told = Path(f"/proc/{canary.pid}/environ").read_text()
    canary.close()
    del os.environ["COLLAB_TEST_SECRET"]
    assert "PATH=" in told
    assert "secret" not in told
    assert "COLLAB" not in told


async def test_a_snapshot_that_was_loaded_when_it_was_taken_needs_no_canary(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await inside.visit(live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("x" * 5_000)
    (document,) = inside.live.documents.all()
    await inside.live.documents.compact(document)
    await hers.type(" and more")
    asked: list[Work] = []
    real = quarantine.prove

    def prove(loaded: store.Loaded, work: Work) -> Fault | None:
        asked.append(work)
        return real(loaded, work)

    monkeypatch.setattr(quarantine, "prove", prove)
    inside.live.documents.drop(document)
    assert len(str(await (await inside.visit(live_cast.bob)).open(hers.key))) == 5_009
    assert asked == []

    inside.live.documents.drop(inside.live.documents.all()[0])
    payload = bytearray((await orm(Snapshot.objects.get)).payload)
    payload[len(payload) // 2] ^= 1
    await orm(Snapshot.objects.update, payload=bytes(payload))
    await (await inside.visit(live_cast.vera)).open(hers.key)
    assert asked == [Work.LOOK], "with one bit another it is not what was loaded then"


async def test_several_documents_that_load_at_once_are_all_there(inside: Inside, live_cast: Cast) -> None:
    documents = [await orm(Document.objects.create, room=live_cast.room, title=str(n)) for n in range(12)]
    for number, document in enumerate(documents):
        payload = damaged.NESTED_VALUES if number == 5 else damaged.whole(f"{number:06}" * 1_000)
        await orm(snapshot, document, payload)
    visitor = await inside.visit(live_cast.alice)
    pages = await asyncio.gather(*(visitor.open(one.key) for one in documents), return_exceptions=True)
    assert isinstance(pages.pop(5), Refused)
    assert [len(str(page)) for page in pages] == [6_000] * 11


async def test_rows_after_a_snapshot_are_loaded_with_it(inside: Inside, live_cast: Cast) -> None:
    one, two = damaged.written("x" * 4_000, " and more")
    await orm(row, live_cast.document, None, seq=1)
    await orm(snapshot, live_cast.document, one, seq=1)
    await orm(row, live_cast.document, two, seq=2)
    page = await (await inside.visit(live_cast.alice)).open(live_cast.document.key)
    assert str(page) == await orm(written, live_cast.document) == "x" * 4_000 + " and more"
    assert await orm(Update.objects.count) == 2
    assert (await orm(store.load, live_cast.document.pk)).seq == 2
