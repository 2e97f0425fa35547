"""How files end: with their document, or when no document mentions them any more."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from rooms.models import Attachment, Document, Room, User
from rooms.services import documents, files
from tests.web.test_files import add, stored


@pytest.mark.parametrize("end", [lambda d: documents.delete_document(document=d), lambda d: d.room.delete()])
def test_files_go_with_their_document_and_not_before_the_commit(
    alice: User, document: Document, django_capture_on_commit_callbacks: Any, end: Callable[[Document], Any]
) -> None:
    key = add(document, alice).key
    with django_capture_on_commit_callbacks(execute=True):
        end(document)
        assert key in stored()
    assert key not in stored()
    assert not Attachment.objects.exists()


def write(document: Document, by: User, *nodes: dict[str, Any]) -> None:
    documents.write_content(document=document, content={"type": "doc", "content": list(nodes)}, by=by)


def test_files_that_no_document_mentions_are_listed_and_go_after_a_week(
    alice: User, document: Document, room: Room, django_capture_on_commit_callbacks: Any
) -> None:
    shown, deep, copied, lost = (add(document, alice) for _ in range(4))
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=2))
    fresh = add(document, alice)
    quote = {"type": "blockquote", "content": [{"type": "file", "attrs": {"file": deep.key}}]}
    write(document, alice, {"type": "image", "attrs": {"file": shown.key}}, quote)
    other = documents.create_document(room=room, by=alice)
    write(other, alice, {"type": "image", "attrs": {"file": copied.key}})

    def run(*options: str) -> str:
        out = StringIO()
        with django_capture_on_commit_callbacks(execute=True):
            call_command("unused_files", *options, stdout=out)
        return out.getvalue()

    assert lost.key in run("--delete")
    assert lost.key in stored()
    Attachment.objects.filter(pk=lost.pk).update(unused_since=timezone.now() - timedelta(days=8))
    said = run()
    assert lost.key in said
    assert not any(one.key in said for one in (shown, deep, copied, fresh))
    assert Attachment.objects.count() == 5
    assert "1 of them deleted" in run("--delete")
    assert set(Attachment.objects.all()) == {shown, deep, copied, fresh}
    assert lost.key not in stored()


def test_a_file_that_is_used_again_begins_anew(alice: User, document: Document) -> None:
    attachment = add(document, alice)
    long_ago = timezone.now() - timedelta(days=30)
    Attachment.objects.update(created_at=long_ago, unused_since=long_ago)
    write(document, alice, {"type": "image", "attrs": {"file": attachment.key}})

    assert files.note_unused() == []

    attachment.refresh_from_db()
    assert attachment.unused_since is None
