"""Who asks, and what kind of answer they can read."""

from django.http import HttpRequest

from rooms.core.errors import SignedOut
from rooms.models import User


def person(request: HttpRequest) -> User:
    """Return who is signed in. Raises SignedOut, which the middleware turns into the sign-in page."""
    if isinstance(request.user, User):
        return request.user
    raise SignedOut


def wants_json(request: HttpRequest) -> bool:
    """Whether a script sends this: a browser that sends a form prefers HTML, and whoever reads a page gets a page."""
    preferred = request.get_preferred_type(["application/json", "text/html"])
    return request.method == "POST" and preferred == "application/json"
