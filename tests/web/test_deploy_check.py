"""`manage.py check --deploy` has nothing to say about the settings that deploy/ ships."""

import os
import subprocess
import sys

import pytest

from tests.deploy import reading
from tests.harness.server import ROOT

FILLED = {
    **reading.environment(reading.shipped()["env.example"]),
    "COLLAB_SECRET_KEY": "for-this-test-alone-" + "x1y2z3" * 8,
}
SINGLE = {**FILLED, "COLLAB_FLEET": "0", "REDIS_URL": "", "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3"}
PROVIDED = {
    **SINGLE,
    "COLLAB_OIDC_URL": "https://id.example.org",
    "COLLAB_OIDC_CLIENT_ID": "a",
    "COLLAB_OIDC_SECRET": "b",
}


def check(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("environment", [FILLED, SINGLE, PROVIDED], ids=["fleet", "one server", "with a provider"])
def test_the_check_of_a_deployment_is_clean(environment: dict[str, str]) -> None:
    run = check(environment)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "WARNING" not in run.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"COLLAB_DEBUG": "1"}, "security.W018"),
        ({"COLLAB_SECRET_KEY": "short"}, "security.W009"),
        ({"COLLAB_ORIGINS": "http://rooms.example.org"}, "security.W012"),
        ({"EMAIL_URL": "consolemail://"}, "collab.W001"),
    ],
)
def test_the_check_finds_what_is_wrong(wrong: dict[str, str], said: str) -> None:
    run = check({**SINGLE, **wrong})
    assert run.returncode != 0
    assert said in run.stderr
