"""SQL by hand, where the ORM cannot ask or costs too much: as few round trips and as little around them as can be.

Django's cursor takes each statement for SQLite apart, which costs as much as running it; and on PostgreSQL a
transaction of four statements is six round trips. In `transaction` it is two: statements that do not need each other's
results go together, with BEGIN before the first and COMMIT after the last.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone

from rooms.models import Document, LinkGuest, Membership, RoomGroup, ShareLink, User

Item = TypeVar("Item")
Rows = list[tuple[Any, ...]]
# SQL with %s for each value, and the values.
Statement = tuple[str, Sequence[Any]]


# Rows or pairs of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535.
AT_ONCE = 1_000


def batches(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


_USER = User._meta.db_table
_MEMBER = Membership._meta.db_table
_ROOM_GROUP = RoomGroup._meta.db_table
_IN_GROUP = User.groups.through._meta.db_table
_GUEST = LinkGuest._meta.db_table
_LINK = ShareLink._meta.db_table
_DOCUMENT = Document._meta.db_table
_ACTIVE = f"JOIN {_USER} u ON u.id = {{}}.user_id AND u.is_active"
_STANDS = "l.revoked_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > %s)"


def roles_of(pairs: Sequence[tuple[int, int]], *, lock: bool = False) -> Statement:
    """Read (user id, room id, role) for those of the pairs (user id, room id) who are active members themselves.

    In SQL because the ORM cannot ask for pairs, only for every one of these people in every one of these rooms. `lock`
    keeps others from changing what was read, where the database can lock rows, until the transaction ends.
    """
    return (
        f"SELECT m.user_id, m.room_id, m.role FROM {_MEMBER} m {_ACTIVE.format('m')} "
        f"WHERE (m.user_id, m.room_id) IN ({_values(pairs)}){_share(lock)}",
        _flat(pairs),
    )


def group_roles_of(pairs: Sequence[tuple[int, int]], *, lock: bool = False) -> Statement:
    """Read (user id, room id, role) as `roles_of`, for members through a group."""
    return (
        f"SELECT i.user_id, g.room_id, g.role FROM {_ROOM_GROUP} g JOIN {_IN_GROUP} i ON i.group_id = g.group_id "
        f"{_ACTIVE.format('i')} WHERE (i.user_id, g.room_id) IN ({_values(pairs)}){_share(lock)}",
        _flat(pairs),
    )


def link_roles_of(pairs: Sequence[tuple[int, int]], *, lock: bool = False) -> Statement:
    """Read (user id, document id, role) for those of the pairs (user id, document id) who are guests of a link."""
    return (
        f"SELECT h.user_id, l.document_id, l.role FROM {_GUEST} h JOIN {_LINK} l ON l.id = h.link_id "
        f"{_ACTIVE.format('h')} WHERE {_STANDS} AND (h.user_id, l.document_id) IN ({_values(pairs)}){_share(lock)}",
        [_now(), *_flat(pairs)],
    )


def document_roles_of(pairs: Sequence[tuple[int, int]]) -> Statement:
    """Read (user id, document id, role) for the pairs (user id, document id), on every path that there is.

    One person may have several rows, and strangers have none.
    """
    return (
        f"WITH pair (user_id, document_id) AS ({_values(pairs)}), asked AS ("
        f"SELECT p.user_id, p.document_id, d.room_id FROM pair p JOIN {_DOCUMENT} d ON d.id = p.document_id "
        f"{_ACTIVE.format('p')}) "
        f"SELECT a.user_id, a.document_id, m.role FROM asked a "
        f"JOIN {_MEMBER} m ON m.user_id = a.user_id AND m.room_id = a.room_id "
        f"UNION ALL SELECT a.user_id, a.document_id, g.role FROM asked a "
        f"JOIN {_IN_GROUP} i ON i.user_id = a.user_id "
        f"JOIN {_ROOM_GROUP} g ON g.group_id = i.group_id AND g.room_id = a.room_id "
        f"UNION ALL SELECT a.user_id, a.document_id, l.role FROM asked a "
        f"JOIN {_GUEST} h ON h.user_id = a.user_id "
        f"JOIN {_LINK} l ON l.id = h.link_id AND l.document_id = a.document_id AND {_STANDS}",
        [*_flat(pairs), _now()],
    )


def _values(pairs: Sequence[tuple[int, int]]) -> str:
    return f"VALUES {', '.join(['(%s, %s)'] * len(pairs))}"


def _flat(pairs: Sequence[tuple[int, int]]) -> list[Any]:
    return [value for pair in pairs for value in pair]


def _share(lock: bool) -> str:
    return " FOR SHARE" if lock and connection.vendor == "postgresql" else ""


def _now() -> Any:
    return connection.ops.adapt_datetimefield_value(timezone.now())


class Transaction:
    """Made by `transaction`. Nothing of it is left when its `with` block raises, or ends without `commit`."""

    def __init__(self, begin: str, commit: str) -> None:
        self._cursor: Any = connection.cursor().cursor
        self._sqlite = isinstance(self._cursor, sqlite3.Cursor)
        self._begin = begin
        self._commit = commit
        self.begun = self.committed = False

    def run(self, *statements: Statement) -> list[Rows]:
        """Run statements one after the other, together where the database can; return the rows of each."""
        if self.begun:
            return self._send(statements)
        self.begun = True
        return self._send(((self._begin, ()), *statements))[1:]

    def commit(self, *statements: Statement) -> None:
        """Run the last statements, and commit."""
        self.run(*statements, (self._commit, ()))
        self.committed = True

    def _send(self, statements: Sequence[Statement]) -> list[Rows]:
        cursor = self._cursor
        if self._sqlite:
            return [
                sqlite3.Cursor.execute(cursor, sql.replace("%s", "?"), values).fetchall() for sql, values in statements
            ]
        values = [value for _, some in statements for value in some]
        cursor.execute(";\n".join(sql for sql, _ in statements), values)
        found: list[Rows] = []
        while True:
            found.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return found


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Begin a transaction, or a savepoint within one of Django's."""
    if connection.in_atomic_block:
        begin, commit, rollback = (
            "SAVEPOINT statements",
            "RELEASE SAVEPOINT statements",
            "ROLLBACK TO SAVEPOINT statements",
        )
    else:
        # IMMEDIATE takes SQLite's write lock where waiting for it is safe.
        begin = "BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN"
        commit, rollback = "COMMIT", "ROLLBACK"
    with connection.wrap_database_errors:
        running = Transaction(begin, commit)
        try:
            yield running
        finally:
            if running.begun and not running.committed:
                _roll_back(running, rollback)


def _roll_back(running: Transaction, rollback: str) -> None:
    try:
        running._send(((rollback, ()),))
    except Exception:
        connection.close()  # whatever it was doing ends with it
