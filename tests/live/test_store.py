"""The durable log: order, rights and authors of what is appended, on both databases."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms import store
from rooms.core.access import Role
from rooms.core.errors import Forbidden, NotFound, StaleEpoch
from rooms.models import Document, Membership, ShareLink, Snapshot, Update, User
from rooms.services.documents import create_document
from rooms.services.rooms import create_room
from rooms.services.sharing import make_link, open_link, revoke_link
from tests.core import encoding as e
from tests.harness.orm import rows
from tests.harness.people import Cast
from tests.live.revocations import GROUP, LINK, arrive

WORDS = e.update(e.section(7, 0, e.text("words")))


def entry(cast: Cast, author: User, document: Document | None = None, **fields: Any) -> store.Entry:
    values = {
        "document_id": (document or cast.document).pk,
        "epoch": 1,
        "author_id": author.pk,
        "payload": WORDS,
        **fields,
    }
    return store.Entry(**values)


def test_of_several_authors_one_is_refused_and_the_others_are_stored(cast: Cast) -> None:
    authors = [cast.alice, cast.vera, cast.bob, cast.mallory, cast.carol]
    result = store.append([entry(cast, author) for author in authors], check_rights=True)
    assert result.stored == {cast.document.pk: (1, 2)}
    refused = {author: type(refusal) for (_, author), refusal in result.refused.items()}
    assert refused == {cast.vera.pk: Forbidden, cast.carol.pk: Forbidden, cast.mallory.pk: NotFound}
    assert rows(cast.document) == [(1, cast.alice.pk), (2, cast.bob.pk)]


def test_when_a_document_was_edited_is_written_again_after_ten_seconds_only(cast: Cast) -> None:
    """An index has it: written with every edit, it would be a third of what a commit costs."""
    long_ago = timezone.now() - timedelta(seconds=11)
    Document.objects.filter(pk=cast.document.pk).update(edited_at=long_ago)
    store.append([entry(cast, cast.alice)], check_rights=True)
    first = Document.objects.get(pk=cast.document.pk).edited_at
    assert first > long_ago + timedelta(seconds=10)
    store.append([entry(cast, cast.bob)], check_rights=True)
    assert Document.objects.get(pk=cast.document.pk).edited_at == first


def test_a_batch_larger_than_a_statement_is_stored_whole(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.store.AT_ONCE", 2)
    documents = [Document.objects.create(room=cast.room, title=f"Number {number}") for number in range(5)]
    entries = [entry(cast, author, document) for document in documents for author in (cast.alice, cast.bob)]
    assert store.append(entries, check_rights=True).stored == {document.pk: (1, 2) for document in documents}
    assert [rows(document) for document in documents] == [[(1, cast.alice.pk), (2, cast.bob.pk)]] * 5
    assert set(Document.objects.filter(title__startswith="Number").values_list("head", flat=True)) == {2}


def test_a_deactivated_author_is_a_stranger(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    result = store.append([entry(cast, cast.bob)], check_rights=True)
    assert [type(refusal) for refusal in result.refused.values()] == [NotFound]
    assert (result.stored, rows(cast.document)) == ({}, [])


def test_without_the_check_the_grant_of_the_caller_counts(cast: Cast) -> None:
    assert store.append([entry(cast, cast.vera)], check_rights=False).stored == {cast.document.pk: (1, 1)}


@pytest.mark.parametrize("check_rights", [True, False])
def test_another_lineage_and_a_deleted_document_are_refused(cast: Cast, check_rights: bool) -> None:
    other = Document.objects.create(room=cast.room, title="Other")
    entries = [
        entry(cast, cast.alice, epoch=2),
        entry(cast, cast.alice, other),
        entry(cast, cast.bob, document_id=10**9),
    ]
    result = store.append(entries, check_rights=check_rights)
    assert result.stored == {other.pk: (1, 1)}
    assert {key: type(refusal) for key, refusal in result.refused.items()} == {
        (cast.document.pk, cast.alice.pk): StaleEpoch,
        (10**9, cast.bob.pk): NotFound,
    }


def test_a_member_of_one_room_writes_in_that_room_only(cast: Cast) -> None:
    theirs = create_room(name="Theirs", by=cast.mallory)
    other = Document.objects.create(room=theirs, title="Other")
    entries = [entry(cast, cast.bob, other), entry(cast, cast.mallory, other), entry(cast, cast.bob)]
    result = store.append(entries, check_rights=True)
    assert set(result.refused) == {(other.pk, cast.bob.pk)}


@pytest.mark.parametrize("room_id", [0, 10**9, None])
def test_rights_are_those_of_the_room_in_which_the_document_is_now(cast: Cast, room_id: int | None) -> None:
    """Whatever room the caller remembers. None: it remembers the right one of another document."""
    theirs = create_room(name="Theirs", by=cast.mallory)
    moved = Document.objects.create(room=theirs, title="Moved")
    here = cast.room.pk if room_id is None else room_id
    entries = [entry(cast, author, moved, room_id=here) for author in (cast.bob, cast.mallory)]
    result = store.append([*entries, entry(cast, cast.bob, room_id=here)], check_rights=True)
    assert set(result.refused) == {(moved.pk, cast.bob.pk)}
    assert (rows(moved), rows(cast.document)) == ([(1, cast.mallory.pk)], [(1, cast.bob.pk)])


@pytest.mark.parametrize("way", [GROUP, LINK])
def test_who_came_by_a_group_or_a_link_writes_until_it_ends(cast: Cast, way: str) -> None:
    arrive(cast, way)
    entries = [entry(cast, cast.bob), entry(cast, cast.vera), entry(cast, cast.alice)]
    result = store.append(entries, check_rights=True)
    assert set(result.refused) == {(cast.document.pk, cast.vera.pk)}
    if way == GROUP:
        cast.bob.groups.clear()
    else:
        ShareLink.objects.update(expires_at=timezone.now())
    result = store.append([entry(cast, cast.bob), entry(cast, cast.alice)], check_rights=True)
    assert isinstance(result.refused[cast.document.pk, cast.bob.pk], NotFound)
    assert [author for _, author in rows(cast.document)] == [cast.bob.pk, cast.alice.pk, cast.alice.pk]


def test_a_link_of_another_document_gives_no_right_here(cast: Cast) -> None:
    other = Document.objects.create(room=cast.room, title="Other")
    arrive(cast, LINK)
    result = store.append([entry(cast, cast.bob, other), entry(cast, cast.bob)], check_rights=True)
    assert set(result.refused) == {(other.pk, cast.bob.pk)}


def test_the_largest_of_several_roles_counts(cast: Cast) -> None:
    link = make_link(document=cast.document, by=cast.alice, role=Role.EDITOR)
    open_link(key=link.key, user=cast.vera)
    assert not store.append([entry(cast, cast.vera)], check_rights=True).refused
    revoke_link(link=link)
    result = store.append([entry(cast, cast.vera)], check_rights=True)
    assert isinstance(result.refused[cast.document.pk, cast.vera.pk], Forbidden)


def test_what_is_refused_leaves_no_hole(cast: Cast) -> None:
    for author in (cast.alice, cast.vera, cast.bob):
        store.append([entry(cast, author)], check_rights=True)
    assert rows(cast.document) == [(1, cast.alice.pk), (2, cast.bob.pk)]
    document = Document.objects.get(pk=cast.document.pk)
    assert document.head == 2


def test_nothing_is_stored_when_the_transaction_fails(live_cast: Cast) -> None:
    store.append([entry(live_cast, live_cast.alice)], check_rights=True)
    nobody = entry(live_cast, live_cast.alice, author_id=10**9)
    with pytest.raises(IntegrityError):
        store.append([entry(live_cast, live_cast.bob), nobody], check_rights=False)
    assert rows(live_cast.document) == [(1, live_cast.alice.pk)]
    assert Document.objects.get(pk=live_cast.document.pk).head == 1


def side_by_side(*works: Callable[[], None]) -> None:
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_writers_side_by_side_leave_no_hole_and_do_not_wait_in_a_circle(live_cast: Cast) -> None:
    other = Document.objects.create(room=live_cast.room, title="Other")
    stored: list[tuple[int, int]] = []

    def writer(number: int) -> Callable[[], None]:
        documents = [live_cast.document, other][:: 1 if number % 2 else -1]

        def work() -> None:
            for _ in range(25):
                result = store.append([entry(live_cast, live_cast.bob, one) for one in documents], check_rights=True)
                stored.append(result.stored[live_cast.document.pk])

        return work

    side_by_side(*(writer(number) for number in range(4)))
    for document in (live_cast.document, other):
        assert [seq for seq, _ in rows(document)] == list(range(1, 101))
    assert sorted(stored) == [(seq, seq) for seq in range(1, 101)]


def test_once_a_removal_has_committed_no_edit_of_that_person_commits(live_cast: Cast) -> None:
    """The log at the moment of the removal is the log for ever, however many edits were on their way."""
    for _ in range(5):
        Membership.objects.get_or_create(room=live_cast.room, user=live_cast.bob, defaults={"role": Role.EDITOR})
        removed = threading.Event()
        heads: list[int] = []

        def write(removed: threading.Event = removed) -> None:
            for _ in range(200):
                late = removed.is_set()
                result = store.append([entry(live_cast, live_cast.bob)], check_rights=True)
                assert not (late and result.stored), "an edit was committed after the removal"
                if result.refused:
                    return

        def remove(removed: threading.Event = removed, heads: list[int] = heads) -> None:
            Membership.objects.filter(user=live_cast.bob).delete()
            removed.set()
            heads.append(Update.objects.filter(author=live_cast.bob).count())

        side_by_side(write, remove)
        assert heads == [Update.objects.filter(author=live_cast.bob).count()]


def test_load_is_the_snapshot_and_the_tail(cast: Cast) -> None:
    for _ in range(3):
        store.append([entry(cast, cast.alice)], check_rights=True)
    assert store.compact(cast.document.pk, epoch=1, seq=2, payload=b"snapshot")
    loaded = store.load(cast.document.pk)
    assert loaded.snapshot == store.Row(2, b"snapshot")
    assert loaded.tail == [store.Row(3, WORDS)]
    assert loaded.seq == 3
    with pytest.raises(store.Compacted):
        store.since(cast.document.pk, 1)
    assert store.since(cast.document.pk, 2) == [store.Row(3, WORDS)]


def test_a_document_that_is_gone_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        store.load(10**9)
    assert store.heads([10**9, cast.document.pk]) == {cast.document.pk: store.Head(0, 1, "Launch plan", cast.room.pk)}


def test_however_many_documents_are_open_their_heads_are_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database takes only so many values in one statement, SQLite 32,766 and Debian's 250,000."""
    monkeypatch.setattr(store, "AT_ONCE", 3)
    made = [create_document(room=cast.room, by=cast.alice).pk for _ in range(7)]
    with CaptureQueriesContext(connection) as asked:
        found = store.heads(made)
    assert found.keys() == set(made)
    assert len(asked) == 3


