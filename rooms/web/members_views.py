"""The members of a room: adding, roles, leaving, handing over, groups, invitations, requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rooms.access import grant_in, room_for
from rooms.core.access import RIGHTS, Right, Role
from rooms.core.errors import NotFound
from rooms.models import AccessRequest, Invitation, Membership, Room, User
from rooms.services import members as member_services
from rooms.services import rooms as room_services
from rooms.services import sharing as sharing_services
from rooms.web import limits, mail, receipts
from rooms.web.asking import person
from rooms.web.context import sidebar
from rooms.web.forms import REFUSED_FORM, GroupForm, MemberForm, PersonForm, RoleForm
from rooms.web.words import AS_ROLE

NO_OWNER_LEFT = gettext_lazy("The room would have no owner. Make somebody else an owner first, then try again.")
CHOOSE_A_ROLE = gettext_lazy("Choose one of the roles in the list.")
ALREADY_MEMBER = gettext_lazy("%(email)s is a member of this room already.")
NOW_MEMBER = gettext_lazy("%(email)s is now a member of %(room)s.")
NOT_MAILED = gettext_lazy("The mail to %(email)s could not be sent, so nobody was invited. Try again in a few minutes.")


@require_safe
def members(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, role = room_for(user, key, Right.VIEW)
    return _members_page(request, room=room, role=role, user=user)


@require_safe
def receipt(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What became of access that was taken away, for the page's script."""
    room, _ = room_for(person(request), key, Right.SHARE)
    row = receipts.announced_in(room).filter(pk=number).first()
    if row is None:
        raise NotFound
    return JsonResponse(receipts.receipt(row))


# --- Members --------------------------------------------------------------------------------------------------------


@require_POST
def new_member(request: HttpRequest, key: str) -> HttpResponse:
    """Whoever has an account is in at once; anybody else gets a mail."""
    user = person(request)
    room, role = room_for(user, key, Right.SHARE)
    form = MemberForm(request.POST)
    limits.count(request, "member")
    if form.is_valid() and _add_or_invite(request, room, form, by=user):
        return redirect("rooms:members", room.key)
    return _members_page(request, room=room, role=role, user=user, member_form=form)


def _add_or_invite(request: HttpRequest, room: Room, form: MemberForm, *, by: User) -> bool:
    """Add or invite the person on a valid form. False when refused; the form then says why."""
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        room_services.add_member(room=room, email=email, role=role)
    except room_services.NoSuchPerson:
        return _invite(request, room, form, by=by)
    except room_services.AlreadyMember:
        form.add_error("email", ALREADY_MEMBER % {"email": email})
        return False
    messages.success(request, NOW_MEMBER % {"email": email, "room": room.name})
    return True


def _invite(request: HttpRequest, room: Room, form: MemberForm, *, by: User) -> bool:
    limits.count(request, "invite")
    email = form.cleaned_data["email"]
    try:
        invitation, token = sharing_services.invite(room=room, email=email, role=form.cleaned_data["role"], by=by)
    except room_services.AlreadyMember:  # whose account is deactivated
        form.add_error("email", ALREADY_MEMBER % {"email": email})
        return False
    try:
        transaction.on_commit(partial(mail.send_invitation, request, invitation, token))
    except OSError:
        sharing_services.withdraw_invitation(invitation=invitation)
        form.add_error("email", NOT_MAILED % {"email": email})
        return False
    sent = gettext("We sent %(email)s an invitation to %(room)s.") % {"email": email, "room": room.name}
    messages.success(request, sent)
    return True


@require_POST
def change_role(request: HttpRequest, key: str, member: str) -> HttpResponse:
    room, _ = room_for(person(request), key, Right.SHARE)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, CHOOSE_A_ROLE)
        return redirect("rooms:members", room.key)
    limits.count(request, "member")
    role = form.cleaned_data["role"]
    with _answered(request):
        changed = member_services.change_role(room=room, user=_member(room, member), role=role)
        names = {"name": changed.user.display_name, "role": AS_ROLE[role], "room": room.name}
        messages.success(request, gettext("%(name)s is now %(role)s of %(room)s.") % names)
    return redirect("rooms:members", room.key)


@require_POST
def remove_member(request: HttpRequest, key: str, member: str) -> HttpResponse:
    room, _ = room_for(person(request), key, Right.SHARE)
    removed = _member(room, member)
    limits.count(request, "member")
    with _answered(request):
        member_services.remove_member(room=room, user=removed)
        names = {"name": removed.display_name, "room": room.name}
        messages.success(request, gettext("%(name)s is no longer a member of %(room)s.") % names)
    return redirect("rooms:members", room.key)


