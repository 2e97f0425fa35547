"""The unit is one that systemd accepts without a word."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy import reading

UNIT = "systemd/collab@.service"


def verify(folder: Path, text: str) -> str:
    """Return what systemd says about the unit; it exits 0 on bad values, so only silence is consent."""
    (folder / "collab@.service").write_text(text)
    instance = folder / "collab@8001.service"
    instance.symlink_to("collab@.service")
    command = [reading.program("systemd-analyze"), "verify", "--man=no", str(instance)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    instance.unlink()
    return run.stdout + run.stderr


def on_this_machine(text: str) -> str:
    """The unit with a program that is here: systemd looks for it."""
    return text.replace("/opt/collab/current/.venv/bin/gunicorn", sys.executable)


def test_systemd_accepts_the_unit_without_a_word(tmp_path: Path) -> None:
    assert verify(tmp_path, on_this_machine(reading.shipped()[UNIT])) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("TimeoutStopSec=60", "TimeoutStopSec=soon"),
        ("ProtectSystem=strict", "ProtectSystem=very"),
        ("KillMode=mixed", "KillMod=mixed"),
        ("ExecStart=", "ExecStart=/nowhere"),
    ],
)
def test_systemd_says_something_about_a_wrong_line(tmp_path: Path, before: str, after: str) -> None:
    """The test above could not fail otherwise."""
    text = on_this_machine(reading.shipped()[UNIT])
    assert before in text
    assert verify(tmp_path, text.replace(before, after)) != ""


def test_the_unit_stops_only_gunicorn_and_gives_each_instance_its_name() -> None:
    service = reading.unit(reading.shipped()[UNIT])["Service"]
    assert service["KillMode"] == ["mixed"], "TERM to the worker as well would cut the drain short"
    assert service["Environment"] == ["PORT=%i COLLAB_INSTANCE=%H-%i PYTHONUNBUFFERED=1"]
    assert service["User"] == ["collab"]
    assert service["ExecStart"][0].endswith("gunicorn -c deploy/gunicorn.conf.py collab.asgi:application")
    settings = reading.environment(reading.shipped()["env.example"])
    assert not {"PORT", "COLLAB_INSTANCE", "COLLAB_BIND"} & set(settings), "the file is shared by all instances"
