"""A document that cannot be loaded, as people see it: what happened, what became of their words, and its return."""

from collections.abc import Callable

from playwright.sync_api import expect

from rooms.models import Document, Snapshot
from rooms.services import quarantined
from tests.browser.conftest import Sit
from tests.browser.reading import chip, editor, write
from tests.harness.people import Cast
from tests.harness.server import Server
from tests.live import damaged


def test_a_document_that_cannot_be_loaded_says_so_and_comes_back(
    own_server: Callable[..., Server], live_cast: Cast, sit: Sit
) -> None:
    server = own_server(COLLAB_HEAL_SECONDS="0.3")
    document = live_cast.document
    alice = sit(live_cast.alice, server.url).open(document.key)
    write(alice, "Kept.")
    reader = sit(live_cast.vera, server.url).open(document.key)
    expect(editor(reader)).to_contain_text("Kept.")  # what others see is stored
    reader.close()
    good = damaged.snapshot_of(document)
    damaged.row(document, damaged.GARBAGE, seq=Document.objects.get(pk=document.pk).head + 1)

    bob = sit(live_cast.bob, server.url).page(f"/d/{document.key}")
    for page in (alice, bob):
        expect(chip(page)).to_contain_text("Cannot be opened")
        expect(page.get_by_role("alert")).to_contain_text("Nothing of it was changed; an administrator has been told.")
    expect(editor(alice)).to_contain_text("Kept.")
    assert not alice.locator(".ProseMirror").evaluate("editor => editor.isContentEditable")

    assert quarantined.restore(document=document, snapshot=good, by=live_cast.alice) is None
    for page in (alice, bob):
        chip(page).get_by_role("button", name="Try now").click()
        expect(chip(page)).to_have_attribute("data-state", "saved")
        expect(editor(page)).to_contain_text("Kept.")
    write(bob, " And on.")
    expect(editor(alice)).to_contain_text("And on.")
    assert Snapshot.objects.filter(document=document, epoch=2).count() == 1
