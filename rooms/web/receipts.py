"""What became of the access that was taken away: each announcement in words, with the answers to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rooms.announcements import Answers, Reason, answers
from rooms.models import Announcement, Document, Room, User

# Whoever took access away looks at the newest; older ones are for "did that go through, this morning?".
SHOWN = 10
# What somebody has just done stands at the top of the page.
FRESH = timedelta(minutes=1)

TAKEN_AWAY: dict[Reason, Promise] = {
    Reason.REMOVED: gettext_lazy("%(who)s was removed"),
    Reason.ROLE_CHANGED: gettext_lazy("%(who)s has a smaller role"),
    Reason.LINK_ENDED: gettext_lazy("A share link ended"),
    Reason.REVOKED: gettext_lazy("All access of %(who)s was taken away"),
    Reason.MOVED: gettext_lazy("A document was moved"),
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
    what = str(TAKEN_AWAY[Reason(row.reason)]) % {"who": _who(row, names)}
    so_far = answers(row, sweep_seconds=settings.COLLAB_SWEEP_SECONDS)
    return Shown(row.pk, row.at, what, words(so_far), so_far.over)


def _who(row: Announcement, names: dict[int, str]) -> str:
    if row.user_number is not None:
        return names.get(row.user_number, _("Somebody"))
    if row.document_number is not None:
        return _("A share link")
    return _("everybody but the owners") if row.reason == Reason.REVOKED else _("A group")


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
    return _("Nothing was open") if so_far.over else _("No instance has answered yet")


def _done(so_far: Answers) -> str:
    number = so_far.instances
    where = ngettext("on %(count)d instance", "on %(count)d instances", number) % {"count": number}
    closed, changed = _counted(so_far)
    if not closed and not changed:
        return _("Nothing was open %(where)s") % {"where": where}
    parts = {"closed": closed, "changed": changed}
    what = _("%(closed)s and %(changed)s") % parts if closed and changed else closed or changed
    last = {"what": what, "where": where, "milliseconds": so_far.last_ms}
    return _("%(what)s %(where)s, the last after %(milliseconds)d ms") % last


def _counted(so_far: Answers) -> tuple[str, str]:
    """Return in words how many sockets were closed, and how many changed; "" for none."""
    closed = ngettext("%(count)d socket closed", "%(count)d sockets closed", so_far.closed)
    changed = ngettext("%(count)d socket changed", "%(count)d sockets changed", so_far.changed)
    return (
        closed % {"count": so_far.closed} if so_far.closed else "",
        changed % {"count": so_far.changed} if so_far.changed else "",
    )


def _silent(name: str, over: bool) -> str:
    if not over:
        return _("instance %(name)s has not answered yet") % {"name": name}
    # The sweep has passed: it has read the rights again, if it is running at all.
    return _("instance %(name)s never answered; it has checked since, or is gone") % {"name": name}
