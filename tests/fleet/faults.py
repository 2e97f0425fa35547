"""The shipped HAProxy file with one thing broken, as people break it."""

import re
from collections.abc import Callable


def round_robin(text: str) -> str:
    """No cookie: each request may go to another instance."""
    text = _changed(r"^\s+cookie\s.*\n", "", text)
    text = _changed(r"^(\s+balance\s+)\S+.*$", r"\1roundrobin", text)
    return _changed(r"^(\s+(?:server|default-server)\s.*?)\s+cookie\s+\S+", r"\1", text)


def short_timeout(text: str) -> str:
    """An idle connection is cut after two seconds, long before the heartbeat."""
    return _changed(r"^(\s+timeout\s+(?:tunnel|client|server)\s+)\S+", r"\g<1>2s", text)


def no_upgrade(text: str) -> str:
    """The headers that ask for a WebSocket do not reach the instance."""
    return _changed(
        r"^(backend\s+collab\s*)$",
        r"\1\n    http-request del-header Upgrade\n    http-request del-header Connection",
        text,
    )


def wrong_host(text: str) -> str:
    """The instance is told the balancer's own name for it instead of the one that people typed."""
    return _changed(r"^(backend\s+collab\s*)$", r"\1\n    http-request set-header Host backend.internal", text)


def wrong_origin(text: str) -> str:
    """The browser's Origin is replaced: the instance takes every page of its own for a foreign one."""
    return _changed(
        r"^(backend\s+collab\s*)$",
        r"\1\n    http-request set-header Origin http://backend.internal if { req.hdr(Origin) -m found }",
        text,
    )


FAULTS: dict[str, Callable[[str], str]] = {
    "round-robin": round_robin,
    "short-timeout": short_timeout,
    "no-upgrade": no_upgrade,
    "wrong-host": wrong_host,
    "wrong-origin": wrong_origin,
}


def _changed(pattern: str, replacement: str, text: str) -> str:
    """Replace every match. A fault that changes nothing would be no fault."""
    changed, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
    assert count, f"the shipped file has nothing like {pattern}"
    return changed
