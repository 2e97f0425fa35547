"""Pages that are closed, reloaded and opened without a network: what a device keeps, and what it must not keep."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from rooms.services.members import remove_member
from tests.browser.conftest import Desk, Sit
from tests.browser.reading import chip, editor, words, write
from tests.harness.people import Cast
from tests.harness.proxy import Proxy
from tests.harness.server import Server

KEPT = """async () => {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === "collab-rooms")) return { copies: 0, words: 0, bytes: 0 };
    const database = await new Promise((resolve) => {
        const opening = indexedDB.open("collab-rooms");
        opening.onsuccess = () => resolve(opening.result);
    });
    const all = (store) => new Promise((resolve) => {
        const getting = database.transaction(store).objectStore(store).getAll();
        getting.onsuccess = () => resolve(getting.result);
    });
    const words = await all("words");
    const bytes = words.reduce((sum, { update }) => sum + update.byteLength, 0);
    const kept = { copies: (await all("copies")).length, words: words.length, bytes };
    database.close();
    return kept;
}"""
PAGES = "async () => (await (await caches.open('collab-rooms-pages')).keys()).map(({ url }) => new URL(url).pathname)"


def until(page: Page, expression: str) -> None:
    """Wait until an asynchronous function of the page returns true; Playwright's own wait takes a promise for true."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}")


def until_kept(page: Page) -> None:
    """Wait until this device has all that is unsaved: what it has of it does not grow any more."""
    sizes = [0]
    for _ in range(100):
        sizes.append(page.evaluate(KEPT)["bytes"])
        if sizes[-1] > 0 and len(sizes) > 3 and len({*sizes[-4:]}) == 1:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not kept: {sizes}")


def open_kept(desk: Desk, document: str) -> Page:
    """Open a document and wait until the browser could open it without a network."""
    page = desk.open(document)
    until(page, f"async () => (await ({PAGES})()).includes('/d/{document}')")
    until(page, "async () => (await (await caches.open('collab-rooms-parts')).keys()).length > 8")
    return page


def cut(context: BrowserContext, line: Proxy) -> None:
    context.set_offline(True)
    line.cut()


def mend(context: BrowserContext, line: Proxy) -> None:
    line.mend()
    context.set_offline(False)


def test_words_written_offline_survive_a_reload_without_a_network(
    line: Callable[..., Proxy], live_cast: Cast, sit: Sit
) -> None:
    desk = sit(live_cast.alice, line().url)
    page = open_kept(desk, live_cast.document.key)
    write(page, "Before. ")
    expect(chip(page)).to_have_attribute("data-state", "saved")
    cut(desk.context, line())
    write(page, "In the tunnel. ")
    until_kept(page)

    page.reload()
    expect(editor(page)).to_contain_text("Before. In the tunnel.")
    expect(chip(page)).to_contain_text("On this device")
    write(page, "Still in it.")
    mend(desk.context, line())

    expect(chip(page)).to_have_attribute("data-state", "saved")
    bob = sit(live_cast.bob, line(websocket=False).url).open(live_cast.document.key)
    assert words(bob) == words(page) == "Before. In the tunnel. Still in it."
    until(page, f"async () => (await ({KEPT})()).words === 0")


def test_words_written_a_moment_before_a_reload_are_kept(line: Callable[..., Proxy], live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.alice, line().url)
    page = open_kept(desk, live_cast.document.key)
    cut(desk.context, line())
    write(page, "One. ")
    until_kept(page)
    for count, word in enumerate(("Two. ", "Three. ", "Four. ", "Five. "), 2):
        write(page, word)
        page.reload()  # before a clock says that it is time to keep it
        expect(editor(page)).to_contain_text(word.strip())
        assert len(words(page).split()) == count
    mend(desk.context, line())
    expect(chip(page)).to_have_attribute("data-state", "saved")


def test_words_of_a_tab_that_was_closed_are_sent_by_the_next(
    line: Callable[..., Proxy], live_cast: Cast, sit: Sit
) -> None:
    desk = sit(live_cast.alice, line().url)
    page = desk.open(live_cast.document.key)
    line().cut()
    write(page, "Written, then the lid was shut.")
    until_kept(page)
    page.close()
    line().mend()

    again = desk.open(live_cast.document.key)
    expect(editor(again)).to_have_text("Written, then the lid was shut.")
    expect(chip(again)).to_have_attribute("data-state", "saved")


def test_signing_out_leaves_nothing_of_a_document_on_the_device(server: Server, live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.alice, server.url)
    page = open_kept(desk, live_cast.document.key)
    write(page, "Between us.")
    expect(chip(page)).to_have_attribute("data-state", "saved")
    rooms = desk.page("/")  # the document's page is hidden, and keeps its copy
    page.close()
    until(rooms, f"async () => {{ const {{ copies, words }} = await ({KEPT})(); return copies === 1 && words === 0; }}")

    rooms.get_by_role("button", name="Your menu").click()
    rooms.get_by_role("button", name="Sign out").click()
    rooms.wait_for_url("**/")
    until(rooms, f"async () => (await ({PAGES})()).length === 0")
    until(rooms, "async () => !(await indexedDB.databases()).some(({ name }) => name === 'collab-rooms')")
    expect(rooms).to_have_url(server.url + "/")


def test_access_that_is_taken_away_takes_the_copy_along(server: Server, live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.bob, server.url)
    page = open_kept(desk, live_cast.document.key)
    write(page, "Bob was here.")
    expect(chip(page)).to_have_attribute("data-state", "saved")
    desk.page("/").close()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    remove_member(room=live_cast.room, user=live_cast.bob)

    expect(page.locator("#notice")).to_be_visible()
    until(page, f"async () => (await ({KEPT})()).copies === 0")
    until(page, f"async () => (await ({PAGES})()).length === 0")


def test_two_tabs_of_one_person_are_one_text(server: Server, live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.bob, server.url)
    one, other = desk.open(live_cast.document.key), desk.open(live_cast.document.key)
    write(one, "From one tab. ")
    expect(editor(other)).to_contain_text("From one tab.")
    write(other, "From the other.")
    expect(editor(one)).to_contain_text("From the other.")
    assert words(one) == words(other)
