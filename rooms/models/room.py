"""A room holds documents and has members with roles."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from rooms.core.access import Role
from rooms.models.keys import new_key
from rooms.models.saving import AtomicSave
from rooms.models.user import User


class RoomQuerySet(models.QuerySet["Room"]):
    def of(self, user: User) -> "RoomQuerySet":
        """The rooms that `user` is a member of, alone or through a group, by name."""
        mine = models.Q(memberships__user=user) | models.Q(groups__group__user=user)
        return self.filter(pk__in=self.filter(mine).values("pk")).order_by("name", "pk")


class Room(models.Model):
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = RoomQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="room_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(AtomicSave):
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "user"], name="membership_once_a_person"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id} in {self.room_id}"
