"""Who is in one document and where their carets are, with changes gathered until somebody takes them."""

from dataclasses import dataclass, field, replace
from typing import Any

from rooms.core.access import Role

Cursor = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, in the words of the session and never of the client."""

    user_id: int
    key: str
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Face:
    """One participant as the others see it: one socket in one document."""

    id: str
    person: Person
    client_id: int
    role: Role
    cursor: Cursor | None = None

    def wire(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "user": self.person.key,
            "name": self.person.name,
            "color": self.person.color,
            "client_id": self.client_id,
            "role": str(self.role),
            "cursor": list(self.cursor) if self.cursor else None,
        }


@dataclass(slots=True)
class Presence:
    """The faces of one document. Of many moves between two `take`s only the last one is told."""

    faces: dict[str, Face] = field(default_factory=dict)
    _joined: set[str] = field(default_factory=set)
    _left: set[str] = field(default_factory=set)
    _moved: set[str] = field(default_factory=set)

    def join(self, face: Face) -> None:
        """Add a face, or replace the one with its id, whose caret stays where it is."""
        before = self.faces.get(face.id)
        self.faces[face.id] = replace(face, cursor=before.cursor) if before and not face.cursor else face
        self._joined.add(face.id)
        self._left.discard(face.id)

    def leave(self, face_id: str) -> None:
        if self.faces.pop(face_id, None) is not None:
            self._joined.discard(face_id)
            self._moved.discard(face_id)
            self._left.add(face_id)

    def move(self, face_id: str, cursor: Cursor | None) -> None:
        """Put the caret of a face somewhere; None takes it away."""
        face = self.faces.get(face_id)
        if face is not None and face.cursor != cursor:
            self.faces[face_id] = replace(face, cursor=cursor)
            self._moved.add(face_id)

    def roster(self) -> list[dict[str, Any]]:
        """Everybody, as the answer to `open` tells it."""
        return [face.wire() for face in self.faces.values()]

    def take(self) -> dict[str, Any] | None:
        """Return the changes since the last call, as `people` tells them, or None when there are none."""
        if not (self._joined or self._left or self._moved):
            return None
        moved = self._moved - self._joined
        changes = {
            "joined": [self.faces[face_id].wire() for face_id in self._joined],
            "left": sorted(self._left),
            "cursors": {face_id: self.faces[face_id].wire()["cursor"] for face_id in moved},
        }
        self._joined.clear()
        self._left.clear()
        self._moved.clear()
        return changes
