"""The other ways into a room or a document: groups of people, share links, invitations, and asking."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone

from rooms.core.access import Role
from rooms.models.document import Document
from rooms.models.keys import new_key
from rooms.models.room import Room
from rooms.models.saving import AtomicSave
from rooms.models.user import User

_ROLES = [(role.value, role.value) for role in Role]


class RoomGroup(AtomicSave):
    """Everybody in a group has a role in the room, as long as they are in the group."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="groups")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=_ROLES)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "group"], name="room_group_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="room_group_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} group {self.group_id} in {self.room_id}"


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def standing(self) -> "ShareLinkQuerySet":
        """Links that give access now: neither revoked nor expired."""
        return self.filter(revoked_at=None).exclude(expires_at__lte=timezone.now())


class ShareLink(AtomicSave):
    """Gives a role in one document to everybody who signs in and opens it."""

    # The key is what is shared, so whoever may share can copy it again: it is stored as it is.
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="links")
    role = models.CharField(max_length=16, choices=_ROLES[:-1])
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ShareLinkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role if role is not Role.OWNER]),
                name="share_link_role_is_below_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} link to {self.document_id}"

    @property
    def stands(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class LinkGuest(AtomicSave):
    """Somebody who opened a share link: sees that document while the link stands."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="guests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["link", "user"], name="link_guest_once")]

    def __str__(self) -> str:
        return f"{self.user_id} by link {self.link_id}"


class Invitation(AtomicSave):
    """A place in a room for whoever holds the token that was mailed: once, and not for ever."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=_ROLES)
    token_hash = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256: the token is mailed.")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "email"], name="invitation_once_an_address"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="invitation_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} invitation to {self.room_id}"

    def has_expired(self, now: datetime | None = None) -> bool:
        return self.expires_at <= (now or timezone.now())


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def for_owner(self, user: User) -> "AccessRequestQuerySet":
        """What `user` can answer: requests for documents of the rooms that they own, alone or through a group."""
        alone = Room.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
        by_group = Room.objects.filter(groups__group__user=user, groups__role=Role.OWNER)
        mine = models.Q(document__room__in=alone.values("pk")) | models.Q(document__room__in=by_group.values("pk"))
        return self.filter(mine).order_by("created_at", "pk")


class AccessRequest(models.Model):
    """Somebody asks to see a document. Answering deletes it."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = AccessRequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "user"], name="access_request_once")]

    def __str__(self) -> str:
        return f"{self.user_id} asks for {self.document_id}"
