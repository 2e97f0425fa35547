"""The machine at hand: which core the server gets and which the generator, and what to tell a reader about both."""

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

OUR_PACKAGES = ("django", "python-socketio", "python-engineio", "pycrdt", "uvicorn", "uvloop", "gunicorn", "msgpack")


@dataclass(frozen=True)
class Cores:
    """One core for the server, another for the generator; None where processes cannot be pinned."""

    server: int | None
    generator: int | None

    @property
    def note(self) -> str:
        if self.server is None:
            return "not pinned: processes cannot be tied to cores here, figures are worth less"
        if self.server == self.generator:
            return f"server and generator share core {self.server}: there is only one, figures are worth little"
        return f"server on core {self.server}, generator on core {self.generator}"


def choose_cores() -> Cores:
    try:
        available = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, available)
    except (AttributeError, OSError):
        return Cores(None, None)
    return Cores(available[0], available[min(1, len(available) - 1)])


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Whatever is started in here runs on `core`: a child has the cores of whoever starts it."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def describe(cores: Cores) -> dict[str, Any]:
    """Return what a reader must know to judge the figures."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "system": platform.platform(terse=True),
        "pinning": cores.note,
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "node": _output("node", "--version").lstrip("v"),
        "packages": {name: _version(name) for name in OUR_PACKAGES},
    }


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
