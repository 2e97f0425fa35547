"""What this product is made of: under licences that let everybody use it, audited by a command that does not lie."""

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.audit import REQUIREMENTS, npm_report, python_report, verdict
from tests.harness.server import ROOT

ALLOWED = re.compile(
    r"\b(MIT(-0)?( License)?|0?BSD(-[23]-Clause)?( License)?|ISC|Apache(-2\.0| Software License)?|MPL-2\.0"
    r"|Mozilla Public License 2\.0|PSF-2\.0|Python Software Foundation License)(?!\w)"
)
# Others, each with why it may be here.
EXCEPTIONS = {
    # Apache 2.0, which its files say and its metadata does not. Fuzzing only.
    "atheris": "",
    # The driver of PostgreSQL: a library, used as it is and not part of what is shipped. SQLite needs none.
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "psycopg-pool": "LGPL-3.0-only",
    # Under the Artistic License, of which one may choose; names of tests' pictures. No part of the product.
    "text-unidecode": "Artistic License; GNU General Public License (GPL); "
    "GNU General Public License v2 or later (GPLv2+)",
}
# Says it in its package and not in the lock file: MIT. Node alone loads it, never a browser.
SAYS_NOTHING = {"xmlhttprequest-ssl"}


def requirements() -> list[Requirement]:
    lines = [line.split("#")[0].strip() for name in REQUIREMENTS for line in (ROOT / name).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def licence(metadata: Any) -> str:
    """Return what a package says of its licence, in the newest of the three ways that it has."""
    told = [one.rpartition("::")[2].strip() for one in metadata.get_all("Classifier") or [] if "License ::" in one]
    said: str = metadata.get("License-Expression") or "; ".join(told) or metadata.get("License") or ""
    return said


def closure() -> dict[str, str]:
    """Return every Python package that is needed, with its licence."""
    found: dict[str, str] = {}
    asked: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [(one.name, tuple(sorted(one.extras))) for one in requirements()]
    while waiting:
        name, extras = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if (key, extras) in asked:
            continue
        asked.add((key, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:  # for another system
            continue
        found[key] = licence(installed.metadata)
        waiting.extend(
            (one.name, tuple(sorted(one.extras)))
            for one in map(Requirement, installed.requires or [])
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in (*extras, ""))
        )
    return found


def test_every_python_package_has_a_licence_that_lets_everybody_use_it() -> None:
    found = closure()
    assert len(found) > 60
    others = {name: said for name, said in found.items() if not ALLOWED.search(said)}
    assert others == EXCEPTIONS


def test_every_package_of_the_browser_has_one() -> None:
    packages = json.loads((ROOT / "static" / "package-lock.json").read_text())["packages"]
    said = {path.rpartition("node_modules/")[2]: one.get("license", "") for path, one in packages.items() if path}
    assert len(said) > 100
    assert {name for name, words in said.items() if not ALLOWED.fullmatch(words)} == SAYS_NOTHING


def test_every_version_is_exact() -> None:
    for one in requirements():
        assert [part.operator for part in one.specifier] == ["=="], one
    package = json.loads((ROOT / "static" / "package.json").read_text())
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name


FOUND = {"id": "PYSEC-1", "fix_versions": ["5.2.20"], "aliases": [], "description": ""}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([{"name": "django", "version": "5.2.19", "vulns": []}], 0, "1 packages looked up, 0 advisories"),
        ([{"name": "django", "version": "5.2.19", "vulns": [FOUND]}], 1, "django 5.2.19: PYSEC-1, mended in 5.2.20"),
        # What pip-audit says, with exit code 0, when the index has no advisories.
        ([{"name": "django", "skip_reason": "not found"}], 2, "NOT AUDITED, no advisories could be reached: django"),
    ],
)
def test_the_audit_says_what_was_asked(packages: list[dict[str, Any]], code: int, words: str) -> None:
    report = python_report("requirements.txt", json.dumps({"dependencies": packages}), "")
    assert verdict([report]) == code
    assert words in "\n".join(report.lines())


NPM = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 150}}}


@pytest.mark.parametrize(
    ("output", "code", "words"),
    [
        (json.dumps(NPM), 0, "150 packages looked up, 0 advisories"),
        (json.dumps({**NPM, "vulnerabilities": {"x": {"range": "<2", "severity": "high"}}}), 1, "x <2: high"),
        (json.dumps({"statusCode": 405, "error": {}}), 2, "NOT AUDITED, no advisories could be reached: npm error: no"),
        ("", 2, "NOT AUDITED"),
    ],
)
def test_the_audit_of_the_browsers_packages_too(output: str, code: int, words: str) -> None:
    report = npm_report("static/package-lock.json", output, "npm error: no\n")
    assert verdict([report]) == code
    assert words in "\n".join(report.lines())
