"""Sessions as Django keeps them, in the database. A key that Django cannot have made is none."""

import re

from django.contrib.sessions.backends import db

# Django makes 32 of these, and the column has room for 40.
_KEY = re.compile(r"[a-z0-9]{8,40}")


class SessionStore(db.SessionStore):
    """Asks nothing for a cookie with other characters: a quoted one can bring a NUL, which PostgreSQL refuses."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None
