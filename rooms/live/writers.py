"""Whose the Yjs client ids of one open document are, as far as this process knows (trap Y5)."""

from collections.abc import Iterable, Mapping

from rooms.core.updates import Summary

# Client ids of which is remembered whose they are, the last ones, and the same number of those under which nothing is
# stored yet. What is forgotten is read again.
MAX_REMEMBERED = 10_000
# No person's id: whoever wrote under that client id is gone, or not known.
NOBODY = -1


class Unread(Exception):
    """The database has to be asked whose `client_ids` are."""

    def __init__(self, client_ids: list[int]) -> None:
        super().__init__(client_ids)
        self.client_ids = client_ids


class Writers:
    """client id → user id. What is stored is the truth; who opened under a client id has it until then."""

    def __init__(self) -> None:
        self._stored: dict[int, int] = {}
        self._claimed: dict[int, int] = {}

    def owner(self, client_id: int) -> int | None:
        """Return whose it is: NOBODY's, for ever, or None when nobody was heard of so far."""
        owner = self._stored.get(client_id)
        return owner if owner is not None else self._claimed.get(client_id)

    def is_read(self, client_id: int) -> bool:
        """Whether what the database says of it is known here."""
        return client_id in self._stored

    def claim(self, client_id: int, user_id: int) -> None:
        """Note who may write under it and came first."""
        if client_id not in self._claimed:
            _make_room(self._claimed)
            self._claimed[client_id] = user_id

    def stored(self, client_id: int, user_id: int | None) -> None:
        """Note whose it is in the database. None: nobody's, and the document has words under it."""
        if client_id not in self._stored:
            _make_room(self._stored)
        self._stored[client_id] = NOBODY if user_id is None else user_id
        self._claimed.pop(client_id, None)

    def refused(self, client_ids: Iterable[int]) -> None:
        """The database knows better than whoever claimed them."""
        for client_id in client_ids:
            self._claimed.pop(client_id, None)

    def unsettled(self, user_id: int, summaries: Iterable[Summary], known: Mapping[int, int]) -> tuple[int, ...]:
        """Return the client ids under which somebody brings something new, where it is not known to be stored whose."""
        stored = self._stored
        found: set[int] = set()
        for summary in summaries:
            for client_id, (_, end) in summary.ranges.items():
                if stored.get(client_id) != user_id and end > known.get(client_id, 0):
                    found.add(client_id)
        return tuple(found)


def _make_room(owners: dict[int, int]) -> None:
    if len(owners) >= MAX_REMEMBERED:
        del owners[next(iter(owners))]
