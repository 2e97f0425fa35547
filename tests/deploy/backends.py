"""Stand-ins for instances: each says its name and what it was asked with, and is as ready as the test wants."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.harness.ports import free_port


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A health check hangs up when it has seen the status; that is no news."""


class Backend:
    """Listens on 127.0.0.1:`port` between `start` and `stop`, which may follow each other again and again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()
        self.is_ready = True
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = json.dumps(
                    {"name": backend.name, "headers": {key.lower(): value for key, value in self.headers.items()}}
                ).encode()
                self.send_response(503 if self.path == "/readyz" and not backend.is_ready else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Quiet(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def backends(count: int) -> Iterator[list[Backend]]:
    """Start so many, named a, b, c, ...; stop whatever still runs at the end."""
    made = [Backend(chr(ord("a") + number)) for number in range(count)]
    for one in made:
        one.start()
    try:
        yield made
    finally:
        for one in made:
            one.stop()
