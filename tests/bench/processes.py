"""A server in a process group of its own, and what the kernel knows about it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from collab.storm.machine import processes

START_SECONDS = 30.0
STOP_SECONDS = 30.0


def group(leader: int) -> list[int]:
    """Return the processes of the group that `leader` leads, itself among them."""
    return sorted(processes({leader}))


def rss_mb(pid: int) -> float:
    """Return the resident memory of one process, or 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


class ServerProcess:
    """Runs a command until `stop` (it may finish its work) or `kill` (as a power cut would)."""

    def __init__(self, command: Sequence[str], port: int, log: Path, folder: Path, environment: Mapping[str, str]):
        self._port = port
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        self._wait_until_it_listens()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), 0.2).close()
                return
            except OSError:
                time.sleep(0.05)  # a process that is starting announces nothing: it is asked until START_SECONDS
        self.kill()
        raise RuntimeError(f"did not start: {self._log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)