REFUSED_SNAPSHOTS = {
    "another lineage": {"epoch": 2, "seq": 2},
    "ahead of the log": {"epoch": 1, "seq": 3},
    "as old as the one that is there": {"epoch": 1, "seq": 1},
}


@pytest.mark.parametrize("case", REFUSED_SNAPSHOTS)
def test_a_snapshot_that_does_not_fit_changes_nothing(cast: Cast, case: str) -> None:
    for _ in range(2):
        store.append([entry(cast, cast.alice)], check_rights=True)
    assert store.compact(cast.document.pk, epoch=1, seq=1, payload=b"first")
    assert not store.compact(cast.document.pk, payload=b"other", **REFUSED_SNAPSHOTS[case])
    (snapshot,) = Snapshot.objects.all()
    assert (snapshot.seq, bytes(snapshot.payload)) == (1, b"first")
    assert Update.objects.filter(payload=None).count() == 1


def test_a_newer_snapshot_takes_the_place_of_the_older_of_which_some_are_kept(cast: Cast, settings: Any) -> None:
    settings.COLLAB_KEPT_SNAPSHOTS = 2
    other = Document.objects.create(room=cast.room, title="Other")
    Snapshot.objects.create(document=other, epoch=1, seq=1, payload=b"another document's")
    for _ in range(5):
        store.append([entry(cast, cast.alice)], check_rights=True)
    before = list(Update.objects.order_by("seq").values_list("seq", "author_id", "at"))
    for seq in (1, 2, 3, 5):
        assert store.compact(cast.document.pk, epoch=1, seq=seq, payload=b"%d" % seq)
    assert store.load(cast.document.pk).snapshot == store.Row(5, b"5")
    assert list(cast.document.snapshots.order_by("seq").values_list("seq", flat=True)) == [2, 3, 5]
    assert other.snapshots.count() == 1
    assert list(Update.objects.order_by("seq").values_list("seq", "author_id", "at")) == before
