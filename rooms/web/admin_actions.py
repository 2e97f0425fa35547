"""Taking access away in the admin: actions on what was selected, each of which asks first."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from rooms.models import Membership, Room, ShareLink, User
from rooms.services import revoking, sharing

# Takes access from what was selected. Returns what it took, in words, and the rooms that no longer have an owner.
Taking = Callable[["QuerySet[Any]"], tuple[str, Iterable[Room]]]
Action = Callable[["admin.ModelAdmin[Any]", HttpRequest, "QuerySet[Any]"], TemplateResponse | None]


def asking_first(
    title: str, *, permission: str, consequence: str, naming: Callable[[Any], str]
) -> Callable[[Taking], Action]:
    """Make an action of the admin that says what it will do and asks, as Django does before it deletes."""

    def decorate(take: Taking) -> Action:
        @admin.action(description=title, permissions=[permission])
        def action(
            modeladmin: "admin.ModelAdmin[Any]", request: HttpRequest, queryset: "QuerySet[Any]"
        ) -> TemplateResponse | None:
            if not request.POST.get("post"):
                chosen = [(one.pk, naming(one)) for one in queryset]
                question = {"title": title, "consequence": consequence, "chosen": chosen, "action": take.__name__}
                return _ask(modeladmin, request, question)
            with transaction.atomic():
                taken, ownerless = take(queryset)
            modeladmin.message_user(request, taken, messages.SUCCESS)
            if names := ", ".join(room.name for room in ownerless):
                modeladmin.message_user(request, f"Rooms without an owner now: {names}.", messages.WARNING)
            return None

        action.__name__ = take.__name__  # what the form sends
        return action

    return decorate


def _ask(modeladmin: "admin.ModelAdmin[Any]", request: HttpRequest, question: dict[str, Any]) -> TemplateResponse:
    context = {
        **modeladmin.admin_site.each_context(request),
        **question,
        "opts": modeladmin.opts,
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/revoke_confirmation.html", context)


def _in_words(**counts: int) -> str:
    """`_in_words(membership=2, link=1)` is "2 memberships, 1 link": what is 0 is left out."""
    found = [f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items() if count]
    return ", ".join(found) or "nothing: there was none left"


def _taken(revoked: "list[revoking.Revoked]") -> str:
    """Return in words what was taken altogether."""
    return _in_words(
        membership=sum(one.memberships for one in revoked),
        group=sum(one.groups for one in revoked),
        link=sum(one.links for one in revoked),
        invitation=sum(one.invitations for one in revoked),
        session=sum(one.sessions for one in revoked),
    )


@asking_first(
    "Revoke all access now",
    permission="change",
    consequence="These people lose every membership, group, opened link, open invitation and session, at once. "
    "Their accounts stay: they can sign in, and open share links that they know. Deactivate an account to end that.",
    naming=lambda user: user.email,
)
def revoke_people(people: "QuerySet[User]") -> tuple[str, Iterable[Room]]:
    revoked = [revoking.revoke_everything(user=user) for user in people]
    return f"Revoked: {_taken(revoked)}.", {room.pk: room for one in revoked for room in one.ownerless}.values()


@asking_first(
    "Sign out everywhere",
    permission="change",
    consequence="Every session of these people ends at once. What they may do stays, and they can sign in again.",
    naming=lambda user: user.email,
)
def sign_out_people(people: "QuerySet[User]") -> tuple[str, Iterable[Room]]:
    ended = sum(revoking.sign_out_everywhere(user=user)[0] for user in people)
    return f"Ended: {_in_words(session=ended)}.", ()


@asking_first(
    "Revoke all access now",
    permission="change",
    consequence="Everybody but the owners loses these rooms at once: memberships, groups, links to their documents, "
    "and invitations that nobody has used yet.",
    naming=lambda room: room.name,
)
def revoke_rooms(rooms: "QuerySet[Room]") -> tuple[str, Iterable[Room]]:
    revoked = [revoking.close_room(room=room) for room in rooms]
    return f"Revoked: {_taken(revoked)}.", [room for one in revoked for room in one.ownerless]


@asking_first(
    "Revoke all access now",
    permission="delete",
    consequence="These memberships end at once. A group or a link may still let the same people in.",
    naming=lambda member: f"{member.user.email}, {member.role} in {member.room.name}",
)
def revoke_memberships(memberships: "QuerySet[Membership]") -> tuple[str, Iterable[Room]]:
    ended = list(memberships.select_related("room", "user"))
    ownerless = revoking.end_memberships(memberships=ended)
    return f"Revoked: {_in_words(membership=len(ended))}.", ownerless


@asking_first(
    "Revoke all access now",
    permission="delete",
    consequence="These links end at once, for everybody who came by them.",
    naming=lambda link: f"{link.role} link to “{link.document.title}”",
)
def revoke_links(links: "QuerySet[ShareLink]") -> tuple[str, Iterable[Room]]:
    ended = [link for link in links.select_related("document__room") if link.stands]
    for link in ended:
        sharing.revoke_link(link=link)
    return f"Revoked: {_in_words(link=len(ended))}.", ()
