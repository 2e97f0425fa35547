"""The outbox of access: every change of who may do what, as a row of the transaction that makes it.

Each process reads the rows that are new to it and writes a receipt on each: what it closed, and when. The rows name
things by number and not by foreign key: what they are about may be gone, and a delete must not take them along.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Announcement(models.Model):
    """Access changed: of a person, in a room, to a document, of a session; what is empty does not narrow it down."""

    class Reason(models.TextChoices):
        """Why, in a word: part of the protocol, see docs/protocol.md."""

        JOINED = "joined", "was let in"
        REMOVED = "removed", "was removed"
        ROLE_CHANGED = "role_changed", "has a smaller role"
        ROLE_RAISED = "role_raised", "has a larger role"
        LINK_ENDED = "link_ended", "share link ended"
        DELETED = "deleted", "was deleted"
        MOVED = "moved", "was moved"
        DEACTIVATED = "deactivated", "account deactivated"
        ACTIVATED = "activated", "account activated"
        PASSWORD_CHANGED = "password_changed", "password changed"
        SESSION_ENDED = "session_ended", "session ended"
        REVOKED = "revoked", "all access revoked"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    user_number = models.BigIntegerField(null=True)
    room_number = models.BigIntegerField(null=True, db_index=True)
    document_number = models.BigIntegerField(null=True)
    session_hash = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.pk}: {self.reason}"


class Receipt(models.Model):
    """What one process did about an announcement."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="receipts")
    instance = models.CharField(max_length=64)
    closed = models.PositiveIntegerField(help_text="Sockets that lost a document or their connection.")
    changed = models.PositiveIntegerField(help_text="Sockets that have another role now.")
    after_ms = models.PositiveIntegerField(help_text="From the announcement to the last of them, in milliseconds.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["announcement", "instance"], name="receipt_once_an_instance"),
        ]

    def __str__(self) -> str:
        return f"{self.instance} on {self.announcement_id}"


class Instance(models.Model):
    """A process that serves sockets. It says every few seconds that it is there."""

    name = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    # Whether its messages come back to it through Redis; null: it has none.
    hears = models.BooleanField(null=True)

    def __str__(self) -> str:
        return self.name
