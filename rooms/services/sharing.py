"""Ways into a document or a room for people who are not in it: links, invitations, asking."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rooms import access
from rooms.core.access import Role, grant_of
from rooms.core.errors import NotFound
from rooms.models import AccessRequest, AuditEntry, Document, Invitation, LinkGuest, Membership, Room, ShareLink, User
from rooms.services.rooms import AlreadyMember
from rooms.triggers import record

# Long enough for a holiday, short enough that a mailbox opened next year opens no room.
INVITATION_LASTS = timedelta(days=14)


# --- Links ------------------------------------------------------------------------------------------------------------


class TooManyLinks(Exception):
    """COLLAB_MAX_DOCUMENT_LINKS links to the document stand already."""


@transaction.atomic
def make_link(*, document: Document, by: User, role: Role, expires_at: datetime | None = None) -> ShareLink:
    """Make a share link. The caller has passed `Right.SHARE`; `role` is below owner. Raises TooManyLinks."""
    # As in `create_document`: two at once must not both take the last place.
    list(Document.objects.select_for_update(no_key=True).filter(pk=document.pk).values_list("pk"))
    if ShareLink.objects.standing().filter(document=document).count() >= settings.COLLAB_MAX_DOCUMENT_LINKS:
        raise TooManyLinks
    return ShareLink.objects.create(document=document, created_by=by, role=role, expires_at=expires_at)


@transaction.atomic
def revoke_link(*, link: ShareLink) -> None:
    """End a share link: whoever came by it is out. The caller has passed `Right.SHARE`."""
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])


@transaction.atomic
def open_link(*, key: str, user: User) -> Document:
    """Let `user` in by the share link with that key. Raises NotFound when there is none, or not any more."""
    link = ShareLink.objects.standing().select_related("document__room").filter(key=key).first()
    if link is None:
        raise NotFound
    LinkGuest.objects.get_or_create(link=link, user=user)
    return link.document


# --- Invitations ------------------------------------------------------------------------------------------------------


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(*, room: Room, email: str, role: Role, by: User) -> tuple[Invitation, str]:
    """Make an invitation and return it with its token, which is stored nowhere. The caller has passed `Right.SHARE`.

    A second one to the same address replaces the first. Raises AlreadyMember.
    """
    if Membership.objects.filter(room=room, user__email__iexact=email).exists():
        raise AlreadyMember
    Invitation.objects.filter(room=room, email__iexact=email).delete()
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        room=room,
        email=email.lower(),
        role=role,
        token_hash=token_hash(token),
        invited_by=by,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    return invitation, token


def invitation_for(token: str) -> Invitation:
    """Return the invitation of that token. Raises NotFound for an unknown, used or expired one."""
    invitation = Invitation.objects.select_related("room", "invited_by").filter(token_hash=token_hash(token)).first()
    if invitation is None or invitation.has_expired():
        raise NotFound
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> Room:
    """Make `user` a member, once: the invitation is gone after it. Raises NotFound as `invitation_for`.

    A member who has a larger role already keeps it.
    """
    invitation = invitation_for(token)
    used, _ = Invitation.objects.filter(pk=invitation.pk).delete()
    if not used:  # somebody else was faster
        raise NotFound
    _let_in(invitation.room, user, Role(invitation.role))
    return invitation.room


def _let_in(room: Room, user: User, role: Role) -> Membership:
    """Make `user` a member with at least that role."""
    membership, created = Membership.objects.get_or_create(room=room, user=user, defaults={"role": role})
    larger = grant_of([Role(membership.role), role]).role
    if not created and larger != membership.role:
        membership.role = str(larger)
        membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation) -> None:
    """Take an invitation back. The caller has passed `Right.SHARE`."""
    record(AuditEntry.Action.INVITATION_ENDED, subject=invitation.email, room=invitation.room)
    invitation.delete()


# --- Asking -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_access(*, key: str, user: User) -> None:
    """Note that `user` asks to see the document with that key. Says nothing: a stranger must not learn whether it is.

    Whoever sees the document already has nothing to ask for.
    """
    document = Document.objects.select_related("room").filter(key=key).first()
    if document is None or access.paths(user, document):
        return
    _, created = AccessRequest.objects.get_or_create(document=document, user=user)
    if created:
        record(AuditEntry.Action.ACCESS_ASKED, subject=user.email, room=document.room, detail=f"“{document.title}”")


@transaction.atomic
def grant_request(*, request: AccessRequest, role: Role) -> Membership:
    """Make who asked a member of the room. The caller has passed `Right.SHARE`."""
    membership = _let_in(request.document.room, request.user, role)
    AccessRequest.objects.filter(user=request.user, document__room=request.document.room).delete()
    return membership


@transaction.atomic
def decline_request(*, request: AccessRequest) -> None:
    """Answer no. The caller has passed `Right.SHARE`."""
    record(AuditEntry.Action.ACCESS_DECLINED, subject=request.user.email, room=request.document.room)
    request.delete()
