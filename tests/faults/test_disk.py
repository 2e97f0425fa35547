"""SQLite's file cannot be written: the disk is full, the file is read-only, or somebody else holds the lock."""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import RunTrial, sqlite_only
from tests.faults.places import Place, copied
from tests.faults.trial import LONG, Trial
from tests.faults.watch import worker
from tests.harness.client import eventually
from tests.harness.people import Cast

pytestmark = sqlite_only

BROKEN_SECONDS = 10 if LONG else 2
LOCKED_SECONDS = 10 if LONG else 3
# Room for the copy of the database, and for what a trial writes.
DISK_MB = 24

_HOLD = """
import sqlite3, sys
line = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
line.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
line.execute("ROLLBACK")
"""


def run(program: str, *words: str) -> bool:
    """Run a program of the system; return whether it could do it."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    return found is not None and not subprocess.run([found, *words], capture_output=True, check=False).returncode


async def refused(trial: Trial) -> None:
    """Return once people are told to come again, which takes until the log of SQLite has to grow."""
    before = trial.board.refused["busy"]
    await eventually(lambda: trial.board.refused["busy"] > before + 3, seconds=30, what="edits are refused as busy")
    await asyncio.sleep(BROKEN_SECONDS)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of DISK_MB. Only root can have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or not run("mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)):
        pytest.skip("only root can mount a small file system")
    yield folder
    run("umount", "--lazy", str(folder))


async def test_the_disk_is_full(run_trial: RunTrial, small_disk: Path, live_cast: Cast) -> None:
    filler = small_disk / "of somebody else"

    async def full(trial: Trial) -> None:
        try:
            with filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(65_536))
        except OSError:
            pass
        await refused(trial)
        filler.unlink()

    place = await asyncio.to_thread(copied, live_cast, small_disk)
    await run_trial("disk full", place, full)


async def test_a_file_may_not_grow(run_trial: RunTrial, place: Place) -> None:
    """As a full disk, for which no root is needed: the kernel refuses to make a file of the process any larger."""

    async def limited(trial: Trial) -> None:
        pid = worker(trial.server)
        assert pid is not None
        log = place.file.with_name(f"{place.file.name}-wal")
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (log.stat().st_size, before[1]))
        await refused(trial)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    await run_trial("files may not grow", place, limited)


@pytest.fixture
def read_only(place: Place) -> Iterator[list[str]]:
    """What makes the database's files read-only even for whoever has them open, and undoes it at the end."""
    probe = place.file.with_name("probe")
    probe.touch()
    if not (run("chattr", "+i", str(probe)) and run("chattr", "-i", str(probe))):
        pytest.skip("only root can make a file immutable, and not on every file system")
    files = [str(place.file), f"{place.file}-wal"]
    yield files
    run("chattr", "-i", *files)


async def test_the_database_is_read_only(run_trial: RunTrial, place: Place, read_only: list[str]) -> None:
    async def immutable(trial: Trial) -> None:
        assert await asyncio.to_thread(run, "chattr", "+i", *read_only)
        await refused(trial)
        assert await asyncio.to_thread(run, "chattr", "-i", *read_only)

    await run_trial("SQLite read-only", place, immutable)


async def test_another_process_holds_the_lock(run_trial: RunTrial, place: Place) -> None:
    async def locked(trial: Trial) -> None:
        holder = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _HOLD, str(place.file), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        before = sum(len(one.acknowledged) for one in trial.crowd.people)
        await asyncio.sleep(LOCKED_SECONDS)
        # What was committed before the lock may be answered just after it was taken.
        assert sum(len(one.acknowledged) for one in trial.crowd.people) - before < 30, "the lock held nobody up"
        await holder.communicate(b"\n")

    await run_trial(f"SQLite locked for {LOCKED_SECONDS} s", place, locked)
