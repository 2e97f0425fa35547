"""The documents say what the code has."""

import re
from pathlib import Path

from tests.harness.server import ROOT

README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "collab" / "settings.py").read_text() + (ROOT / "deploy" / "gunicorn.conf.py").read_text()
DEMO = (ROOT / "rooms" / "management" / "commands" / "seed_demo.py").read_text()


def table_settings() -> set[str]:
    rows = README[README.index("## Settings") : README.index("## For a server of your own")]
    return {
        name
        for row in rows.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])
    }


def read_settings() -> set[str]:
    """Every name that the code reads from the environment; the social providers' are made from a pattern."""
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS))
    names |= set(re.findall(r'environ\.get\(f?"([A-Z_]+)"', SETTINGS + DEMO))
    names |= set(re.findall(r"environ\.get\('([A-Z_]+)'", SETTINGS))
    names.add("DATABASE_URL" if 'env.db_url("DATABASE_URL"' in SETTINGS else "")
    return names - {""} | {"COLLAB_GOOGLE_CLIENT_ID", "COLLAB_GOOGLE_SECRET"}


def test_the_readme_lists_exactly_the_settings_that_the_code_reads() -> None:
    assert table_settings() == read_settings()


def test_the_defaults_in_the_readme_are_those_of_the_code() -> None:
    for name, default in re.findall(r'env\.(?:int|float)\("(COLLAB_\w+)", default=([\d_.]+)\)', SETTINGS):
        row = next(line for line in README.splitlines() if line.startswith(f"| `{name}`"))
        assert f"`{float(default):g}`" == f"`{float(row.split('|')[2].strip(' `')):g}`", name


def test_every_file_that_the_readme_points_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    tests = re.findall(r"(tests/[\w/]+(?:\.py)?)", README)
    missing = [path for path in [*links, *tests] if not (ROOT / path).exists()]
    assert missing == []


def test_every_test_that_the_page_on_security_names_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    named = set(re.findall(r"`((?:tests|static|rooms|collab)/[\w./-]+\.\w+)`", page))
    assert len(named) > 30
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_trap_in_the_list_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "traps.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| [A-Z]\d", line)]
    assert len(rows) > 20
    for row in rows:
        for path in re.findall(r"`((?:tests|static)/[\w./-]+)`", row):
            assert (ROOT / path).exists(), row
        assert re.search(r"`(?:tests|static)/", row), f"no test named: {row}"


def test_no_file_says_where_it_was_written() -> None:
    """Machine paths and registry addresses have no place in the repository."""
    told = re.compile("/work" + "/|registry" + r"\.npmjs|files" + r"\.pythonhosted|deb" + r"\.debian")
    folders = ["collab", "rooms", "templates", "tests", "docs", "deploy", "static/src", "static/tests", "static/live"]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()] + [ROOT / "static" / "package-lock.json"]
    found = [path for path in files if _is_text(path) and told.search(path.read_text(errors="replace"))]
    assert found == []


def _is_text(path: Path) -> bool:
    return path.suffix not in {".png", ".gz", ".pyc"} and path.stat().st_size < 2_000_000
