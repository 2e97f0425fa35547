"""`make fleet`: one command, one address, and nothing left of it afterwards."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread

import pytest

from collab.fleet import fleet as fleets
from collab.fleet import programs
from collab.fleet.__main__ import main
from collab.fleet.fleet import Fleet
from collab.fleet.parts import Part, PartFailed, is_listening
from tests.harness.server import ROOT

START_SECONDS = 90
STOP_SECONDS = 45


class Command:
    """`python -m collab.fleet` as somebody starts it in a terminal; `said` is what it has printed."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._output = folder / "said"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(self.temporary)}
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "collab.fleet", "--port", "0", *options],
                cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        # PostgreSQL's user has to reach its folder.
        for parent in [self.temporary, *self.temporary.parents]:
            if parent.is_relative_to("/tmp") and parent != Path("/tmp"):  # noqa: S108
                parent.chmod(parent.stat().st_mode | 0o011)

    @property
    def said(self) -> str:
        return self._output.read_text(errors="replace")

    def until(self, words: str, seconds: float = START_SECONDS) -> re.Match[str]:
        """Wait until it has said something like `words`."""
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(words, self.said)
            if found:
                return found
            assert self.process.poll() is None, f"it has ended:\n{self.said}"
            assert time.monotonic() < deadline, f"it never said {words!r}:\n{self.said}"
            time.sleep(0.05)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    made: list[Command] = []

    def start(*options: str) -> Command:
        made.append(Command(tmp_path, *options))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(timeout=STOP_SECONDS)


def family(pid: int) -> set[int]:
    """Return every process below `pid`, whatever group it is in."""
    children: dict[int, set[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, set()).add(int(path.parent.name))
    found, look = set(), [pid]
    while look:
        below = children.get(look.pop(), set())
        found |= below
        look += below
    return found


def ports_of(pids: set[int]) -> set[int]:
    """Return the TCP ports of 127.0.0.1 on which these processes listen."""
    sockets = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(link).removeprefix("socket:[").rstrip("]"))
            except FileNotFoundError:
                continue
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and row[9] in sockets}


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("lb", ["haproxy", "nginx"])
def test_a_fleet_serves_until_it_is_told_to_end_and_leaves_nothing(command: Callable[..., Command], lb: str) -> None:
    fleet = command("--lb", lb, "--instances", "2")
    fleet.until("Ready after")
    url = fleet.until(r"http://localhost:\d+")[0]
    fleet.until("alice@example.com")
    assert {re.search(r"Served by (\w)", page(url))[1] for _ in range(20)} == {"a", "b"}  # type: ignore[index]
    pids = family(fleet.process.pid)
    ports = ports_of(pids)
    assert len(ports) >= 5, "PostgreSQL, Redis, two instances and a load balancer"
    assert list(fleet.temporary.glob("collab-fleet-*"))

    fleet.process.send_signal(signal.SIGTERM)
    assert fleet.process.wait(timeout=STOP_SECONDS) == 0, fleet.said
    assert "Nothing is left" in fleet.said
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert [port for port in ports if is_listening(port)] == []
    assert list(fleet.temporary.iterdir()) == []


def test_ctrl_c_while_it_starts_ends_it_as_well(command: Callable[..., Command]) -> None:
    fleet = command()
    fleet.until("Making tables")
    pids = family(fleet.process.pid)
    assert pids
    fleet.process.send_signal(signal.SIGINT)
    assert fleet.process.wait(timeout=STOP_SECONDS) == 0, fleet.said
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert "Ready" not in fleet.said
    assert list(fleet.temporary.iterdir()) == []


# --- Its parts, without servers --------------------------------------------------------------------------------


class Sleeper(Part):
    """A part that does nothing, for as long as it lives."""

    def __init__(self, log: Path) -> None:
        super().__init__("Sleeper", log)

    def command(self) -> Sequence[str]:
        return ["sleep", "1000"]

    def answers(self) -> bool:
        return self.is_running


class Failing(Sleeper):
    def command(self) -> Sequence[str]:
        return ["sh", "-c", "echo no such thing here >&2; exit 3"]

    def answers(self) -> bool:
        return False


def test_what_dies_is_named_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "RETURN_SECONDS", 0.2)
    said: list[str] = []
    fleet = Fleet(tmp_path, "haproxy", 1, 0, said.append)
    sleeper = Sleeper(tmp_path / "log").start()
    fleet.parts.append(sleeper)
    first = sleeper.pid
    watching = Thread(target=fleet.watch)
    watching.start()
    try:
        sleeper.kill()
        deadline = time.monotonic() + 20
        while len(said) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        fleet.ending.set()
        watching.join()
        fleet.stop()
    assert said[0].startswith("Sleeper was killed (signal 9)")
    assert said[1] == f"Sleeper starts again as process {sleeper.pid}"
    assert sleeper.pid != first
    assert not sleeper.is_running


def test_a_part_that_does_not_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(PartFailed, match="no such thing here"):
        Failing(tmp_path / "log").start()


def test_a_stopped_process_can_be_ended(tmp_path: Path) -> None:
    sleeper = Sleeper(tmp_path / "log").start()
    sleeper.signal(signal.SIGSTOP)
    assert sleeper.stop() == -signal.SIGTERM


def test_a_missing_program_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(program: str, path: str | None = None) -> None:
        return None

    monkeypatch.setattr("shutil.which", nothing)
    monkeypatch.setattr(programs, "_newest_postgres", nothing)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main(["--port", "0"]) == 1
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    said = capsys.readouterr().err
    assert "Not installed: haproxy, postgres, redis-server" in said
    assert "sudo apt-get install --no-install-recommends haproxy postgresql redis-server" in said
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    assert f"Port {port} is taken" in capsys.readouterr().err
