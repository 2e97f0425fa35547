"""Loads stored documents for the live part: a canary first (rooms/canary), then this process."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

from rooms import quarantine, store
from rooms.canary.pool import MAX_CANARIES
from rooms.canary.process import Fault, NoTime
from rooms.canary.wire import Work
from rooms.core import loading
from rooms.core.errors import Busy, Quarantined
from rooms.live.bridge import Database
from rooms.live.open_document import LARGE_BYTES, OpenDocument

log = logging.getLogger(__name__)

Result = TypeVar("Result")

# A machine that is too busy to load a document is asked again after this.
RETRY_SECONDS = 2.0
# A canary starts in a tenth of a second. Where it takes longer than this, people need not wait for it to come in.
WARM_SECONDS = 5.0
# Documents of which is remembered that they were looked through. Beyond it, some are again.
MAX_LOOKED_THROUGH = 10_000


class Proving:
    """`instance`: what this process is called where a document is set apart."""

    def __init__(self, database: Database, instance: str) -> None:
        self._database = database
        self._instance = instance
        # Threads of its own: a document that takes long must not keep others from the database.
        self._threads = ThreadPoolExecutor(MAX_CANARIES, "canary")
        # document id → (epoch, seq) of the snapshot that was looked through here
        self._looked_through: dict[int, tuple[int, int]] = {}

    async def warm(self) -> None:
        """Have a canary ready before the first document needs it."""
        warming = asyncio.ensure_future(self._run(quarantine.canaries().warm))
        await asyncio.wait({warming}, timeout=WARM_SECONDS)

    async def rest(self) -> None:
        """End canaries that have had nothing to do for long."""
        await self._run(quarantine.canaries().rest)

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def load(self, document_id: int) -> tuple[OpenDocument, store.Loaded | None]:
        """Return a document, and what is stored of it if `look_through` should see that later.

        Raises NotFound, Busy, and Quarantined, after setting the document apart.
        """
        loaded, found = await self._database.read(_open_plain, document_id)
        later = None
        if found is None:
            is_large = sum(map(len, quarantine.parts_of(loaded))) > LARGE_BYTES
            await self._prove(loaded, Work.LOAD if is_large else Work.LOOK)
            found = await self._database.read(_open, loaded)
            later = loaded if is_large and not self._was_looked_through(loaded) else None
        if isinstance(found, Fault):
            await self._set_apart(loaded, found)
        return found, later

    async def read(self, document_id: int) -> store.Loaded:
        """Return what is stored of a document, proven to load. Raises as `load`."""
        loaded = await self._database.read(store.load, document_id)
        if not loading.is_plain(_unproven(loaded)):
            await self._prove(loaded, Work.LOAD)
        return loaded

    async def look_through(self, loaded: store.Loaded) -> Fault | None:
        """Have a canary try what edits and pages need: ten times the work of loading. Returns what is wrong."""
        try:
            fault = await self._run(quarantine.prove, loaded, Work.LOOK)
        except NoTime:
            return None
        if fault is None:
            if len(self._looked_through) >= MAX_LOOKED_THROUGH:
                self._looked_through.clear()
            self._looked_through[loaded.document_id] = _version(loaded)
        return fault

    async def is_proven(self, document_id: int, payload: bytes, known: dict[int, int]) -> bool:
        """Whether a snapshot loads and holds all that is `known` of its document (traps Y2, Y4). The log says if not.

        A canary loads a large one: here everybody would wait for it, whichever thread it were in (trap Y8).
        """
        try:
            if len(payload) <= LARGE_BYTES:
                fault = quarantine.prove_here(payload, known)
            else:
                fault = await self._run(quarantine.prove_snapshot, payload, known)
        except NoTime:
            log.warning("document %s: the machine is too busy for a snapshot", document_id)
            return False
        if fault is not None:
            log.error("document %s: no snapshot, loading it failed, %s %s", document_id, fault.code, fault.details)
        return fault is None

    async def set_apart(self, document: OpenDocument, fault: Fault, seq: int) -> None:
        """Put a document that was open here into quarantine: `seq` is what it could not take."""
        await self._database.write(
            quarantine.set_apart, document.id, fault, epoch=document.epoch, seq=seq, instance=self._instance
        )

    def _was_looked_through(self, loaded: store.Loaded) -> bool:
        return self._looked_through.get(loaded.document_id) == _version(loaded)

    async def _prove(self, loaded: store.Loaded, work: Work) -> None:
        try:
            fault = await self._run(quarantine.prove, loaded, work)
        except NoTime:
            raise Busy("the machine is too busy to load a document", retry_after=RETRY_SECONDS) from None
        if fault is not None:
            await self._set_apart(loaded, fault)

    async def _set_apart(self, loaded: store.Loaded, fault: Fault) -> NoReturn:
        """Raises Quarantined."""
        await self._database.write(
            quarantine.set_apart,
            loaded.document_id,
            fault,
            epoch=loaded.epoch,
            seq=loaded.seq,
            instance=self._instance,
        )
        raise Quarantined("loading it failed")

    async def _run(self, work: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)


def _version(loaded: store.Loaded) -> tuple[int, int]:
    return loaded.epoch, loaded.snapshot.seq if loaded.snapshot else 0


def _open_plain(document_id: int) -> tuple[store.Loaded, OpenDocument | Fault | None]:
    """Return what is stored, and the document if trying it elsewhere would prove nothing."""
    loaded = store.load(document_id)
    return loaded, _open(loaded) if loading.is_plain(_unproven(loaded)) else None


def _unproven(loaded: store.Loaded) -> list[bytes]:
    """The parts that no process is known to have loaded."""
    parts = quarantine.parts_of(loaded)
    return parts[1:] if loaded.proven else parts


def _open(loaded: store.Loaded) -> OpenDocument | Fault:
    try:
        return OpenDocument(loaded)
    except BaseException as error:  # a panic of pycrdt is no Exception
        if not loading.is_fault(error):
            raise
        return Fault(*loading.describe(error))
