"""What a person does from the first visit on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from rooms.models import User
from rooms.services.demo_content import LAUNCH_PLAN
from rooms.services.documents import write_content
from tests.browser.conftest import SETTLED, Sit
from tests.browser.reading import caret_of, chip, editor, settle, write
from tests.harness.people import PASSWORD, Cast
from tests.harness.server import Server

Shot = Callable[[Page, str], None]


def test_a_new_person_signs_up_makes_a_room_and_a_document_and_writes(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    page = sit(None, server.url).page("/")
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("Email").fill("newcomer@example.com")
    page.get_by_label("Your name").fill("Newcomer")
    page.get_by_label("Password", exact=True).fill("an unlikely sentence 7")
    page.locator("main").get_by_role("button", name="Sign up").click()

    page.get_by_role("link", name="New room").click()
    page.get_by_label("Name").fill("Garden")
    page.get_by_role("button", name="Start the room").click()
    expect(page.get_by_role("heading", name="Garden")).to_be_visible()
    page.get_by_role("button", name=re.compile("New document|Start a document")).first.click()
    expect(chip(page)).to_have_attribute("data-state", SETTLED)
    title = page.locator("[data-testid=title]")
    title.fill("Seeds")
    title.press("Enter")
    write(page, "Beans, peas, and a lemon tree.")
    expect(chip(page)).to_have_attribute("data-state", "saved")

    page.reload()
    expect(editor(page)).to_contain_text("Beans, peas, and a lemon tree.")
    page.get_by_role("link", name="Garden").first.click()
    expect(page.get_by_role("link", name="Seeds").first).to_be_visible()


def test_a_passkey_signs_in_without_a_password(server: Server, live_cast: Cast, browser: Browser, sit: Sit) -> None:
    # A passkey belongs to a domain, and an address of numbers is none.
    url = server.url.replace("127.0.0.1", "localhost")
    page = sit(None, url).page("/accounts/login/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{url}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)  # what protects an account is asked for once more
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("This laptop")
    page.locator("input[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page.get_by_text("recovery codes").first).to_be_visible()  # the first key brings them
    page.goto(f"{url}/accounts/2fa/webauthn/")
    expect(page.get_by_text("This laptop").first).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{url}/accounts/login/")
    page.get_by_role("button", name=re.compile("passkey", re.I)).click()

    expect(page.get_by_role("heading", name="Rooms", exact=True, level=1)).to_be_visible()


def test_two_people_writing_for_the_picture_in_the_readme(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot
) -> None:
    write_content(document=live_cast.document, content=LAUNCH_PLAN, by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, device_scale_factor=2).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)

    bob.locator(".ProseMirror p", has_text="Read every page aloud").click()
    bob.keyboard.press("End")
    settle(bob)
    bob.keyboard.type(" and once more on a bad line")
    carol.locator(".ProseMirror p", has_text="Agree on what is in").click()
    carol.keyboard.press("Shift+End")

    expect(caret_of(alice, "Bob")).to_be_visible()
    expect(editor(alice)).to_contain_text("once more on a bad line")
    shot(alice, "two-people")


LOOKS = [
    ("light", {"color_scheme": "light"}),
    ("dark", {"color_scheme": "dark"}),
    ("phone", {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}),
]


@pytest.mark.parametrize(("look", "options"), LOOKS, ids=[look for look, _ in LOOKS])
def test_every_page_fits_in_every_look(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot, look: str, options: dict[str, object]
) -> None:
    write_content(document=live_cast.document, content=LAUNCH_PLAN, by=live_cast.alice)
    guest = sit(None, server.url, **options)
    for name, path in (("landing", "/"), ("sign-in", "/accounts/login/"), ("sign-up", "/accounts/signup/")):
        _fits(guest.page(path), shot, f"{name}-{look}")
    desk = sit(live_cast.alice, server.url, **options)
    _fits(desk.open(live_cast.document.key), shot, f"document-{look}")
    pages = {"rooms": "/", "room": f"/r/{live_cast.room.key}", "sessions": "/accounts/sessions/", "profile": "/profile"}
    for name, path in {**pages, "second-factor": "/accounts/2fa/"}.items():
        _fits(desk.page(path), shot, f"{name}-{look}")


def _fits(page: Page, shot: Shot, name: str) -> None:
    shot(page, name)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    page.close()


def test_somebody_who_is_not_in_the_room_finds_nothing(server: Server, live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.mallory, server.url)
    page = desk.context.new_page()
    answer = page.goto(f"{server.url}/d/{live_cast.document.key}")

    assert answer is not None
    assert answer.status == 404
    assert "Launch plan" not in page.content()
    assert User.objects.get(email="mallory@example.com").is_active
