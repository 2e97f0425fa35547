"""Comments for the document's page: JSON in and out, each refusal with a code and words that the page may show."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec

from allauth.core.exceptions import RateLimited
from django.http import HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from rooms.access import document_for
from rooms.core.access import Right
from rooms.core.errors import Forbidden, NotFound, SignedOut
from rooms.models import Document, Thread, User
from rooms.services import comments as comment_services
from rooms.services.comments import Changed, Done, NoSuchState, NotTheirs, NoWords, TooMany
from rooms.web import comments_json, limits
from rooms.web.asking import person
from rooms.web.comments_json import BadRequest

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], JsonResponse]

# What a refusal is answered with: status, code, and words for people. The first that fits counts.
ANSWERS: dict[type[Exception], tuple[int, str, str | Promise]] = {
    SignedOut: (401, "signed_out", gettext_lazy("You are signed out. Sign in again in another tab, then try again.")),
    NotTheirs: (403, "forbidden", gettext_lazy("Somebody else wrote that. Only they can change it.")),
    Forbidden: (403, "forbidden", gettext_lazy("Your role here does not allow that. Ask an owner.")),
    NotFound: (404, "not_found", gettext_lazy("That comment is gone, or not yours to see.")),
    NoWords: (400, "bad_request", gettext_lazy("Write something first.")),
    NoSuchState: (
        400,
        "bad_request",
        gettext_lazy("A comment is open or resolved; a suggestion is open, accepted or rejected."),
    ),
    Changed: (409, "conflict", gettext_lazy("Somebody else has just changed this. Look at it again.")),
    TooMany: (409, "conflict", gettext_lazy("There are too many comments here. Delete some that are done.")),
    RateLimited: (429, "slow_down", gettext_lazy("That was a lot at once. Wait a minute, then try again.")),
}


def answered(view: View[Params]) -> View[Params]:
    """Give each refusal as JSON."""

    def answer(request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> JsonResponse:
        try:
            return view(request, *args, **kwargs)
        except BadRequest as bad:
            return _refused(400, "bad_request", str(bad))
        except tuple(ANSWERS) as refusal:
            found = next(answer for kind, answer in ANSWERS.items() if isinstance(refusal, kind))
            return _refused(*found)

    return update_wrapper(answer, view)


def _refused(status: int, code: str, message: str | Promise) -> JsonResponse:
    return JsonResponse({"code": code, "message": str(message)}, status=status)


@require_http_methods(["GET", "POST"])
@answered
def comments(request: HttpRequest, key: str) -> JsonResponse:
    """All comments of a document, or a new one."""
    if request.method == "POST":
        return _begin(request, key)
    user = person(request)
    limits.count(request, "read_comments")
    # The version is read before the threads: what changes between is shown now, and told again.
    document, role = document_for(user, key, Right.VIEW)
    threads = Thread.objects.whole().filter(document=document)
    return _json(
        {
            "version": document.comments_version,
            "you": user.key,
            "may": comments_json.rights(role),
            "threads": [comments_json.thread(one, document=document, reader=user) for one in threads],
        }
    )


def _begin(request: HttpRequest, key: str) -> JsonResponse:
    user = person(request)
    document, _ = document_for(user, key, Right.COMMENT)
    limits.count(request, "comment")
    fields = comments_json.read(request, "kind", "anchor", "head", "quote", "body", "replacement")
    done = comment_services.begin(document=document, by=user, beginning=comments_json.beginning(fields))
    return _done(done, document, user, status=201)


@require_POST
@answered
def reply(request: HttpRequest, key: str, thread: str) -> JsonResponse:
    user = person(request)
    document, _ = document_for(user, key, Right.COMMENT)
    limits.count(request, "comment")
    body = comments_json.body(comments_json.read(request, "body"))
    done = comment_services.reply(document=document, thread=thread, by=user, body=body)
    return _done(done, document, user)


@require_POST
@answered
def turn(request: HttpRequest, key: str, thread: str) -> JsonResponse:
    user = person(request)
    document, role = document_for(user, key, Right.COMMENT)
    limits.count(request, "comment")
    state = comments_json.state(comments_json.read(request, "state"))
    done = comment_services.turn(document=document, thread=thread, by=user, role=role, state=state)
    return _done(done, document, user)


@require_POST
@answered
def edit(request: HttpRequest, key: str, thread: str, comment: str) -> JsonResponse:
    user = person(request)
    document, _ = document_for(user, key, Right.COMMENT)
    limits.count(request, "comment")
    body = comments_json.body(comments_json.read(request, "body"))
    done = comment_services.edit(document=document, thread=thread, comment=comment, by=user, body=body)
    return _done(done, document, user)


@require_POST
@answered
def delete(request: HttpRequest, key: str, thread: str, comment: str) -> JsonResponse:
    user = person(request)
    document, role = document_for(user, key, Right.COMMENT)
    limits.count(request, "comment")
    comments_json.read(request)
    done = comment_services.delete(document=document, thread=thread, comment=comment, by=user, role=role)
    return _done(done, document, user)


@require_POST
@answered
def react(request: HttpRequest, key: str, thread: str, comment: str) -> JsonResponse:
    user = person(request)
    document, _ = document_for(user, key, Right.COMMENT)
    limits.count(request, "comment")
    emoji, on = comments_json.reaction(comments_json.read(request, "emoji", "on"))
    done = comment_services.react(document=document, thread=thread, comment=comment, by=user, emoji=emoji, on=on)
    return _done(done, document, user)


def _done(done: Done, document: Document, reader: User, status: int = 200) -> JsonResponse:
    thread = comments_json.thread(done.thread, document=document, reader=reader) if done.thread else None
    return _json({"version": done.version, "thread": thread}, status=status)


def _json(answer: dict[str, Any], status: int = 200) -> JsonResponse:
    """What people wrote as it is: an emoji has four bytes, and twelve when it is escaped."""
    return JsonResponse(answer, status=status, json_dumps_params={"ensure_ascii": False})