@require_POST
def leave(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, _ = room_for(user, key, Right.VIEW)
    with _answered(request):
        member_services.remove_member(room=room, user=user)
        messages.success(request, gettext("You have left %(room)s.") % {"room": room.name})
    stays = grant_in(user, room).allows(Right.VIEW)
    return redirect("rooms:members", room.key) if stays else redirect("rooms:index")


@require_POST
def transfer(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, role = room_for(user, key, Right.OWN)
    form = PersonForm(request.POST, people=_heirs(room, user))
    if not form.is_valid():
        return _members_page(request, room=room, role=role, user=user, transfer_form=form)
    limits.count(request, "member")
    heir = form.cleaned_data["person"]
    with _answered(request):
        member_services.transfer_ownership(room=room, owner=user, to=heir)
        names = {"name": heir.display_name, "room": room.name}
        messages.success(request, gettext("%(name)s owns %(room)s now. You are an editor.") % names)
    return redirect("rooms:members", room.key)


def _member(room: Room, key: str) -> User:
    user = User.objects.filter(key=key, memberships__room=room).first()
    if user is None:
        raise NotFound
    return user


def _heirs(room: Room, owner: User) -> QuerySet[User]:
    return User.objects.filter(memberships__room=room, is_active=True).exclude(pk=owner.pk).order_by("name", "pk")


@contextmanager
def _answered(request: HttpRequest) -> Iterator[None]:
    """Turn what a change of members can be refused for into words on the next page."""
    try:
        yield
    except member_services.LastOwner:
        messages.error(request, NO_OWNER_LEFT)
    except Membership.DoesNotExist:  # removed by somebody else in the meantime, or here through a group only
        raise NotFound from None


# --- Groups ---------------------------------------------------------------------------------------------------------


@require_POST
def add_group(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, role = room_for(user, key, Right.SHARE)
    form = GroupForm(request.POST, groups=_groups_of(user))
    if not form.is_valid():
        return _members_page(request, room=room, role=role, user=user, group_form=form)
    limits.count(request, "member")
    group = form.cleaned_data["group"]
    try:
        member_services.add_group(room=room, group=group, role=form.cleaned_data["role"])
    except member_services.AlreadyThere:
        words = gettext("%(group)s is in this room already. Remove it first to give it another role.")
        form.add_error("group", words % {"group": group.name})
        return _members_page(request, room=room, role=role, user=user, group_form=form)
    names = {"group": group.name, "room": room.name}
    messages.success(request, gettext("Everybody in %(group)s is now in %(room)s.") % names)
    return redirect("rooms:members", room.key)


@require_POST
def remove_group(request: HttpRequest, key: str, group: int) -> HttpResponse:
    room, _ = room_for(person(request), key, Right.SHARE)
    there = room.groups.select_related("group").filter(group=group).first()
    if there is None:
        raise NotFound
    limits.count(request, "member")
    member_services.remove_group(room=room, group=there.group)
    names = {"group": there.group.name, "room": room.name}
    messages.success(request, gettext("%(group)s is no longer in %(room)s.") % names)
    return redirect("rooms:members", room.key)


def _groups_of(user: User) -> QuerySet[Group]:
    """Staff may choose any group; others those that they are in, so that nobody learns of groups here."""
    groups = Group.objects.all() if user.is_staff else user.groups.all()
    return groups.order_by("name")


# --- Invitations and requests ---------------------------------------------------------------------------------------


@require_POST
def withdraw_invitation(request: HttpRequest, key: str, number: int) -> HttpResponse:
    room, _ = room_for(person(request), key, Right.SHARE)
    invitation = Invitation.objects.select_related("room").filter(room=room, pk=number).first()
    if invitation is None:
        raise NotFound
    sharing_services.withdraw_invitation(invitation=invitation)
    over = gettext("The invitation to %(email)s does not work any more.") % {"email": invitation.email}
    messages.success(request, over)
    return redirect("rooms:members", room.key)


@require_POST
def grant_request(request: HttpRequest, key: str, number: int) -> HttpResponse:
    room, _ = room_for(person(request), key, Right.SHARE)
    asked = _asked(room, number)
    form = RoleForm(request.POST)
    if form.is_valid():
        sharing_services.grant_request(request=asked, role=form.cleaned_data["role"])
        messages.success(request, NOW_MEMBER % {"email": asked.user.email, "room": room.name})
    else:
        messages.error(request, CHOOSE_A_ROLE)
    return redirect("rooms:members", room.key)


@require_POST
def decline_request(request: HttpRequest, key: str, number: int) -> HttpResponse:
    room, _ = room_for(person(request), key, Right.SHARE)
    asked = _asked(room, number)
    sharing_services.decline_request(request=asked)
    messages.success(request, gettext("You declined the request of %(email)s.") % {"email": asked.user.email})
    return redirect("rooms:members", room.key)


def _asked(room: Room, number: int) -> AccessRequest:
    asked = AccessRequest.objects.select_related("document__room", "user").filter(document__room=room, pk=number)
    found = asked.first()
    if found is None:
        raise NotFound
    return found


# --- The page -------------------------------------------------------------------------------------------------------


def _members_page(
    request: HttpRequest,
    *,
    room: Room,
    role: Role,
    user: User,
    member_form: MemberForm | None = None,
    transfer_form: PersonForm | None = None,
    group_form: GroupForm | None = None,
) -> HttpResponse:
    """The page; with a form that was refused it says so where the form stands."""
    may_share = Right.SHARE in RIGHTS[role]
    memberships = room.memberships.select_related("user").order_by("created_at", "pk")
    context = {
        "room": room,
        "role": role,
        "rooms": sidebar(user, room),
        "members": memberships,
        "is_member": any(membership.user_id == user.pk for membership in memberships),
        "groups": room.groups.select_related("group").annotate(size=Count("group__user")).order_by("group__name"),
        "may_share": may_share,
        "may_own": Right.OWN in RIGHTS[role],
    }
    if may_share:
        context |= {
            "roles": list(Role),
            "member_form": member_form or MemberForm(),
            "transfer_form": transfer_form or PersonForm(people=_heirs(room, user)),
            "group_form": group_form or GroupForm(groups=_groups_of(user)),
            "may_add_groups": _groups_of(user).exists(),
            "invitations": room.invitations.order_by("-created_at"),
            "requests": AccessRequest.objects.filter(document__room=room).select_related("document", "user"),
            **receipts.listed(receipts.announced_in(room)),
        }
    refused = any((member_form, transfer_form, group_form))
    return render(request, "rooms/members.html", context, status=REFUSED_FORM if refused else 200)
