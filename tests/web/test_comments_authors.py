"""Whose a comment, an answer, a reaction, a suggestion and a decision is, the session says and nothing that is sent."""

from collections.abc import Callable
from typing import Any

import pytest

from rooms.models import Comment, Reaction, Thread
from tests.harness.people import Cast
from tests.web.conftest import Pages
from tests.web.talk import REMARK, SUGGESTION, Talk, at

pytestmark = pytest.mark.django_db

# Names that an author has, in what is answered, in the table, or that somebody might try.
FIELDS = (
    "by", "author", "author_id", "user", "user_id", "closed_by", "closed_by_id", "person", "you", "mine", "people",
    "at", "id", "key", "thread", "version",
)  # fmt: skip


@pytest.fixture
def talk(cast: Cast, as_: Pages) -> Talk:
    return Talk(cast, as_)


@pytest.fixture
def hers(talk: Talk) -> dict[str, Any]:
    """What alice began, and bob acts on."""
    return talk.begin("alice")


# A name → the path and the body of a request that bob may send.
REQUESTS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "comment": lambda hers: ("", REMARK),
    "suggestion": lambda hers: ("", SUGGESTION),
    "answer": lambda hers: (f"/{hers['id']}/replies", {"body": "So."}),
    "decision": lambda hers: (f"/{hers['id']}/state", {"state": "resolved"}),
    "reaction": lambda hers: (f"{at(hers)}/react", {"emoji": "👍", "on": True}),
}


def stored() -> list[Any]:
    """All that there is, with whose it is."""
    threads = Thread.objects.order_by("pk").values_list("pk", "created_by__name", "closed_by__name", "state")
    words = Comment.objects.order_by("pk").values_list("pk", "author__name", "body")
    return [*threads, *words, *Reaction.objects.order_by("pk").values_list("pk", "user__name", "emoji")]


@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_field_that_says_whose_it_is_is_refused(
    talk: Talk, cast: Cast, hers: dict[str, Any], request_name: str
) -> None:
    path, body = REQUESTS[request_name](hers)
    before = stored()
    for field in FIELDS:
        for value in (cast.alice.pk, hers["by"], None):
            status, said = talk.send("bob", path, **body, **{field: value})
            assert (status, said["code"]) == (400, "bad_request"), field
    assert stored() == before


@pytest.mark.parametrize("request_name", REQUESTS)
def test_nor_does_an_address_or_a_header_say_it(
    talk: Talk, cast: Cast, hers: dict[str, Any], request_name: str
) -> None:
    path, body = REQUESTS[request_name](hers)
    before = stored()
    query = "&".join(f"{field}={cast.alice.pk}" for field in FIELDS)
    headers = dict.fromkeys(("X-Forwarded-User", "X-Remote-User", "Remote-User", "From"), cast.alice.email)
    sent = talk.browser("bob").post(f"{talk.url}{path}?{query}", body, content_type="application/json", headers=headers)
    assert sent.status_code in (200, 201)
    new = [row for row in stored() if row not in before]
    assert new
    for row in new:
        if request_name == "decision":
            assert row[1:3] == ("Alice", "Bob")
        else:
            assert row[1] == "Bob"


def test_everybody_reads_whose_each_is(talk: Talk, hers: dict[str, Any]) -> None:
    for path, body in (make(hers) for make in REQUESTS.values()):
        assert talk.send("bob", path, **body)[0] in (200, 201)
    threads = talk.read("carol")["threads"]
    assert [thread["by"]["name"] for thread in threads] == ["Alice", "Bob", "Bob"]
    assert threads[0]["closed_by"]["name"] == "Bob"
    assert [one["by"]["name"] for one in threads[0]["comments"]] == ["Alice", "Bob"]
    assert [(one["people"], one["mine"]) for one in threads[0]["comments"][0]["reactions"]] == [(["Bob"], False)]
