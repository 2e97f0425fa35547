"""What the servers spend meanwhile: CPU from /proc, transactions from PostgreSQL."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg

STEP_SECONDS = 0.5
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """Spent between the sample before and `at` (seconds since the epoch). None: not measured."""

    at: float
    seconds: float
    cpu_seconds: float | None
    transactions: int | None


def cpu_seconds(leaders: set[int]) -> dict[int, float]:
    """Return the CPU time of every process whose group is led by one of `leaders`, by its id."""
    return {pid: (int(fields[11]) + int(fields[12])) / _TICK for pid, fields in processes(leaders).items()}


def processes(leaders: set[int]) -> dict[int, list[str]]:
    """Return process id → what /proc/PID/stat has after the name, for the groups that `leaders` lead."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            if int(fields[2]) in leaders:
                found[int(entry.name)] = fields
    return found


class Sampler:
    """Looks twice a second. What a process spends in the half second before its end is not seen."""

    def __init__(self, leaders: Callable[[], list[int]], database: str | None) -> None:
        self.samples: list[Sample] = []
        self._leaders = leaders
        self._line = psycopg.connect(database, autocommit=True) if database else None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        if self._line is not None:
            self._line.close()

    def _run(self) -> None:
        before, spent, counted = time.time(), cpu_seconds(set(self._leaders())), self._transactions()
        while not self._ending.wait(STEP_SECONDS):
            leaders = set(self._leaders())
            now, spent_now, counted_now = time.time(), cpu_seconds(leaders), self._transactions()
            cpu = sum(max(0.0, used - spent.get(pid, 0.0)) for pid, used in spent_now.items()) if leaders else None
            made = counted_now - counted if counted is not None and counted_now is not None else None
            self.samples.append(Sample(now, now - before, cpu, made))
            before, spent, counted = now, spent_now, counted_now

    def _transactions(self) -> int | None:
        if self._line is None:
            return None
        found = self._line.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
        return int(found[0]) if found else None
