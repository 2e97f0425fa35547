"""What several pages show beside their own content."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from rooms.core.access import Role
from rooms.models import Document, Room, User

# A sidebar is for jumping: beyond a dozen the room's own page, with times, is the better list.
SIDEBAR_DOCUMENTS = 12


@dataclass(frozen=True, slots=True)
class SidebarRoom:
    """A room in the sidebar. The one that the person is in lists its documents, the last edited first."""

    room: Room
    is_current: bool
    documents: list[Document]
    has_more: bool


def sidebar(person: User, current: Room | None = None) -> list[SidebarRoom]:
    """Return the rooms of `person` by name, with the documents of `current`."""
    documents = list(newest_documents(current)[: SIDEBAR_DOCUMENTS + 1]) if current else []
    return [
        SidebarRoom(
            room=room,
            is_current=room == current,
            documents=documents[:SIDEBAR_DOCUMENTS] if room == current else [],
            has_more=room == current and len(documents) > SIDEBAR_DOCUMENTS,
        )
        for room in Room.objects.of(person)
    ]


def newest_documents(room: Room) -> QuerySet[Document]:
    return room.documents.order_by("-edited_at", "-pk")


def document_config(
    request: HttpRequest, *, document: Document, role: Role, person: User, is_guest: bool = False
) -> dict[str, object]:
    """What the editor's script needs to start, as JSON on the page. A guest does not learn the room's address."""
    address = reverse("rooms:document", args=[document.key])
    return {
        "document": document.key,
        "title": document.title,
        "role": role.value,
        "filesUrl": reverse("rooms:upload", args=[document.key]),
        "maxFileBytes": settings.COLLAB_MAX_FILE_BYTES,
        "renameUrl": reverse("rooms:rename_document", args=[document.key]),
        "commentsUrl": reverse("rooms:comments", args=[document.key]),
        "signInUrl": f"{reverse('account_login')}?{urlencode({'next': address})}",
        "roomUrl": reverse("rooms:index") if is_guest else reverse("rooms:room", args=[document.room.key]),
        "person": {"id": person.key, "name": person.display_name, "color": person.color},
        "lastEdit": last_edit(document),
    }


def last_edit(document: Document) -> dict[str, object] | None:
    """Who changed the text last, and when (milliseconds since the epoch). None when nobody did, or nobody knows who."""
    update = document.updates.select_related("author").order_by("-seq").first()
    if update is None or update.author is None:
        return None
    return {
        "id": update.author.key,
        "name": update.author.display_name,
        "at": round(update.at.timestamp() * 1000),
    }


def instance(request: HttpRequest) -> dict[str, str]:
    """Name the process that made the page, where several might have: templates show `served_by` in the footer."""
    return {"served_by": settings.COLLAB_INSTANCE if settings.COLLAB_FLEET else ""}


def languages(request: HttpRequest) -> dict[str, object]:
    """Each language by its own name. Django's own tag would translate the names into that of the page."""
    return {"languages": settings.LANGUAGES}
