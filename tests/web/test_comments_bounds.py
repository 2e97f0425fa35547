"""What a comment may hold and how many there may be, refused by the edge, by the service and by the database."""

from base64 import b64encode
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from rooms.core import commenting
from rooms.models import Comment, Reaction, Thread
from rooms.services import comments
from rooms.services.documents import create_document
from tests.harness.people import Cast
from tests.web.conftest import Pages
from tests.web.talk import REMARK, SUGGESTION, Talk, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(cast: Cast, as_: Pages) -> Talk:
    return Talk(cast, as_)


LONG = "x" * 10_000
MALFORMED: dict[str, dict[str, Any]] = {
    "no words": {"body": " \n"},
    "too many words": {"body": LONG + "x"},
    "a NUL": {"body": "a\0b"},
    "half a character": {"body": "\ud83d"},
    "a number for words": {"body": 7},
    "no kind": {"kind": "praise"},
    "a kind that is a list": {"kind": []},
    "too long a quote": {"quote": "x" * 501},
    "no quote": {"quote": None},
    "a replacement for a comment": {"replacement": "June"},
    "a suggestion of nothing": {"kind": "suggestion"},
    "a suggestion about no passage": {**SUGGESTION, "anchor": None, "head": None},
    "too long a replacement": {**SUGGESTION, "replacement": LONG + "x"},
    "a beginning without an end": {"head": None},
    "a position that is no base64": {"anchor": "§"},
    "a position that is none": {"anchor": b64encode(b"junk").decode()},
    "a position that is a number": {"anchor": 5},
    "too long a position": {"anchor": b64encode(bytes([1, 0xFE, 1]) + b"a" * 254 + b"\0").decode()},
    "a field too many": {"color": "red"},
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_malformed_is_refused_in_words(talk: Talk, what: str) -> None:
    status, said = talk.send("carol", **{**REMARK, **MALFORMED[what]})
    assert (status, said["code"]) == (400, "bad_request")
    assert said["message"].endswith(".")
    assert talk.version == 0


@pytest.mark.parametrize("body", ["", "[]", "null", "{", "[" * 100_000, "\xff"])
def test_a_body_that_is_no_object_is_refused(talk: Talk, body: str) -> None:
    answer = talk.browser("carol").post(talk.url, body.encode("latin-1"), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_what_just_fits_is_kept(talk: Talk) -> None:
    talk.begin("carol", body=LONG, quote="y" * 500, anchor=None, head=None)
    talk.begin("carol", **{**SUGGESTION, "replacement": LONG})
    talk.begin("carol", **{**SUGGESTION, "replacement": ""})
    whole, longer, cut = talk.read("vera")["threads"]
    assert (len(whole["comments"][0]["body"]), whole["anchor"], len(whole["quote"])) == (10_000, None, 500)
    assert (len(longer["replacement"]), cut["replacement"]) == (10_000, "")


def test_a_suggestion_may_lose_its_words_and_an_answer_may_not(talk: Talk) -> None:
    thread = talk.begin("carol", **{**SUGGESTION, "body": "Better"})
    _, said = talk.send("carol", f"/{thread['id']}/replies", body="Is it?")
    assert talk.send("carol", f"{at(thread)}/edit", body="")[0] == 200
    assert talk.send("carol", f"{at(said['thread'], 1)}/edit", body="")[0] == 400
    assert talk.send("carol", f"/{thread['id']}/replies", body="")[0] == 400


@pytest.mark.parametrize(
    "fields", [{"emoji": "🦄", "on": True}, {"emoji": "👍", "on": 1}, {"emoji": 5, "on": True}, {"emoji": "👍"}]
)
def test_only_the_emoji_that_are_offered(talk: Talk, fields: dict[str, Any]) -> None:
    thread = talk.begin("carol")
    assert talk.send("bob", f"{at(thread)}/react", **fields)[0] == 400
    assert not Reaction.objects.exists()


def test_there_is_room_for_so_many_and_no_more(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments, "MAX_THREADS", 2)
    monkeypatch.setattr(comments, "MAX_COMMENTS", 3)
    thread = talk.begin("carol")
    talk.begin("carol")
    assert talk.send("carol", **REMARK)[0] == 409
    for expected in (200, 200, 409):
        status, said = talk.send("bob", f"/{thread['id']}/replies", body="More")
        assert status == expected
    assert said["code"] == "conflict"
    assert (commenting.MAX_THREADS, commenting.MAX_COMMENTS) == (2_000, 500)


def test_all_that_is_said_about_a_document_has_a_bound(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a comment takes beside its words counts, and what makes it less is always taken."""
    words = "x" * 1_000
    most = 2 * (commenting.COMMENT_SIZE + 1_000) + len(REMARK["quote"]) + commenting.REACTION_SIZE
    monkeypatch.setattr(comments, "MAX_SAID", most)
    thread = talk.begin("carol", body=words)
    assert talk.send("bob", f"/{thread['id']}/replies", body=words + "x" * 51)[0] == 409
    status, said = talk.send("bob", f"/{thread['id']}/replies", body=words)
    assert status == 200
    thread = said["thread"]
    assert talk.send("carol", **{**REMARK, "body": "More"})[0] == 409
    assert talk.send("carol", f"{at(thread)}/edit", body=words + "x" * 51)[0] == 409
    assert talk.send("vera", f"{at(thread)}/react", emoji="👍", on=True)[0] == 403
    assert talk.send("bob", f"{at(thread)}/react", emoji="👍", on=True)[0] == 200
    status, said = talk.send("carol", f"{at(thread)}/react", emoji="👍", on=True)
    assert (status, said["code"]) == (409, "conflict")
    assert "too many comments" in said["message"]
    assert talk.send("bob", f"{at(thread)}/react", emoji="👍", on=False)[0] == 200
    assert talk.send("carol", f"{at(thread)}/edit", body="Less")[0] == 200
    assert talk.send("carol", **{**REMARK, "body": "More"})[0] == 201
    assert commenting.MAX_SAID == 1_000_000


def test_what_a_suggestion_proposes_counts_and_other_documents_do_not(
    cast: Cast, as_: Pages, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "MAX_SAID", 2_000)
    talk.begin("carol", **{**SUGGESTION, "replacement": "y" * 1_500})
    assert talk.send("carol", **{**SUGGESTION, "replacement": "y" * 500})[0] == 409
    another = Talk(cast, as_, create_document(room=cast.room, by=cast.alice))
    another.begin("carol", **{**SUGGESTION, "replacement": "y" * 1_500})


def test_an_emoji_is_sent_in_four_bytes(talk: Talk) -> None:
    thread = talk.begin("carol", body="🎉" * 1_000)
    assert thread["comments"][0]["body"] == "🎉" * 1_000
    assert "🎉".encode() * 1_000 in talk.browser("vera").get(talk.url).content


def test_a_flood_is_slowed_down_for_whoever_sends_it(talk: Talk) -> None:
    answers = [talk.send("carol", **REMARK) for _ in range(61)]
    assert [status for status, _ in answers] == [201] * 60 + [429]
    assert answers[-1][1]["code"] == "slow_down"
    assert talk.send("bob", **REMARK)[0] == 201


BROKEN: dict[str, dict[str, Any]] = {
    "thread_is_a_comment_or_a_suggestion": {"state": "accepted", "closed_at": "2026-01-01T00:00Z"},
    "thread_is_closed_at_a_time": {"state": "resolved"},
    "thread_has_both_positions_or_none": {"anchor": b"\0\5\3\0"},
    "thread_positions_are_short": {"anchor": b"x" * 257, "head": b"x"},
}


@pytest.mark.parametrize("constraint", BROKEN)
def test_the_database_holds_the_rules_too(cast: Cast, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Thread.objects.create(document=cast.document, epoch=1, kind="comment", **BROKEN[constraint])
    thread = Thread.objects.create(document=cast.document, epoch=1, kind="comment")
    for name, fields in {
        "comment_is_short": {"body": LONG + "x"},
        "comment_deleted_has_no_words": {"body": "x", "deleted_at": "2026-01-01T00:00Z"},
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Comment.objects.create(thread=thread, **fields)
