"""The catalogs in locale/ say what the source says, all of it and nothing else; `make messages` sees to it."""

import gettext
import re
import shutil
from collections import Counter
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest
from django.conf import settings

from collab import messages
from tests.harness.server import ROOT

CATALOGS = messages.catalogs(messages.LOCALE)
by_catalog = pytest.mark.parametrize("path", CATALOGS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")

Key = tuple[str | None, str, str]


def key(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def entries(path: Path) -> dict[Key, polib.POEntry]:
    return {key(entry): entry for entry in polib.pofile(str(path)) if not entry.obsolete}


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def places(text: str) -> Counter[str]:
    """What is filled in, and markup: "%(name)s", "{name}", "<strong>"."""
    return Counter(re.findall(r"%\(\w+\)[sd]|\{\w+\}|</?\w[^>]*>", text))


def test_each_language_of_the_settings_has_a_catalog_and_no_other() -> None:
    assert [*messages.languages(messages.LOCALE), "en"] == sorted(
        dict(settings.LANGUAGES), key=lambda code: code == "en"
    )
    assert {path.parts[-3] for path in CATALOGS if path.stem == "django"} == set(dict(settings.LANGUAGES)) - {"en"}


@by_catalog
def test_nothing_is_left_untranslated_or_guessed(path: Path) -> None:
    found = entries(path).values()
    assert [entry.msgid for entry in found if entry.fuzzy or not all(translations(entry))] == []


@by_catalog
def test_every_form_of_a_plural_is_there(path: Path) -> None:
    count = re.match(r"nplurals=(\d);", polib.pofile(str(path)).metadata["Plural-Forms"])
    assert count
    forms = {entry.msgid: len(entry.msgstr_plural) for entry in entries(path).values() if entry.msgid_plural}
    assert {msgid: number for msgid, number in forms.items() if number != int(count[1])} == {}


@by_catalog
def test_what_is_filled_in_is_the_same_in_every_language(path: Path) -> None:
    wrong = []
    for entry in entries(path).values():
        allowed = [places(entry.msgid), places(entry.msgid_plural or entry.msgid)]
        wrong += [text for text in translations(entry) if text and places(text) not in allowed]
    assert wrong == []


@by_catalog
def test_what_is_compiled_is_what_was_written(path: Path) -> None:
    """Django reads the .mo files. Both are in the repository: whoever only runs this needs no gettext."""
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries(path).values():
        for number, text in enumerate(translations(entry)):
            if not text:
                continue
            name = f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid
            assert compiled._catalog[(name, number) if entry.msgid_plural else name] == text  # type: ignore[attr-defined]
    written = {entry.msgid for entry in entries(path).values()}
    known = {name[0] if isinstance(name, tuple) else name for name in compiled._catalog}  # type: ignore[attr-defined]
    assert {name.rpartition("\x04")[2] for name in known} - {""} <= written


def test_the_catalogs_have_what_the_source_says_and_nothing_else(tmp_path: Path) -> None:
    if shutil.which("xgettext") is None or not (ROOT / "static" / "node_modules" / "typescript").exists():
        pytest.skip("gettext or TypeScript is not installed: `make messages` could not run here either")
    shutil.copytree(messages.LOCALE, tmp_path / "locale")
    messages.extract(tmp_path)
    found = {
        path.relative_to(tmp_path / "locale"): set(entries(path)) for path in messages.catalogs(tmp_path / "locale")
    }
    here = {path.relative_to(messages.LOCALE): set(entries(path)) for path in CATALOGS}
    assert found.keys() == here.keys(), "run `make messages`"
    for path, keys in found.items():
        assert keys == here[path], f"{path}: run `make messages`"


# --- The bundle, read without xgettext ----------------------------------------------------------------------------

IMPORTED = re.compile(r'import \{[^}]*\btn?\b[^}]*\} from "[./\w]*/words\.ts"')
TEXT = r'"(?:[^"\\]|\\.)*"'
CALL = re.compile(r"(?<![\w.$])tn?\(\s*")


def calls() -> list[tuple[str, str]]:
    """Every call of `t` and `tn` in the bundle: where, and what follows the bracket."""
    found = []
    for path in sorted((ROOT / messages.BUNDLE).rglob("*.ts")):
        source = path.read_text()
        if IMPORTED.search(source) and not path.name.endswith(".test.ts"):
            found += [(path.name, source[call.end() :][:500]) for call in CALL.finditer(source)]
    return found


def test_texts_of_the_bundle_are_written_out_where_they_are_used() -> None:
    """What is put together, or stands in a variable, is not found for translators."""
    assert [call for call in calls() if not re.match(TEXT, call[1])] == []


@pytest.mark.parametrize("language", sorted(set(dict(settings.LANGUAGES)) - {"en"}))
def test_every_text_of_the_bundle_is_in_its_catalog(language: str) -> None:
    used = {re.match(TEXT, rest)[0] for _, rest in calls() if re.match(TEXT, rest)}  # type: ignore[index]
    path = messages.LOCALE / language / "LC_MESSAGES" / "djangojs.po"
    known = {entry.msgid for entry in entries(path).values()} if path.exists() else set()
    assert {polib.unescape(text[1:-1]) for text in used} - known == set()
