"""Comments and suggestions: made, answered, closed, edited, deleted, reacted to.

Each change locks the row of its document. So the changes of one document have an order, which its `comments_version`
counts, the bounds hold, and of two people who accept one suggestion at the same moment only one does.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Length
from django.utils import timezone

from rooms import here
from rooms.core.access import RIGHTS, Right, Role
from rooms.core.commenting import (
    AUTHORS_TURNS,
    COMMENT_SIZE,
    MAX_COMMENTS,
    MAX_SAID,
    MAX_THREADS,
    REACTION_SIZE,
    TURNS,
    Kind,
    State,
)
from rooms.core.errors import Forbidden, NotFound
from rooms.models import AuditEntry, Comment, Document, Reaction, Thread, User
from rooms.triggers import record


class NotTheirs(Forbidden):
    """Somebody else wrote it."""


class NoWords(Exception):
    """A comment says something; only what a suggestion begins with may be empty."""


class NoSuchState(Exception):
    """A thread of this kind is never in that state."""


class Changed(Exception):
    """The thread is not in the state that was looked at: somebody else was faster."""


class TooMany(Exception):
    """The document has as many threads, or as much said in them, or the thread as many comments, as there may be."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a thread begins with. Positions are encoded, both or none; `replacement` is that of a suggestion."""

    kind: Kind
    anchor: bytes | None
    head: bytes | None
    quote: str
    body: str
    replacement: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """How things stand after a change; `thread` is None when it is gone as a whole."""

    version: int
    thread: Thread | None


# --- Threads ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def begin(*, document: Document, by: User, beginning: Beginning) -> Done:
    """Begin a thread. The caller has passed `Right.COMMENT`. Raises NoWords and TooMany."""
    locked = _lock(document)
    if not beginning.body and beginning.kind is not Kind.SUGGESTION:
        raise NoWords
    if Thread.objects.filter(document=locked).count() >= MAX_THREADS:
        raise TooMany
    _make_sure_of_room(
        locked, COMMENT_SIZE + len(beginning.quote) + len(beginning.replacement or "") + len(beginning.body)
    )
    thread = Thread.objects.create(
        document=locked,
        epoch=locked.epoch,
        kind=beginning.kind.value,
        anchor=beginning.anchor,
        head=beginning.head,
        quote=beginning.quote,
        replacement=beginning.replacement,
        created_by=by,
    )
    Comment.objects.create(thread=thread, author=by, body=beginning.body)
    return _changed(locked, thread)


@transaction.atomic
def reply(*, document: Document, thread: str, by: User, body: str) -> Done:
    """Answer in the thread with that key. The caller has passed `Right.COMMENT`.

    Raises NotFound for a thread of another document, NoWords and TooMany.
    """
    locked = _lock(document)
    found = _thread(locked, thread)
    if not body:
        raise NoWords
    if found.comments.count() >= MAX_COMMENTS:
        raise TooMany
    _make_sure_of_room(locked, COMMENT_SIZE + len(body))
    Comment.objects.create(thread=found, author=by, body=body)
    return _changed(locked, found)


@transaction.atomic
def turn(*, document: Document, thread: str, by: User, role: Role, state: State) -> Done:
    """Resolve, reopen, accept or reject. The caller has passed `Right.COMMENT`.

    Raises NotFound as `reply`, NoSuchState, Changed when that state does not follow the present one, and Forbidden.
    """
    locked = _lock(document)
    found = _thread(locked, thread)
    asked = (Kind(found.kind), State(found.state), state)
    right = TURNS.get(asked)
    if right is None:
        raise Changed if any(kind == found.kind and to is state for kind, _, to in TURNS) else NoSuchState
    is_authors = asked in AUTHORS_TURNS and found.created_by_id == by.pk
    if right not in RIGHTS[role] and not is_authors:
        raise Forbidden(f"a {role} may not {right}")
    found.state = state.value
    is_open = state is State.OPEN
    found.closed_by, found.closed_at = (None, None) if is_open else (by, timezone.now())
    found.save(update_fields=["state", "closed_by", "closed_at"])
    return _changed(locked, found)


# --- One comment ------------------------------------------------------------------------------------------------------


