"""A document: its title and place. Its content is the update log."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from rooms.models.keys import new_key
from rooms.models.room import Room
from rooms.models.saving import AtomicSave
from rooms.models.user import User


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> "DocumentQuerySet":
        """The documents that `user` may read, the last edited first."""
        shared = self.shared_with(user).values("pk")
        mine = models.Q(room__in=Room.objects.of(user).order_by().values("pk")) | models.Q(pk__in=shared)
        return self.filter(mine).order_by("-edited_at", "-pk")

    def shared_with(self, user: User) -> "DocumentQuerySet":
        """The documents that `user` came to by a share link that still stands."""
        now = timezone.now()
        lasts = models.Q(links__expires_at=None) | models.Q(links__expires_at__gt=now)
        # One filter: all conditions are about the same link.
        return self.filter(lasts, links__revoked_at=None, links__guests__user=user).distinct()


class Document(AtomicSave):
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(max_length=200)
    epoch = models.PositiveIntegerField(
        default=1, editable=False, help_text="The lineage: a restore or replacement starts a new one."
    )
    head = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="The seq of the newest batch in the log; taken under the row's lock."
    )
    # The database knows the default as well: while instances are replaced, old ones make documents without it.
    comments_version = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Grows with each change of the comments, under the row's lock.",
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now_add=True, editable=False, help_text="Within ten seconds.")

    objects: ClassVar = DocumentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(title=""), name="document_has_a_title"),
        ]
        indexes: ClassVar = [models.Index(fields=["room", "-edited_at"], name="document_by_room_newest")]

    def __str__(self) -> str:
        return self.title
