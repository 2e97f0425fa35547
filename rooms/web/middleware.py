"""Refusals of the domain become pages, or JSON for a script that asked."""

import codecs
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.core.exceptions import RateLimited
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import defaults
from servestatic.middleware import ServeStaticMiddleware

from rooms import actor
from rooms.core.commenting import is_text
from rooms.core.errors import Forbidden, NotFound, SignedOut
from rooms.web import errors, languages
from rooms.web.asking import wants_json

# The most that a database counts to.
MAX_NUMBER = 2**63 - 1
VITE_CHUNK = re.compile(r"/dist/chunks/[^/]+-[\w-]{8}\.[a-z0-9]+$")


class ActorMiddleware:
    """What a request changes is changed by its sender: for the audit log."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with actor.serving(request):
            return self._get_response(request)


class LanguageMiddleware(MiddlewareMixin):
    """What somebody chose in their profile wins over what the browser asks for, which Django has read already."""

    def process_request(self, request: HttpRequest) -> None:
        language = languages.chosen_by(request.user)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language


class TextMiddleware(MiddlewareMixin):
    """What no database can store is not there, and nobody looks for it; a form or a question with it is refused.

    PostgreSQL raises for a NUL, and both for half of a character. It stands after the middleware that looks whether a
    form is forged: that reads the body first, when it reads it at all.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse an encoding of the sender's choice: some make halves of characters, and some fail."""
        is_ours = not request.encoding or codecs.lookup(request.encoding).name == "utf-8"
        return None if is_ours else _bad_request(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not all(is_text(part) if isinstance(part, str) else part <= MAX_NUMBER for part in kwargs.values()):
            return _not_found(request)
        try:
            asked = [
                value for fields in (request.GET, request.POST) for _, values in fields.lists() for value in values
            ]
        except SuspiciousOperation:  # more fields than anybody means
            return _bad_request(request)
        return None if all(map(is_text, asked)) else _bad_request(request)


class RefusalMiddleware(MiddlewareMixin):
    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        answer = ANSWERS.get(type(exception))
        return answer(request) if answer else None


def _bad_request(request: HttpRequest) -> HttpResponse:
    """Answer as Django does for BadRequest, whose traceback would stand in the log."""
    return defaults.bad_request(request, BadRequest())


def _signed_out(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        words = _("You are signed out. Sign in again in another tab, then try again.")
        return JsonResponse({"error": words}, status=401)
    return redirect_to_login(_return_address(request), reverse("account_login"))


def _return_address(request: HttpRequest) -> str:
    """Where to go after signing in: the page asked for, or the page whose form was sent."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return urlsplit(referer).path
    return reverse("rooms:index")


def _not_found(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": _("This is not here, or not yours to see.")}, status=404)
    return errors.not_found(request)


def _forbidden(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": _("Your role in this room does not allow that. Ask an owner.")}, status=403)
    return errors.forbidden(request)


ANSWERS: dict[type[Exception], Callable[[HttpRequest], HttpResponse]] = {
    SignedOut: _signed_out,
    NotFound: _not_found,
    Forbidden: _forbidden,
    RateLimited: errors.too_often,
}


class StaticMiddleware(ServeStaticMiddleware):  # type: ignore[misc]
    """Serves static files. Those that Vite named by their content are kept by browsers for ever.

    servestatic 4 has a setting for this, which its middleware does not read.
    """

    def immutable_file_test(self, path: str, url: str) -> bool:
        return VITE_CHUNK.search(url) is not None or super().immutable_file_test(path, url)
