"""Pages and mail in the language of whoever reads them."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from rooms.models import Document, Room, User
from rooms.web import languages
from tests.harness.people import PASSWORD
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db

OTHERS = sorted(set(dict(settings.LANGUAGES)) - {"en"})
# What the landing page says in each.
SIGN_UP = {"en": "Sign up", "de": "Registrieren", "es": "Crear cuenta", "fr": "Créer un compte", "tr": "Kaydol"}


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    """A request leaves its language to the thread, which here is that of the next test."""
    yield
    translation.deactivate()
    languages.words.cache_clear()


def language_of(page: str) -> str:
    found = re.search(r'<html lang="([\w-]+)" dir="ltr">', page)
    assert found
    return found[1]


def choose(browser: Client, language: str) -> None:
    answer = browser.post(reverse("set_language"), {"language": language, "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"


def save_profile(browser: Client, language: str) -> str:
    return browser.post(reverse("rooms:profile"), {"name": "Bob", "language": language}, follow=True).text


# --- Which language -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SIGN_UP)
def test_a_page_is_in_the_language_that_the_browser_asks_for(language: str, as_: Pages) -> None:
    answer = as_(None).get("/", headers={"Accept-Language": f"{language}-XX,{language};q=0.9,en;q=0.1"})
    assert language_of(answer.text) == language
    assert answer["Content-Language"] == language
    assert f">{SIGN_UP[language]}</a>" in answer.text


def test_every_language_has_words_to_be_tested_for() -> None:
    assert SIGN_UP.keys() == dict(settings.LANGUAGES).keys()
    assert len(set(SIGN_UP.values())) == len(SIGN_UP)


@pytest.mark.parametrize("asked", ["xx", "tlh-Latn", "*", "", "de' --"])
def test_whoever_asks_for_a_language_that_is_not_there_reads_english(asked: str, as_: Pages) -> None:
    browser = as_(None)
    assert language_of(browser.get("/", headers={"Accept-Language": asked}).text) == "en"
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = asked
    assert language_of(browser.get("/").text) == "en"


@pytest.mark.parametrize("language", OTHERS)
def test_whoever_is_signed_out_chooses_at_the_foot_of_the_page(language: str, as_: Pages) -> None:
    browser = as_(None)
    page = browser.get("/").text
    assert f'<form method="post" action="{reverse("set_language")}"' in page
    choose(browser, language)
    page = browser.get("/", headers={"Accept-Language": "en"}).text
    assert language_of(page) == language
    for code, own_name in settings.LANGUAGES:
        current = ' aria-current="true"' if code == language else ""
        assert f'name="language" value="{code}" lang="{code}"{current}>{own_name}</button>' in page
    choose(browser, "en")
    assert language_of(browser.get("/").text) == "en"


def test_a_choice_that_is_none_changes_nothing(as_: Pages) -> None:
    browser = as_(None)
    choose(browser, "xx")
    assert settings.LANGUAGE_COOKIE_NAME not in browser.cookies


def test_the_choice_in_the_profile_wins_over_cookie_and_browser(as_: Pages, bob: User) -> None:
    browser = as_(bob)
    assert reverse("set_language") not in browser.get("/").text
    choose(browser, "fr")
    assert language_of(browser.get("/", headers={"Accept-Language": "es"}).text) == "fr"
    saved = save_profile(browser, "de")
    assert language_of(saved) == "de"
    with translation.override("de"):
        assert translation.gettext("Your profile is saved. Open documents show it once they are opened again.") in saved
    assert language_of(browser.get("/", headers={"Accept-Language": "es"}).text) == "de"
    assert language_of(save_profile(browser, "")) == "fr"


def test_a_profile_refuses_a_language_that_is_not_there(as_: Pages, bob: User) -> None:
    answer = as_(bob).post(reverse("rooms:profile"), {"name": "Bob", "language": "xx"})
    assert answer.status_code == 422
    assert "Choose one of the languages in the list." in answer.text
    bob.refresh_from_db()
    assert bob.language == ""


def test_a_language_that_was_taken_out_of_the_settings_is_no_longer_shown(as_: Pages, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="xx")
    assert language_of(as_(bob).get("/").text) == "en"


def test_an_operator_sets_what_everybody_else_reads(as_: Pages, settings: Settings) -> None:
    settings.LANGUAGE_CODE = "tr"
    assert language_of(as_(None).get("/").text) == "tr"
    # English has no catalog of its own, and must not fall back to what is set.
    english = as_(None).get("/", headers={"Accept-Language": "en"}).text
    assert SIGN_UP["en"] in english


@pytest.mark.parametrize("language", OTHERS)
def test_every_kind_of_page_is_made_in_every_language(
    language: str, as_: Pages, alice: User, room: Room, document: Document
) -> None:
    User.objects.update(language=language)
    browser = as_(alice)
    of_room = [reverse(f"rooms:{name}", args=[room.key]) for name in ("room", "members", "audit", "delete_room")]
    of_document = [reverse(f"rooms:{name}", args=[document.key]) for name in ("document", "share", "delete_document")]
    account = [reverse(name) for name in ("account_email", "mfa_index", "usersessions_list", "account_change_password")]
    for address in ["/", reverse("rooms:profile"), reverse("rooms:rooms"), *of_room, *of_document, *account]:
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200
        assert language_of(answer.text) == language, address
    missing = browser.get("/nowhere")
    assert (missing.status_code, language_of(missing.text)) == (404, language)


def test_a_script_reads_why_it_was_refused_in_the_language_of_the_page(as_: Pages, document: Document) -> None:
    address = reverse("rooms:comments", args=[document.key])
    english = "You are signed out. Sign in again in another tab, then try again."
    message = as_(None).get(address, headers={"Accept-Language": "de"}).json()["message"]
    with translation.override("de"):
        assert message == translation.gettext(english) != english


def test_english_dates_have_the_day_first_and_german_ones_are_german(as_: Pages, alice: User, room: Room) -> None:
    browser = as_(alice)
    address = reverse("rooms:room", args=[room.key])
    assert re.search(r'title="\d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d"', browser.get(address).text)
    german = browser.get(address, headers={"Accept-Language": "de"}).text
    assert re.search(r'title="\d{1,2}\. [A-Z]\w+ 20\d\d \d\d:\d\d"', german)


# --- Mail -----------------------------------------------------------------------------------------------------------


def test_an_account_gets_mail_in_its_language_whoever_asked_for_it(as_: Pages, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="de")
    browser = as_(None)
    choose(browser, "fr")
    for person in (bob, alice):
        browser.post(reverse("account_reset_password"), {"email": person.email})
    subjects = [message.subject for message in mail.outbox]
    expected = []
    for language in ("de", "fr"):  # alice has chosen none: that of the page
        with translation.override(language):
            expected.append(translation.gettext("Choose a new password"))
    assert subjects == expected
    assert len({*subjects, "Choose a new password"}) == 3


@pytest.mark.parametrize(("email", "language"), [("new@example.com", "tr"), ("bob@example.com", "es")])
def test_an_invitation_is_in_the_language_of_its_reader_else_of_its_sender(
    email: str,
    language: str,
    as_: Pages,
    alice: User,
    bob: User,
    room: Room,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    # An account that is switched off is invited like somebody without one.
    User.objects.filter(pk=bob.pk).update(language="es", is_active=False)
    bob.memberships.all().delete()
    User.objects.filter(pk=alice.pk).update(language="tr")
    with django_capture_on_commit_callbacks(execute=True):
        as_(alice).post(reverse("rooms:new_member", args=[room.key]), {"email": email, "role": "editor"})
    with translation.override(language):
        assert translation.gettext("Open this link to join:") in mail.outbox[0].body
        assert mail.outbox[0].subject == translation.gettext("%(name)s invites you to %(room)s") % {
            "name": "Alice",
            "room": "Design review",
        }


def test_a_first_room_is_named_in_the_language_of_the_page(as_: Pages) -> None:
    browser = as_(None)
    choose(browser, "de")
    browser.post(reverse("account_signup"), {"name": "Dora", "email": "d@example.com", "password1": PASSWORD})
    with translation.override("de"):
        assert Room.objects.get().name == translation.gettext("%(name)s’s room") % {"name": "Dora"}


# --- The bundle's words ---------------------------------------------------------------------------------------------


@pytest.fixture
def french_words(settings: Settings, tmp_path: Path) -> None:
    """A catalog of the bundle with one text, and one that depends on a number."""
    catalog = polib.POFile()
    catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=(n > 1);"}
    catalog.append(polib.POEntry(msgid="Saved", msgstr="Enregistré </script>"))
    forms = {0: "{n} personne", 1: "{n} personnes"}
    catalog.append(polib.POEntry(msgid="{n} person", msgid_plural="{n} people", msgstr_plural=forms))
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalog.save_as_mofile(str(folder / "djangojs.mo"))
    settings.LOCALE_PATHS = [tmp_path, *settings.LOCALE_PATHS]
    languages.words.cache_clear()


@pytest.mark.usefixtures("french_words")
def test_a_document_page_brings_the_words_of_its_language(as_: Pages, alice: User, document: Document) -> None:
    browser = as_(alice)
    address = reverse("rooms:document", args=[document.key])
    french = browser.get(address, headers={"Accept-Language": "fr"}).text
    assert '<script id="collab-words" type="application/json">' in french
    assert "Enregistré </script>" not in french
    assert "collab-words" not in browser.get(address).text, "English is what the bundle says by itself"
    words = languages.words("fr")
    assert words
    assert words["words"]["Saved"] == "Enregistré </script>"
    assert words["words"]["{n} person"] == ["{n} personne", "{n} personnes"]
    assert words["plural"] == "00" + "1" * 198
