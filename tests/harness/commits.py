"""The commit, held back: what waits for it, what shares it, and what becomes of both when it fails."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rooms import store
from rooms.core import updates
from rooms.models import Update
from tests.harness.client import Page, eventually
from tests.harness.inside import Inside, Visitor
from tests.harness.orm import orm

# A commit that nobody lets go ends the test.
HELD_SECONDS = 20
# What is not stopped by anything is there at once.
SOON = 5


class HeldCommits:
    """`store.append` in the writer's thread: counts its batches, waits while it is held, and fails when told to."""

    def __init__(self) -> None:
        self.batches: list[list[store.Entry]] = []
        self._append = store.append
        self._turns = threading.Semaphore(0)
        self._held = False
        self._error: Exception | None = None

    def __call__(self, entries: Any, **options: Any) -> store.Appended:
        self.batches.append(list(entries))
        if self._held and not self._turns.acquire(timeout=HELD_SECONDS):
            raise TimeoutError("nobody let this commit go")
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._append(entries, **options)

    def hold(self) -> None:
        """From the next commit on, each waits for a turn. Called while none waits."""
        self._turns = threading.Semaphore(0)
        self._held = True

    def let_one_go(self) -> None:
        self._turns.release()

    def let_go(self) -> None:
        """Let the one that waits go, and all that come."""
        self._held = False
        self._turns.release()

    def fail_once(self, error: Exception) -> None:
        self._error = error

    async def begun(self, batches: int) -> None:
        """Return once so many commits have begun."""
        await eventually(lambda: len(self.batches) >= batches, what=f"{batches} commits have begun")


@contextmanager
def held_commits() -> Iterator[HeldCommits]:
    """Put `HeldCommits` in the place of `store.append`. Nothing is held until the test says so."""
    commits = HeldCommits()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rooms.store.append", commits)
        yield commits
        commits.let_go()


async def send(visitor: Visitor, key: str, update: bytes) -> "asyncio.Future[dict[str, Any]]":
    """Send an edit and return the future of its answer. Raises TimeoutError when it waits before the queue."""
    async with asyncio.timeout(SOON):
        return await visitor.send("edit", {"document": key, "update": update})


def send_soon(visitor: Visitor, key: str, update: bytes) -> "asyncio.Task[dict[str, Any]]":
    """As `send`, for an edit that may have to wait. The task's result is the answer."""

    async def answer() -> dict[str, Any]:
        return await (await visitor.send("edit", {"document": key, "update": update}))

    return asyncio.create_task(answer())


def words(page: Page, *texts: str) -> list[bytes]:
    """Write these at the end, one after the other; return an update for each."""
    return [page.write(len(str(page).encode()), text) for text in texts]


async def answers(*sent: "asyncio.Future[dict[str, Any]]") -> list[Any]:
    """Return for each edit "ok" or its code."""
    async with asyncio.timeout(SOON):
        told = await asyncio.gather(*sent)
    return ["ok" if one["ok"] else one["code"] for one in told]


async def nothing_on_its_way(inside: Inside) -> None:
    """Everything is answered, and no writer of any open document is taken for one whose operations are on their way."""
    await inside.live.commits.drain()
    for document in inside.live.documents.all():
        assert document.writing == {}
        for participant in document.participants.values():
            assert list(participant.ahead()) == []
            assert not participant.repeating


async def payloads(document_id: int) -> list[tuple[int, int, bytes]]:
    """Return (seq, author id, payload) of the log, each of whose rows is whole by itself."""

    def read() -> list[tuple[int, int, bytes]]:
        rows = Update.objects.filter(document_id=document_id).order_by("seq").values_list("seq", "author_id", "payload")
        return [(seq, author, bytes(payload or b"")) for seq, author, payload in rows]

    found: list[tuple[int, int, bytes]] = await orm(read)
    for _, _, payload in found:
        updates.read(payload)  # raises Gap where there is a hole
    return found


async def reloaded(inside: Inside, reader: Visitor, key: str) -> str:
    """Return the text of a document as it is loaded from the log, by somebody who holds nothing of it."""
    for document in inside.live.documents.all():
        if document.key == key:
            inside.live.documents.drop(document)
    return str(await reader.open(key))
