"""Ways in for people who are not members: share links, invitations, asking."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rooms import here
from rooms.access import Path, document_for, paths_to
from rooms.core.access import Right, Role
from rooms.core.errors import NotFound
from rooms.models import Announcement, Document, ShareLink, User
from rooms.services import sharing as sharing_services
from rooms.web import limits, receipts
from rooms.web.asking import person
from rooms.web.context import sidebar
from rooms.web.forms import REFUSED_FORM, LinkForm
from rooms.web.words import MAY

# --- Share links, for owners ----------------------------------------------------------------------------------------


@require_safe
def share(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    document, _ = document_for(user, key, Right.SHARE)
    return _share_page(request, document=document, user=user)


@require_POST
def new_link(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    document, _ = document_for(user, key, Right.SHARE)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _share_page(request, document=document, user=user, form=form)
    limits.count(request, "link")
    lasts = form.cleaned_data["lasts"]
    expires_at = timezone.now() + lasts if lasts else None
    try:
        sharing_services.make_link(document=document, by=user, role=form.cleaned_data["role"], expires_at=expires_at)
    except sharing_services.TooManyLinks:
        form.add_error("lasts", gettext("This document has as many links as it can have. End one, then make another."))
        return _share_page(request, document=document, user=user, form=form)
    messages.success(request, gettext("The link is made. Copy it below and send it to whom you like."))
    return redirect("rooms:share", document.key)


@require_POST
def revoke_link(request: HttpRequest, key: str, number: int) -> HttpResponse:
    document, _ = document_for(person(request), key, Right.SHARE)
    link = ShareLink.objects.select_related("document__room").filter(document=document, pk=number).first()
    if link is None:
        raise NotFound
    sharing_services.revoke_link(link=link)
    messages.success(request, gettext("The link does not work any more. Whoever came by it only is out."))
    return redirect("rooms:share", document.key)


def _share_page(request: HttpRequest, *, document: Document, user: User, form: LinkForm | None = None) -> HttpResponse:
    links = document.links.filter(revoked_at=None).select_related("created_by").annotate(guest_count=Count("guests"))
    context = {
        "document": document,
        "room": document.room,
        "rooms": sidebar(user, document.room),
        "links": sorted(links.order_by("-created_at", "-pk"), key=lambda link: not link.stands),
        "people": _people(document),
        "form": form or LinkForm(),
        **receipts.listed(Announcement.objects.filter(document_number=document.pk)),
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "rooms/share.html", context, status=REFUSED_FORM if form else 200)


@dataclass(frozen=True, slots=True)
class Seer:
    """Somebody who may open a document: why, and in how many tabs it is open now, through this instance."""

    user: User
    paths: list[Path]
    tabs: int


def _people(document: Document) -> list[Seer]:
    tabs = here.sockets(document.pk)
    people = [Seer(user, paths, tabs[user.pk]) for user, paths in paths_to(document).items()]
    return sorted(people, key=lambda one: one.user.display_name.casefold())


# --- Coming in ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, key: str) -> HttpResponse:
    """Only the button lets somebody in: following a link, or a program's looking at it, changes nothing."""
    user = person(request)
    limits.count(request, "open_link")
    if request.method == "POST":
        document = sharing_services.open_link(key=key, user=user)
        return redirect("rooms:document", document.key)
    link = ShareLink.objects.standing().select_related("document", "created_by").filter(key=key).first()
    if link is None:
        raise NotFound
    return render(request, "rooms/open_link.html", {"link": link, "may": MAY[Role(link.role)]})


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever is signed out sees who invites them before signing in or up."""
    limits.count(request, "invitation")
    try:
        if request.method == "POST":
            room = sharing_services.accept_invitation(token=token, user=person(request))
            messages.success(request, gettext("You are now a member of %(room)s.") % {"room": room.name})
            return redirect("rooms:room", room.key)
        invited = sharing_services.invitation_for(token)
    except NotFound:
        return render(request, "rooms/invitation_over.html", status=404)
    return render(request, "rooms/invitation.html", {"invitation": invited, "may": MAY[Role(invited.role)]})


@require_POST
def ask(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    limits.count(request, "ask")
    sharing_services.ask_for_access(key=key, user=user)
    # The same whether there is such a document, and whether its owners know the person already.
    messages.info(request, gettext("If there is such a document, its owners see your request."))
    return redirect("rooms:index")
