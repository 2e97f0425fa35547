"""Connected clients, and the documents that each has open."""

import secrets
from dataclasses import dataclass, field

from engineio.async_socket import AsyncSocket

from rooms.core.access import Grant, Right, Role
from rooms.core.errors import NotFound
from rooms.core.presence import Face, Person
from rooms.live.documents import OpenDocument


@dataclass(eq=False, slots=True)
class Participant:
    """One socket in one document."""

    client: "Client"
    document: OpenDocument
    role: Role
    client_id: int
    id: str = field(default_factory=lambda: secrets.token_urlsafe(6))

    @property
    def socket(self) -> AsyncSocket:
        return self.client.socket

    @property
    def person(self) -> Person:
        return self.client.person

    def require(self, right: Right) -> None:
        """Raises Forbidden when the role, as last read, does not carry `right`."""
        Grant(self.role).require(right)

    def face(self) -> Face:
        return Face(self.id, self.client.person, self.client_id, self.role)


@dataclass(eq=False, slots=True)
class Client:
    """One connected socket: who it is, by its session, and what it has open."""

    sid: str
    socket: AsyncSocket
    session_key: str
    person: Person
    # document key → its part in that document
    open: dict[str, Participant] = field(default_factory=dict)

    def participant(self, key: str) -> Participant:
        """Raises NotFound when this client has not opened that document."""
        try:
            return self.open[key]
        except KeyError:
            raise NotFound("open the document first") from None
