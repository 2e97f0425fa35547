"""SQL by hand, for the one transaction that every edit passes: as few round trips and as little around them as can be.

Django's cursor takes each statement for SQLite apart, which costs as much as running it; and on PostgreSQL a
transaction of four statements is six round trips. Here it is two: statements that do not need each other's results go
together, with BEGIN before the first and COMMIT after the last.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

Rows = list[tuple[Any, ...]]
# SQL with %s for each value, and the values.
Statement = tuple[str, Sequence[Any]]


class Transaction:
    """Made by `transaction`. Nothing of it is left when its `with` block raises, or ends without `commit`."""

    def __init__(self, begin: str, commit: str) -> None:
        self._cursor: Any = connection.cursor().cursor
        self._sqlite = isinstance(self._cursor, sqlite3.Cursor)
        self._begin: str | None = begin
        self._commit = commit
        self.begun = self.committed = False

    def run(self, *statements: Statement) -> list[Rows]:
        """Run statements one after the other, together where the database can; return the rows of each."""
        return self._run(statements)

    def commit(self, *statements: Statement) -> None:
        """Run the last statements, and commit."""
        self._run((*statements, (self._commit, ())))
        self.committed = True

    def _run(self, statements: Sequence[Statement]) -> list[Rows]:
        begin, self._begin = self._begin, None
        self.begun = True
        if begin is not None:
            return self._send(((begin, ()), *statements))[1:]
        return self._send(statements)

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
