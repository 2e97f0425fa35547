"""What became of the access that was taken away: each announcement in words, with the answers to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.template.defaultfilters import pluralize
from django.utils import timezone

from rooms.announcements import Answers, Reason, answers
from rooms.models import Announcement, Document, Room, User

# Whoever took access away looks at the newest; older ones are for "did that go through, this morning?".
SHOWN = 10
# What somebody has just done stands at the top of the page.
FRESH = timedelta(minutes=1)

TAKEN_AWAY = {
    Reason.REMOVED: "{who} was removed",
    Reason.ROLE_CHANGED: "{who} has a smaller role",
    Reason.LINK_ENDED: "A share link ended",
    Reason.REVOKED: "All access of {who} was taken away",
    Reason.MOVED: "A document was moved",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One announcement on a page. `over`: nothing more will come."""

    number: int
    at: datetime
    what: str
    words: str
    over: bool


def announced_in(room: Room) -> QuerySet[Announcement]:
    """Return what was announced about a room or one of its documents."""
    documents = Document.objects.filter(room=room).values("pk")
    return Announcement.objects.filter(Q(room_number=room.pk) | Q(document_number__in=documents))


def listed(announcements: QuerySet[Announcement]) -> dict[str, list[Shown]]:
    """Return, for a page, the newest of `announcements` that took access away: those of this minute, and the earlier.

    Somebody's leaving is not among them.
    """
    left = {"reason": Reason.REMOVED, "by__isnull": False, "user_number__isnull": False, "by_id": F("user_number")}
    newest = announcements.filter(reason__in=TAKEN_AWAY).exclude(**left).order_by("-pk")
    rows = list(newest.prefetch_related("receipts")[:SHOWN])
    names = _names(row.user_number for row in rows)
    since = timezone.now() - FRESH
    return {
        "fresh": [_shown(row, names) for row in rows if row.at > since],
        "earlier": [_shown(row, names) for row in rows if row.at <= since],
    }


def _names(numbers: Iterable[int | None]) -> dict[int, str]:
    people = User.objects.filter(pk__in={number for number in numbers if number is not None})
    return {person.pk: person.display_name for person in people}


def _shown(row: Announcement, names: dict[int, str]) -> Shown:
    what = TAKEN_AWAY[Reason(row.reason)].format(who=_who(row, names))
    so_far = answers(row, sweep_seconds=settings.COLLAB_SWEEP_SECONDS)
    return Shown(row.pk, row.at, what, words(so_far), so_far.over)


def _who(row: Announcement, names: dict[int, str]) -> str:
    if row.user_number is not None:
        return names.get(row.user_number, "Somebody")
    if row.document_number is not None:
        return "A share link"
    return "everybody but the owners" if row.reason == Reason.REVOKED else "A group"


def receipt(row: Announcement) -> dict[str, object]:
    """Return what the page's script asks for again until it is over."""
    so_far = answers(row, sweep_seconds=settings.COLLAB_SWEEP_SECONDS)
    return {"words": words(so_far), "over": so_far.over}


def words(so_far: Answers) -> str:
    """Return "3 sockets closed on 2 instances, the last after 84 ms", and who has not answered."""
    missing = [_silent(name, so_far.over) for name in so_far.missing]
    if so_far.instances:
        return "; ".join([_done(so_far), *missing])
    if missing:
        return "; ".join(missing)
    return "Nothing was open" if so_far.over else "No instance has answered yet"


def _done(so_far: Answers) -> str:
    parts = []
    if so_far.closed:
        parts.append(f"{so_far.closed} socket{pluralize(so_far.closed)} closed")
    if so_far.changed:
        parts.append(f"{so_far.changed} socket{pluralize(so_far.changed)} changed")
    where = f"on {so_far.instances} instance{pluralize(so_far.instances)}"
    if not parts:
        return f"Nothing was open {where}"
    return f"{' and '.join(parts)} {where}, the last after {so_far.last_ms} ms"


def _silent(name: str, over: bool) -> str:
    if not over:
        return f"instance {name} has not answered yet"
    # The sweep has passed: it has read the rights again, if it is running at all.
    return f"instance {name} never answered; it has checked since, or is gone"
