"""The head of a request: how long it may take, and how much it may be, before anything of ours is asked.

uvicorn waits for a head as long as it takes and keeps all that comes: whoever sends a header a minute holds a
connection for ever, and whoever sends headers without end fills the memory. A proxy in front bounds both; nobody has
to have one.
"""

from asyncio import BaseTransport, TimerHandle

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Cookies of the whole site are a few kilobytes, and the longest addresses as well. Proxies take 8 to 64 KiB.
MOST_HEAD_BYTES = 65_536

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n"
    b"Connection: close\r\n\r\n"
)


class PromptProtocol(HttpToolsProtocol):
    """Closes a connection whose first byte, or whose next head, is not complete in time."""

    _late: TimerHandle | None = None
    # Of a head that is not complete. What came together with the end of the request before it does not count.
    _head_bytes = 0

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_complete()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._late is None:
            super().data_received(data)
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._late is not None and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.logger.info("the head of a request is too large, closing")
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._late is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._head_is_complete()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        # It and this hold each other, and neither is needed: 4 KB a WebSocket.
        self.parser = None  # type: ignore[assignment]

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._late = self.loop.call_later(settings.COLLAB_REQUEST_SECONDS, self._hang_up)

    def _head_is_complete(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        self._late = None
        self.transport.close()
