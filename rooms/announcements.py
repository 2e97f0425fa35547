"""The outbox of access, read and written: announce a change, read what is new, give a receipt.

A change is announced by a row in its own transaction. After the commit this process is nudged; every process looks for
rows by itself as well, so a nudge that is lost costs time and nothing else. What a row says is only where to look: each
process reads the rights again, so the order of rows does not matter and acting twice changes nothing.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from rooms import actor
from rooms.models import Announcement, Instance, Receipt

log = logging.getLogger(__name__)

Reason = Announcement.Reason

# Numbers of rows are drawn before they commit, so a row can appear below one that was read already. Everything of this
# long a time is looked at again; a transaction that is open for longer is left to the sweep.
WINDOW = timedelta(seconds=60)
# How long receipts are kept to be shown. The audit log has the change itself.
KEPT = timedelta(days=30)

_listeners: list[Callable[[], object]] = []


def session_hash(session_key: str) -> str:
    """Return what stands for a session in the outbox: a key is a password."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def announce(
    reason: Reason,
    *,
    user_id: int | None = None,
    room_id: int | None = None,
    document_id: int | None = None,
    session_key: str = "",
) -> Announcement:
    """Write the row for a change that is being made in the transaction at hand."""
    by = actor.current().user
    row = Announcement.objects.create(
        reason=reason,
        user_number=user_id,
        room_number=room_id,
        document_number=document_id,
        session_hash=session_hash(session_key) if session_key else "",
        by_id=by.pk if by else None,
    )
    transaction.on_commit(_nudge)
    return row


def listen(call: Callable[[], object]) -> Callable[[], None]:
    """Have `call` called after each commit of this process that changed access, in any thread. Returns how to stop."""
    _listeners.append(call)
    return lambda: _listeners.remove(call)


def _nudge() -> None:
    for call in _listeners:
        call()


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement as the live part reads it. What is None does not narrow it down."""

    id: int
    at: datetime
    reason: str
    user_id: int | None
    room_id: int | None
    document_id: int | None
    session_hash: str

    @property
    def of_account(self) -> bool:
        """It is about who somebody is, and not only about one room or document."""
        return self.room_id is None and self.document_id is None


def unseen(seen: Collection[int]) -> list[Notice]:
    """Return the announcements of the window, without those whose ids are in `seen`."""
    rows = Announcement.objects.filter(at__gt=timezone.now() - WINDOW).order_by("pk")
    fields = rows.values_list("pk", "at", "reason", "user_number", "room_number", "document_number", "session_hash")
    return [Notice(*row) for row in fields if row[0] not in seen]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a process did about one announcement."""

    announcement_id: int
    closed: int
    changed: int
    after_ms: int


def give_receipts(instance: str, outcomes: Iterable[Outcome]) -> None:
    """Store what `instance` did. A receipt that is there already stays; an announcement that is gone needs none."""
    receipts = [
        Receipt(
            announcement_id=one.announcement_id,
            instance=instance,
            closed=one.closed,
            changed=one.changed,
            after_ms=one.after_ms,
        )
        for one in outcomes
    ]
    if not _stored(receipts):
        for receipt in receipts:
            if not _stored([receipt]):
                log.info("announcement %s was gone before its receipt", receipt.announcement_id)


def _stored(receipts: list[Receipt]) -> bool:
    """Store all of them, or none when an announcement is gone."""
    try:
        Receipt.objects.bulk_create(receipts, ignore_conflicts=True)
    except IntegrityError:
        return False
    return True


# --- Who has to answer ------------------------------------------------------------------------------------------------

BEAT_SECONDS = 5.0
# Three beats missed: the process is gone, and its sockets with it.
GONE_AFTER = timedelta(seconds=3 * BEAT_SECONDS)


def beat(instance: str, *, hears: bool | None) -> None:
    """Say that `instance` is there and whether it hears itself (None: it does not try); forget what is long gone."""
    now = timezone.now()
    Instance.objects.update_or_create(name=instance, defaults={"seen_at": now, "hears": hears})
    Instance.objects.filter(seen_at__lt=now - 4 * GONE_AFTER).delete()
    Announcement.objects.filter(at__lt=now - KEPT).delete()


@dataclass(frozen=True, slots=True)
class Peers:
    """The other instances that live, and whether one of them hears itself through Redis."""

    others: list[str]
    hearing: bool


def peers(instance: str) -> Peers:
    alive = Instance.objects.filter(seen_at__gt=timezone.now() - GONE_AFTER).exclude(name=instance)
    found = list(alive.order_by("name").values_list("name", "hears"))
    return Peers([name for name, _ in found], any(hears for _, hears in found))


def leave(instance: str) -> None:
    """`instance` has closed its last socket."""
    Instance.objects.filter(name=instance).delete()


@dataclass(frozen=True, slots=True)
class Answers:
    """The receipt that an owner sees. `missing` are the processes that have not answered; `over` says that no more
    answers are waited for: all are in, or the sweep has been everywhere since."""

    closed: int
    changed: int
    instances: int
    last_ms: int
    missing: list[str]
    over: bool


def answers(announcement: Announcement, *, sweep_seconds: float) -> Answers:
    """Return what has become of an announcement so far."""
    receipts = list(announcement.receipts.all())
    answered = {receipt.instance for receipt in receipts}
    alive = Instance.objects.filter(started_at__lte=announcement.at, seen_at__gt=announcement.at - GONE_AFTER)
    missing = sorted(set(alive.values_list("name", flat=True)) - answered)
    swept = timezone.now() > announcement.at + timedelta(seconds=sweep_seconds)
    return Answers(
        closed=sum(receipt.closed for receipt in receipts),
        changed=sum(receipt.changed for receipt in receipts),
        instances=len(receipts),
        last_ms=max((receipt.after_ms for receipt in receipts), default=0),
        missing=missing,
        over=swept or (bool(receipts) and not missing),
    )
