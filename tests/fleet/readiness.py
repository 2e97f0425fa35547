"""What instances say of themselves on `/readyz`."""

import http.client
import json
import time
from typing import Any

from tests.harness.server import Server

# Until both instances know that Redis is there, or that it is not.
KNOWN_SECONDS = 10


def wait_until_known(servers: list[Server], redis: bool) -> None:
    """Return once each of `servers` says of itself that it hears itself through Redis, or does not."""
    deadline = time.monotonic() + KNOWN_SECONDS
    while any(hears_itself(server) != redis for server in servers):
        assert time.monotonic() < deadline, "\n".join(server.log()[-4000:] for server in servers)
        time.sleep(0.05)


def hears_itself(server: Server) -> Any:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        line.request("GET", "/readyz")
        return json.load(line.getresponse())["checks"]["redis"]
    finally:
        line.close()
