"""Who may read, write, close and delete which comments; everything else is refused."""

from typing import Any

import pytest
from django.test import Client

from rooms.core.access import Role
from rooms.models import Room
from rooms.services import documents, sharing
from tests.harness.people import Cast
from tests.web.conftest import Pages
from tests.web.talk import REMARK, SUGGESTION, Talk, at

pytestmark = pytest.mark.django_db

PEOPLE = ("alice", "bob", "carol", "vera", "mallory")


@pytest.fixture
def talk(cast: Cast, as_: Pages) -> Talk:
    return Talk(cast, as_)


# In the order of PEOPLE. Carol wrote what they act on.
MATRIX = {
    "begin": (201, 201, 201, 403, 404),
    "suggest": (201, 201, 201, 403, 404),
    "reply": (200, 200, 200, 403, 404),
    "react": (200, 200, 200, 403, 404),
    "resolve": (200, 200, 200, 403, 404),
    "reopen": (200, 200, 200, 403, 404),
    "edit": (403, 403, 200, 403, 404),
    "delete": (200, 403, 200, 403, 404),
    "accept": (200, 200, 403, 403, 404),
    "reject": (200, 200, 200, 403, 404),
    "reject another's": (200, 200, 403, 403, 404),
    "take an acceptance back": (200, 200, 403, 403, 404),
}


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("action", MATRIX)
def test_everybody_may_do_exactly_this(talk: Talk, cast: Cast, action: str, name: str) -> None:
    thread, suggestion = talk.begin("carol"), talk.begin("carol", **SUGGESTION)
    another = talk.begin("bob", **SUGGESTION)
    if action == "reopen":
        talk.send("alice", f"/{thread['id']}/state", state="resolved")
    if action == "take an acceptance back":
        talk.send("alice", f"/{suggestion['id']}/state", state="accepted")
    before = talk.version
    status, said = {
        "begin": lambda: talk.send(name, **REMARK),
        "suggest": lambda: talk.send(name, **SUGGESTION),
        "reply": lambda: talk.send(name, f"/{thread['id']}/replies", body="So."),
        "react": lambda: talk.send(name, f"{at(thread)}/react", emoji="👍", on=True),
        "resolve": lambda: talk.send(name, f"/{thread['id']}/state", state="resolved"),
        "reopen": lambda: talk.send(name, f"/{thread['id']}/state", state="open"),
        "edit": lambda: talk.send(name, f"{at(thread)}/edit", body="Other words"),
        "delete": lambda: talk.send(name, f"{at(thread)}/delete"),
        "accept": lambda: talk.send(name, f"/{suggestion['id']}/state", state="accepted"),
        "reject": lambda: talk.send(name, f"/{suggestion['id']}/state", state="rejected"),
        "reject another's": lambda: talk.send(name, f"/{another['id']}/state", state="rejected"),
        "take an acceptance back": lambda: talk.send(name, f"/{suggestion['id']}/state", state="open"),
    }[action]()
    assert status == MATRIX[action][PEOPLE.index(name)]
    assert talk.version == before + (status < 400)
    if status >= 400:
        assert said.keys() == {"code", "message"}
        assert said["code"] == {403: "forbidden", 404: "not_found"}[status]
    else:
        assert said["version"] == before + 1


@pytest.mark.parametrize(("role", "expected"), [(Role.VIEWER, 403), (Role.COMMENTER, 201), (Role.EDITOR, 201)])
def test_a_guest_has_what_the_link_gives(talk: Talk, cast: Cast, role: Role, expected: int) -> None:
    link = sharing.make_link(document=cast.document, by=cast.alice, role=role)
    sharing.open_link(key=link.key, user=cast.mallory)
    assert talk.send("mallory", **REMARK)[0] == expected
    assert talk.browser("mallory").get(talk.url).status_code == 200
    sharing.revoke_link(link=link)
    assert talk.send("mallory", **REMARK)[0] == 404
    assert talk.browser("mallory").get(talk.url).status_code == 404


def test_whoever_is_signed_out_is_told_so(talk: Talk, as_: Pages) -> None:
    for answer in (as_(None).get(talk.url), as_(None).post(talk.url, REMARK, content_type="application/json")):
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_a_post_without_the_token_is_refused(talk: Talk, cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.post(talk.url, REMARK, content_type="application/json").status_code == 403
    browser.get(f"/d/{talk.document.key}")
    token = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert browser.post(talk.url, REMARK, content_type="application/json", headers=token).status_code == 201


@pytest.mark.parametrize("path", ["/replies", "/state", "/edit", "/delete", "/react"])
def test_a_thread_of_another_document_is_not_there(talk: Talk, cast: Cast, as_: Pages, path: str) -> None:
    """Mallory owns a document of her own, and knows the keys of what carol wrote in alice's."""
    theirs = talk.begin("carol")
    room = Room.objects.create(name="Hers")
    room.memberships.create(user=cast.mallory, role=Role.OWNER)
    hers = Talk(cast, as_, documents.create_document(room=room, by=cast.mallory, title="Hers"))
    fields: dict[str, dict[str, Any]] = {
        "/replies": {"body": "Mine now"},
        "/state": {"state": "resolved"},
        "/edit": {"body": "Mine now"},
        "/delete": {},
        "/react": {"emoji": "👍", "on": True},
    }
    start = f"/{theirs['id']}" if path in {"/replies", "/state"} else at(theirs)
    assert hers.send("mallory", f"{start}{path}", **fields[path])[0] == 404
    if start == at(theirs):
        own = hers.begin("mallory")
        mixed = f"/{own['id']}/{theirs['comments'][0]['id']}"
        assert hers.send("mallory", f"{mixed}{path}", **fields[path])[0] == 404
    assert talk.read("carol")["threads"] == [theirs]
