"""Stored cross-site scripting: everything that somebody can write, shown to somebody else in a real browser."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from playwright.sync_api import Page, Request, expect

from rooms.core.access import Role
from rooms.core.commenting import Kind
from rooms.models import User
from rooms.services import comments, documents, files, members, rooms, sharing
from tests.browser import hostile
from tests.browser.conftest import Desk, Sit
from tests.browser.contents import fill
from tests.browser.reading import editor
from tests.harness.people import Cast
from tests.harness.server import Server

NAME = f"{hostile.MARKUP[0]}{hostile.MARKUP[2]}"[:80]


def poison(cast: Cast) -> None:
    """Write it wherever somebody can write something, past the pages and their forms."""
    for evil in hostile.MARKUP[:6]:
        clean = evil.replace("\0", "")
        room = rooms.create_room(name=clean[:80], by=cast.alice)
        documents.create_document(room=room, by=cast.alice, title=clean[:120])
    cast.room.name = NAME
    cast.room.save()
    cast.document.title = NAME
    cast.document.save()
    User.objects.update(name=NAME)
    members.add_group(room=cast.room, group=Group.objects.create(name=NAME), role=Role.VIEWER)
    sharing.invite(
        room=cast.room, email='"<img/src=x/onerror=window.hit=1>"@example.com', role=Role.VIEWER, by=cast.alice
    )
    sharing.make_link(document=cast.document, by=cast.alice, role=Role.VIEWER)
    sharing.ask_for_access(key=cast.document.key, user=User.objects.get(pk=cast.mallory.pk))
    for evil in hostile.EVERYTHING:
        clean = evil.replace("\0", "")
        for kind in Kind:
            replacement = clean if kind is Kind.SUGGESTION else None
            beginning = comments.Beginning(kind, None, None, clean[:500], clean, replacement)
            comments.begin(document=cast.document, by=cast.carol, beginning=beginning)
        files.add_file(document=cast.document, by=cast.bob, name=f"{clean}.html", content=ContentFile(clean.encode()))
    fill(cast, *hostile.document())


class Watch:
    """What a browser asks others for, and what its policy stopped."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked: list[str] = []
        desk.context.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.desk.url, "data:", "blob:")):
            self.asked.append(request.url)

    def faults(self, page: Page) -> list[str]:
        found: list[str] = page.evaluate(hostile.FAULTS)
        return found

    def policy(self) -> list[str]:
        return [one for one in self.desk.complaints if "Content Security Policy" in one or "page error" in one]


@pytest.mark.timeout(90)
def test_nothing_that_somebody_writes_runs_in_the_browser_of_another(server: Server, live_cast: Cast, sit: Sit) -> None:
    poison(live_cast)
    User.objects.filter(pk=live_cast.alice.pk).update(is_staff=True, is_superuser=True)
    alice = Watch(sit(User.objects.get(pk=live_cast.alice.pk), server.url))
    vera = Watch(sit(live_cast.vera, server.url))
    found: dict[str, list[str]] = {}
    for name, watch in (("vera", vera), ("alice", alice)):
        page = watch.desk.open(live_cast.document.key)
        expect(editor(page).get_by_text("The last line")).to_be_visible()
        expect(editor(page).locator(".katex").first).to_be_attached()
        for shown in ("h2", "pre", ".callout", ".details", "figcaption", ".mention", "table", "[data-type=file]"):
            expect(editor(page).locator(shown)).to_have_count(len(hostile.EVERYTHING))
        page.get_by_test_id("open-comments").click()
        expect(page.get_by_test_id("thread").first).to_be_visible()
        page.wait_for_timeout(300)  # whatever would load or run does it now
        found[name] = watch.faults(page)
        assert page.url.startswith(server.url)
    page = alice.desk.context.pages[0]
    page.evaluate("document.body.append(Object.assign(document.createElement('a'), { href: 'javascript:0' }))")
    assert len(alice.faults(page)) == 1, "the look finds what is there"
    key, document = live_cast.room.key, live_cast.document
    admin = ["user/", f"user/{live_cast.bob.pk}/change/", "room/", "document/", "thread/", "auditentry/", "sharelink/"]
    for path in (
        *("/", "/profile", f"/r/{key}", f"/r/{key}/members", f"/r/{key}/audit", f"/r/{key}/delete", "/d/nobody"),
        *(f"/d/{document.key}/share", f"/d/{document.key}/delete", f"/l/{document.links.get().key}"),
        *(f"/admin/rooms/{one}" for one in admin),
    ):
        page.goto(server.url + path)
        found[path] = alice.faults(page)
    stored = document.attachments.order_by("pk").first()
    assert stored is not None
    answer = page.request.get(f"{server.url}/f/{stored.key}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert {where: faults for where, faults in found.items() if faults} == {}
    assert alice.asked + vera.asked == []
    assert alice.policy() + vera.policy() == []
    # The binding of Yjs warns of nodes that it does not know, which is what is meant here.
    for watch in (alice, vera):
        watch.desk.complaints.clear()
