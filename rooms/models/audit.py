"""The audit log: who changed whose access to what, when, and from where.

Its keys are not held to: an entry keeps the number of a room or a person that is gone, and is written while they go.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rooms.models.room import Room


class AuditEntry(models.Model):
    """One thing that happened. Names are copied: an entry must say the same when its people are gone."""

    class Action(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
        SIGNED_OUT = "signed_out", _("signed out")
        SESSION_ENDED = "session_ended", _("ended a session")
        PASSWORD_CHANGED = "password_changed", _("changed a password")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("removed a second factor")
        DEACTIVATED = "deactivated", _("deactivated an account")
        ACTIVATED = "activated", _("activated an account")
        ACCOUNT_DELETED = "account_deleted", _("deleted an account")
        JOINED = "joined", _("added to the room")
        REMOVED = "removed", _("removed from the room")
        ROLE_CHANGED = "role_changed", _("changed a role")
        GROUP_JOINED = "group_joined", _("added to a group")
        GROUP_LEFT = "group_left", _("removed from a group")
        LINK_MADE = "link_made", _("made a share link")
        LINK_OPENED = "link_opened", _("opened a share link")
        LINK_ENDED = "link_ended", _("ended a share link")
        INVITED = "invited", _("invited")
        INVITATION_ENDED = "invitation_ended", _("took an invitation back")
        ACCESS_ASKED = "access_asked", _("asked for access")
        ACCESS_DECLINED = "access_declined", _("declined a request")
        COMMENT_DELETED = "comment_deleted", _("deleted a comment")
        DOCUMENT_DELETED = "document_deleted", _("deleted a document")
        DOCUMENT_MOVED = "document_moved", _("moved a document")
        ROOM_DELETED = "room_deleted", _("deleted a room")
        REVOKED = "revoked", _("revoked all access")
        EXPORTED = "exported", _("exported")
        RESTORED = "restored", _("restored a document")

    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=24, choices=Action.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=254, blank=True)
    subject_name = models.CharField(max_length=254, blank=True, help_text="Whose access, by email address.")
    room = models.ForeignKey(Room, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="audit")
    room_name = models.CharField(max_length=120, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["room", "-at"], name="audit_by_room_newest")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.get_action_display()}"
