"""What was found, as a table for people and as JSON for programs."""

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"
    # Not looked at: somebody asked for that, or another check's failure is in the way.
    SKIP = "skip"


COLOURS = {Status.OK: "32", Status.WARN: "33", Status.FAIL: "1;31", Status.SKIP: "2"}
MOST_COLUMNS = 110
# Before what is said: two spaces, the status, the check.
NAME_COLUMNS = 12
INDENT = " " * (2 + 6 + NAME_COLUMNS)


@dataclass(frozen=True, slots=True)
class Finding:
    """`change` are pairs: where, and what to change there. `table` are lines to be shown as they are."""

    status: Status
    says: str
    change: Sequence[tuple[str, str]] = ()
    table: Sequence[str] = ()
    facts: dict[str, Any] = field(default_factory=dict)


Findings = dict[str, Finding]


def exit_code(findings: Findings) -> int:
    return 1 if any(one.status is Status.FAIL for one in findings.values()) else 0


def text_of(check: str, finding: Finding, *, colour: bool) -> str:
    """Return the lines of one check."""
    width = min(MOST_COLUMNS, shutil.get_terminal_size((MOST_COLUMNS, 24)).columns)
    word = str(finding.status).ljust(6)
    if colour:
        word = f"\x1b[{COLOURS[finding.status]}m{word}\x1b[0m"
    says, *more = _wrapped(finding.says, width - len(INDENT))
    lines = [f"  {word}{check.ljust(NAME_COLUMNS)}{says}", *(INDENT + line for line in more)]
    lines += [INDENT + line for line in finding.table]
    if finding.change:
        columns = max(len(where) for where, _ in finding.change) + 2
        lines.append(f"{INDENT}Change:")
        for where, what in finding.change:
            first, *rest = _wrapped(what, width - len(INDENT) - 2 - columns)
            lines.append(f"{INDENT}  {where.ljust(columns)}{first}")
            lines += [f"{INDENT}  {' ' * columns}{line}" for line in rest]
    return "\n".join(lines)


def summary(findings: Findings) -> str:
    counted = [(status, sum(one.status is status for one in findings.values())) for status in Status]
    return ", ".join(f"{count} {status}" for status, count in counted if count)


def json_of(url: str, findings: Findings, code: int) -> dict[str, Any]:
    return {
        "url": url,
        "exit_code": code,
        "checks": [
            {
                "check": check,
                "status": one.status.lower(),
                "says": one.says,
                "change": [{"where": where, "what": what} for where, what in one.change],
                "facts": one.facts,
            }
            for check, one in findings.items()
        ],
    }


def grid(corner: str, names: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """Return a square table with the same names over its columns and before its rows."""
    first = max(len(corner), *(len(name) for name in names)) + 2
    wide = max(*(len(name) for name in names), *(len(cell) for row in cells for cell in row)) + 2
    head = corner.ljust(first) + "".join(name.rjust(wide) for name in names)
    rows = zip(names, cells, strict=True)
    return [head, *(name.ljust(first) + "".join(cell.rjust(wide) for cell in row) for name, row in rows)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), break_long_words=False, break_on_hyphens=False) or [""]
