"""The pages: door, form, service, answer."""

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from rooms.access import document_for, grant_in, room_for
from rooms.core.access import RIGHTS, Right, Role
from rooms.models import AccessRequest, Document, Room, User
from rooms.services import documents as document_services
from rooms.services import people as people_services
from rooms.services import rooms as room_services
from rooms.web import limits
from rooms.web.asking import person, wants_json
from rooms.web.context import document_config, newest_documents, sidebar
from rooms.web.forms import REFUSED_FORM, ConfirmNameForm, NewDocumentForm, ProfileForm, RoomForm, TitleForm

# What the first screen shows of "recently edited": enough to find yesterday's work, short enough to scan.
RECENT_DOCUMENTS = 6


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "rooms/landing.html")
    user = person(request)
    mine = Room.objects.of(user)
    rooms = mine.annotate(document_count=Count("documents"), edited_at=Max("documents__edited_at"))
    in_mine = Q(room__in=mine.order_by().values("pk"))
    recent = Document.objects.visible_to(user).filter(in_mine).select_related("room")[:RECENT_DOCUMENTS]
    context = {
        "rooms": sidebar(user),
        "cards": rooms,
        "recent": recent,
        "requests": AccessRequest.objects.for_owner(user).select_related("user", "document__room"),
        "shared": Document.objects.shared_with(user).exclude(in_mine).order_by("-edited_at", "-pk"),
        "form": RoomForm(),
        "here": "index",
    }
    return render(request, "rooms/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rooms(request: HttpRequest) -> HttpResponse:
    """Start a room."""
    user = person(request)
    form = RoomForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limits.count(request, "room")
        try:
            room = room_services.create_room(name=form.cleaned_data["name"], by=user)
        except room_services.TooManyRooms:
            words = gettext(
                "You have as many rooms as one person can start. Delete one, or hand it over, then try again."
            )
            form.add_error("name", words)
        else:
            return redirect("rooms:room", room.key)
    status = REFUSED_FORM if form.errors else 200
    return render(request, "rooms/new_room.html", {"rooms": sidebar(user), "form": form, "here": "new"}, status=status)


@require_GET
def room(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, role = room_for(user, key, Right.VIEW)
    return _room_page(request, room=room, role=role, user=user)


@require_POST
def rename_room(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, role = room_for(user, key, Right.OWN)
    form = RoomForm(request.POST)
    if not form.is_valid():
        return _room_page(request, room=room, role=role, user=user, rename_form=form)
    room_services.rename_room(room=room, name=form.cleaned_data["name"])
    return redirect("rooms:room", room.key)


@require_POST
def new_document(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, role = room_for(user, key, Right.EDIT)
    form = NewDocumentForm(request.POST)
    if not form.is_valid():
        return _room_page(request, room=room, role=role, user=user, document_form=form)
    limits.count(request, "document")
    try:
        document = document_services.create_document(room=room, by=user, title=form.cleaned_data["title"])
    except document_services.RoomFull:
        words = gettext("This room has as many documents as a room can hold. Delete one, or start it in another room.")
        form.add_error("title", words)
        return _room_page(request, room=room, role=role, user=user, document_form=form)
    return redirect("rooms:document", document.key)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_room(request: HttpRequest, key: str) -> HttpResponse:
    """Deletes once the name was typed."""
    user = person(request)
    room, _ = room_for(user, key, Right.OWN)
    form = ConfirmNameForm(request.POST or None, expected=room.name)
    if request.method == "POST" and form.is_valid():
        room_services.delete_room(room=room)
        messages.success(request, gettext("%(room)s is deleted, with its documents.") % {"room": room.name})
        return redirect("rooms:index")
    context = {"room": room, "rooms": sidebar(user, room), "documents": room.documents.count(), "form": form}
    return render(request, "rooms/delete_room.html", context, status=REFUSED_FORM if form.errors else 200)


def _room_page(
    request: HttpRequest,
    *,
    room: Room,
    role: Role,
    user: User,
    rename_form: RoomForm | None = None,
    document_form: NewDocumentForm | None = None,
    title_form: TitleForm | None = None,
    titled: Document | None = None,
) -> HttpResponse:
    """The room's page; with a form that was refused it says so where the form stands."""
    may_share = Right.SHARE in RIGHTS[role]
    refused = any((rename_form, document_form, title_form))
    context = {
        "room": room,
        "role": role,
        "rooms": sidebar(user, room),
        "documents": newest_documents(room),
        "members": room.memberships.select_related("user").order_by("created_at", "pk"),
        "may_edit": Right.EDIT in RIGHTS[role],
        "may_share": may_share,
        "may_own": Right.OWN in RIGHTS[role],
        "request_count": AccessRequest.objects.filter(document__room=room).count() if may_share else 0,
        "rename_form": rename_form or RoomForm(initial={"name": room.name}),
        "document_form": document_form or NewDocumentForm(),
        "title_form": title_form,
        "titled": titled,
    }
    return render(request, "rooms/room.html", context, status=REFUSED_FORM if refused else 200)


@require_GET
def document(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    document, role = document_for(user, key, Right.VIEW)
    is_guest = grant_in(user, document.room).role is None
    context = {
        "document": document,
        "role": role.value,
        "is_guest": is_guest,
        "may_share": Right.SHARE in RIGHTS[role],
        "rooms": sidebar(user, None if is_guest else document.room),
        "config": document_config(request, document=document, role=role, person=user, is_guest=is_guest),
    }
    return render(request, "rooms/document.html", context)


@require_POST
def rename_document(request: HttpRequest, key: str) -> HttpResponse:
    """Answers a script with JSON and a plain form with the room's page."""
    user = person(request)
    document, _ = document_for(user, key, Right.EDIT)
    form = TitleForm(request.POST)
    if not form.is_valid():
        if wants_json(request):
            return JsonResponse({"error": " ".join(map(str, form.errors["title"]))}, status=400)
        return _refused_title(request, document=document, user=user, form=form)
    document_services.rename_document(document=document, title=form.cleaned_data["title"])
    if wants_json(request):
        return JsonResponse({"title": document.title})
    if grant_in(user, document.room).role is None:
        return redirect("rooms:document", document.key)
    return redirect("rooms:room", document.room.key)


def _refused_title(request: HttpRequest, *, document: Document, user: User, form: TitleForm) -> HttpResponse:
    """The form stands on the room's page, which a guest does not see."""
    role = grant_in(user, document.room).role
    if role is None:
        messages.error(request, " ".join(map(str, form.errors["title"])))
        return redirect("rooms:document", document.key)
    return _room_page(request, room=document.room, role=role, user=user, title_form=form, titled=document)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_document(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    document, _ = document_for(user, key, Right.OWN)
    room = document.room
    if request.method == "POST":
        document_services.delete_document(document=document)
        messages.success(request, gettext("%(title)s is deleted.") % {"title": document.title})
        return redirect("rooms:room", room.key)
    context = {"document": document, "room": room, "rooms": sidebar(user, room)}
    return render(request, "rooms/delete_document.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = ProfileForm(request.POST or None, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        people_services.rename_person(person=user, name=form.cleaned_data["name"])
        people_services.choose_language(person=user, language=form.cleaned_data["language"])
        with translation.override(user.language or translation.get_language_from_request(request)):
            messages.success(
                request, gettext("Your profile is saved. Open documents show it once they are opened again.")
            )
        return redirect("rooms:profile")
    return render(request, "rooms/profile.html", {"form": form}, status=REFUSED_FORM if form.errors else 200)
