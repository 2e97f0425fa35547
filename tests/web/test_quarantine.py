"""Staff and a document that cannot be opened: what they see of it, and what they can do."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rooms import quarantine, store
from rooms.canary.process import Fault, NoTime
from rooms.core import prosemirror
from rooms.core.errors import Quarantined
from rooms.models import Attachment, AuditEntry, Document, Quarantine, Snapshot, Update, User
from rooms.services import files, quarantined
from tests.harness.people import Cast
from tests.live import damaged
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db

STEPS = ["try", "restore", "export"]


@pytest.fixture
def staff(cast: Cast, as_: Pages) -> Client:
    """A browser of mallory's, who is staff here and may change documents."""
    return as_(staff_with(cast.mallory, "change_document"))


def staff_with(user: User, *permissions: str) -> User:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    for codename in permissions:
        user.user_permissions.add(Permission.objects.get(codename=codename))
    return User.objects.get(pk=user.pk)


def words(*lines: str) -> bytes:
    """A document with these paragraphs."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return prosemirror.to_update({"type": "doc", "content": paragraphs})


def set_apart(document: Document) -> Quarantine:
    document.refresh_from_db()
    fault = quarantine.prove(store.load(document.pk)) or Fault("malformed")
    assert quarantine.set_apart(document.pk, fault, epoch=document.epoch, seq=document.head, instance="a")
    return Quarantine.objects.get(document=document)


@pytest.fixture
def damaged_one(document: Document) -> Quarantine:
    """A document with two good snapshots, a newest one that kills, and a row after it."""
    damaged.snapshot(document, words("the first"), seq=1)
    damaged.snapshot(document, words("the first", "the second"), seq=2)
    damaged.snapshot(document, damaged.NESTED_VALUES, seq=3)
    damaged.row(document, damaged.written("lost")[0], seq=4)
    return set_apart(document)


def address(step: str, one: Quarantine) -> str:
    arguments: dict[str, list[Any]] = {
        "try": [one.pk],
        "restore": [one.pk, one.document.snapshots.order_by("seq")[1].pk],
        "export": [one.pk, "txt"],
    }
    return reverse(f"admin:rooms_quarantine_{step}", args=arguments[step])


def page(one: Quarantine) -> str:
    return reverse("admin:rooms_quarantine_change", args=[one.pk])


def is_apart(document: Document) -> bool:
    try:
        store.load(document.pk)
    except Quarantined:
        return True
    return False


# --- What staff see ----------------------------------------------------------------------------------------------


def test_the_list_and_the_page_say_what_is_wrong_and_what_is_stored(staff: Client, damaged_one: Quarantine) -> None:
    listed = staff.get(reverse("admin:rooms_quarantine_changelist"))
    assert "Launch plan" in listed.text
    assert "it ends the process that loads it" in listed.text
    shown = staff.get(page(damaged_one)).text
    assert "cannot be opened: it ends the process that loads it (SIGSEGV)" in shown
    assert "3 snapshots" in " ".join(shown.split())
    assert "1 batch of words" in " ".join(shown.split())
    assert shown.count("<td>yes</td>") == 2
    assert "no: crashed, SIGSEGV" in shown
    assert "the second" not in shown, "content is for those who may see the document, or who export it"
    assert "Quarantined documents" in staff.get(reverse("admin:index")).text


@pytest.mark.parametrize("step", ["", *STEPS])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_staff_who_may_change_documents_get_there(
    step: str, method: str, damaged_one: Quarantine, cast: Cast, as_: Pages
) -> None:
    where = address(step, damaged_one) if step else page(damaged_one)
    others = [as_(cast.alice), as_(None)]
    assert [getattr(one, method)(where).status_code for one in others] == [302, 302], "to the sign-in of the admin"
    viewer = as_(staff_with(cast.vera, "view_document", "view_quarantine", "change_quarantine"))
    assert getattr(viewer, method)(where).status_code == 403
    assert is_apart(damaged_one.document)
    assert not AuditEntry.objects.filter(action__in=["restored", "exported"]).exists()


@pytest.mark.parametrize("step", STEPS)
def test_each_step_asks_first_and_changes_nothing_before(step: str, staff: Client, damaged_one: Quarantine) -> None:
    before = list(Snapshot.objects.order_by("pk").values_list("pk", "seq"))
    asked = staff.get(address(step, damaged_one))
    assert "No, take me back" in asked.text
    assert is_apart(damaged_one.document)
    assert list(Snapshot.objects.order_by("pk").values_list("pk", "seq")) == before
    assert not AuditEntry.objects.filter(action__in=["restored", "exported"]).exists()


@pytest.mark.parametrize("step", STEPS)
def test_a_step_needs_the_token_of_its_form(step: str, cast: Cast, damaged_one: Quarantine) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff_with(cast.mallory, "change_document"), "django.contrib.auth.backends.ModelBackend")
    assert browser.post(address(step, damaged_one)).status_code == 403
    assert is_apart(damaged_one.document)


@pytest.mark.parametrize(
    "where", ["999999/try/", "x/try/", "999999/export/txt/", "{}/restore/999999/", "{}/export/exe/"]
)
def test_what_is_not_there_is_not_found(where: str, staff: Client, damaged_one: Quarantine) -> None:
    base = reverse("admin:rooms_quarantine_changelist")
    assert staff.post(base + where.format(damaged_one.pk)).status_code == 404


def test_a_snapshot_of_another_document_cannot_be_restored(staff: Client, damaged_one: Quarantine, cast: Cast) -> None:
    other = Document.objects.create(room=cast.room, title="Other")
    damaged.snapshot(other, words("not yours"))
    where = reverse("admin:rooms_quarantine_restore", args=[damaged_one.pk, other.snapshots.get().pk])
    assert staff.post(where).status_code == 404


@pytest.mark.parametrize("step", ["", *STEPS])
def test_a_machine_that_is_too_busy_says_so(
    step: str, staff: Client, damaged_one: Quarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = address(step, damaged_one) if step else page(damaged_one)

    class Busy:
        def ask(self, *asked: Any) -> None:
            raise NoTime

    monkeypatch.setattr(quarantine, "canaries", Busy)
    answer = staff.post(where, follow=True) if step else staff.get(where)
    assert "too busy" in answer.text
    assert is_apart(damaged_one.document)


# --- Trying again ------------------------------------------------------------------------------------------------


def test_a_document_that_still_fails_stays_where_it_is(staff: Client, damaged_one: Quarantine) -> None:
    answer = staff.post(address("try", damaged_one), follow=True)
    assert "It does not load: it ends the process that loads it (SIGSEGV)." in answer.text
    assert is_apart(damaged_one.document)


def test_a_document_that_loads_again_can_be_opened(staff: Client, damaged_one: Quarantine) -> None:
    Snapshot.objects.filter(seq=3).update(payload=words("mended"))
    answer = staff.post(address("try", damaged_one), follow=True)
    assert "loads, and can be opened again" in answer.text
    assert not is_apart(damaged_one.document)
    assert store.load(damaged_one.document.pk).epoch == 1


# --- Restoring ---------------------------------------------------------------------------------------------------


def test_a_restored_snapshot_is_a_new_lineage_and_stands_in_the_log(
    staff: Client, damaged_one: Quarantine, cast: Cast
) -> None:
    wanted = bytes(damaged_one.document.snapshots.get(seq=2).payload)
    answer = staff.post(address("restore", damaged_one), follow=True)
    assert "is restored" in answer.text
    loaded = store.load(damaged_one.document.pk)
    assert (loaded.epoch, loaded.seq, loaded.tail) == (2, 5, [])
    assert loaded.snapshot is not None
    assert loaded.snapshot.payload == wanted
    history = Update.objects.order_by("seq").values_list("seq", "author__email", "payload")
    assert history[1] == (5, "mallory@example.com", None)
    entry = AuditEntry.objects.get(action="restored")
    assert (entry.actor_name, entry.room_id) == ("mallory@example.com", cast.room.pk)
    assert entry.detail.startswith("“Launch plan”, as of 2")
    refused = store.append(
        [store.Entry(damaged_one.document.pk, 1, cast.alice.pk, damaged.written("old")[0])], check_rights=True
    )
    assert [refusal.code for refusal in refused.refused.values()] == ["stale_epoch"]
    stored = store.append(
        [store.Entry(damaged_one.document.pk, 2, cast.alice.pk, damaged.written("new")[0])], check_rights=True
    )
    assert stored.stored == {damaged_one.document.pk: (6, 6)}


def test_a_snapshot_that_does_not_load_is_not_restored(staff: Client, damaged_one: Quarantine) -> None:
    bad = damaged_one.document.snapshots.get(seq=3)
    answer = staff.post(reverse("admin:rooms_quarantine_restore", args=[damaged_one.pk, bad.pk]), follow=True)
    assert "That snapshot does not load" in answer.text
    assert is_apart(damaged_one.document)
    damaged_one.document.refresh_from_db()
    assert (damaged_one.document.epoch, damaged_one.document.head) == (1, 4)


def test_of_two_who_restore_at_once_one_is_told(damaged_one: Quarantine, cast: Cast) -> None:
    good = damaged_one.document.snapshots.get(seq=1)
    assert quarantined.restore(document=damaged_one.document, snapshot=good, by=cast.mallory) is None
    with pytest.raises(quarantined.Changed):
        quarantined.restore(document=damaged_one.document, snapshot=good, by=cast.mallory)
    assert AuditEntry.objects.filter(action="restored").count() == 1


# --- Export ------------------------------------------------------------------------------------------------------


def everything(document: Document) -> None:
    """Nothing is wrong any more, and nobody has tried again yet."""
    damaged.snapshot(document, words("the first"), seq=1)


def good_rows_and_a_bad_one(document: Document) -> None:
    for seq, payload in enumerate([words("the first"), *[damaged.written("x")[0]] * 6, damaged.GARBAGE], start=1):
        damaged.row(document, payload, seq=seq)


def a_bad_snapshot_after_a_good_one(document: Document) -> None:
    damaged.snapshot(document, words("the first"), seq=1)
    damaged.snapshot(document, damaged.TRUNCATED, seq=2)
    damaged.row(document, damaged.written("lost")[0], seq=3)


@pytest.mark.parametrize(
    ("harm", "seq"), [(everything, 1), (good_rows_and_a_bad_one, 7), (a_bad_snapshot_after_a_good_one, 1)]
)
def test_what_is_readable_is_exported_as_json_and_as_text(
    harm: Callable[[Document], None], seq: int, staff: Client, document: Document
) -> None:
    harm(document)
    one = set_apart(document)
    answer = staff.post(reverse("admin:rooms_quarantine_export", args=[one.pk, "json"]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Launch plan.json"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    read = json.loads(answer.content)
    assert (read["title"], read["epoch"], read["seq"]) == ("Launch plan", 1, seq)
    assert read["content"]["content"] == [{"type": "paragraph", "content": [{"type": "text", "text": "the first"}]}]
    text = staff.post(reverse("admin:rooms_quarantine_export", args=[one.pk, "txt"]))
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.text == "the first\n"
    entries = AuditEntry.objects.filter(action="exported").values_list("actor_name", "detail")
    assert list(entries) == [("mallory@example.com", "“Launch plan”, what is readable of it")] * 2
    assert is_apart(document)


def test_of_a_document_without_a_readable_byte_there_is_no_export(staff: Client, document: Document) -> None:
    damaged.row(document, damaged.GARBAGE)
    one = set_apart(document)
    answer = staff.post(reverse("admin:rooms_quarantine_export", args=[one.pk, "txt"]), follow=True)
    assert "Nothing of it can be read." in answer.text
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_a_title_cannot_become_a_header(staff: Client, document: Document) -> None:
    everything(document)
    one = set_apart(document)
    Document.objects.filter(pk=document.pk).update(title='a"; x\r\nSet-Cookie: b=c\u202e')
    answer = staff.post(reverse("admin:rooms_quarantine_export", args=[one.pk, "txt"]))
    assert "Set-Cookie" not in answer.headers
    assert "\n" not in answer.headers["Content-Disposition"]


def test_files_of_a_document_that_nobody_can_read_are_not_taken_for_unused(document: Document, alice: User) -> None:
    files.add_file(document=document, by=alice, name="a.txt", content=ContentFile(b"words", "a.txt"))
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=9))
    damaged.snapshot(document, damaged.NESTED_VALUES)
    assert files.note_unused() == []
    set_apart(document)
    assert files.note_unused() == []
