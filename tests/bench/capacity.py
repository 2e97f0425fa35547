"""What to buy: from the unit costs that a run measured to processes and memory for so many people.

`python -m tests.bench.capacity FILE.json [--people-per-document N] [--typing-share S] …`. One process uses one core.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import ceil
from pathlib import Path
from typing import Any

from tests.bench.percentiles import median

SIZES = (1_000, 10_000, 100_000)
# `people` events go out at most so often (docs/protocol.md).
PRESENCE_PER_SECOND = 10
SECONDS_A_MONTH = 30 * 86_400


@dataclass(frozen=True)
class Costs:
    """What one of each costs the server."""

    edit_us: float  # an edit: checked, authorised, stored, acknowledged
    frame_us: float  # one frame handed to one recipient
    cursor_us: float  # a caret that moved, taken in
    reconnect_us: float  # a connection with its session, its rights and its document
    idle_us: float  # a second of an idle person
    person_kb: float
    document_kb: float
    base_mb: float


@dataclass(frozen=True)
class Assumptions:
    """How people behave and how much room to leave. Change them to yours."""

    people_per_document: float = 4
    typing_share: float = 0.1  # of those who are online, who writes at this moment
    edits_per_second: float = 4  # of one who writes: batches, not letters
    edit_bytes: float = 60  # what stays of a batch once a snapshot holds its content: author, time, index
    used_share: float = 0.5  # of a core, on average: the rest is for peaks and for who comes back
    reconnect_seconds: float = 30  # in which one process must take back all its people


@dataclass(frozen=True)
class Need:
    """What so many people online need."""

    people: int
    documents: int
    edits_per_second: float
    frames_per_second: float
    cores: float
    processes: int
    mb_per_process: float
    reconnect_seconds: float
    log_gb_a_month: float


def unit_costs(data: dict[str, Any]) -> Costs:
    """Return the costs of ours from a run's JSON. Raises KeyError when a workload that they come from is not in it.

    An edit and a frame are told apart by two loads: W1 quiet is nearly all frames, W2 has one frame an edit.
    """
    people = 1_000
    idle = _figure(data, "w3", "idle_cpu") * 10_000 / people
    quiet = _Load.of(data, "quiet", idle_us=idle * 200)
    many = _Load.of(data, "w2", idle_us=idle * 400)
    edit, frame = solve(quiet, many)
    moves, frames = _figure(data, "presence", "moves_per_second"), 50 * _figure(data, "presence", "frames_per_person")
    cursor = (_figure(data, "presence", "server_cpu") * 10_000 - frames * frame) / moves
    person = _figure(data, "w3", "kb_per_person")
    grown = _figure(data, "w2", "rss_kb") - _figure(data, "w2", "rss_before_kb")
    return Costs(
        edit_us=edit,
        frame_us=frame,
        cursor_us=max(0.0, cursor),
        reconnect_us=_figure(data, "w3", "server_cpu_ms") * 1_000 / people,
        idle_us=idle,
        person_kb=person,
        document_kb=max(0.0, (grown - 400 * person) / 200),
        base_mb=float(data["results"]["rss"]["ours"]),
    )


@dataclass(frozen=True)
class _Load:
    """What a server did in a second, and the microseconds of CPU that it took."""

    edits: float
    frames: float
    cpu_us: float

    @classmethod
    def of(cls, data: dict[str, Any], workload: str, *, idle_us: float) -> "_Load":
        seconds = _figure(data, workload, "ms") / 1_000
        edits, frames = _figure(data, workload, "typed") / seconds, _figure(data, workload, "frames") / seconds
        return cls(edits, frames, _figure(data, workload, "server_cpu") * 10_000 - idle_us)


def solve(one: _Load, other: _Load) -> tuple[float, float]:
    """Return microseconds an edit and a frame, such that both loads cost what they cost; none is negative.

    >>> solve(_Load(20, 4_000, 20 * 100 + 4_000 * 5), _Load(2_000, 4_000, 2_000 * 100 + 4_000 * 5))
    (100.0, 5.0)
    """
    determinant = one.edits * other.frames - other.edits * one.frames
    if not determinant:
        raise ValueError("two loads of the same kind cannot be told apart")
    edit = (one.cpu_us * other.frames - other.cpu_us * one.frames) / determinant
    frame = (one.edits * other.cpu_us - other.edits * one.cpu_us) / determinant
    return max(0.0, edit), max(0.0, frame)


def _figure(data: dict[str, Any], workload: str, name: str) -> float:
    """Return the median of a figure over ours' runs of a workload."""
    found = [
        float(run["result"][name]) for run in data["runs"] if run["workload"] == workload and run["target"] == "ours"
    ]
    if not found:
        raise KeyError(f"no run of {workload}: measure everything first")
    return median(found)


