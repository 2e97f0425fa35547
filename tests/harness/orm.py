"""The ORM from async tests, and what tests look up in the database."""

import asyncio
from collections.abc import Callable
from typing import Any

from django.db import connection
from pycrdt import Doc, Text

from rooms import store
from rooms.models import Document, Update


async def orm(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run `work` in a thread whose database connection ends with it."""

    def call() -> Any:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(call)


def rows(document: Document) -> list[tuple[int, int | None]]:
    """Return (seq, author id) of every row of a document's log."""
    return list(Update.objects.filter(document=document).order_by("seq").values_list("seq", "author_id"))


def written(document: Document) -> str:
    """Return the text under the root "text", as a fresh load of snapshot and log has it."""
    loaded = store.load(document.pk)
    doc: Doc[Any] = Doc()
    if loaded.snapshot:
        doc.apply_update(loaded.snapshot.payload)
    for row in loaded.tail:
        doc.apply_update(row.payload)
    return str(doc.get("text", type=Text))
