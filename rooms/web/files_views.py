"""Adding files to a document, and handing them to whoever may read it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from rooms.access import document_for
from rooms.core.access import Right
from rooms.core.errors import NotFound
from rooms.core.pictures import KINDS, UNKNOWN
from rooms.models import Attachment, Document, User
from rooms.services import files as file_services
from rooms.web import limits
from rooms.web.asking import person

_READ_BYTES = 65_536

# error: (status, code, words for the person)
_REFUSED: dict[type[file_services.FileRefused], tuple[int, str, Callable[[], str]]] = {
    file_services.EmptyFile: (400, "empty", lambda: gettext("This file is empty.")),
    file_services.FileTooLarge: (
        413,
        "too_large",
        lambda: gettext("A file may have at most %(size)s.") % {"size": _bytes("FILE")},
    ),
    file_services.TooManyPixels: (
        413,
        "too_many_pixels",
        lambda: (
            gettext("A picture may have at most %(count)d million pixels.")
            % {"count": settings.COLLAB_MAX_IMAGE_PIXELS // 1_000_000}
        ),
    ),
    file_services.UnreadablePicture: (400, "unreadable", lambda: gettext("This picture cannot be read.")),
    file_services.RoomFull: (
        409,
        "room_full",
        lambda: (
            gettext("The files of this room may have %(size)s together. Delete what is not needed.")
            % {"size": _bytes("ROOM_FILE")}
        ),
    ),
}


@require_POST
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the field `file` with the document, or a copy of the file whose key is in the field `copy_of`."""
    user = person(request)
    document = document_for(user, key, Right.EDIT)[0]
    limits.count(request, "upload")
    try:
        if copy_of := request.POST.get("copy_of"):
            return _added(_copy(copy_of, document=document, user=user))
        content = request.FILES.get("file")
        if content is None:
            return JsonResponse(
                {"code": "bad_request", "error": gettext("There is no file in this request.")}, status=400
            )
        return _added(file_services.add_file(document=document, by=user, name=content.name or "", content=content))
    except file_services.FileRefused as refused:
        status, code, words = _REFUSED[type(refused)]
        return JsonResponse({"code": code, "error": words()}, status=status)


def _copy(key: str, *, document: Document, user: User) -> Attachment:
    try:
        return file_services.copy_file(attachment=_attachment_for(user, key), document=document, by=user)
    except FileNotFoundError as lost:
        raise NotFound from lost


def _added(attachment: Attachment) -> JsonResponse:
    answer = {
        "key": attachment.key,
        "name": attachment.name,
        "size": attachment.size,
        "type": attachment.content_type,
        "image": attachment.is_image,
        "width": attachment.width,
        "height": attachment.height,
    }
    return JsonResponse(answer, status=201)


@require_safe
def file(request: HttpRequest, key: str) -> HttpResponseBase:
    """The file, for whoever may read its document at this moment."""
    attachment = _attachment_for(person(request), key)
    etag = f'"{attachment.key}"'  # what is behind a key never changes
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = FileAnswer(attachment)
        except FileNotFoundError as lost:
            raise NotFound from lost
    response.headers["ETag"] = etag
    # Kept by the browser of this person only, and asked for again each time: access may have ended since.
    response.headers["Cache-Control"] = "private, no-cache"
    # Whatever is in the file, opened by itself it is a page without scripts and without an origin.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _attachment_for(user: User, key: str) -> Attachment:
    """Raises NotFound for a key that nobody has and for a file of a document that `user` may not see."""
    attachment = Attachment.objects.select_related("document").filter(key=key).first()
    if attachment is None:
        raise NotFound
    document_for(user, attachment.document.key, Right.VIEW)
    return attachment


class FileAnswer(FileResponse):
    """A stored file. Pictures are shown; everything else is saved, under the name that it was given."""

    def __init__(self, attachment: Attachment) -> None:
        self._file: File[Any] = attachment.file.open("rb")
        kind = attachment.content_type if attachment.content_type in KINDS else UNKNOWN
        super().__init__(self._file, as_attachment=not attachment.is_image, filename=attachment.name, content_type=kind)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Piece by piece; Django would read all of it into memory, and warn."""
        while piece := await sync_to_async(self._file.read)(_READ_BYTES):
            yield piece


def _bytes(name: str) -> str:
    return filesizeformat(getattr(settings, f"COLLAB_MAX_{name}_BYTES"))
