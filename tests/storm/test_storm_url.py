"""`manage.py storm URL`: let loose on a fleet that runs already, and gone from its database afterwards."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from rooms.models import Document, Room, User
from tests.fleet.servers import Servers
from tests.harness.people import Cast
from tests.harness.server import ROOT, Server

Storm = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def fleet(live_cast: Cast, tmp_path: Path) -> Iterator[Servers]:
    servers = Servers(tmp_path, instances=2, lb="haproxy", redis=True, database=None, environment={})
    try:
        yield servers.start()
    finally:
        servers.close()


@pytest.fixture
def storm() -> Iterator[Storm]:
    """`storm(environment, URL, options...)` starts the command; what still runs at the end is ended."""
    made: list[subprocess.Popen[str]] = []

    def start(environment: Mapping[str, str], *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "manage.py", "storm", *arguments]
        pipe = subprocess.PIPE
        made.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True))
        return made[-1]

    yield start
    for one in made:
        one.kill()
        one.communicate()


def until(storm: "subprocess.Popen[str]", words: str) -> None:
    """Read what the command says up to `words`."""
    assert storm.stderr is not None
    said = []
    for line in storm.stderr:
        said.append(line)
        if words in line:
            return
    raise AssertionError(f"it never said {words!r}: {''.join(said)}")


# What is written there stays (docs/storm.md): what happened to whom, and which instances are there.
KEPT = {"rooms_auditentry", "rooms_announcement", "rooms_receipt", "rooms_instance"}


def everything() -> dict[str, int]:
    """Return how many rows each table has, but for those that are kept."""
    counts = {model._meta.db_table: model._default_manager.count() for model in apps.get_models()}
    assert counts.keys() >= KEPT
    return {table: count for table, count in counts.items() if table not in KEPT}


def test_clients_on_a_fleet_that_runs_come_back_after_a_crash_and_are_gone_afterwards(
    fleet: Servers, storm: Storm, tmp_path: Path
) -> None:
    before = everything()
    kept, drawn = tmp_path / "storm.json", tmp_path / "storm.svg"
    command = storm(
        fleet.instances[1].environment(), fleet.url, "--clients", "16", "--writers", "6", "--documents", "2",
        "--seconds", "1", "--json", str(kept), "--svg", str(drawn),
    )  # fmt: skip
    until(command, "Now it is your turn")
    assert (User.objects.filter(name__startswith="Storm").count(), Room.objects.filter(name="Storm").count()) == (16, 1)
    fleet.kill(0)
    printed, said = command.communicate(timeout=60)
    assert command.returncode == 0, said
    result: dict[str, Any] = json.loads(kept.read_text())["results"]["tuned"]
    end = result["end"]
    assert 0 < result["dropped"] <= 16
    assert result["all_synced"] is not None
    assert end["acknowledged"] == end["written"] > 0
    assert (end["lost"], end["unsaved"], end["stuck"], end["diverged"], end["copies"]) == (0, 0, 0, 0, 18)
    assert re.search(r"lost edits +0\n", printed)
    assert "not measured" in printed, "nothing is known of somebody else's processes"
    assert drawn.exists()
    assert everything() == before
    assert " ERROR rooms" not in fleet.instances[1].log()
    assert "Traceback" not in fleet.instances[1].log()


def test_ended_half_way_it_takes_its_people_with_it(own_server: Callable[..., Server], storm: Storm) -> None:
    server = own_server()
    before = everything()
    command = storm(server.environment(), server.url, "--clients", "6", "--seconds", "60")
    until(command, "of them write")
    assert Document.objects.filter(title__startswith="Storm").exists()
    command.send_signal(signal.SIGTERM)
    command.communicate(timeout=30)
    assert command.returncode == 128 + signal.SIGTERM
    assert everything() == before


def test_another_secret_than_the_servers_is_said_at_once(own_server: Callable[..., Server], storm: Storm) -> None:
    server = own_server()
    before = everything()
    environment = {**server.environment(), "COLLAB_SECRET_KEY": "of another server"}
    command = storm(environment, server.url, "--clients", "4")
    _, said = command.communicate(timeout=30)
    assert command.returncode == 1
    assert "signed_out: the server does not know the people" in said
    assert everything() == before


def test_an_address_at_which_nobody_listens_is_refused_before_anybody_is_made(live_cast: Cast) -> None:
    before = everything()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        with pytest.raises(CommandError, match="Nobody answers at"):
            call_command("storm", f"http://127.0.0.1:{nobody.getsockname()[1]}", "--clients", "4")
    assert everything() == before
