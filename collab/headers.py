"""What every answer carries: also those that Django never sees, and static files, which leave it early."""

from typing import Any

from django.conf import settings

Headers = tuple[tuple[bytes, bytes], ...]


def standard() -> Headers:
    """Return the headers of an answer that says nothing else about them.

    Not Strict-Transport-Security: Django adds it where it knows that the request came by https, and the doctor takes
    it for the sign that it does.
    """
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    headers = {
        "x-content-type-options": "nosniff",
        "x-frame-options": settings.X_FRAME_OPTIONS,
        "referrer-policy": settings.SECURE_REFERRER_POLICY,
        "cross-origin-opener-policy": "same-origin",
        # Nothing here is for other sites to show, to run or to measure.
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items()),
    }
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


def headed(send: Any, headers: Headers) -> Any:
    """Return an ASGI `send` that adds those of `headers` that an answer lacks."""

    async def send_with_them(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            lacking = [header for header in headers if header[0] not in there]
            message = {**message, "headers": [*message["headers"], *lacking]}
        await send(message)

    return send_with_them
