"""Comments as a page sends and reads them: JSON to typed values or BadRequest, and back."""

import json
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest, RawPostDataException
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from rooms.core import commenting
from rooms.core.access import RIGHTS, Right, Role
from rooms.core.commenting import EMOJI, Kind, State
from rooms.models import Comment, Document, Thread, User
from rooms.services.comments import Beginning

Fields = dict[str, Any]
Choice = TypeVar("Choice", Kind, State)


class BadRequest(Exception):
    """The body is not what it should be. The message is plain enough for a page to show."""


# --- What a page sends ------------------------------------------------------------------------------------------------


def read(request: HttpRequest, *names: str) -> Fields:
    """Return the fields of the body, which is one JSON object with exactly these. Raises BadRequest."""
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException):  # the last for a form, which was read as one
        raise BadRequest(_("The page sent something that is not JSON.")) from None
    if not isinstance(fields, dict) or fields.keys() != set(names):
        raise BadRequest(
            _("The page must send exactly these fields: %(fields)s.") % {"fields": ", ".join(names) or "–"}
        )
    return fields


def beginning(fields: Fields) -> Beginning:
    """Raises BadRequest."""
    kind = _one_of(Kind, fields["kind"])
    anchor, head = _position(fields["anchor"]), _position(fields["head"])
    if (anchor is None) != (head is None) or (anchor is None and kind is Kind.SUGGESTION):
        raise BadRequest(_("The passage must have a beginning and an end."))
    replacement = fields["replacement"]
    if (replacement is None) == (kind is Kind.SUGGESTION):
        raise BadRequest(_("A suggestion says what to write instead, and a comment does not."))
    if replacement is not None:
        replacement = _text(replacement, commenting.MAX_REPLACEMENT)
    quote = _text(fields["quote"], commenting.MAX_QUOTE)
    return Beginning(kind, anchor, head, quote, body(fields), replacement)


def body(fields: Fields) -> str:
    """Return the words of a comment, without the space around them. Raises BadRequest."""
    return _text(fields["body"], commenting.MAX_BODY).strip()


def state(fields: Fields) -> State:
    """Raises BadRequest."""
    return _one_of(State, fields["state"])


def reaction(fields: Fields) -> tuple[str, bool]:
    """Return which emoji, and whether it shall be there. Raises BadRequest."""
    emoji, on = fields["emoji"], fields["on"]
    if emoji not in EMOJI:
        raise BadRequest(_("Choose one of the emoji that are offered."))
    if not isinstance(on, bool):
        raise BadRequest(_("The page must say whether the emoji is put there or taken back."))
    return emoji, on


def _text(value: object, most: int) -> str:
    if not isinstance(value, str):
        raise BadRequest(_("The page must send text."))
    if len(value) > most:
        room = number_format(most, force_grouping=True)
        raise BadRequest(_("That is too long. There is room for %(count)s characters.") % {"count": room})
    if not commenting.is_text(value):
        raise BadRequest(_("There is a character in it that cannot be kept."))
    return value


def _position(value: object) -> bytes | None:
    if value is None:
        return None
    try:
        data = b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if not commenting.is_position(data):
        raise BadRequest(_("The passage cannot be found by what the page sent."))
    return data


def _one_of(choices: type[Choice], value: Any) -> Choice:
    try:
        return choices(value)
    except ValueError:
        raise BadRequest(_("Choose one of %(choices)s.") % {"choices": ", ".join(choices)}) from None


# --- What a page reads ------------------------------------------------------------------------------------------------


def rights(role: Role) -> dict[str, bool]:
    return {right.value: right in RIGHTS[role] for right in (Right.COMMENT, Right.EDIT, Right.OWN)}


def thread(one: Thread, *, document: Document, reader: User) -> Fields:
    """Return a whole thread as `reader` sees it. Positions of another lineage would point anywhere: they are null."""
    is_of_now = one.epoch == document.epoch
    return {
        "id": one.key,
        "kind": one.kind,
        "state": one.state,
        "anchor": _base64(one.anchor) if is_of_now else None,
        "head": _base64(one.head) if is_of_now else None,
        "quote": one.quote,
        "replacement": one.replacement,
        "by": _person(one.created_by),
        "at": one.created_at.isoformat(),
        "closed_by": _person(one.closed_by),
        "closed_at": _at(one.closed_at),
        "comments": [_comment(said, reader) for said in one.comments.all()],
    }


def _comment(said: Comment, reader: User) -> Fields:
    return {
        "id": said.key,
        "by": _person(said.author),
        "at": said.created_at.isoformat(),
        "edited_at": _at(said.edited_at),
        "deleted": said.deleted_at is not None,
        "body": said.body,
        "reactions": _reactions(said, reader),
    }


def _reactions(said: Comment, reader: User) -> list[Fields]:
    """One entry an emoji, in the order in which they came first; its people in the order in which they came."""
    people: dict[str, list[User]] = {}
    for one in said.reactions.all():
        people.setdefault(one.emoji, []).append(one.user)
    return [
        {"emoji": emoji, "people": [user.display_name for user in users], "mine": reader in users}
        for emoji, users in people.items()
    ]


def _person(user: User | None) -> Fields | None:
    return {"id": user.key, "name": user.display_name, "color": user.color} if user else None


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _base64(data: bytes | memoryview | None) -> str | None:
    return None if data is None else b64encode(data).decode()
