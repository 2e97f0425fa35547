"""One canary, from its parent's side. Blocking: for threads."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rooms.canary.wire import Work, pack, read_answer

_ROOT = Path(__file__).resolve().parents[2]
# It needs to find Python and its libraries, and nothing else: no key and no address of a database.
_PASSED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME")
# Starting takes a tenth of a second; on a machine that has no moment for it in this time there is none.
_START_SECONDS = 20.0
# It has its seconds of work; the machine may be so busy that they take longer.
_WAIT_FACTOR = 3


class Fault(NamedTuple):
    """Why a document cannot be loaded: a stable code (`malformed`, `crashed`, `timed_out`, `memory`), and details
    without anything of its content.
    """

    code: str
    details: str = ""


class CannotStart(Exception):
    """There is no canary to be had on this machine at the moment."""


class Died(Exception):
    """The canary ended while it worked."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.details)
        self.fault = fault


class NoTime(Exception):
    """The machine is so busy that nothing can be told."""


class Canary:
    """Raises CannotStart. Ask one at a time; close it, or end, and it ends."""

    def __init__(self, *, seconds: float, memory_bytes: int, command: Sequence[str] = ()) -> None:
        ours, its = socket.socketpair()
        self._line = ours
        try:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603
                [*(command or (sys.executable, "-m", "rooms.canary")), str(seconds), str(memory_bytes)],
                cwd=_ROOT,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                stdin=its.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            ours.close()
            raise CannotStart(type(error).__name__) from error
        finally:
            its.close()
        ours.settimeout(_START_SECONDS)
        self._reading = ours.makefile("rb")
        try:
            is_up = self._reading.read(1) == b"!"
        except OSError:
            is_up = False
        if not is_up:
            self.close()
            raise CannotStart(f"it ended with {self._process.returncode}")
        ours.settimeout(_START_SECONDS + seconds * _WAIT_FACTOR)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, work: Work, snapshot: bytes | None, rows: Sequence[bytes]) -> Any:
        """Return the Fault of a document, or what was asked for. Raises Died and NoTime, and is of no use then."""
        try:
            self._line.sendall(pack(work, snapshot, rows))
            answer = json.loads(read_answer(self._reading))
        except TimeoutError:
            self.close()
            raise NoTime from None
        except (OSError, EOFError):
            self.close(politely=True)
            raise Died(_fault_of(self._process.returncode)) from None
        return Fault(*answer) if isinstance(answer, list) else answer

    def kill(self) -> None:
        """End it while another thread asks it: that one is told that it died."""
        self._process.kill()

    def close(self, *, politely: bool = False) -> None:
        """End it and wait for its end; `politely` leaves it a moment to do so by itself."""
        self._reading.close()
        self._line.close()
        if politely:
            try:
                self._process.wait(_START_SECONDS)
            except subprocess.TimeoutExpired:
                politely = False
        if not politely:
            self._process.kill()
        self._process.wait()


def _fault_of(returncode: int) -> Fault:
    if returncode == -signal.SIGPROF:
        return Fault("timed_out")
    name = signal.Signals(-returncode).name if returncode < 0 else f"exit {returncode}"
    return Fault("crashed", name)
