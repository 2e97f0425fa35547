"""The pages: door, form, service, answer."""

from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from rooms.access import document_for, room_for
from rooms.core.access import RIGHTS, Right, Role
from rooms.models import Document, Room, User
from rooms.services import documents as document_services
from rooms.services import people as people_services
from rooms.services import rooms as room_services
from rooms.web.asking import person, wants_json
from rooms.web.context import document_config, newest_documents, sidebar
from rooms.web.forms import MemberForm, NewDocumentForm, ProfileForm, RoomForm, TitleForm

# What the first screen shows of "recently edited": enough to find yesterday's work, short enough to scan.
RECENT_DOCUMENTS = 6

# A form that was understood and refused; the page shows it again with what was typed.
REFUSED_FORM = 422


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches neither database nor session."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "rooms/landing.html")
    user = person(request)
    rooms = Room.objects.of(user).annotate(document_count=Count("documents"), edited_at=Max("documents__edited_at"))
    recent = Document.objects.visible_to(user).select_related("room")[:RECENT_DOCUMENTS]
    return render(
        request,
        "rooms/index.html",
        {"rooms": sidebar(user), "cards": rooms, "recent": recent, "form": RoomForm(), "here": "index"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rooms(request: HttpRequest) -> HttpResponse:
    """Start a room."""
    user = person(request)
    form = RoomForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        room = room_services.create_room(name=form.cleaned_data["name"], by=user)
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
    document = document_services.create_document(room=room, by=user, title=form.cleaned_data["title"])
    return redirect("rooms:document", document.key)


@require_POST
def new_member(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    room, role = room_for(user, key, Right.SHARE)
    form = MemberForm(request.POST)
    if form.is_valid() and _add_member(room, form):
        messages.success(request, f"{form.cleaned_data['email']} is now a member of {room.name}.")
        return redirect("rooms:room", room.key)
    return _room_page(request, room=room, role=role, user=user, member_form=form)


def _add_member(room: Room, form: MemberForm) -> bool:
    """Add the person on a valid form. False when refused; the form then says why."""
    email = form.cleaned_data["email"]
    try:
        room_services.add_member(room=room, email=email, role=form.cleaned_data["role"])
    except room_services.NoSuchPerson:
        form.add_error("email", f"Nobody has signed up as {email} yet. Ask them to sign up, then add them here.")
        return False
    except room_services.AlreadyMember:
        form.add_error("email", f"{email} is a member of this room already.")
        return False
    return True


def _room_page(
    request: HttpRequest,
    *,
    room: Room,
    role: Role,
    user: User,
    rename_form: RoomForm | None = None,
    document_form: NewDocumentForm | None = None,
    member_form: MemberForm | None = None,
    title_form: TitleForm | None = None,
    titled: Document | None = None,
) -> HttpResponse:
    """The room's page; with a form that was refused it says so where the form stands."""
    refused = any((rename_form, document_form, member_form, title_form))
    context = {
        "room": room,
        "role": role,
        "rooms": sidebar(user, room),
        "documents": newest_documents(room),
        "members": room.memberships.select_related("user").order_by("created_at", "pk"),
        "may_edit": Right.EDIT in RIGHTS[role],
        "may_share": Right.SHARE in RIGHTS[role],
        "may_own": Right.OWN in RIGHTS[role],
        "rename_form": rename_form or RoomForm(initial={"name": room.name}),
        "document_form": document_form or NewDocumentForm(),
        "member_form": member_form or MemberForm(),
        "title_form": title_form,
        "titled": titled,
    }
    return render(request, "rooms/room.html", context, status=REFUSED_FORM if refused else 200)


@require_GET
def document(request: HttpRequest, key: str) -> HttpResponse:
    user = person(request)
    document, role = document_for(user, key, Right.VIEW)
    context = {
        "document": document,
        "room": document.room,
        "role": role.value,
        "rooms": sidebar(user, document.room),
        "config": document_config(request, document=document, role=role, person=user),
    }
    return render(request, "rooms/document.html", context)


@require_POST
def rename_document(request: HttpRequest, key: str) -> HttpResponse:
    """Answers a script with JSON and a plain form with the room's page."""
    user = person(request)
    document, role = document_for(user, key, Right.EDIT)
    form = TitleForm(request.POST)
    if not form.is_valid():
        if wants_json(request):
            return JsonResponse({"error": " ".join(map(str, form.errors["title"]))}, status=400)
        return _room_page(request, room=document.room, role=role, user=user, title_form=form, titled=document)
    document_services.rename_document(document=document, title=form.cleaned_data["title"])
    if wants_json(request):
        return JsonResponse({"title": document.title})
    return redirect("rooms:room", document.room.key)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = ProfileForm(request.POST or None, initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        people_services.rename_person(person=user, name=form.cleaned_data["name"])
        messages.success(request, "Your name is saved. Open documents show it once they are opened again.")
        return redirect("rooms:profile")
    return render(request, "rooms/profile.html", {"form": form}, status=REFUSED_FORM if form.errors else 200)
