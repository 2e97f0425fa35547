"""One part of the fleet: a program in a process group of its own, with a log of its own."""

import os
import random
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
# A cold start of any part takes less than five seconds on an idle machine; tests share one with others.
START_SECONDS = 60
STOP_SECONDS = 10
_GONE_SECONDS = 1
# Above what programs of this machine are likely to have.
_FIRST_PORT = 12_000
_TRIES = 200


class PartFailed(Exception):
    """A part did not start. The message has the last lines of its log."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody uses now.

    Not one of those that the kernel gives to connections on their way out: between now and its use, one could take it.
    Raises OSError when there is none.
    """
    last = max(_first_port_of_connections(), _FIRST_PORT + _TRIES)
    for port in random.sample(range(_FIRST_PORT, last), _TRIES):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


def _first_port_of_connections() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:  # not Linux: where RFC 6335 begins them, section 6
        return 49_152


def is_listening(port: int) -> bool:
    """Return whether somebody takes connections on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Part(ABC):
    """Start it, signal it, stop it; it may be started again, and stays on its port.

    `stops_on` is the signal that ends it soon and in order. `answers` says whether it does its work yet.
    """

    stops_on = signal.SIGTERM
    # Whether every process of the group is sent it, or the first one, which tells the others.
    stops_group = False

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    # --- What a kind of part says about itself ------------------------------------------------------------

    @abstractmethod
    def command(self) -> Sequence[str]: ...

    def environment(self) -> Mapping[str, str]:
        return os.environ

    def prepare(self) -> None:  # noqa: B027  (most kinds have nothing to write)
        """Write what the program reads. Called before each start."""

    @abstractmethod
    def answers(self) -> bool: ...

    # The account that it runs as; None: whoever started the fleet.
    user: str | None = None
    folder: Path = ROOT

    # --- Its life -----------------------------------------------------------------------------------------

    def launch(self) -> Self:
        """Start it and return at once. Raises PartFailed when the program is not there."""
        self.prepare()
        with self.log.open("ab") as output:
            try:
                self._process = subprocess.Popen(  # noqa: S603  (the programs are ours to choose)
                    self.command(),
                    cwd=self.folder,
                    env=self.environment(),
                    user=self.user,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise PartFailed(f"{self.name}: {error}") from None
        return self

    def start(self, *, give_up: Callable[[], bool] = lambda: False) -> Self:
        """Start it and wait until it answers. Raises PartFailed."""
        return self.launch().wait(give_up=give_up)

    def wait(self, *, give_up: Callable[[], bool] = lambda: False, seconds: float = START_SECONDS) -> Self:
        """Wait until it answers, or until `give_up` says that nobody wants it any more. Raises PartFailed."""
        deadline = time.monotonic() + seconds
        while not give_up():
            # Asked first: what ends well right after it was asked has done its work all the same.
            was_running = self.is_running
            if self.answers():
                break
            if not was_running or time.monotonic() > deadline:
                self.kill()
                raise PartFailed(f"{self.name} did not start. The end of {self.log}:\n{self.last_words()}")
            time.sleep(0.05)
        return self

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs or when it was never started."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """The first process of its group. Only a part that was started has one."""
        if self._process is None:
            raise PartFailed(f"{self.name} was not started")
        return self._process.pid

    def signal(self, number: int) -> None:
        """Send a signal to the first process of its group, if that is still there."""
        if self.is_running:
            os.kill(self.pid, number)

    def stop(self) -> int | None:
        """End it in order, or by force after STOP_SECONDS; return its exit code."""
        self.ask_to_stop()
        return self.ended()

    def ask_to_stop(self) -> None:
        self.signal(signal.SIGCONT)  # a stopped process would never read the other signal
        if self.stops_group and self.is_running:
            os.killpg(self.pid, self.stops_on)
        else:
            self.signal(self.stops_on)

    def ended(self, seconds: float = STOP_SECONDS) -> int | None:
        """Wait until it has ended, by force after so many seconds; return its exit code."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=seconds)
            self.kill()
        return self.exit_code

    def kill(self) -> None:
        """End its whole group as a power cut would, and wait until it is gone. Does nothing where nobody is left."""
        if self._process is None:
            return
        deadline = time.monotonic() + _GONE_SECONDS
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            # Its children are init's to bury now; until then their numbers are taken.
            while time.monotonic() < deadline:
                os.killpg(self._process.pid, 0)
                time.sleep(0.01)
        self._process.wait()

    def last_words(self, lines: int = 20) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return "(nothing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
