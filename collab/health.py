"""`/healthz` and `/readyz`, answered before anything else is asked: load balancers ask by address, not by name."""

import json
from typing import Any

from rooms.live.readiness import Readiness

Send = Any


async def answer(path: str, readiness: Readiness, send: Send) -> bool:
    """Answer if `path` is one of the two; return whether it was."""
    if path == "/healthz":
        await _send(send, 200, b"ok", b"text/plain")
    elif path == "/readyz":
        body = await readiness.answer()
        await _send(send, 200 if body["ready"] else 503, json.dumps(body).encode(), b"application/json")
    else:
        return False
    return True


async def _send(send: Send, status: int, body: bytes, kind: bytes) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
