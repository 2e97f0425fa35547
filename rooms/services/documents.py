"""Making, naming and filling documents."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rooms import store
from rooms.core import prosemirror
from rooms.models import Document, Room, User


class RoomFull(Exception):
    """The room has COLLAB_MAX_ROOM_DOCUMENTS already."""


@transaction.atomic
def create_document(*, room: Room, by: User, title: str = "") -> Document:
    """Make an empty document in `room`. The caller has passed `Right.EDIT`. Raises RoomFull."""
    # Two at once must not both take the last place, so they wait for the room's row.
    list(Room.objects.select_for_update(no_key=True).filter(pk=room.pk).values_list("pk"))
    if Document.objects.filter(room=room).count() >= settings.COLLAB_MAX_ROOM_DOCUMENTS:
        raise RoomFull
    return Document.objects.create(room=room, title=title or _("Untitled"), created_by=by)


def rename_document(*, document: Document, title: str) -> None:
    """Give `document` another title. The caller has passed `Right.EDIT`.

    Open pages follow within the interval in which each process asks for what is newer.
    """
    document.title = title
    document.save(update_fields=["title"])


def delete_document(*, document: Document) -> None:
    """Delete `document` with all that was ever written in it. The caller has passed `Right.OWN`."""
    document.delete()


@transaction.atomic
def write_content(*, document: Document, content: prosemirror.Node, by: User) -> None:
    """Write ProseMirror JSON (a node of type "doc") into an empty document. The caller has passed `Right.EDIT`.

    Raises the refusal that `by` would get for an edit.
    """
    entry = store.Entry(document.pk, document.epoch, by.pk, prosemirror.to_update(content))
    result = store.append([entry], check_rights=True)
    for refusal in result.refused.values():
        raise refusal