@transaction.atomic
def edit(*, document: Document, thread: str, comment: str, by: User, body: str) -> Done:
    """Give a comment other words. The caller has passed `Right.COMMENT`.

    Raises NotFound for what is not there or deleted, NotTheirs, NoWords, and TooMany for more of them.
    """
    locked = _lock(document)
    found, said = _comment(locked, thread, comment)
    if said.author_id != by.pk:
        raise NotTheirs
    if not body and not _may_be_empty(found, said):
        raise NoWords
    if body == said.body:
        return _unchanged(locked, found)
    if len(body) > len(said.body):
        _make_sure_of_room(locked, len(body) - len(said.body))
    said.body, said.edited_at = body, timezone.now()
    said.save(update_fields=["body", "edited_at"])
    return _changed(locked, found)


@transaction.atomic
def delete(*, document: Document, thread: str, comment: str, by: User, role: Role) -> Done:
    """Delete one's own comment, or anybody's with `Right.OWN`. The caller has passed `Right.COMMENT`.

    It keeps its place without its words, as long as others in the thread have some; with the last words the thread
    goes. Raises as `edit`. What an owner deletes of somebody else is in the audit log, without the words.
    """
    locked = _lock(document)
    found, said = _comment(locked, thread, comment)
    if said.author_id != by.pk:
        if Right.OWN not in RIGHTS[role]:
            raise NotTheirs
        author = said.author.email if said.author else ""
        record(
            AuditEntry.Action.COMMENT_DELETED, subject=author, room=document.room, detail=f"“{document.title}”", by=by
        )
    if not found.comments.filter(deleted_at=None).exclude(pk=said.pk).exists():
        found.delete()
        return _changed(locked, None)
    said.body, said.deleted_at = "", timezone.now()
    said.save(update_fields=["body", "deleted_at"])
    said.reactions.all().delete()
    return _changed(locked, found)


@transaction.atomic
def react(*, document: Document, thread: str, comment: str, by: User, emoji: str, on: bool) -> Done:
    """Put an emoji at a comment, or take it back. The caller has passed `Right.COMMENT`.

    Doing it twice changes nothing. Raises NotFound as `edit`, and TooMany.
    """
    locked = _lock(document)
    found, said = _comment(locked, thread, comment)
    if on:
        _make_sure_of_room(locked, REACTION_SIZE)
        _, is_new = Reaction.objects.get_or_create(comment=said, user=by, emoji=emoji)
    else:
        gone, _ = Reaction.objects.filter(comment=said, user=by, emoji=emoji).delete()
        is_new = gone > 0
    return _changed(locked, found) if is_new else _unchanged(locked, found)


# --- What all of them do ----------------------------------------------------------------------------------------------


def _lock(document: Document) -> Document:
    """Return the document's row as it is now, locked until the end of the transaction. Raises NotFound."""
    rows = Document.objects.select_for_update(no_key=True).only("epoch", "comments_version")
    locked = rows.filter(pk=document.pk).first()
    if locked is None:
        raise NotFound
    return locked


def _thread(document: Document, key: str) -> Thread:
    found = Thread.objects.filter(document=document, key=key).first()
    if found is None:
        raise NotFound
    return found


def _comment(document: Document, thread: str, key: str) -> tuple[Thread, Comment]:
    """Return a comment that has words, and its thread."""
    found = _thread(document, thread)
    said = found.comments.filter(key=key, deleted_at=None).select_related("author").first()
    if said is None:
        raise NotFound
    return found, said


def _make_sure_of_room(document: Document, more: int) -> None:
    """Raises TooMany when all that is said about the document would be more than MAX_SAID with so much `more`."""
    threads = Thread.objects.filter(document=document).aggregate(
        quotes=Sum(Length("quote")), replacements=Sum(Length("replacement"))
    )
    comments = Comment.objects.filter(thread__document=document).aggregate(count=Count("pk"), words=Sum(Length("body")))
    reactions = Reaction.objects.filter(comment__thread__document=document).count()
    words = sum(size or 0 for size in (*threads.values(), comments["words"]))
    if words + COMMENT_SIZE * comments["count"] + REACTION_SIZE * reactions + more > MAX_SAID:
        raise TooMany


def _may_be_empty(thread: Thread, comment: Comment) -> bool:
    """What a suggestion proposes may speak for itself."""
    is_first = not thread.comments.filter(pk__lt=comment.pk).exists()
    return thread.kind == Kind.SUGGESTION and is_first


def _changed(document: Document, thread: Thread | None) -> Done:
    """Count one change, and have the people in the document told of it."""
    document.comments_version += 1
    Document.objects.filter(pk=document.pk).update(comments_version=document.comments_version)
    here.changed(document.pk)
    return _unchanged(document, thread)


def _unchanged(document: Document, thread: Thread | None) -> Done:
    whole = Thread.objects.whole().get(pk=thread.pk) if thread else None
    return Done(document.comments_version, whole)
