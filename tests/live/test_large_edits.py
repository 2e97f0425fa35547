"""What takes long to check is checked beside the loop, and what takes long to apply never reaches the document."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from rooms import store
from rooms.core.access import Role
from rooms.live import ingress
from rooms.live.open_document import OpenDocument
from tests.conftest import Connect
from tests.core import encoding as e
from tests.core.bombs import SLOW
from tests.harness.client import Refused, eventually
from tests.harness.commits import HeldCommits, answers, nothing_on_its_way, reloaded, send_soon, words
from tests.harness.inside import Inside, Visitor
from tests.harness.orm import orm, rows
from tests.harness.people import Cast
from tests.harness.server import Server

LARGE = "words " * 12_000
MANY = e.update(
    e.section(7, 0, *(e.element(**({"origin": (7, n - 1)} if n else {"root": "default"})) for n in range(300)))
)


class HeldChecks:
    """`ingress.check_content` in its thread, held back."""

    def __init__(self) -> None:
        self.begun = 0
        self._check = ingress.check_content
        self._turns = threading.Semaphore(0)
        self.held = True

    def __call__(self, *args: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.begun += 1
            if self.held and not self._turns.acquire(timeout=20):
                raise TimeoutError("nobody let this check go")
        self._check(*args)  # type: ignore[arg-type]

    async def has_begun(self, times: int = 1) -> None:
        await eventually(lambda: self.begun >= times, what="the check has begun")

    def let_go(self) -> None:
        self.held = False
        self._turns.release()


@pytest.fixture
def checks() -> Iterator[HeldChecks]:
    held = HeldChecks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rooms.live.ingress.check_content", held)
        yield held
        held.let_go()


@pytest.mark.parametrize("update", [e.update(e.section(7, 0, e.text(LARGE))), MANY], ids=["long", "much"])
async def test_others_write_while_a_large_edit_is_checked(
    inside: Inside, live_cast: Cast, checks: HeldChecks, update: bytes
) -> None:
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    hers = await alice.open(key)
    await bob.open(key)
    large = send_soon(bob, key, update)
    await checks.has_begun()
    await hers.type("meanwhile")
    assert not large.done()
    checks.let_go()
    assert await answers(large) == ["ok"]
    await nothing_on_its_way(inside)
    assert len(await orm(rows, live_cast.document)) == 2


async def test_what_a_client_sends_after_a_large_edit_waits_behind_it(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    """On one line, without waiting for an answer: the later ones build on the first."""
    bob = await connect(server, live_cast.bob)
    his = await bob.open(live_cast.document.key)
    updates = words(his, LARGE, "two ", "three")
    sent = [asyncio.create_task(bob.call("edit", {"document": his.key, "update": update})) for update in updates]
    seqs = [answer["seq"] for answer in await asyncio.gather(*sent)]
    assert seqs == sorted(seqs)
    alice = await (await connect(server, live_cast.alice)).open(live_cast.document.key)
    assert str(alice) == f"{LARGE}two three"


async def test_a_large_edit_that_builds_on_what_is_on_its_way_waits_for_it(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    his = await bob.open(key)
    first, large = words(his, "first ", LARGE)
    commits.hold()
    sent = [send_soon(bob, key, first)]
    await commits.begun(1)
    sent.append(send_soon(bob, key, large))
    commits.let_go()
    assert await answers(*sent) == ["ok", "ok"]
    assert await reloaded(inside, bob, key) == f"first {LARGE}"


@pytest.mark.parametrize(
    ("meanwhile", "code"), [("demoted", "forbidden"), ("left", "not_found"), ("hung up", "not_found")]
)
async def test_rights_are_those_at_the_end_of_the_check(
    inside: Inside, live_cast: Cast, checks: HeldChecks, meanwhile: str, code: str
) -> None:
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    large = send_soon(bob, key, MANY)
    await checks.has_begun()
    if meanwhile == "demoted":
        bob.client.participant(key).role = Role.VIEWER
    elif meanwhile == "left":
        await bob.call("leave", {"document": key})
    else:
        await bob.hang_up()
    checks.let_go()
    assert await answers(large) == [code]
    assert await orm(rows, live_cast.document) == []


async def test_a_document_that_was_loaded_anew_meanwhile_is_checked_anew(
    inside: Inside, live_cast: Cast, checks: HeldChecks
) -> None:
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    large = send_soon(bob, key, MANY)
    await checks.has_begun()
    (document,) = inside.live.documents.all()
    inside.live.documents.drop(document)
    await bob.open(key)
    checks.let_go()
    assert await answers(large) == ["ok"]
    assert checks.begun == 2
    (document,) = inside.live.documents.all()
    assert document.known == {7: 300}


async def test_y5_the_same_operations_that_came_from_another_page_meanwhile_are_seen(
    inside: Inside, live_cast: Cast, checks: HeldChecks
) -> None:
    """The other page says that 7:0 is a letter: what this one puts into 7:0 has nowhere to stand then."""
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await one.open(key)
    await other.open(key)
    child = e.section(8, 0, e.element(parent=(7, 0)))
    large = send_soon(one, key, e.update(e.section(7, 0, *(e.element() for _ in range(300))), child))
    await checks.has_begun()
    await other.call("edit", {"document": key, "update": e.update(e.section(7, 0, e.text("a")))})
    checks.let_go()
    assert await answers(large) == ["bad_frame"]
    assert checks.begun == 2


@pytest.mark.parametrize("name", SLOW)
async def test_y4_what_would_hang_or_fill_the_process_is_refused_and_nobody_waits_for_it(
    server: Server, live_cast: Cast, connect: Connect, name: str
) -> None:
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    key = live_cast.document.key
    hers = await alice.open(key)
    await bob.open(key)
    refused = asyncio.create_task(bob.call("edit", {"document": key, "update": SLOW[name]}))
    typed = 0
    while not refused.done():
        await hers.type("a")
        typed += 1
    with pytest.raises(Refused, match="too_large"):
        await refused
    assert typed > 3, "she waited"
    assert not bob.disconnected.is_set()
    assert str(await (await connect(server, live_cast.carol)).open(key)) == "a" * typed


async def test_a_page_of_formats_as_large_as_may_be_is_taken(server: Server, live_cast: Cast, connect: Connect) -> None:
    structs = [e.item(e.FORMAT, e.string("bold") + e.string("true"), origin=(7, n)) for n in range(50_000)]
    bob = await connect(server, live_cast.bob)
    page = await bob.open(live_cast.document.key)
    update = e.update(e.section(7, 0, e.text("a"), *structs))
    assert len(update) > 700_000
    assert (await bob.call("edit", {"document": page.key, "update": update}))["ok"]


async def test_whoever_makes_everybody_wait_writes_slower(inside: Inside, live_cast: Cast) -> None:
    """What is not much in one edit can be much in a document: that is found where it is applied."""
    bob, alice = await inside.visit(live_cast.bob), await inside.visit(live_cast.alice)
    his, hers = await bob.open(live_cast.document.key), await alice.open(live_cast.document.key)
    await his.type("fast")
    inside.live.limits.charge(bob.client, 0.5)
    await his.type(" still")
    inside.live.limits.charge(bob.client, 1.0)
    with pytest.raises(Refused, match="slow_down"):
        await his.type("not yet")
    alice.hear()
    await hers.type("as fast as ever")


def test_applying_says_how_long_it_took_over() -> None:
    document = OpenDocument(store.Loaded(1, 1, "key", "title", 1, None, []))
    document.take(1, e.update(e.section(9, 0, e.text("quick"))))
    assert document.overtime == 0
    document.take(2, conflicts := _conflicts(3000))
    assert len(conflicts) < 30_000
    assert document.overtime > 0.05


def _conflicts(count: int) -> bytes:
    return e.update(
        e.section(1, 0, e.text("a" + "r" * count)),
        e.section(2, 0, *(e.text("x", origin=(1, 0), right=(1, n + 1)) for n in range(count))),
    )


def heard(visitor: Visitor) -> int:
    return len(visitor.heard("edited"))
