"""Who is in the same documents on other instances.

Each instance keeps what it shows of its own people in Redis, under a lease that it renews, and tells the others what
changes. Whoever opens a document reads what is there. A clean leave is told at once; when an instance dies its lease
ends, and its people go with it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import msgpack

from rooms.core.access import Role
from rooms.core.presence import Face, Person
from rooms.live import bus
from rooms.live.manager import ShardedRedisManager, document_room
from rooms.live.open_document import OpenDocument

log = logging.getLogger(__name__)

# An instance that has not renewed its lease for so long is gone.
LEASE_SECONDS = 15
# Leases are renewed, and those of the others looked at, this often. So a dead instance's people are gone after at most
# the sum of both.
RENEW_SECONDS = 5.0
# Nobody looks after the list of a document that no living instance has open.
KEPT_SECONDS = 120
# Documents that are asked about together.
AT_ONCE = 200


@dataclass(slots=True)
class _Shared:
    """What is between instances of one document."""

    # What this instance has told of its own people.
    told: set[str] = field(default_factory=set)
    untold: int = 0
    version: int = 0
    # instance → the last change heard of who is there: an older list in Redis is of no use
    versions: dict[str, int] = field(default_factory=dict)
    # instance → whom it has here
    heard: dict[str, set[str]] = field(default_factory=dict)


class Elsewhere:
    """`changed(document)` is called when people of other instances came, went or moved."""

    def __init__(
        self,
        manager: ShardedRedisManager,
        documents: Callable[[], list[OpenDocument]],
        changed: Callable[[OpenDocument], None],
    ) -> None:
        self._manager = manager
        self._bus = manager.bus
        self._me = manager.host_id
        self._documents = documents
        self._changed = changed
        self._shared: WeakKeyDictionary[OpenDocument, _Shared] = WeakKeyDictionary()
        self._heard_at = float("-inf")

    # --- What is told of our own --------------------------------------------------------------------------------------

    def tell(self, document: OpenDocument, changes: dict[str, Any]) -> None:
        """Tell the other instances what of `changes` is about people here."""
        shared = self._of(document)
        faces = document.presence.faces
        joined = [face for one in changes["joined"] if not (face := faces[one["id"]]).instance]
        left = [face_id for face_id in changes["left"] if face_id in shared.told]
        cursors = {key: cursor for key, cursor in changes["cursors"].items() if not faces[key].instance}
        shared.told = (shared.told | {face.id for face in joined}) - set(left)
        untold = len(document.participants) - len(shared.told)
        if joined or left or untold != shared.untold:
            shared.untold = untold
            self._write(document, shared)
        elif not cursors:
            return
        shared.version += 1
        packed = [_pack(face) for face in joined]
        self._manager.publish(
            document_room(document.id), ["people", shared.version, packed, left, cursors, shared.untold]
        )

    def _write(self, document: OpenDocument, shared: _Shared) -> None:
        """Put the list of our people where whoever opens the document finds it."""
        key = self._key(document)
        if not shared.told and not shared.untold:
            self._bus.send("HDEL", key, self._me)
            return
        faces = document.presence.faces
        roster = [_pack(faces[face_id]) for face_id in shared.told if face_id in faces]
        # The version is that of the change that is told right after it.
        packed = msgpack.packb([shared.version + 1, roster, shared.untold])
        self._bus.send("HSET", key, self._me, packed)
        self._bus.send("EXPIRE", key, KEPT_SECONDS)

    def left(self, document: OpenDocument) -> None:
        """Nobody is in the document here any more: nobody has to be told, and nothing is heard."""
        shared = self._shared.pop(document, None)
        if shared is None:
            return
        if shared.told or shared.untold:
            self._bus.send("HDEL", self._key(document), self._me)
            message = ["people", shared.version + 1, [], sorted(shared.told), {}, 0]
            self._manager.publish(document_room(document.id), message)
        for instance in list(shared.heard):
            self._drop(document, shared, instance)

    # --- What is heard of the others ----------------------------------------------------------------------------------

    def hear(self, document: OpenDocument, instance: str, message: list[Any]) -> None:
        """Take what another instance told."""
        _, version, joined, left, cursors, untold = message
        shared = self._of(document)
        if joined or left:
            shared.versions[instance] = version
        presence, known = document.presence, shared.heard.setdefault(instance, set())
        for face_id in left:
            if face_id in known:
                known.discard(face_id)
                presence.leave(face_id)
        for one in joined:
            face = _unpack(one, instance)
            known.add(face.id)
            presence.join(face)
            document.belongs(face.client_id, face.person.user_id, face.role)
        for face_id, cursor in cursors.items():
            if face_id in known:
                presence.move(face_id, tuple(cursor) if cursor else None)
        presence.count_elsewhere(instance, untold)
        self._changed(document)

    def holder(self, document: OpenDocument, client_id: int) -> Face | None:
        """Return who writes under that Yjs clientID on another instance."""
        shared = self._shared.get(document)
        if shared is None:
            return None
        faces = document.presence.faces
        here = (face for known in shared.heard.values() for face_id in known if (face := faces.get(face_id)))
        return next((face for face in here if face.client_id == client_id), None)

    async def read(self, documents: Iterable[OpenDocument]) -> None:
        """Read who is in these documents elsewhere: for what was told before we listened, or was lost.

        Raises bus.Gone.
        """
        asked = [document for document in documents if document.participants]
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            lists = await self._bus.ask(*(("HGETALL", self._key(document)) for document in some))
            found = [_pairs(answer) for answer in lists]
            others = sorted({name for one in found for name in one} - {self._me})
            alive = await self._alive(others)
            for document, one in zip(some, found, strict=True):
                self._compare(document, {name: packed for name, packed in one.items() if name in alive})
                for name in set(one) - alive - {self._me}:
                    self._bus.send("HDEL", self._key(document), name)
        self._heard_at = asyncio.get_running_loop().time()

    async def _alive(self, instances: list[str]) -> set[str]:
        if not instances:
            return set()
        (leases,) = await self._bus.ask(("MGET", *(self._bus.key(f"alive:{name}") for name in instances)))
        return {name for name, lease in zip(instances, leases, strict=True) if lease is not None}

    def _compare(self, document: OpenDocument, lists: dict[str, bytes]) -> None:
        """Bring the people of other instances in line with their lists, where those are newer than what was told."""
        shared = self._of(document)
        for instance in set(shared.heard) - set(lists):
            self._drop(document, shared, instance)
            self._changed(document)
        for instance, packed in lists.items():
            version, roster, untold = msgpack.unpackb(packed)
            if instance == self._me or version < shared.versions.get(instance, 0):
                continue
            known = shared.heard.get(instance, set())
            faces = {one[0]: one for one in roster}
            new = [one for one in roster if not _is_known(document.presence.faces.get(one[0]), one)]
            gone = sorted(known - set(faces))
            if new or gone or untold != document.presence.elsewhere(instance):
                self.hear(document, instance, ["people", version, new, gone, {}, untold])

    def _drop(self, document: OpenDocument, shared: _Shared, instance: str) -> None:
        for face_id in shared.heard.pop(instance, set()):
            document.presence.leave(face_id)
        document.presence.count_elsewhere(instance, 0)
        shared.versions.pop(instance, None)

    # --- Leases -------------------------------------------------------------------------------------------------------

    def returned(self) -> None:
        """Redis takes commands again, and may have forgotten everything."""
        self._lease()
        for document in self._documents():
            shared = self._shared.get(document)
            if shared is not None and (shared.told or shared.untold):
                self._write(document, shared)
                shared.version += 1

    async def renew(self) -> None:
        """Say that this instance lives, keep its lists, and let go of the people of those that do not."""
        self._lease()
        documents = self._documents()
        for document in documents:
            if (shared := self._shared.get(document)) is not None and (shared.told or shared.untold):
                self._bus.send("EXPIRE", self._key(document), KEPT_SECONDS)
        try:
            await self.read(documents)
        except bus.Gone:
            if asyncio.get_running_loop().time() - self._heard_at > LEASE_SECONDS:
                self._forget_all(documents)

    def _lease(self) -> None:
        self._bus.send("SET", self._bus.key(f"alive:{self._me}"), "1", "EX", LEASE_SECONDS)

    def _forget_all(self, documents: Iterable[OpenDocument]) -> None:
        """Nothing is known of the others any more: whoever left would stay for ever."""
        for document in documents:
            shared = self._shared.get(document)
            for instance in list(shared.heard) if shared is not None else ():
                self._drop(document, shared, instance)  # type: ignore[arg-type]
                self._changed(document)

    def leave(self) -> None:
        """This instance ends."""
        for document in self._documents():
            self.left(document)
        self._bus.send("DEL", self._bus.key(f"alive:{self._me}"))

    def _of(self, document: OpenDocument) -> _Shared:
        shared = self._shared.get(document)
        if shared is None:
            shared = self._shared[document] = _Shared()
        return shared

    def _key(self, document: OpenDocument) -> bytes:
        return self._bus.key(f"people:{document.id}")


def _is_known(face: Face | None, packed: list[Any]) -> bool:
    """Whether a face is as a list has it, wherever its caret is: that moves without a list."""
    return face is not None and replace(_unpack(packed, face.instance), cursor=face.cursor) == face


def _pairs(answer: list[bytes]) -> dict[str, bytes]:
    """Return what HGETALL answers as a dictionary: RESP2 has a flat list."""
    return {name.decode(): value for name, value in zip(answer[::2], answer[1::2], strict=True)}


def _pack(face: Face) -> list[Any]:
    person = face.person
    return [
        face.id, person.user_id, person.key, person.name, person.color, face.client_id, str(face.role),
        list(face.cursor) if face.cursor else None,
    ]  # fmt: skip


def _unpack(packed: list[Any], instance: str) -> Face:
    face_id, user_id, key, name, color, client_id, role, cursor = packed
    caret = (cursor[0], cursor[1]) if cursor else None
    return Face(face_id, Person(user_id, key, name, color), client_id, Role(role), caret, instance)
