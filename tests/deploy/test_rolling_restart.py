"""A rolling restart takes instance after instance, or stops at the first that does not come back."""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.deploy import reading
from tests.deploy.backends import Backend, backends

DEPLOY = reading.DEPLOY


class Machine:
    """Plays systemd for stand-ins of instances: `systemctl stop|start collab@PORT.service` comes here."""

    def __init__(self, folder: Path, instances: list[Backend]) -> None:
        self.instances = {one.port: one for one in instances}
        self.done: list[tuple[str, int]] = []
        # port: what happens instead of the start or the stop that was asked for.
        self.instead: dict[tuple[str, int], Callable[[], bool]] = {}
        machine = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                _, verb, port = self.path.split("/")
                self.send_response(200 if machine.act(verb, int(port)) else 500)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.systemctl = folder / "systemctl"
        self.systemctl.write_text(
            "#!/bin/sh\nport=${2#collab@}\nexec curl --silent --fail --output /dev/null "
            f'"http://127.0.0.1:{self.server.server_port}/$1/${{port%.service}}"\n'
        )
        self.systemctl.chmod(0o755)

    def act(self, verb: str, port: int) -> bool:
        """Do it and return whether it worked."""
        self.done.append((verb, port))
        if (verb, port) in self.instead:
            return self.instead[verb, port]()
        instance = self.instances.get(port)
        if instance is not None and verb == "stop":
            assert all(other.is_ready for other in self.instances.values()), "one is away already"
            instance.stop()
        elif instance is not None and verb == "start":
            instance.start()
        return True

    def roll(self, *ports: int | str, **environment: str) -> subprocess.CompletedProcess[str]:
        quick = {"ROLLING_STOP_SECONDS": "2", "ROLLING_READY_SECONDS": "2", "ROLLING_SETTLE_SECONDS": "0"}
        return subprocess.run(
            [str(DEPLOY / "systemd" / "rolling-restart"), *map(str, ports)],
            env={"PATH": os.environ["PATH"], "SYSTEMCTL": str(self.systemctl), **quick, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with backends(3) as instances:
        made = Machine(tmp_path, instances)
        yield made
        made.server.shutdown()
        made.server.server_close()


def test_each_instance_is_stopped_and_started_before_the_next_is_touched(machine: Machine) -> None:
    ports = list(machine.instances)
    run = machine.roll(*ports)
    assert (run.returncode, run.stderr) == (0, "")
    assert machine.done == [(verb, port) for port in ports for verb in ("stop", "start")]
    assert "All 3 are restarted." in run.stdout


def test_the_round_ends_at_the_first_that_does_not_come_back(machine: Machine) -> None:
    first, second, third = machine.instances
    machine.instead["start", second] = lambda: True
    run = machine.roll(first, second, third)
    assert run.returncode == 5
    assert f"{second} is not ready 2 s after its start" in run.stderr
    assert [port for _, port in machine.done] == [first, first, second, second]
    assert machine.instances[third].is_ready


def test_one_that_starts_but_stays_unready_ends_the_round_with_its_reasons(machine: Machine) -> None:
    first, second, third = machine.instances

    def start_unready() -> bool:
        machine.instances[first].is_ready = False
        machine.instances[first].start()
        return True

    machine.instead["start", first] = start_unready
    run = machine.roll(first, second, third)
    assert run.returncode == 5
    assert '"name": "a"' in run.stderr, "what /readyz says is shown"
    assert {port for _, port in machine.done} == {first}


def test_nothing_is_touched_while_another_instance_is_unready(machine: Machine) -> None:
    first, second, third = machine.instances
    machine.instances[third].is_ready = False
    run = machine.roll(first, second, third)
    assert run.returncode == 3
    assert f"{third} is not ready" in run.stderr
    assert machine.done == []


def test_one_that_does_not_stop_ends_the_round(machine: Machine) -> None:
    first, second, third = machine.instances
    machine.instead["stop", first] = lambda: True  # said, not done
    assert machine.roll(first, second, third).returncode == 4
    machine.instead["stop", first] = lambda: False
    assert machine.roll(first, second, third).returncode == 4
    assert machine.done == [("stop", first)] * 2


def test_one_whose_start_fails_ends_the_round(machine: Machine) -> None:
    first, second, third = machine.instances
    machine.instead["start", first] = lambda: False
    run = machine.roll(first, second, third)
    assert run.returncode == 5
    assert "journalctl" in run.stderr


@pytest.mark.parametrize("ports", [[], ["collab@8001"], ["8001", "--all"]])
def test_a_wrong_call_says_how_to_call_it(machine: Machine, ports: list[str]) -> None:
    run = machine.roll(*ports)
    assert run.returncode == 2
    assert run.stderr != ""
    assert machine.done == []


def test_a_load_balancer_without_checks_is_told_before_and_after(machine: Machine, tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text(
        f'#!/bin/sh\necho "$1 $2 $(curl -s -o /dev/null -w %{{http_code}} http://127.0.0.1:$2)" >> {tmp_path}/told\n'
    )
    hook.chmod(0o755)
    ports = list(machine.instances)
    assert machine.roll(*ports, ROLLING_OUT=f"{hook} out", ROLLING_IN=f"{hook} in").returncode == 0
    told = (tmp_path / "told").read_text().splitlines()
    assert told == [f"{word} {port} 200" for port in ports for word in ("out", "in")]
    machine.done.clear()
    assert machine.roll(*ports, ROLLING_OUT="false").returncode == 6
    assert machine.done == []


@pytest.mark.parametrize("script", ["systemd/rolling-restart", "nginx/switch", "test-services"])
def test_scripts_are_programs_that_bash_can_read(script: str) -> None:
    path = DEPLOY / script
    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    subprocess.run(["/bin/bash", "-n", str(path)], check=True)
    assert re.search(r"^set -[eu]+o pipefail$", path.read_text(), re.M)
