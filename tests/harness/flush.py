"""Emptying a database that a server still works on."""

from typing import Any

from django.db import OperationalError
from django.db.backends.base.operations import BaseDatabaseOperations

TIMES = 5


def again_after_a_deadlock() -> None:
    """Have the flush at the end of a test repeated when PostgreSQL ended it to solve a deadlock.

    TRUNCATE locks one table after the other. A server that the test leaves running writes in an order of its own, a
    receipt and then the announcement that it belongs to, so that now and then each waits for the other.
    """
    flush = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: Any) -> None:
        for left in reversed(range(TIMES)):
            try:
                flush(self, sql_list)
            except OperationalError as error:
                if left == 0 or getattr(error.__cause__, "sqlstate", None) != "40P01":
                    raise
            else:
                return

    BaseDatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]