def need(people: int, costs: Costs, assumed: Assumptions) -> Need:
    """Return what `people` online at the same time need."""
    documents = ceil(people / assumed.people_per_document)
    edits = people * assumed.typing_share * assumed.edits_per_second
    moves_per_document = assumed.people_per_document * assumed.typing_share * assumed.edits_per_second
    presence = people * min(PRESENCE_PER_SECOND, moves_per_document)
    # Each edit goes to the others in its document and its answer to whoever wrote it.
    frames = edits * assumed.people_per_document + presence
    # A caret moves with every edit.
    cpu_us = edits * (costs.edit_us + costs.cursor_us) + frames * costs.frame_us + people * costs.idle_us
    cores = cpu_us / 1e6
    processes = max(
        1,
        ceil(cores / assumed.used_share),
        ceil(people * costs.reconnect_us / 1e6 / assumed.reconnect_seconds),
    )
    # A document is open in every process that somebody of it is connected to: at most in as many as it has people.
    copies = min(processes, assumed.people_per_document)
    memory_kb = people * costs.person_kb + documents * copies * costs.document_kb
    return Need(
        people=people,
        documents=documents,
        edits_per_second=edits,
        frames_per_second=frames,
        cores=cores,
        processes=processes,
        mb_per_process=costs.base_mb + memory_kb / 1024 / processes,
        reconnect_seconds=people / processes * costs.reconnect_us / 1e6,
        log_gb_a_month=edits * assumed.edit_bytes * SECONDS_A_MONTH / 1e9 / 4,
    )


def report(costs: Costs, assumed: Assumptions | None = None, sizes: Sequence[int] = SIZES) -> str:
    """Return costs, assumptions and the needs of each size, for a reader."""
    assumed = assumed or Assumptions()
    lines = [
        "Measured on one core of this machine:",
        f"  an edit {costs.edit_us:,.0f} µs, a frame to one person {costs.frame_us:,.1f} µs, "
        f"a caret's move {costs.cursor_us:,.0f} µs,",
        f"  coming back {costs.reconnect_us / 1_000:,.2f} ms, idling {costs.idle_us:,.0f} µs a second;",
        f"  an idle person {costs.person_kb:,.0f} KB, an open small document {costs.document_kb:,.0f} KB, "
        f"an empty process {costs.base_mb:,.0f} MB.",
        "",
        f"Assumed: {assumed.people_per_document:g} people a document; {assumed.typing_share:.0%} of those online "
        f"write, {assumed.edits_per_second:g} batches a second each;",
        f"  a core is used to {assumed.used_share:.0%} on average; all people of a process are back within "
        f"{assumed.reconnect_seconds:g} s; a working day is a quarter of a day.",
        "",
    ]
    head = [
        "people",
        "documents",
        "edits/s",
        "frames/s",
        "cores used",
        "processes",
        "MB each",
        "back in s",
        "log GB/month",
    ]
    body = [_row(need(people, costs, assumed)) for people in sizes]
    widths = [max(len(row[column]) for row in [head, *body]) for column in range(len(head))]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *body]]
    return "\n".join([*lines, *table])


def _row(one: Need) -> list[str]:
    return [
        f"{one.people:,}", f"{one.documents:,}", f"{one.edits_per_second:,.0f}", f"{one.frames_per_second:,.0f}",
        f"{one.cores:.2f}", f"{one.processes:,}", f"{one.mb_per_process:,.0f}", f"{one.reconnect_seconds:.1f}",
        f"{one.log_gb_a_month:,.1f}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capacity", description=__doc__)
    parser.add_argument("measured", type=Path, help="the JSON file of `python -m tests.bench --json FILE`")
    for one in fields(Assumptions):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float, default=one.default)
    options = parser.parse_args()
    assumed = Assumptions(**{one.name: getattr(options, one.name) for one in fields(Assumptions)})
    sys.stdout.write(report(unit_costs(json.loads(options.measured.read_text())), assumed) + "\n")


if __name__ == "__main__":
    main()
