"""What a storm is let loose on: a fleet of its own, or something that runs already. This machine only."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from collab.fleet.balancers import Balancer
from collab.fleet.fleet import Fleet
from collab.fleet.instances import Instance, answers
from collab.fleet.parts import ROOT, PartFailed, free_port
from collab.storm.seed import Seeded, remove, seed

EVENTS = ("kill", "drain", "restart", "lb")
# How long a killed instance is gone: what a supervisor takes to notice, and a start.
GONE_SECONDS = 3
# Notice, slots and what follows them take less.
DRAIN_SECONDS = 90
READY_SECONDS = 60


class Target(Protocol):
    """`happen` takes an event through to its end: what went away is back, unless it was to stay away."""

    url: str

    def seed(self, clients: int, documents: int) -> Seeded: ...
    def unseed(self, seeded: Seeded) -> None: ...
    # The first process of each running instance; empty when nothing is known about them.
    def leaders(self) -> list[int]: ...
    # The address of a PostgreSQL that counts transactions, or None.
    def database(self) -> str | None: ...
    def happen(self, event: str) -> None: ...
    def close(self) -> None: ...


def check_loopback(url: str) -> None:
    """Raise ValueError, in words for people, unless `url` is a plain http address of this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if parts.scheme != "http" or not is_here:
        raise ValueError(
            f"{url} is not an http address of this machine. A storm is an attack on whoever did not ask for it, so it "
            "is sent to 127.0.0.1, localhost and [::1] only. Run it where the server is, beside its load balancer."
        )


class OwnFleet:
    """PostgreSQL, Redis, instances and a load balancer of the storm's own, in a folder that goes with them."""

    def __init__(self, instances: int, lb: str, say: Callable[[str], None]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="collab-storm-", ignore_cleanup_errors=True)
        self._fleet = Fleet(Path(self._folder.name), lb, instances, free_port(), say)
        self.url = self._fleet.url

    def start(self) -> "OwnFleet":
        """Start everything. Raises PartFailed, ProgramMissing, UnknownForm, with nothing left behind."""
        try:
            self._fleet.start()
            for instance in self._fleet.instances:
                _until_ready(instance)
        except BaseException:
            self.close()
            raise
        return self

    def seed(self, clients: int, documents: int) -> Seeded:
        # Another process: its settings name the fleet's database.
        made = subprocess.run(  # noqa: S603  (our own command)
            [sys.executable, "manage.py", "storm_seed", str(clients), str(documents)],
            cwd=ROOT, env=dict(self._fleet.instances[0].environment()), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise PartFailed(f"The people of the storm could not be made:\n{made.stderr}")
        return Seeded(**json.loads(made.stdout))

    def unseed(self, seeded: Seeded) -> None:
        """The database goes with the fleet."""

    def leaders(self) -> list[int]:
        return [instance.pid for instance in self._fleet.instances if instance.is_running]

    def database(self) -> str | None:
        return self._fleet.instances[0].environment()["DATABASE_URL"]

    def happen(self, event: str) -> None:
        first, *others = self._fleet.instances
        if event == "kill":
            first.kill()
            time.sleep(GONE_SECONDS)
            _until_ready(first.start())
        elif event == "drain":
            _deploy(first)
        elif event == "restart":
            for instance in (first, *others):
                _deploy(instance)
        elif event == "lb":
            balancer = next(part for part in self._fleet.parts if isinstance(part, Balancer))
            balancer.stop()
            balancer.start()
        else:
            raise ValueError(f"an event is one of {', '.join(EVENTS)}")

    def close(self) -> None:
        self._fleet.stop()
        self._folder.cleanup()


class Running:
    """Something that runs already, on the database of this environment. What happens to it is up to others."""

    def __init__(self, url: str, watch_seconds: float, say: Callable[[str], None]) -> None:
        """Raises ValueError for an address of another machine, PartFailed where nobody answers."""
        check_loopback(url)
        if not answers(f"{url.rstrip('/')}/healthz"):
            raise PartFailed(f"Nobody answers at {url}.")
        self.url = url
        self._watch_seconds = watch_seconds
        self._say = say

    def seed(self, clients: int, documents: int) -> Seeded:
        return seed(clients, documents)

    def unseed(self, seeded: Seeded) -> None:
        remove(seeded)

    def leaders(self) -> list[int]:
        return []

    def database(self) -> str | None:
        return None

    def happen(self, event: str) -> None:
        self._say(f"Now it is your turn: kill, drain or restart what you like. Watching for {self._watch_seconds:g} s")
        time.sleep(self._watch_seconds)

    def close(self) -> None:
        """It goes on."""


def _deploy(instance: Instance) -> None:
    """End an instance as a deploy does, and start it again. Raises PartFailed when it does not end well."""
    instance.signal(signal.SIGTERM)
    code = instance.ended(DRAIN_SECONDS)
    if code:
        raise PartFailed(f"{instance.name} was drained and ended with {code}:\n{instance.last_words()}")
    _until_ready(instance.start())


def _until_ready(instance: Instance) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers(f"{instance.url}/readyz"):
        if time.monotonic() > deadline:
            raise PartFailed(f"{instance.name} is not ready:\n{instance.last_words()}")
        time.sleep(0.1)
