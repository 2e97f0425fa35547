"""Connected clients, and the documents that each has open."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from rooms.core.access import Grant, Right, Role
from rooms.core.ahead import Ahead, repeats
from rooms.core.errors import NotFound
from rooms.core.outline import Outline
from rooms.core.presence import Face, Person
from rooms.core.updates import Summary
from rooms.live.open_document import OpenDocument
from rooms.live.wire import Line


@dataclass(eq=False, slots=True)
class Participant:
    """One socket in one document."""

    client: "Client"
    document: OpenDocument
    role: Role
    client_id: int
    id: str = field(default_factory=lambda: secrets.token_urlsafe(6))
    # What of its edits waits for a commit, and what is being committed now.
    waiting: Ahead | None = None
    flying: Ahead | None = None
    # What is on its way repeats something that the document has: nothing else may be merged with it.
    repeating: bool = False

    @property
    def line(self) -> Line:
        return self.client.line

    @property
    def person(self) -> Person:
        return self.client.person

    def require(self, right: Right) -> None:
        """Raises Forbidden when the role, as last read, does not carry `right`."""
        Grant(self.role).require(right)

    def face(self) -> Face:
        return Face(self.id, self.client.person, self.client_id, self.role)

    # --- What is on its way into the log -------------------------------------------------------------------------

    def ahead(self) -> Iterator[Ahead]:
        """What was sent and is not in the log yet, the newest first."""
        if self.waiting is not None:
            yield self.waiting
        if self.flying is not None:
            yield self.flying

    @property
    def outline(self) -> Outline:
        """Where the operations stand on which this participant's next edit builds."""
        return next((ahead.outline for ahead in self.ahead()), self.document.outline)

    def ground(self, summary: Summary) -> dict[int, int]:
        """Return client → clock on which this participant's next edit builds, for the clients that it refers to."""
        known = self.document.known
        if self.waiting is None and self.flying is None:
            return known
        ground = {client: known.get(client, 0) for client in (*summary.ranges, *summary.needs)}
        for ahead in self.ahead():
            for client in ground:
                ground[client] = max(ground[client], ahead.known.get(client, 0))
        return ground

    def send_ahead(self, summary: Summary, ground: dict[int, int]) -> bool:
        """Note an edit that was checked against `ground`: the next one builds on it. True when it repeats something."""
        self.repeating = repeats(summary, ground)
        if self.waiting is None:
            self.waiting = Ahead(self.outline)
        self.waiting.add(summary, ground)
        for client in summary.ranges:
            self.document.writing[client] = self
        return self.repeating

    def take_off(self) -> None:
        """What waited is being committed now."""
        self.flying, self.waiting = self.waiting, None

    def land(self) -> None:
        """The commit is over: what flew is in the document, or refused together with what waited."""
        self._cease(self.flying)
        self.flying = None
        self.repeating = self.repeating and self.waiting is not None
        if self.waiting is not None:
            self.waiting.lay_over(self.document.outline)

    def abandon(self) -> None:
        """What waited is refused too."""
        waiting, self.waiting = self.waiting, None
        self._cease(waiting)

    def _cease(self, ahead: Ahead | None) -> None:
        writing = self.document.writing
        for client in ahead.clients if ahead is not None else ():
            if writing.get(client) is self and not any(
                client in one.clients for one in self.ahead() if one is not ahead
            ):
                del writing[client]


@dataclass(eq=False, slots=True)
class Client:
    """One connected socket: who it is, by its session, and what it has open."""

    sid: str
    line: Line
    session_key: str
    person: Person
    # document key → its part in that document
    open: dict[str, Participant] = field(default_factory=dict)
    # Whether it ever had one.
    came_in: bool = False

    def participant(self, key: str) -> Participant:
        """Raises NotFound when this client has not opened that document."""
        try:
            return self.open[key]
        except KeyError:
            raise NotFound("open the document first") from None
