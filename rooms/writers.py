"""Whose the Yjs client ids of a document are: written with the first words under each (trap Y5). Synchronous.

Two people under one client id diverge for ever, and whoever goes on under that of another writes in that name. So the
transaction that stores words also says whose client id it is. A process asks only for those that it has not met.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from rooms.models import Writer
from rooms.statements import AT_ONCE, Rows, Statement, batches

_WRITER = Writer._meta.db_table

# A client id in one document: (document id, client id).
Key = tuple[int, int]
# Whose each is: None when that person's account is gone. Without an entry: nobody's yet.
Owners = dict[Key, int | None]


def read(keys: Sequence[Key]) -> list[Statement]:
    """Read (document id, client id, user id) for those that have a row."""
    return [
        (
            f"SELECT document_id, client_id, user_id FROM {_WRITER} "
            f"WHERE (document_id, client_id) IN (VALUES {', '.join(['(%s, %s)'] * len(some))})",
            [value for key in some for value in key],
        )
        for some in batches(keys, AT_ONCE)
    ]


def owners(found: Iterable[Rows]) -> Owners:
    """Return what the statements of `read` found."""
    return {(document_id, client_id): user_id for rows in found for document_id, client_id, user_id in rows}


def forgers(claims: Iterable[tuple[Key, int]], stored: Owners) -> set[tuple[int, int]]:
    """Return (document id, user id) of those who claim what is somebody else's. Of several the first has it."""
    claimed = dict(stored)
    return {(key[0], user_id) for key, user_id in claims if claimed.setdefault(key, user_id) != user_id}


def store(claimed: Mapping[Key, int]) -> list[Statement]:
    """Store whose client ids are that have no row."""
    rows = [(*key, user_id) for key, user_id in claimed.items()]
    return [
        (
            f"INSERT INTO {_WRITER} (document_id, client_id, user_id) VALUES {', '.join(['(%s, %s, %s)'] * len(some))}",
            [value for row in some for value in row],
        )
        for some in batches(rows, AT_ONCE)
    ]


def look_up(keys: Sequence[Key]) -> Owners:
    """Return whose client ids are under which a document has words. None: nobody's, for there is no row either."""
    found: list[Rows] = []
    with connection.cursor() as cursor:
        for sql, values in read(keys):
            cursor.execute(sql, values)
            found.append(cursor.fetchall())
    return {**dict.fromkeys(keys), **owners(found)}
