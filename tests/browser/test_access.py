"""Access given and taken while people write: what each of them sees, without reloading a page."""

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from rooms.core.access import Role
from rooms.models import Membership
from rooms.services import members, sharing
from tests.browser.conftest import Sit
from tests.browser.reading import chip, editor, people, words, write
from tests.harness.people import Cast, sign_in
from tests.harness.server import Server

# A letter every few milliseconds: at any moment one is on its way.
KEEP_TYPING = """editor => {
    window.typed = 0;
    editor.focus();
    const type = () => {
        if (!editor.isContentEditable) return clearInterval(timer);
        if (document.execCommand("insertText", false, "x")) window.typed += 1;
    };
    const timer = setInterval(type, 4);
}"""


def keep_typing(page: Page) -> None:
    page.locator(".ProseMirror").evaluate(KEEP_TYPING)


def test_an_editor_who_is_typing_is_removed(server: Server, live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.alice, server.url)
    alice = desk.open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    keep_typing(bob)
    expect(editor(alice)).to_contain_text("xxxxxxxxxx")

    page = desk.page(f"/r/{live_cast.room.key}/members")
    row = page.locator(".row", has_text=live_cast.bob.email)
    row.get_by_text("Remove…").click()
    row.get_by_role("button", name="Remove Bob").click()

    expect(page.get_by_text("1 socket closed on 1 instance")).to_be_visible()
    expect(chip(bob)).to_have_attribute("data-state", "removed")
    expect(chip(bob)).to_contain_text("Access removed by the owner")
    assert not bob.locator(".ProseMirror").evaluate("editor => editor.isContentEditable")
    draft = bob.locator("[data-testid=rescue]")
    expect(draft).to_be_visible()
    expect(people(alice)).to_have_count(1)
    kept = sum(area.input_value().count("x") for area in draft.locator("textarea").all())
    stored = words(alice).count("x")
    assert kept > 0
    assert kept + stored == bob.evaluate("window.typed"), "each letter is in the document or in the draft"

    write(alice, "Not for Bob.")
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    expect(editor(bob)).not_to_contain_text("Not for Bob.")


def test_a_viewer_becomes_an_editor_and_back_without_a_reload(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    assert not vera.locator(".ProseMirror").evaluate("editor => editor.isContentEditable")

    members.change_role(room=live_cast.room, user=live_cast.vera, role=Role.EDITOR)
    expect(vera.locator(".ProseMirror")).to_be_editable()
    write(vera, "Mine as well.")
    expect(editor(alice)).to_contain_text("Mine as well.")

    members.change_role(room=live_cast.room, user=live_cast.vera, role=Role.VIEWER)
    expect(chip(vera)).to_have_attribute("data-state", "viewonly")
    assert not vera.locator(".ProseMirror").evaluate("editor => editor.isContentEditable")
    expect(editor(vera)).to_contain_text("Mine as well.")


def test_a_stranger_comes_by_a_link_writes_and_is_out_when_it_ends(server: Server, live_cast: Cast, sit: Sit) -> None:
    link = sharing.make_link(document=live_cast.document, by=live_cast.alice, role=Role.EDITOR)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    desk = sit(live_cast.mallory, server.url)
    page = desk.page(f"/l/{link.key}")
    page.get_by_role("button").filter(has_text="Open").click()
    expect(chip(page)).to_have_attribute("data-state", "saved")
    write(page, "By a link.")
    expect(editor(alice)).to_contain_text("By a link.")
    expect(page.get_by_text(live_cast.room.name)).to_have_count(0)

    sharing.revoke_link(link=link)
    expect(chip(page)).to_have_attribute("data-state", "removed")
    expect(chip(page)).to_contain_text("The link that you came by has ended")
    assert not Membership.objects.filter(user=live_cast.mallory, room=live_cast.room).exists()


def test_a_page_goes_on_when_its_browser_has_a_new_session(server: Server, live_cast: Cast, sit: Sit) -> None:
    """As after changing the password in another tab; without one it asks to sign in."""
    desk = sit(live_cast.bob, server.url)
    bob = desk.open(live_cast.document.key)
    write(bob, "Before. ")
    expect(chip(bob)).to_have_attribute("data-state", "saved")
    old = Session.objects.get()
    desk.context.add_cookies([{"name": "sessionid", "value": sign_in(live_cast.bob), "url": server.url}])
    old.delete()
    expect(chip(bob)).to_have_attribute("data-state", "signedout")
    write(bob, "Between. ")
    expect(chip(bob)).to_have_attribute("data-state", "saved")

    Session.objects.all().delete()
    expect(chip(bob)).to_have_attribute("data-state", "signedout")
    write(bob, "Only here.")
    bob.wait_for_timeout(2_000)
    expect(chip(bob)).to_have_attribute("data-state", "signedout")
    expect(editor(bob)).to_contain_text("Before. Between. Only here.")
