"""How often somebody may do what could be used to guess, to pester, or to fill the database.

Counted in Django's cache, as allauth does.
"""

from allauth.core.internal import ratelimit
from django.http import HttpRequest

RATES = {
    # Each may put a line before an owner.
    "ask": "5/m/user",
    # Looking at a link counts as well as opening it: both tell whether there is one.
    "open_link": "20/m/user",
    # Each is a mail to somebody who has not asked for it.
    "invite": "20/h/user",
    # By address: whoever holds an invitation may have no account yet.
    "invitation": "20/m/ip",
    # Somebody who answers and reacts to a whole review passes; a program that floods one does not.
    "comment": "60/m/user",
    # An open page asks at each change, one question at a time. Some twenty tabs with a lively talk in each pass.
    "read_comments": "240/m/user",
    # What leaves rows: people make them by hand. Each change of a member is a line in the log, and an announcement.
    "room": "60/m/user",
    "document": "60/m/user",
    "link": "60/m/user",
    "member": "60/m/user",
    # Reads the whole log of a room, and is a line in it.
    "export": "10/m/user",
    # A folder of photographs dropped at once passes; a program that fills the disk is slow.
    "upload": "120/m/user",
}


def count(request: HttpRequest, action: str) -> None:
    """Count one try. Raises RateLimited, which the middleware turns into the page with status 429, over the limit."""
    ratelimit.consume(request, app="rooms", action=action, config=RATES, limit_get=True, raise_exception=True)
