"""Who is in one document and where their carets are, with changes gathered until somebody takes them.

Of a crowd only so many are shown: what everybody is told about everybody else would grow with the square of it.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

from rooms.core.access import Role

Cursor = tuple[bytes, bytes]

# More faces than anybody looks at. Everything that one participant is told is bounded by it, and not by who is here.
CROWD = 100
# Participants that may take the place of others between two `take`s. A thousand who come back with their carets
# would otherwise push each other out all the time, and everybody would be told.
SWAPS = 10


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
    # Where it is: "" here, else the process that told of it.
    instance: str = ""

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
    """The faces of one document. Of many moves between two `take`s only the last one is told.

    The first `CROWD` are shown. Whoever comes later counts, and is shown when it puts its caret somewhere: it takes the
    place of the shown face that has done nothing for the longest time, of one without a caret if there is any. When a
    shown face leaves, its place goes to the participant that has waited for the longest time. No event costs more when
    more participants are here.
    """

    faces: dict[str, Face] = field(default_factory=dict)
    # Shown, in the order of appearance: what `wire` makes of each, None until somebody asks.
    _shown: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    # The same ids twice over, in the order of the last act: without a caret, and with one.
    _idle: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _placed: OrderedDict[str, None] = field(default_factory=OrderedDict)
    # Not shown, in the order of waiting.
    _hidden: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _roster: list[dict[str, Any]] | None = None
    _joined: set[str] = field(default_factory=set)
    _left: set[str] = field(default_factory=set)
    _moved: set[str] = field(default_factory=set)
    _counted: bool = False
    _swaps: int = 0
    # Instance → participants there that it does not tell about, for they are too many.
    _uncounted: dict[str, int] = field(default_factory=dict)

    def join(self, face: Face) -> None:
        """Add a face, or replace the one with its id, whose caret stays where it is."""
        before = self.faces.get(face.id)
        self.faces[face.id] = replace(face, cursor=before.cursor) if before and not face.cursor else face
        if face.id in self._shown or (before is None and len(self._shown) < CROWD):
            self._show(face.id)
        elif before is None:
            self._hidden[face.id] = None
            self._counted = True

    def leave(self, face_id: str) -> None:
        if self.faces.pop(face_id, None) is None:
            return
        if face_id in self._hidden:
            del self._hidden[face_id]
            self._counted = True
            return
        self._take_down(face_id)
        if self._hidden:
            self._show(next(iter(self._hidden)))

    def move(self, face_id: str, cursor: Cursor | None) -> None:
        """Put the caret of a face somewhere; None takes it away."""
        face = self.faces.get(face_id)
        if face is None:
            return
        changed = face.cursor != cursor
        if changed:
            self.faces[face_id] = replace(face, cursor=cursor)
        if face_id in self._shown:
            self._acted(face_id)
            if changed:
                self._forget(face_id)
                self._moved.add(face_id)
        elif cursor is not None and self._swaps < SWAPS:
            self._swaps += 1
            quietest = next(iter(self._idle or self._placed))
            self._take_down(quietest)
            self._show(face_id)
            self._hidden[quietest] = None

    def count_elsewhere(self, instance: str, number: int) -> None:
        """Note how many participants an instance has beside those that it told of."""
        if number != self._uncounted.get(instance, 0):
            self._counted = True
        if number:
            self._uncounted[instance] = number
        else:
            self._uncounted.pop(instance, None)

    def elsewhere(self, instance: str) -> int:
        """Return what `count_elsewhere` noted last."""
        return self._uncounted.get(instance, 0)

    @property
    def others(self) -> int:
        """How many participants are not shown, here and elsewhere."""
        return len(self._hidden) + sum(self._uncounted.values())

    @property
    def everybody(self) -> int:
        """How many participants there are, here and elsewhere, shown or not."""
        return len(self.faces) + sum(self._uncounted.values())

    def roster(self) -> list[dict[str, Any]]:
        """Return everybody who is shown. The list and what is in it are shared: nobody may change them."""
        if self._roster is None:
            self._roster = [self._wire(face_id) for face_id in self._shown]
        return self._roster

    def seen_by(self, face_id: str) -> tuple[list[dict[str, Any]], int]:
        """Return what the answer to `open` tells one participant: its `people` and its `others`.

        A participant that is not shown is in its own list all the same, the last one, and not among its others.
        """
        if face_id not in self._hidden:
            return self.roster(), self.others
        return [*self.roster(), self.faces[face_id].wire()], self.others - 1

    def take(self) -> dict[str, Any] | None:
        """Return the changes since the last call, as `people` tells them, or None when there are none.

        `others` is the number of participants that are not shown.
        """
        self._swaps = 0
        if not (self._joined or self._left or self._moved or self._counted):
            return None
        changes = {
            "joined": [self._wire(face_id) for face_id in self._joined],
            "left": sorted(self._left),
            "cursors": {face_id: self._wire(face_id)["cursor"] for face_id in self._moved - self._joined},
            "others": self.others,
        }
        self._joined.clear()
        self._left.clear()
        self._moved.clear()
        self._counted = False
        return changes

    def _show(self, face_id: str) -> None:
        """Show a face, or show it anew."""
        self._hidden.pop(face_id, None)
        self._forget(face_id)
        self._acted(face_id)
        self._joined.add(face_id)
        self._left.discard(face_id)

    def _take_down(self, face_id: str) -> None:
        """Show a face no longer. Somebody may have it from `open`, even when no `take` has told it."""
        del self._shown[face_id]
        self._roster = None
        self._idle.pop(face_id, None)
        self._placed.pop(face_id, None)
        self._joined.discard(face_id)
        self._moved.discard(face_id)
        self._left.add(face_id)

    def _acted(self, face_id: str) -> None:
        """Note that a shown face is the last one that did something."""
        self._idle.pop(face_id, None)
        self._placed.pop(face_id, None)
        (self._placed if self.faces[face_id].cursor else self._idle)[face_id] = None

    def _forget(self, face_id: str) -> None:
        """Let the next `_wire` of a shown face be made anew."""
        self._shown[face_id] = None
        self._roster = None

    def _wire(self, face_id: str) -> dict[str, Any]:
        wire = self._shown[face_id]
        if wire is None:
            wire = self._shown[face_id] = self.faces[face_id].wire()
        return wire
