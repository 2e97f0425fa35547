"""Logs hold no secret that stands in an address, and no line that a stranger wrote, whoever logs: Django, engineio,
uvicorn or we.

A share link, an invitation and a password reset are addresses, and whoever has the address is let in. So is `sid=`, the
name of a connection of long polling.
"""

import logging
import re

# What an address may hold: (what stays of it, and the rest, which goes).
_SECRETS = (
    # The rest of a question mark: sid=, what somebody looked for, where they go after signing in.
    (re.compile(r"(/[^\s?\"']*\?)[^\s\"']+"), r"\1…"),
    (re.compile(r"((?:/l|/invitations|/accounts/confirm-email|/accounts/password/reset/key)/)[^/\s\"'?]+"), r"\1…"),
    (re.compile(r"\b((?:sid|sessionid|csrftoken|csrfmiddlewaretoken|collab_lb)=)[^&;\s\"']+"), r"\1…"),
    # engineio names a connection that it does not know.
    (re.compile(r"\b(session )[\w-]{16,}"), r"\1…"),
)


# What ends a line, moves the cursor or hides what stands there. A tabulator does none of it.
_CONTROLS = {
    number: repr(chr(number))[1:-1] for number in (*range(9), *range(10, 32), *range(127, 160), 0x2028, 0x2029)
}


def discreet(words: str) -> str:
    """Return `words` without what should be known to nobody who reads logs, on one line."""
    for secret, rest in _SECRETS:
        words = secret.sub(rest, words)
    return words.rstrip("\n").translate(_CONTROLS)


class DiscreetRecord(logging.LogRecord):
    def getMessage(self) -> str:  # noqa: N802  (logging's name)
        return discreet(super().getMessage())


def install() -> None:
    """From here on every line of this process is discreet, whatever logger and handler it takes."""
    logging.setLogRecordFactory(DiscreetRecord)
