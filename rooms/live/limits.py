"""What one socket, and all sockets of one person, may send a second; and how many sockets a person may have.

Everybody shares one event loop. What somebody sends beyond their share is answered `slow_down` before it is read, for a
small part of what that would cost; nothing of it is lost, for a client keeps what was not acknowledged.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rooms.core.errors import Busy, SlowDown
from rooms.core.rates import Bucket
from rooms.live.participants import Client
from rooms.live.wire import waiting

# When a person has too many sockets, one of them is likely to be an old one that is not noticed to be gone yet.
COME_AGAIN_SECONDS = 10.0
# So many refusals of this kind for one event that would be granted. Refusing is cheap, and not free: a client that does
# not listen is closed.
PATIENCE = 4
# Whoever makes everybody wait for a second writes or opens nothing for so many, beyond what a burst allows: so it is a
# tenth of the process that one person can take.
OVERTIME_FACTOR = 10
# Of the state vector with which a document is opened so many bytes count as one more time: reading them takes 4 ms.
OPEN_BYTES = 32_768
# While so many bytes wait for the sockets of one person, no document is added: that is the largest, on its way to one.
MAX_WAITING_BYTES = 16_777_216
# A document of a few megabytes is on its way for about as long.
READ_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Per second, of one socket. `person` times as much is for all sockets of a person here together.

    Whoever was quiet for `burst` seconds may spend those at once. An edit takes its part of the edits and, for its
    bytes, of the edits that could be written instead: one bucket for both, for every keystroke passes here.
    """

    edits: float
    edit_bytes: float
    cursors: float
    opens: float
    others: float
    burst: float
    person: float

    @classmethod
    def of(cls, settings: Any) -> "Rates":
        """The rates that the settings give."""
        return cls(
            edits=settings.COLLAB_EDITS_PER_SECOND,
            edit_bytes=settings.COLLAB_EDIT_BYTES_PER_SECOND,
            cursors=settings.COLLAB_CURSORS_PER_SECOND,
            opens=settings.COLLAB_OPENS_PER_SECOND,
            others=settings.COLLAB_OTHER_EVENTS_PER_SECOND,
            burst=settings.COLLAB_BURST_SECONDS,
            person=settings.COLLAB_PERSON_RATES,
        )


class _Purse:
    """The buckets of one socket, or of one person, each made when it is first needed: whoever only reads needs one."""

    __slots__ = ("_rates", "_times", "clients", "cursors", "edits", "opens", "others")

    edits: Bucket
    cursors: Bucket
    opens: Bucket
    others: Bucket

    def __init__(self, rates: Rates, times: float = 1) -> None:
        self._rates = rates
        self._times = times
        # Of a person. A tuple, for nearly everybody has one.
        self.clients: tuple[Client, ...] = ()

    def __getattr__(self, name: str) -> Bucket:
        bucket = Bucket(self._times * getattr(self._rates, name), self._rates.burst)
        setattr(self, name, bucket)
        return bucket

    def full_at(self) -> float:
        return max(one.full_at for one in (self.edits, self.cursors, self.opens, self.others))


