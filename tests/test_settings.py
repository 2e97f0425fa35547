"""A wrong setting is a system check with an id and a hint; a secret has no default."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test import override_settings

from collab import checks
from tests.harness.server import ROOT


def found(**settings: Any) -> list[Any]:
    with override_settings(**settings):
        return [message for message in run_checks() if message.id and message.id.startswith("collab.")]


def test_the_settings_of_the_tests_are_right() -> None:
    assert found() == []


@pytest.mark.parametrize("name", checks.BOUNDS)
def test_a_number_out_of_bounds_is_refused_with_a_hint(name: str) -> None:
    low, high, unit, _ = checks.BOUNDS[name]
    for wrong in (low - 1, high + 1):
        (message,) = found(**{name: wrong})
        assert name in message.msg
        assert unit in message.hint
    assert found(**{name: low}) == found(**{name: high}) == []


def test_every_bound_has_an_id_of_its_own() -> None:
    messages = found(**dict.fromkeys(checks.BOUNDS, -1))
    assert len({message.id for message in messages}) == len(checks.BOUNDS)


@pytest.mark.parametrize("value", ["", "yes", "Database"])
def test_an_unknown_way_of_checking_edits_is_refused(value: str) -> None:
    assert [message.id for message in found(COLLAB_EMIT_CHECK=value)] == ["collab.E001"]


def test_a_fleet_without_redis_or_notice_is_warned_of() -> None:
    alone = {"COLLAB_FLEET": False, "REDIS_URL": "", "COLLAB_DRAIN_NOTICE_SECONDS": 0.0}
    assert found(**alone) == []
    assert [message.id for message in found(**{**alone, "COLLAB_FLEET": True})] == ["collab.W002", "collab.W003"]
    right = {"COLLAB_FLEET": True, "REDIS_URL": "redis://localhost", "COLLAB_DRAIN_NOTICE_SECONDS": 5.0}
    assert found(**right) == []


@pytest.mark.parametrize(
    "origin", ["rooms.example.org", "ftp://rooms.example.org", "https://", "https://a.org/path", "*"]
)
def test_s12_what_is_no_origin_is_refused(origin: str) -> None:
    assert [message.id for message in found(COLLAB_ORIGINS=[origin])] == ["collab.E002"]


def test_s12_no_origin_at_all_is_refused_because_it_would_let_in_everybody() -> None:
    assert [message.id for message in found(COLLAB_ORIGINS=[])] == ["collab.E003"]


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import collab.settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.DEBUG, s.ALLOWED_HOSTS)"
    )
    base = {"PATH": os.environ["PATH"], "COLLAB_SECRET_KEY": "x" * 50, "COLLAB_ORIGINS": "https://rooms.example.org"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**base, **environment}, capture_output=True, text=True, check=False
    )


def test_cookies_are_for_https_exactly_when_everybody_comes_by_https() -> None:
    assert start().stdout.split(maxsplit=3) == ["True", "True", "False", "['rooms.example.org']\n"]
    mixed = start(COLLAB_ORIGINS="https://rooms.example.org,http://localhost:8000")
    assert mixed.stdout.split(maxsplit=3)[:3] == ["False", "False", "False"]


def test_a_number_that_is_none_ends_the_start() -> None:
    assert start(COLLAB_HEAL_SECONDS="often").returncode != 0


def test_nothing_secret_has_a_default() -> None:
    source = (ROOT / "collab" / "settings.py").read_text(encoding="utf-8")
    for line in source.splitlines():
        if "SECRET" in line and "env." in line:
            assert "default" not in line, line


@pytest.mark.django_db
def test_a_commit_is_on_disk_before_it_is_acknowledged() -> None:
    """A killed process leaves its pages to the kernel and proves nothing of a power cut: only these settings do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2: FULL
            for name, value in wanted.items():
                cursor.execute(f"PRAGMA {name}")
                assert cursor.fetchone() == (value,), name
        else:
            for name in ("fsync", "synchronous_commit"):
                cursor.execute(f"SHOW {name}")
                assert cursor.fetchone() == ("on",), name


SIGN_IN_PAGE = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
print(Client(HTTP_HOST="rooms.example.org").get("/accounts/login/").content.decode())
"""
PROVIDERS = {
    "google": {"COLLAB_GOOGLE_CLIENT_ID": "id", "COLLAB_GOOGLE_SECRET": "secret"},
    "github": {"COLLAB_GITHUB_CLIENT_ID": "id", "COLLAB_GITHUB_SECRET": "secret"},
    "oidc": {
        "COLLAB_OIDC_URL": "https://id.example.org",
        "COLLAB_OIDC_CLIENT_ID": "id",
        "COLLAB_OIDC_SECRET": "secret",
        "COLLAB_OIDC_NAME": "Our house",
    },
}
ON_THE_PAGE = {"google": "/google/login/", "github": "/github/login/", "oidc": "/oidc/oidc/login/"}


@pytest.mark.parametrize("configured", [None, *PROVIDERS])
def test_a_provider_stands_on_the_sign_in_page_once_it_is_configured(configured: str | None) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "COLLAB_ORIGINS": "https://rooms.example.org",
        "DATABASE_URL": "sqlite://:memory:",
        **(PROVIDERS[configured] if configured else {}),
    }
    run = subprocess.run(
        [sys.executable, "-c", SIGN_IN_PAGE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert {name for name, address in ON_THE_PAGE.items() if address in run.stdout} == ({configured} - {None})
