"""What came of each trial, as the table at the end of a run and as JSON.

`python -m tests.faults.table FILE` prints rows of JSON as the table of docs/faults.md.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Where the rows are written as well.
FILE = "COLLAB_FAULTS_JSON"
# Under this name a test's report carries its row: from another process, too.
PROPERTY = "fault"

COLUMNS = (
    "what was done", "typed", "lost", "differ", "process", "memory, MB", "log lines", "answered p99, ms",
    "seen p99, ms", "longest wait",
)  # fmt: skip


@dataclass
class Row:
    """One trial. Pairs are (before, after); memory, of all processes together, is (before, most, after) in MB."""

    name: str
    typed: int
    acknowledged: int
    lost: int
    different: int
    same_process: bool
    memory_mb: tuple[float, float, float]
    files: tuple[int, int]
    tasks: tuple[int, int]
    log_lines: int
    # From the beginning of what was done to the end of the trial.
    seconds: float
    lines_lost: int
    # In ms, of the quiet phase and while it lasted; None: nothing was sent then.
    answered_ms: dict[str, float | None]
    seen_ms: dict[str, float | None]
    longest_seconds: float
    refused: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value within which `share` (0 to 1) of all lie; None when there are none."""
    if not values:
        return None
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def milliseconds(quiet: Sequence[float], during: Sequence[float]) -> dict[str, float | None]:
    """Return p50 and p99 of two phases, given in seconds."""
    found = {}
    for phase, values in (("quiet", quiet), ("during", during)):
        for share in (50, 99):
            value = percentile(values, share / 100)
            found[f"{phase} p{share}"] = None if value is None else round(1_000 * value, 1)
    return found


def rows_of(reports: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Return the rows that tests' reports carry."""
    return [value for report in reports for name, value in report.user_properties if name == PROPERTY]


def lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table, a line each, and below it what a trial notes besides."""
    found = [
        f"{'what was done':<44} {'typed':>6} {'lost':>4} {'differ':>6} {'same':>4} {'MB before, most, after':>22} "
        f"{'files':>9} {'log':>5} {'answered p99, ms':>18} {'seen p99, ms':>17} {'longest':>8}"
    ]
    for row in rows:
        memory = ", ".join(f"{value:.0f}" for value in row["memory_mb"])
        files = f"{row['files'][0]}, {row['files'][1]}"
        found.append(
            f"{row['name']:<44} {row['typed']:>6} {row['lost']:>4} {row['different']:>6} "
            f"{'yes' if row['same_process'] else 'no':>4} {memory:>22} {files:>9} {row['log_lines']:>5} "
            f"{_change(row['answered_ms']):>18} {_change(row['seen_ms']):>17} {row['longest_seconds']:>6.1f} s"
        )
    for row in rows:
        told = {**{f"refused as {code}": count for code, count in row["refused"].items()}, **row["notes"]}
        if told:
            found.append(f"{row['name']}: " + "; ".join(f"{name} {value}" for name, value in told.items()))
    return found


def markdown(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table of docs/faults.md, a line each."""
    found = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for row in rows:
        memory = ", ".join(f"{value:.0f}" for value in row["memory_mb"])
        answered, seen = (
            f"{row[name]['quiet p99'] or 0:.0f}, {row[name]['during p99'] or 0:.0f}"
            for name in ("answered_ms", "seen_ms")
        )
        process = "same" if row["same_process"] else "another"
        cells = [row["name"], row["typed"], row["lost"], row["different"], process, memory, row["log_lines"]]
        found.append("| " + " | ".join(map(str, [*cells, answered, seen, f"{row['longest_seconds']:.1f} s"])) + " |")
    return found


def _change(found: Mapping[str, float | None]) -> str:
    quiet, during = found["quiet p99"], found["during p99"]
    if quiet is None or during is None:
        return "–"
    return f"{quiet:.0f} > {during:.0f} ({during / quiet:.1f}x)" if quiet else f"{quiet:.0f} > {during:.0f}"


def print_summary(terminal: Any) -> None:
    """Write the table of a run that had trials to pytest's terminal, and to the file that `FILE` names."""
    reports = [report for state in ("passed", "failed") for report in terminal.getreports(state)]
    rows = rows_of([report for report in reports if report.when == "call"])
    if not rows:
        return
    terminal.section("What was done to it, and what came of it")
    for line in lines(rows):
        terminal.write_line(line)
    if file := os.environ.get(FILE):
        Path(file).write_text(json.dumps(rows, indent=1, ensure_ascii=False))


def as_property(row: Row) -> tuple[str, dict[str, Any]]:
    return PROPERTY, asdict(row)


if __name__ == "__main__":
    sys.stdout.write("\n".join(markdown(json.loads(Path(sys.argv[1]).read_text()))) + "\n")