class Limits:
    """`deaf(client)` is told of a client that goes on and on beyond its share. `clock` is in seconds."""

    def __init__(
        self,
        *,
        rates: Rates,
        max_sockets: int,
        deaf: Callable[[Client], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = rates
        self._edits_per_byte = rates.edits / rates.edit_bytes
        self._max_sockets = max_sockets
        self._deaf = deaf
        self._clock = clock
        self._purses: dict[Client, tuple[_Purse, _Purse]] = {}  # its own, and that of its person
        self._people: dict[int, _Purse] = {}
        # People without a socket here, whose buckets are not full: hanging up and coming back gives nobody a new one.
        self._gone: dict[int, _Purse] = {}
        self._patience: dict[Client, Bucket] = {}

    def enter(self, client: Client) -> None:
        """Count a socket that connects. Raises Busy when its person has too many."""
        user_id = client.person.user_id
        of_person = self._people.get(user_id)
        if of_person is None:
            self._forget()
            of_person = self._gone.pop(user_id) if user_id in self._gone else _Purse(self._rates, self._rates.person)
            self._people[user_id] = of_person
        if len(of_person.clients) >= self._max_sockets:
            raise Busy("too many connections of one person", retry_after=COME_AGAIN_SECONDS, reason="tabs")
        of_person.clients = (*of_person.clients, client)
        self._purses[client] = (_Purse(self._rates), of_person)

    def leave(self, client: Client) -> None:
        _, of_person = self._purses.pop(client)
        self._patience.pop(client, None)
        of_person.clients = tuple(one for one in of_person.clients if one is not client)
        if not of_person.clients:
            del self._people[client.person.user_id]
            if of_person.full_at() > self._clock():
                self._gone[client.person.user_id] = of_person

    def _forget(self) -> None:
        """Forget those whose buckets are full by now, the first who left first. Most who leave have nothing to fill."""
        now = self._clock()
        while self._gone:
            user_id = next(iter(self._gone))
            if self._gone[user_id].full_at() > now:
                return
            del self._gone[user_id]

    def spend(self, client: Client, event: str, frame: Any) -> None:
        """Count an event of a client. Raises SlowDown, and counts nothing, when that is more than its share."""
        now = self._clock()
        own, of_person = self._purses[client]
        if event == "edit":
            wait = _take(own.edits, of_person.edits, self._cost(frame), now)
        elif event == "cursor":
            wait = _take(own.cursors, of_person.cursors, 1, now)
        elif event == "open":
            wait = _take(own.opens, of_person.opens, 1 + _size(frame, "have") / OPEN_BYTES, now)
        else:
            wait = _take(own.others, of_person.others, 1, now)
        if wait:
            self._lose_patience(client, now)
            raise SlowDown("more than one client's share", retry_after=wait)

    def charge(self, client: Client, seconds: float) -> None:
        """Let a client wait whose edit took so many seconds of everybody's more than an edit may."""
        for purse in self._purses.get(client, ()):
            purse.edits.delay(OVERTIME_FACTOR * seconds, self._clock())

    def charge_open(self, client: Client, seconds: float) -> None:
        """As `charge`, for opening a document: whoever opens another waits."""
        for purse in self._purses.get(client, ()):
            purse.opens.delay(OVERTIME_FACTOR * seconds, self._clock())

    def require_room(self, client: Client) -> None:
        """Raises SlowDown when a document may not be sent to a client now: its person does not read, or has had enough.

        Many may have asked at once, before it was known what each takes.
        """
        purses = self._purses.get(client)
        if purses is None:  # it has left
            return
        own, of_person = purses
        if wait := _take(own.opens, of_person.opens, 0, self._clock()):
            raise SlowDown("more than one client's share", retry_after=wait)
        if sum(waiting(one.line) for one in of_person.clients) > MAX_WAITING_BYTES:
            raise SlowDown("too much waits for this person's sockets", retry_after=READ_SECONDS)

    def give_back(self, client: Client, frame: Any) -> None:
        """Undo the last `spend` for an edit: it was not handled, and will be counted when it is."""
        cost = self._cost(frame)
        for purse in self._purses[client]:
            purse.edits.give_back(cost)

    def _cost(self, frame: Any) -> float:
        """Return for how many edits one counts, whatever a client calls one."""
        return 1 + self._edits_per_byte * _size(frame, "update")

    def _lose_patience(self, client: Client, now: float) -> None:
        patience = self._patience.get(client)
        if patience is None:
            patience = self._patience[client] = Bucket(PATIENCE * self._rates.edits, self._rates.burst)
        if patience.take(1, now):
            del self._patience[client]  # it is told of once, and not for each event that is still on the way
            self._deaf(client)


def _size(frame: Any, field: str) -> int:
    value = frame.get(field) if isinstance(frame, dict) else None
    return len(value) if isinstance(value, bytes) else 0


def _take(own: Bucket, of_person: Bucket, cost: float, now: float) -> float:
    """Take from both or from none. Returns how many seconds to wait, or 0."""
    if wait := own.take(cost, now):
        return wait
    if wait := of_person.take(cost, now):
        own.give_back(cost)
    return wait
