"""Files in documents: adding, copying into another document, and finding those that nobody uses any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from rooms import quarantine, store
from rooms.canary.process import Fault
from rooms.core.errors import NotFound
from rooms.core.filenames import clean_name
from rooms.core.picture_notes import TooManyParts, without_notes
from rooms.core.pictures import ENDINGS, kind_of, read_picture
from rooms.models import Attachment, Document, Room, User

# Whoever took a picture out of the text may want it back: undo, or another window that still holds it.
UNUSED_FOR = timedelta(days=7)
# Nodes of a document that show a file, with its key in the attribute `file`.
_SHOWS_A_FILE = {"image", "file"}


class FileRefused(Exception):
    """A file that cannot be kept."""


class EmptyFile(FileRefused):
    pass


class FileTooLarge(FileRefused):
    """More than COLLAB_MAX_FILE_BYTES."""


class TooManyPixels(FileRefused):
    """More than COLLAB_MAX_IMAGE_PIXELS: it would fill the memory of everybody who opens the document."""


class UnreadablePicture(FileRefused):
    """Nobody can tell what was written into it beside the picture, so it cannot be kept without that."""


class RoomFull(FileRefused):
    """The room's files together would be more than COLLAB_MAX_ROOM_FILE_BYTES."""


def add_file(*, document: Document, by: User, name: str, content: "File[Any]") -> Attachment:
    """Keep `content` with `document`; a picture without what a camera wrote into it.

    The caller has passed `Right.EDIT`. Raises FileRefused.
    """
    size = content.size or 0
    if size == 0 or content.file is None:
        raise EmptyFile
    if size > settings.COLLAB_MAX_FILE_BYTES:
        raise FileTooLarge
    picture = read_picture(content.file)
    if picture is not None and picture.width * picture.height > settings.COLLAB_MAX_IMAGE_PIXELS:
        raise TooManyPixels
    content.seek(0)
    kind = picture.kind if picture else kind_of(content.read(16))
    content.seek(0)
    sides = (picture.width, picture.height) if picture else (None, None)
    try:
        bare = without_notes(kind, content.read()) if picture else None
    except TooManyParts as error:
        raise UnreadablePicture from error
    if bare is not None:
        content, size = ContentFile(bare.data), len(bare.data)
        sides = sides[::-1] if bare.on_its_side else sides
    content.seek(0)
    attachment = Attachment(
        document=document,
        name=clean_name(name, endings=ENDINGS.get(kind, ())),
        content_type=kind,
        size=size,
        width=sides[0],
        height=sides[1],
        uploaded_by=by,
    )
    return _keep(attachment, content)


def copy_file(*, attachment: Attachment, document: Document, by: User) -> Attachment:
    """Return `attachment` when it belongs to `document`, else a copy of it there.

    The caller has passed `Right.VIEW` for the one and `Right.EDIT` for the other. Raises FileRefused, and
    FileNotFoundError when the storage has lost the file.
    """
    if attachment.document_id == document.pk:
        return attachment
    copy = Attachment(
        document=document,
        name=attachment.name,
        content_type=attachment.content_type,
        size=attachment.size,
        width=attachment.width,
        height=attachment.height,
        uploaded_by=by,
    )
    with attachment.file.open("rb") as content:
        return _keep(copy, content)


def _keep(attachment: Attachment, content: "File[Any]") -> Attachment:
    """Store the file first: writing it takes a while, and a transaction holds up whoever writes meanwhile."""
    attachment.file.save("", content, save=False)
    try:
        with transaction.atomic():
            _require_space(attachment.document.room_id, attachment.size)
            attachment.save()
    except BaseException:
        attachment.file.delete(save=False)
        raise
    return attachment


def _require_space(room_id: int, size: int) -> None:
    """Two uploads at once must not both take the last of the space, so they wait for the room's row."""
    list(Room.objects.select_for_update(no_key=True).filter(pk=room_id).values_list("pk"))
    used = Attachment.objects.filter(document__room=room_id).aggregate(bytes=Sum("size"))["bytes"] or 0
    if used + size > settings.COLLAB_MAX_ROOM_FILE_BYTES:
        raise RoomFull


# --- What nobody uses any more ----------------------------------------------------------------------------------------


def note_unused(*, now: datetime | None = None) -> list[Attachment]:
    """Read every document, note since when each file has been mentioned by none, and return those, the oldest first.

    A file that was added within the last day is left alone: its place in the text may still be on its way.
    """
    now = now or timezone.now()
    before = Attachment.objects.filter(created_at__lte=now - timedelta(days=1))
    candidates = dict(before.values_list("key", "pk"))
    for document_id in Document.objects.order_by("pk").values_list("pk", flat=True):
        if not candidates:
            break
        for key in _mentioned(document_id):
            candidates.pop(key, None)
    unused = Attachment.objects.filter(pk__in=candidates.values())
    unused.filter(unused_since=None).update(unused_since=now)
    Attachment.objects.exclude(unused_since=None).exclude(pk__in=candidates.values()).update(unused_since=None)
    return list(unused.select_related("document").order_by("unused_since", "pk"))


def delete_unused(unused: list[Attachment], *, now: datetime | None = None) -> list[Attachment]:
    """Delete those of `unused` that no document has mentioned for seven days, and return them."""
    until = (now or timezone.now()) - UNUSED_FOR
    over = [one for one in unused if one.unused_since is not None and one.unused_since <= until]
    for attachment in over:
        attachment.delete()
    return over


def _mentioned(document_id: int) -> Iterator[str]:
    try:
        loaded = store.load(document_id, even_quarantined=True)
    except NotFound:  # deleted since the list was read
        return
    content = quarantine.content(loaded)
    if isinstance(content, Fault):  # nobody can tell: all files of its own are needed
        yield from Attachment.objects.filter(document=document_id).values_list("key", flat=True)
        return
    waiting = [content]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.get("content", ()))
        if node["type"] in _SHOWS_A_FILE and isinstance(key := node.get("attrs", {}).get("file"), str):
            yield key
