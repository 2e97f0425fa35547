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

from rooms.models import Membership, User

Item = TypeVar("Item")
Rows = list[tuple[Any, ...]]
# SQL with %s for each value, and the values.
Statement = tuple[str, Sequence[Any]]


# Rows or pairs of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535.
AT_ONCE = 1_000


def batches(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def roles_of(pairs: Sequence[tuple[int, int]], *, lock: bool = False) -> Statement:
    """Read (user id, room id, role) for those of the pairs (user id, room id) who are active members.

    In SQL because the ORM cannot ask for pairs, only for every one of these people in every one of these rooms. `lock`
    keeps others from changing what was read, where the database can lock rows, until the transaction ends.
    """
    marks = ", ".join(["(%s, %s)"] * len(pairs))
    locked = " FOR SHARE" if lock and connection.vendor == "postgresql" else ""
    return (
        f"SELECT m.user_id, m.room_id, m.role FROM {Membership._meta.db_table} m "
        f"JOIN {User._meta.db_table} u ON u.id = m.user_id "
        f"WHERE u.is_active AND (m.user_id, m.room_id) IN (VALUES {marks}){locked}",
        [value for pair in pairs for value in pair],
    )


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
