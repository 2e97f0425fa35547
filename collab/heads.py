"""The head of a request: how long it may take, and how much it may be, before anything of ours is asked.

uvicorn waits for a head as long as it takes and keeps all that comes: whoever sends a header a minute holds a
connection for ever, and whoever sends headers without end fills the memory. The same goes for what may stand around
and behind a body that comes in chunks, and for requests that are sent before the one before them is answered. A proxy
in front bounds most of it; nobody has to have one.
"""

from asyncio import BaseTransport, TimerHandle
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Cookies of the whole site are a few kilobytes, and the longest addresses as well. Proxies take 8 to 64 KiB.
MOST_HEAD_BYTES = 65_536
# The length of a chunk and what is said about it, or what follows the last one. Browsers send neither, proxies a line.
MOST_TAIL_BYTES = 8_192
# No browser and no proxy sends a request before it has the answer to the one before.
MOST_PIPELINED = 8

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n"
    b"Connection: close\r\n\r\n"
)


class Pipelined(Exception):
    """More requests at once than are kept."""


class PromptProtocol(HttpToolsProtocol):
    """Closes a connection whose first byte, or whose next head, is not complete in time."""

    _late: TimerHandle | None = None
    _unread: TimerHandle | None = None
    # Of a head that is not complete. What came together with the end of the request before it does not count.
    _head_bytes = 0
    # Since the last byte of a body, or since the head.
    _tail_bytes = 0
    # The request that is being answered. uvicorn knows the last one that came.
    _answering: Any = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_complete()
        self.resume_writing()
        self.pipeline.clear()
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._late is None:
            self._tail_bytes += len(data)
            super().data_received(data)
            self._look_behind()
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._late is not None and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.logger.info("the head of a request is too large, closing")
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._tail_bytes = 0
        if self._late is None:
            self._await_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._late is not None:  # else it comes behind a body: headers that nobody asked for, and any number of them
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_is_complete()
        if len(self.pipeline) >= MOST_PIPELINED:
            self.logger.info("too many requests at once, closing")
            self.transport.abort()
            raise Pipelined  # which ends the parser
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._tail_bytes = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        # It and this hold each other, and neither is needed: 4 KB a WebSocket.
        self.parser = None  # type: ignore[assignment]

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """More waits than is written ahead: whoever asked has to read it, as fast as others have to send."""
        super().pause_writing()
        ahead = self.transport.get_write_buffer_size() / settings.COLLAB_SLOWEST_BYTES_PER_SECOND
        self._unread = self.loop.call_later(settings.COLLAB_REQUEST_SECONDS + ahead, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _look_behind(self) -> None:
        """Bound what is neither a head nor a body, now that some of it may have come."""
        if self.parser is None or self.transport.is_closing():
            return
        if self._tail_bytes > MOST_TAIL_BYTES:
            self.logger.info("too much around the body of a request, closing")
            self.transport.abort()
        elif self._late is None and self.cycle.response_complete:
            # Line ends, or the rest of a body that nobody reads: uvicorn has let go of its timer for less.
            self._await_head()

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
