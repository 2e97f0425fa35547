"""Tells everybody in a document who came, went and moved: at most ten times a second, however many moved."""

import asyncio
from collections.abc import Callable
from typing import Any

from rooms.live.open_document import OpenDocument

# Ten a second look smooth; more is paid for by every person for every other one.
TELL_SECONDS = 0.1


class People:
    """`spread(document, changes)` tells other instances, once there are some."""

    def __init__(self, emit: Callable[[OpenDocument, str, dict[str, Any]], None]) -> None:
        self._emit = emit
        self.spread: Callable[[OpenDocument, dict[str, Any]], None] = lambda document, changes: None
        self._told: dict[OpenDocument, float] = {}
        self._due: dict[OpenDocument, asyncio.TimerHandle] = {}

    def tell(self, document: OpenDocument) -> None:
        """See to it that the changes in `document` are told: at once after a quiet while, else at the next turn."""
        if document in self._due:
            return
        loop = asyncio.get_running_loop()
        at = max(loop.time(), self._told.get(document, 0.0) + TELL_SECONDS)
        self._due[document] = loop.call_at(at, self._tell, document)

    def _tell(self, document: OpenDocument) -> None:
        del self._due[document]
        changes = document.presence.take()
        if changes is not None and document.participants:
            self._told[document] = asyncio.get_running_loop().time()
            self._emit(document, "people", {"document": document.key, **changes})
            self.spread(document, changes)
        if not document.participants:
            self._told.pop(document, None)
