"""Comments and suggestions over HTTP: what each request changes, and what its answer holds."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rooms.core.access import Role
from rooms.core.commenting import Kind, State
from rooms.models import AuditEntry, Comment, Document, User
from rooms.services import comments
from rooms.services.comments import Beginning
from tests.harness.people import Cast
from tests.web.conftest import Pages
from tests.web.talk import POSITION, REMARK, SUGGESTION, Talk, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(cast: Cast, as_: Pages) -> Talk:
    return Talk(cast, as_)


# --- What there is to read --------------------------------------------------------------------------------------------


def test_a_comment_is_read_by_everybody_in_the_room(talk: Talk, cast: Cast) -> None:
    assert talk.read("vera") == {
        "version": 0,
        "you": cast.vera.key,
        "may": {"comment": False, "edit": False, "own": False},
        "threads": [],
    }
    made = talk.begin("carol")
    carol = {"id": cast.carol.key, "name": "Carol", "color": cast.carol.color}
    (thread,) = talk.read("vera")["threads"]
    assert thread == made
    (said,) = thread.pop("comments")
    assert thread.pop("at")[:4].isdigit()
    assert said.pop("at")[:4].isdigit()
    assert said == {
        "id": made["comments"][0]["id"],
        "by": carol,
        "edited_at": None,
        "deleted": False,
        "body": "Why May?",
        "reactions": [],
    }
    assert thread == {
        "id": made["id"],
        "kind": "comment",
        "state": "open",
        "anchor": POSITION,
        "head": POSITION,
        "quote": "in May",
        "replacement": None,
        "by": carol,
        "closed_by": None,
        "closed_at": None,
    }


@pytest.mark.parametrize(
    ("name", "may"), [("alice", (1, 1, 1)), ("bob", (1, 1, 0)), ("carol", (1, 0, 0)), ("vera", (0, 0, 0))]
)
def test_a_page_learns_what_its_person_may(talk: Talk, name: str, may: tuple[int, ...]) -> None:
    assert talk.read(name)["may"] == dict(zip(("comment", "edit", "own"), map(bool, may), strict=True))


def test_threads_come_the_oldest_first_and_the_version_grows(talk: Talk) -> None:
    for body in ("one", "two", "three"):
        talk.begin("bob", body=body)
    found = talk.read("alice")
    assert [thread["comments"][0]["body"] for thread in found["threads"]] == ["one", "two", "three"]
    assert found["version"] == 3


def test_positions_of_another_lineage_are_not_told(talk: Talk) -> None:
    talk.begin("carol")
    Document.objects.filter(pk=talk.document.pk).update(epoch=2)
    talk.begin("carol")
    old, new = talk.read("vera")["threads"]
    assert (old["anchor"], old["head"], old["quote"]) == (None, None, "in May")
    assert (new["anchor"], new["head"]) == (POSITION, POSITION)


def test_all_of_it_is_read_in_as_many_queries_as_a_little(talk: Talk) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            talk.read("vera")
        return len(asked)

    def discuss() -> None:
        thread = talk.begin("carol")
        talk.send("bob", f"/{thread['id']}/replies", body="Because.")
        talk.send("alice", f"{at(thread)}/react", emoji="👍", on=True)

    talk.read("vera")
    discuss()
    little = queries()
    for _ in range(9):
        discuss()
    assert queries() == little


# --- States -----------------------------------------------------------------------------------------------------------


def test_closing_says_by_whom_and_opening_forgets_it(talk: Talk, cast: Cast) -> None:
    thread = talk.begin("carol")
    _, said = talk.send("bob", f"/{thread['id']}/state", state="resolved")
    assert (said["thread"]["state"], said["thread"]["closed_by"]["id"]) == ("resolved", cast.bob.key)
    assert said["thread"]["closed_at"] is not None
    _, said = talk.send("carol", f"/{thread['id']}/state", state="open")
    assert (said["thread"]["state"], said["thread"]["closed_by"], said["thread"]["closed_at"]) == ("open", None, None)


@pytest.mark.parametrize(
    ("fields", "states", "status"),
    [
        (REMARK, ["resolved", "resolved"], 409),
        (REMARK, ["open"], 409),
        (REMARK, ["accepted"], 400),
        (SUGGESTION, ["accepted", "accepted"], 409),
        (SUGGESTION, ["accepted", "rejected"], 409),
        (SUGGESTION, ["rejected", "accepted"], 409),
        (SUGGESTION, ["resolved"], 400),
    ],
)
def test_only_a_state_that_follows_the_present_one(
    talk: Talk, fields: dict[str, Any], states: list[str], status: int
) -> None:
    thread = talk.begin("bob", **fields)
    path = f"/{thread['id']}/state"
    for state in states[:-1]:
        assert talk.send("bob", path, state=state)[0] == 200
    before = talk.version
    answered, said = talk.send("alice", path, state=states[-1])
    assert (answered, said["code"]) == (status, {400: "bad_request", 409: "conflict"}[status])
    assert talk.version == before


@pytest.mark.django_db(transaction=True)
def test_of_several_who_accept_a_suggestion_at_once_one_does(cast: Cast) -> None:
    people = [cast.alice, cast.bob, cast.alice, cast.bob]
    for round_number in range(5):
        beginning = Beginning(Kind.SUGGESTION, b"\0\5\3\0", b"\0\5\3\0", "in May", "", "in June")
        thread = comments.begin(document=cast.document, by=cast.carol, beginning=beginning).thread
        assert thread is not None
        together = Barrier(len(people))

        def accept(by: User, key: str = thread.key, together: Barrier = together) -> str:
            try:
                together.wait()
                comments.turn(document=cast.document, thread=key, by=by, role=Role.EDITOR, state=State.ACCEPTED)
            except comments.Changed:
                return "changed"
            finally:
                connection.close()
            return "accepted"

        with ThreadPoolExecutor(len(people)) as pool:
            assert sorted(pool.map(accept, people)) == ["accepted", "changed", "changed", "changed"]
        assert Document.objects.get(pk=cast.document.pk).comments_version == 2 * (round_number + 1)


# --- Editing, deleting, reacting --------------------------------------------------------------------------------------


def test_an_edit_says_that_it_is_one_and_the_same_words_are_none(talk: Talk) -> None:
    thread = talk.begin("carol")
    before = talk.version
    _, said = talk.send("carol", f"{at(thread)}/edit", body="Why May?")
    assert (said["version"], said["thread"]["comments"][0]["edited_at"]) == (before, None)
    _, said = talk.send("carol", f"{at(thread)}/edit", body=" Why not June?\n")
    assert said["thread"]["comments"][0]["body"] == "Why not June?"
    assert said["thread"]["comments"][0]["edited_at"] is not None


def test_a_deleted_comment_keeps_its_place_without_its_words(talk: Talk) -> None:
    thread = talk.begin("carol", body="secret")
    talk.send("alice", f"{at(thread)}/react", emoji="👀", on=True)
    _, said = talk.send("bob", f"/{thread['id']}/replies", body="Oh")
    _, said = talk.send("carol", f"{at(thread)}/delete")
    first, second = said["thread"]["comments"]
    assert (first["deleted"], first["body"], first["reactions"]) == (True, "", [])
    assert (second["deleted"], second["body"]) == (False, "Oh")
    assert not Comment.objects.filter(body__contains="secret").exists()
    for change, fields in (("edit", {"body": "again"}), ("delete", {}), ("react", {"emoji": "👍", "on": True})):
        assert talk.send("carol", f"{at(thread)}/{change}", **fields)[0] == 404


def test_with_its_last_words_a_thread_goes(talk: Talk) -> None:
    alone, answered = talk.begin("carol"), talk.begin("carol")
    assert talk.send("carol", f"{at(alone)}/delete")[1] == {"version": 3, "thread": None}
    _, said = talk.send("bob", f"/{answered['id']}/replies", body="Oh")
    answered = said["thread"]
    assert talk.send("carol", f"{at(answered)}/delete")[1]["thread"] is not None
    assert talk.send("bob", f"{at(answered, 1)}/delete")[1] == {"version": 6, "thread": None}
    assert talk.read("vera") | {"you": ""} == {
        "version": 6,
        "you": "",
        "may": {"comment": False, "edit": False, "own": False},
        "threads": [],
    }


def test_a_thread_whose_answers_went_stays_with_its_first_words(talk: Talk) -> None:
    thread = talk.begin("carol")
    _, said = talk.send("bob", f"/{thread['id']}/replies", body="Oh")
    _, said = talk.send("bob", f"{at(said['thread'], 1)}/delete")
    assert [comment["deleted"] for comment in said["thread"]["comments"]] == [False, True]


def test_the_log_says_what_an_owner_deleted_of_somebody_else(talk: Talk, cast: Cast) -> None:
    for author in ("alice", "carol"):
        thread = talk.begin(author, body="rude words")
        talk.send("alice", f"{at(thread)}/delete")
    (entry,) = AuditEntry.objects.filter(action=AuditEntry.Action.COMMENT_DELETED)
    assert (entry.actor_name, entry.subject_name, entry.room_id) == (
        "alice@example.com",
        "carol@example.com",
        cast.room.pk,
    )
    assert entry.detail == "“Launch plan”"


def test_reactions_are_counted_once_a_person(talk: Talk) -> None:
    thread = talk.begin("carol")
    path = f"{at(thread)}/react"
    for name in ("bob", "alice", "alice"):
        _, said = talk.send(name, path, emoji="🎉", on=True)
    assert said["thread"]["comments"][0]["reactions"] == [{"emoji": "🎉", "people": ["Bob", "Alice"], "mine": True}]
    assert said["version"] == talk.version == 3
    (reaction,) = talk.read("carol")["threads"][0]["comments"][0]["reactions"]
    assert reaction["mine"] is False
    for _ in range(2):
        _, said = talk.send("bob", path, emoji="🎉", on=False)
    assert said["thread"]["comments"][0]["reactions"] == [{"emoji": "🎉", "people": ["Alice"], "mine": False}]
    assert said["version"] == 4


def test_when_an_account_goes_its_words_stay_without_a_name(talk: Talk, cast: Cast) -> None:
    thread = talk.begin("carol")
    talk.send("bob", f"{at(thread)}/react", emoji="👍", on=True)
    talk.send("bob", f"/{thread['id']}/state", state="resolved")
    cast.carol.delete()
    cast.bob.delete()
    (left,) = talk.read("alice")["threads"]
    assert (left["by"], left["closed_by"], left["state"]) == (None, None, "resolved")
    assert (left["comments"][0]["by"], left["comments"][0]["body"]) == (None, "Why May?")
    assert left["comments"][0]["reactions"] == []
    assert talk.send("alice", f"{at(left)}/edit", body="Mine")[0] == 403
    assert talk.send("alice", f"{at(left)}/delete")[1]["thread"] is None
