"""What `manage.py storm` refuses, and the whole of it on a small fleet."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from collab.storm.target import check_loopback
from tests.harness.server import ROOT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http://10.0.0.7:8000"], "is not an http address of this machine"),
        (["https://rooms.example"], "is not an http address of this machine"),
        (["http://127.0.0.1.rooms.example"], "is not an http address of this machine"),
        (["http://localhost:8000", "--event", "kill"], "not the storm's to end"),
        (["--event", "watch"], "needs the URL"),
        (["http://localhost:8000", "--simulate", "10"], "needs no URL"),
        (["--simulate", "10", "--event", "lb"], "knows the events kill, drain, restart"),
        (["--no-slots"], "belong to --simulate"),
        (["--clients", "0"], "--clients is at least 1"),
        (["--clients", "50000"], "--simulate computes larger crowds"),
        (["--simulate", "0"], "--simulate is at least 1"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("storm", *arguments)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:8000", "http://127.9.9.9"])
def test_every_name_of_this_machine_is_good(url: str) -> None:
    check_loopback(url)


def test_a_computed_storm_is_printed_kept_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, drawn = tmp_path / "storm.json", tmp_path / "storm.svg"
    call_command(
        "storm", "--simulate", "2000", "--instances", "4", "--client-policy", "both", "--json", str(kept),
        "--svg", str(drawn),
    )  # fmt: skip
    printed = capsys.readouterr().out
    results = json.loads(kept.read_text())["results"]
    assert set(results) == {"default", "tuned"}
    assert f"{results['tuned']['peak']:,}/s" in printed
    assert results["tuned"]["away_p99"] < results["default"]["away_p99"]
    assert ElementTree.fromstring(drawn.read_text()).tag.endswith("svg")  # noqa: S314  (our own picture)


def command(temporary: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "TMPDIR": str(temporary),
        "COLLAB_SECRET_KEY": "only-for-this-storm",
        "COLLAB_ORIGINS": "http://localhost",
        "COLLAB_DRAIN_NOTICE_SECONDS": "3",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "storm", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder that PostgreSQL's own account can pass through, which pytest's are not."""
    with tempfile.TemporaryDirectory(prefix="storm-test-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def test_a_fleet_is_deployed_under_real_clients_and_nothing_is_lost(temporary: Path, tmp_path: Path) -> None:
    kept = tmp_path / "storm.json"
    storm = command(
        temporary, "--event", "drain", "--instances", "2", "--clients", "24", "--writers", "6", "--seconds", "2",
        "--json", str(kept),
    )  # fmt: skip
    printed, said = storm.communicate(timeout=100)
    assert storm.returncode == 0, said
    result: dict[str, Any] = json.loads(kept.read_text())["results"]["tuned"]
    assert result["dropped"] > 0
    assert result["all_synced"] is not None
    assert result["end"]["acknowledged"] > 0
    assert (result["end"]["lost"], result["end"]["stuck"], result["end"]["diverged"]) == (0, 0, 0)
    assert result["cpu"], "from /proc"
    assert result["transactions"], "from PostgreSQL"
    assert "lost edits" in printed
    assert list(temporary.iterdir()) == [], "its fleet is gone with all that it wrote"


def test_ended_half_way_it_leaves_nothing_behind(temporary: Path) -> None:
    storm = command(temporary, "--clients", "10", "--seconds", "60")
    assert storm.stderr is not None
    for line in storm.stderr:
        if "clients arrive" in line:
            break
    storm.send_signal(signal.SIGTERM)
    storm.communicate(timeout=60)
    assert storm.returncode == 128 + signal.SIGTERM
    assert list(temporary.iterdir()) == []
    deadline = time.monotonic() + 10
    while (left := running_in(temporary)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def running_in(folder: Path) -> list[str]:
    """Return the command lines of processes that name this folder, or have it in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:  # it has ended, or is somebody else's
                continue
            if str(folder).encode() in words:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found
