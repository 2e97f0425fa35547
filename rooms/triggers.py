"""Everything that changes who may do what, in one place: each announces itself and stands in the audit log.

Signals and not calls in each use case, so that the admin, a cascade, allauth's pages and a shell are heard as well.
They are sent inside the transaction of the change: `AtomicSave` sees to it for saving, Django for deleting. What goes
past them (`QuerySet.update`, SQL by hand) is left to the sweep.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.models import Session
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver

from rooms import actor
from rooms.announcements import Reason, announce
from rooms.core.access import Role, grant_of
from rooms.models import (
    AuditEntry,
    Document,
    Invitation,
    LinkGuest,
    Membership,
    Room,
    RoomGroup,
    ShareLink,
    User,
)

Action = AuditEntry.Action


def record(
    action: "AuditEntry.Action",
    *,
    subject: str = "",
    room: Room | None = None,
    detail: str = "",
    by: User | None = None,
) -> None:
    """Write one entry of the audit log, by whoever is at work."""
    who = actor.current()
    user = by or who.user
    AuditEntry.objects.create(
        action=action,
        actor_id=user.pk if user else None,
        actor_name=user.email if user else who.name,
        subject_name=subject,
        room_id=room.pk if room else None,
        room_name=room.name if room else "",
        detail=detail[:300],
        address=who.address,
    )


class Before:
    """What a row said before it was saved: `pre_save` asks for it, `post_save` compares."""

    def __init__(self, *fields: str) -> None:
        self._fields = fields

    def remember(self, instance: Any, update_fields: Any) -> None:
        concerned = update_fields is None or not set(update_fields).isdisjoint(self._fields)
        known = None
        if instance.pk is not None and concerned:
            known = type(instance).objects.filter(pk=instance.pk).values(*self._fields).first()
        instance._before = known

    def changes(self, instance: Any) -> dict[str, Any]:
        """Return field → what it was, for those that are something else now."""
        before = getattr(instance, "_before", None) or {}
        return {name: value for name, value in before.items() if value != getattr(instance, name)}


# --- Rooms: members, groups -------------------------------------------------------------------------------------------

_ROLE = Before("role")


@receiver(pre_save, sender=Membership)
@receiver(pre_save, sender=RoomGroup)
def _role_before(instance: Membership | RoomGroup, update_fields: Any = None, **kwargs: Any) -> None:
    _ROLE.remember(instance, update_fields)


def _changed_role(before: str, now: str) -> Reason:
    return Reason.ROLE_RAISED if grant_of([Role(before), Role(now)]).role == now else Reason.ROLE_CHANGED


@receiver(post_save, sender=Membership)
def _member_saved(instance: Membership, created: bool, **kwargs: Any) -> None:
    changed = _ROLE.changes(instance)
    if not created and not changed:
        return
    reason = Reason.JOINED if created else _changed_role(changed["role"], instance.role)
    announce(reason, user_id=instance.user_id, room_id=instance.room_id)
    detail = str(Role(instance.role)) if created else f"{changed['role']} → {instance.role}"
    action = Action.JOINED if created else Action.ROLE_CHANGED
    record(action, subject=instance.user.email, room=instance.room, detail=detail)


@receiver(post_delete, sender=Membership)
def _member_deleted(instance: Membership, **kwargs: Any) -> None:
    announce(Reason.REMOVED, user_id=instance.user_id, room_id=instance.room_id)
    record(Action.REMOVED, subject=instance.user.email, room=instance.room, detail=str(instance.role))


@receiver(post_save, sender=RoomGroup)
def _group_saved(instance: RoomGroup, created: bool, **kwargs: Any) -> None:
    changed = _ROLE.changes(instance)
    if not created and not changed:
        return
    reason = Reason.JOINED if created else _changed_role(changed["role"], instance.role)
    announce(reason, room_id=instance.room_id)
    detail = str(Role(instance.role)) if created else f"{changed['role']} → {instance.role}"
    action = Action.JOINED if created else Action.ROLE_CHANGED
    record(action, subject=f"group {instance.group.name}", room=instance.room, detail=detail)


@receiver(post_delete, sender=RoomGroup)
def _group_deleted(instance: RoomGroup, **kwargs: Any) -> None:
    announce(Reason.REMOVED, room_id=instance.room_id)
    record(Action.REMOVED, subject=f"group {instance.group.name}", room=instance.room, detail=str(instance.role))


@receiver(m2m_changed, sender=User.groups.through)
def _people_of_groups(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """People join and leave groups, from either side."""
    if action == "pre_clear":
        pk_set = set(
            instance.user_set.values_list("pk", flat=True) if reverse else instance.groups.values_list("pk", flat=True)
        )
    elif action not in {"post_add", "post_remove"}:
        return
    joined = action == "post_add"
    people = User.objects.filter(pk__in=pk_set or ()) if reverse else [instance]
    groups = [instance] if reverse else Group.objects.filter(pk__in=pk_set or ())
    for person in people:
        for group in groups:
            announce(Reason.JOINED if joined else Reason.REMOVED, user_id=person.pk)
            record(Action.GROUP_JOINED if joined else Action.GROUP_LEFT, subject=person.email, detail=group.name)


@receiver(pre_delete, sender=Group)
def _group_goes(instance: Group, **kwargs: Any) -> None:
    for person in User.objects.filter(groups=instance):
        announce(Reason.REMOVED, user_id=person.pk)
        record(Action.GROUP_LEFT, subject=person.email, detail=instance.name)


# --- Documents: links, moving, deleting -------------------------------------------------------------------------------

_LINK = Before("role", "expires_at", "revoked_at")
_PLACE = Before("room_id")


@receiver(pre_save, sender=ShareLink)
def _link_before(instance: ShareLink, update_fields: Any = None, **kwargs: Any) -> None:
    _LINK.remember(instance, update_fields)


@receiver(post_save, sender=ShareLink)
def _link_saved(instance: ShareLink, created: bool, **kwargs: Any) -> None:
    document = instance.document
    detail = f"{instance.role}, “{document.title}”"
    if created:
        record(Action.LINK_MADE, room=document.room, detail=detail)
    elif _LINK.changes(instance):
        ended = not instance.stands
        announce(Reason.LINK_ENDED if ended else Reason.ROLE_CHANGED, document_id=instance.document_id)
        record(Action.LINK_ENDED if ended else Action.ROLE_CHANGED, subject="link", room=document.room, detail=detail)


@receiver(post_delete, sender=ShareLink)
def _link_deleted(instance: ShareLink, **kwargs: Any) -> None:
    announce(Reason.LINK_ENDED, document_id=instance.document_id)
    detail = f"{instance.role}, “{instance.document.title}”"
    record(Action.LINK_ENDED, room=instance.document.room, detail=detail)


@receiver(post_save, sender=LinkGuest)
def _guest_came(instance: LinkGuest, created: bool, **kwargs: Any) -> None:
    if created:
        announce(Reason.JOINED, user_id=instance.user_id, document_id=instance.link.document_id)
        document = instance.link.document
        record(Action.LINK_OPENED, subject=instance.user.email, room=document.room, detail=f"“{document.title}”")


@receiver(post_delete, sender=LinkGuest)
def _guest_deleted(instance: LinkGuest, **kwargs: Any) -> None:
    document = instance.link.document
    announce(Reason.LINK_ENDED, user_id=instance.user_id, document_id=document.pk)
    record(Action.LINK_ENDED, subject=instance.user.email, room=document.room, detail=f"“{document.title}”")


@receiver(pre_save, sender=Document)
def _place_before(instance: Document, update_fields: Any = None, **kwargs: Any) -> None:
    concerned = None if update_fields is None else {"room_id" if name == "room" else name for name in update_fields}
    _PLACE.remember(instance, concerned)


@receiver(post_save, sender=Document)
def _document_saved(instance: Document, **kwargs: Any) -> None:
    if _PLACE.changes(instance):
        announce(Reason.MOVED, document_id=instance.pk)
        record(Action.DOCUMENT_MOVED, room=instance.room, detail=f"“{instance.title}”")


@receiver(post_delete, sender=Document)
def _document_deleted(instance: Document, **kwargs: Any) -> None:
    announce(Reason.DELETED, document_id=instance.pk)
    record(Action.DOCUMENT_DELETED, room=instance.room, detail=f"“{instance.title}”")


@receiver(post_delete, sender=Room)
def _room_deleted(instance: Room, **kwargs: Any) -> None:
    announce(Reason.DELETED, room_id=instance.pk)
    record(Action.ROOM_DELETED, room=instance)


@receiver(post_save, sender=Invitation)
def _invited(instance: Invitation, created: bool, **kwargs: Any) -> None:
    if created:
        record(Action.INVITED, subject=instance.email, room=instance.room, detail=str(Role(instance.role)))


# --- Accounts and sessions --------------------------------------------------------------------------------------------

_ACCOUNT = Before("password", "is_active")
# The second factors whose loss is a reset. Recovery codes are replaced in the ordinary course of things.
_FACTORS = {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}


@receiver(pre_save, sender=User)
def _account_before(instance: User, update_fields: Any = None, **kwargs: Any) -> None:
    _ACCOUNT.remember(instance, update_fields)


@receiver(post_save, sender=User)
def _account_saved(instance: User, **kwargs: Any) -> None:
    changed = _ACCOUNT.changes(instance)
    if "is_active" in changed:
        announce(Reason.ACTIVATED if instance.is_active else Reason.DEACTIVATED, user_id=instance.pk)
        record(Action.ACTIVATED if instance.is_active else Action.DEACTIVATED, subject=instance.email)
    if "password" in changed:
        announce(Reason.PASSWORD_CHANGED, user_id=instance.pk)
        record(Action.PASSWORD_CHANGED, subject=instance.email)


@receiver(post_delete, sender=User)
def _account_deleted(instance: User, **kwargs: Any) -> None:
    announce(Reason.DELETED, user_id=instance.pk)
    record(Action.ACCOUNT_DELETED, subject=instance.email)


@receiver(post_delete, sender=Session)
def _session_deleted(instance: Session, **kwargs: Any) -> None:
    """Signing out, a session ended from the list, a key that a new sign-in replaced."""
    user_id = instance.get_decoded().get(SESSION_KEY)
    if user_id is not None:
        announce(Reason.SESSION_ENDED, user_id=int(user_id), session_key=instance.session_key)


@receiver(post_delete, sender=Authenticator)
def _factor_removed(instance: Authenticator, **kwargs: Any) -> None:
    """Whoever took a second factor away may be somebody who should not have: other sessions sign in again."""
    if instance.type in _FACTORS:
        record(Action.SECOND_FACTOR_REMOVED, subject=instance.user.email, detail=str(instance.type))
        end_sessions(instance.user, but=actor.current().session_key)


def end_sessions(user: User, *, but: str | None = None) -> int:
    """End the sessions of `user`, in the transaction at hand. Returns how many there were."""
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()
        ended += 1
    return ended


@receiver(user_logged_in)
def _signed_in(user: User, **kwargs: Any) -> None:
    record(Action.SIGNED_IN, subject=user.email, by=user)


@receiver(user_logged_out)
def _signed_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(Action.SIGNED_OUT, subject=user.email, by=user)


@receiver(user_login_failed)
def _sign_in_failed(credentials: dict[str, Any], **kwargs: Any) -> None:
    name = str(credentials.get("email") or credentials.get("username") or "")
    record(Action.SIGN_IN_FAILED, subject=name[:254])
