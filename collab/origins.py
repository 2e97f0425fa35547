"""Who may talk to the sockets from within a browser: pages of ours, and nobody else's (trap S12).

A browser sends the session cookie with whatever reaches our address, so it has to be asked for whom it speaks. It says
so in `Origin`, with each WebSocket and each POST, and engineio compares that with COLLAB_ORIGINS. A GET for the page's
own site carries none; there `Sec-Fetch-Site` says it, which no script can set. A client that sends neither is no
browser: its cookie was given to it, and not sent along.
"""

from typing import Any

from collab.handshakes import asked, turn_away

# "none": somebody typed the address.
_OURS = frozenset({b"same-origin", b"none"})
_WORDS = {"code": "forbidden", "error": "This is for pages of this site."}


def is_foreign(scope: dict[str, Any]) -> bool:
    """Whether a browser says that it does not ask for a page of ours, or asks in a way that only strangers need.

    An answer as a script (`j=`, for browsers of long ago) could be read by any page that loads it.
    """
    if "j" in asked(scope, blank=True):
        return True
    has_origin = False
    site = None
    for name, value in scope["headers"]:
        if name == b"origin":
            has_origin = True
        elif name == b"sec-fetch-site":
            site = value
    return not has_origin and site is not None and site not in _OURS


async def refuse_foreign(scope: dict[str, Any], send: Any) -> None:
    await turn_away(scope, send, 403, _WORDS)
