"""Comments and suggestions: threads about a passage of a document. They are rows and not marks in the document, so
that whoever may comment need not be able to edit.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from rooms.core import commenting
from rooms.core.commenting import Kind, State
from rooms.models.document import Document
from rooms.models.keys import new_key


def _at_most(field: str, size: int) -> Any:
    """The condition that `field` has at most `size` characters, or bytes. Nothing has no size: null passes."""
    return LessThanOrEqual(Length(field), size)


def _person(**options: Any) -> "models.ForeignKey[Any, Any]":
    """Whoever wrote something may go; the words stay."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", **options
    )


class ThreadQuerySet(models.QuerySet["Thread"]):
    def whole(self) -> "ThreadQuerySet":
        """With all that a page shows of them, the oldest first, in three queries."""
        reactions = Reaction.objects.select_related("user").order_by("pk")
        comments = Comment.objects.select_related("author").order_by("pk")
        return (
            self.select_related("created_by", "closed_by")
            .prefetch_related(
                models.Prefetch("comments", queryset=comments),
                models.Prefetch("comments__reactions", queryset=reactions),
            )
            .order_by("pk")
        )


class Thread(models.Model):
    """A comment or a suggestion, with what was answered to it. The first comment is what it began with."""

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="threads")
    epoch = models.PositiveIntegerField(help_text="The lineage that the positions belong to.")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    # Where the passage begins and ends: encoded Yjs relative positions, both or none.
    anchor = models.BinaryField(null=True)
    head = models.BinaryField(null=True)
    quote = models.CharField(max_length=commenting.MAX_QUOTE, blank=True)
    replacement = models.TextField(null=True, help_text="What a suggestion puts in the place of the passage.")
    state = models.CharField(
        max_length=16, choices=[(state.value, state.value) for state in State], default=State.OPEN.value
    )
    created_by = _person()
    created_at = models.DateTimeField(auto_now_add=True)
    closed_by = _person()
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar = ThreadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    kind=Kind.COMMENT.value, replacement=None, state__in=[State.OPEN.value, State.RESOLVED.value]
                )
                | Q(
                    kind=Kind.SUGGESTION.value,
                    replacement__isnull=False,
                    state__in=[State.OPEN.value, State.ACCEPTED.value, State.REJECTED.value],
                ),
                name="thread_is_a_comment_or_a_suggestion",
            ),
            models.CheckConstraint(
                condition=Q(state=State.OPEN.value, closed_at=None, closed_by=None)
                | (~Q(state=State.OPEN.value) & Q(closed_at__isnull=False)),
                name="thread_is_closed_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(anchor=None, head=None) | Q(anchor__isnull=False, head__isnull=False),
                name="thread_has_both_positions_or_none",
            ),
            models.CheckConstraint(
                condition=Q(_at_most("anchor", commenting.MAX_POSITION_BYTES))
                & Q(_at_most("head", commenting.MAX_POSITION_BYTES)),
                name="thread_positions_are_short",
            ),
            models.CheckConstraint(
                condition=Q(_at_most("quote", commenting.MAX_QUOTE))
                & Q(_at_most("replacement", commenting.MAX_REPLACEMENT)),
                name="thread_texts_are_short",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Comment(models.Model):
    """What one person said in a thread. A deleted one keeps its place without its words."""

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="comments")
    author = _person()
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(_at_most("body", commenting.MAX_BODY)), name="comment_is_short"),
            models.CheckConstraint(condition=Q(deleted_at=None) | Q(body=""), name="comment_deleted_has_no_words"),
        ]

    def __str__(self) -> str:
        return f"comment {self.key}"


class Reaction(models.Model):
    """One person's emoji at one comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["comment", "user", "emoji"], name="reaction_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.emoji} at {self.comment_id}"
