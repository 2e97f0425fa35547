"""The log of a room, as a page and as a table for a spreadsheet."""

import csv
from collections.abc import AsyncIterator
from datetime import date, datetime, time
from io import StringIO

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from rooms.access import room_for
from rooms.core.access import Right
from rooms.models import AuditEntry, Room
from rooms.triggers import record
from rooms.web import limits
from rooms.web.asking import person
from rooms.web.context import sidebar
from rooms.web.forms import REFUSED_FORM, AuditForm

PAGE_ENTRIES = 50
# Read from the database at a time: a long log never stands in memory as a whole.
CHUNK_ENTRIES = 500

COLUMNS = ("at", "action", "who", "whose", "detail", "address")
# What a spreadsheet takes for the start of a formula, https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@require_safe
def audit(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, _ = room_for(user, key, Right.OWN)
    form = AuditForm(request.GET)
    page = Paginator(entries(room, form), PAGE_ENTRIES).get_page(request.GET.get("page"))
    asked = urlencode({name: str(value) for name, value in request.GET.items() if name in form.fields and value})
    context = {"room": room, "rooms": sidebar(user, room), "form": form, "page": page, "asked": asked}
    return render(request, "rooms/audit.html", context, status=REFUSED_FORM if form.errors else 200)


@require_safe
def audit_csv(request: HttpRequest, key: str) -> StreamingHttpResponse:
    room, _ = room_for(person(request), key, Right.OWN)
    limits.count(request, "export")
    found = entries(room, AuditForm(request.GET))
    record(AuditEntry.Action.EXPORTED, room=room, detail="the log")
    name = f"log-{timezone.localdate().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines(found), content_type="text/csv; charset=utf-8", headers=headers)


def entries(room: Room, form: AuditForm) -> QuerySet[AuditEntry]:
    """Return the entries of `room` that the form asks for, the newest first; none when it cannot be understood."""
    found = AuditEntry.objects.filter(room=room).order_by("-at", "-pk")
    if not form.is_valid():
        return found.none()
    asked = form.cleaned_data
    if asked["action"]:
        found = found.filter(action=asked["action"])
    if asked["person"]:
        found = found.filter(Q(actor_name__icontains=asked["person"]) | Q(subject_name__icontains=asked["person"]))
    if asked["since"]:
        found = found.filter(at__gte=_moment(asked["since"], time.min))
    if asked["until"]:
        found = found.filter(at__lte=_moment(asked["until"], time.max))
    return found


def _moment(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))


async def lines(found: QuerySet[AuditEntry]) -> AsyncIterator[str]:
    """Yield the table line by line. Asynchronous: of anything else the ASGI handler first makes a list."""
    yield line(COLUMNS)
    async for entry in found.aiterator(chunk_size=CHUNK_ENTRIES):
        yield line(cells(entry))


def cells(entry: AuditEntry) -> tuple[str, ...]:
    at = entry.at.isoformat(timespec="seconds")
    return (at, entry.action, entry.actor_name, entry.subject_name, entry.detail, entry.address or "")


def line(values: tuple[str, ...]) -> str:
    out = StringIO()
    csv.writer(out).writerow(map(harmless, values))
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return `cell` so that a spreadsheet shows it and does not run it: a name may be a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
