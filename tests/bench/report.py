"""The table: a row a figure, a column a server, and how ours compares with each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = float | str | None
# metric → server → value
Results = Mapping[str, Mapping[str, Value]]

NONE = "–"


@dataclass(frozen=True)
class Metric:
    key: str
    label: str
    digits: int = 0
    # What the figure shall be, in words.
    target: str = ""


def _beside(gate: str, words: str) -> list[Metric]:
    """Return what W7 has of one way to set the gate."""
    return [
        Metric(f"w7.{gate}.before.p50", f"W7: 200 are in, {words}: an edit before the crowd, p50, ms", 2),
        Metric(f"w7.{gate}.before.p99", "  p99, ms", 2),
        Metric(f"w7.{gate}.meanwhile.p50", "  while 1,000 connect, p50, ms", 2),
        Metric(f"w7.{gate}.meanwhile.p99", "  p99, ms", 2),
        Metric(f"w7.{gate}.ratio", "  meanwhile by before, of the p99s", 1),
        Metric(f"w7.{gate}.all", "  all of the crowd in after, ms"),
        Metric(f"w7.{gate}.failed", "  of the crowd did not get in", target="0"),
    ]


METRICS = [
    Metric("w1.200.max", "W1: 200 people, 20 typing, each update sent alone: updates/s", target="≥ 16,000"),
    Metric("w1.200.max_p50", "  p50 there, ms", 1),
    Metric("w1.200.max_p99", "  p99 there, ms", 1, "≤ 250"),
    Metric("w1.200.max_cpu", "  server CPU there, %"),
    Metric("w1.200.max_generator_cpu", "  generator CPU there, %"),
    Metric("w1.200.client.max", "W1 as our client sends, batches merged: updates/s"),
    Metric("w1.200.client.max_p50", "  p50 there, ms", 1),
    Metric("w1.200.client.max_p99", "  p99 there, ms", 1, "≤ 250"),
    Metric("w1.200.client.max_cpu", "  server CPU there, %"),
    Metric("w1.200.client.max_generator_cpu", "  generator CPU there, %"),
    Metric("w1.50.max", "W1: 50 people, 5 typing, each update sent alone: updates/s", target="≥ Hocuspocus"),
    Metric("w1.50.max_p99", "  p99 there, ms", 1, "≤ 250"),
    Metric("quiet.p50", "W1 quiet, 20 updates/s: p50, ms", 2, "≤ 3"),
    Metric("quiet.p99", "W1 quiet: p99, ms", 2, "≤ 6"),
    Metric("quiet.cpu", "W1 quiet: server CPU, %"),
    Metric("quiet.stored.p50", "W1 quiet, stored before it is shown: p50, ms", 2, "≤ Hocuspocus"),
    Metric("quiet.stored.p99", "W1 quiet, stored before it is shown: p99, ms", 2, "≤ Hocuspocus"),
    Metric("w2.p50", "W2: 200 documents × 2: p50, ms", 2, "≤ 3"),
    Metric("w2.p99", "W2: p99, ms", 2, "≤ 6"),
    Metric("w2.lost", "W2: deliveries lost", target="0"),
    Metric("w2.cpu", "W2: server CPU, %", target="≤ 1.3 × Hocuspocus"),
    Metric("w3.all", "W3: 1,000 connect at once: all synced, ms", target="≤ 1,200"),
    Metric("w3.failed", "W3: people who did not get in", target="0"),
    Metric("w3.memory", "W3: memory an idle person, KB", 1, "≤ 40"),
    Metric("w4.fresh", "W4: 260,000 edits: fresh open, ms", 2, "≤ 3"),
    Metric("w4.behind", "W4: 100 edits behind, ms", 2, "≤ 1"),
    Metric("w4.cold", "W4: first after a restart, ms", 1, "≤ 30"),
    Metric("w4.together", "W4: 50 at once, ms", 1, "≤ 120"),
    Metric("w5.gone", "W5: edits seen by others, gone after SIGKILL", target="0"),
    Metric("w5.seen", "  of so many seen"),
    Metric("w6.same.p50", "W6: two instances, 50 people, 20 updates/s: to the same instance, p50, ms", 2),
    Metric("w6.same.p99", "  p99, ms", 2),
    Metric("w6.other.p50", "  to the other instance, p50, ms", 2),
    Metric("w6.other.p99", "  p99, ms", 2),
    Metric("w6.ratio.p50", "  the other instance's p50 by the same one's", 2),
    Metric("w6.ratio.p99", "  the other instance's p99 by the same one's", 2),
    Metric("w6.alone.same.p50", "W6 with Redis away: to the same instance, p50, ms", 2),
    Metric("w6.alone.same.p99", "  p99, ms", 2),
    Metric("w6.alone.other.p50", "  to the other instance, p50, ms"),
    Metric("w6.alone.other.p99", "  p99, ms"),
    Metric("w6.alone.reading.p50", "  to an instance on which nobody writes, p50, ms"),
    Metric("w6.alone.reading.p99", "  p99, ms"),
    Metric("w6.lost", "W6: deliveries lost, with Redis and without", target="0"),
    *_beside("gate", "as it is"),
    *_beside("open", "gate wide open"),
    *_beside("cold", "gate of a cold process"),
    Metric("presence.cpu", "Presence, 50 people × 10/s: server CPU, %", 1, "≤ 35"),
    Metric("presence.frames", "Presence: frames/s a person", 1, "≤ 10"),
    Metric("presence.kb", "Presence: KB/s a person", 1),
    Metric("rss", "Worker's memory when idle, MB", 1, "≤ 110"),
    Metric("postgres.quiet.p50", "On PostgreSQL: W1 quiet p50, ms", 2, "≤ 1.5 × SQLite"),
    Metric("postgres.quiet.p99", "On PostgreSQL: W1 quiet p99, ms", 2, "≤ 1.5 × SQLite"),
    Metric("postgres.w2.p50", "On PostgreSQL: W2 p50, ms", 2, "≤ 1.5 × SQLite"),
    Metric("postgres.w2.p99", "On PostgreSQL: W2 p99, ms", 2, "≤ 1.5 × SQLite"),
    Metric("postgres.w2.lost", "On PostgreSQL: W2 deliveries lost", target="0"),
]


def number(value: Value, digits: int = 0) -> str:
    if value is None:
        return NONE
    return value if isinstance(value, str) else f"{value:,.{digits}f}"


def cell(metric: Metric, ours: Value, value: Value, *, peer: bool) -> str:
    """Return the figure, and behind a peer's what ours is of it: `8,000 (2.00×)`."""
    text = number(value, metric.digits)
    if not peer or not isinstance(ours, (int, float)) or not isinstance(value, (int, float)) or not value:
        return text
    return f"{text} ({ours / value:.2f}×)"


def rows(results: Results, servers: Sequence[str]) -> list[list[str]]:
    """Return the head and a row for every metric that somebody has."""
    table = [["", "target", *servers]]
    for metric in METRICS:
        values = results.get(metric.key)
        if not values:
            continue
        ours = values.get("ours")
        cells = [cell(metric, ours, values.get(server), peer=server != "ours") for server in servers]
        table.append([metric.label, metric.target, *cells])
    return table


def text(results: Results, servers: Sequence[str]) -> str:
    """Return the table for a terminal."""
    table = rows(results, servers)
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        first, *rest = (cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in _each(row, widths))
        lines.append("  ".join([first, *rest]).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _each(row: list[str], widths: list[int]) -> "enumerate[tuple[str, int]]":
    return enumerate(zip(row, widths, strict=True))


def markdown(results: Results, servers: Sequence[str]) -> str:
    """Return the table for a document."""
    head, *body = rows(results, servers)
    lines = [head, ["---", "---", *["---:"] * len(servers)], *body]
    return "\n".join("| " + " | ".join(cell.strip() for cell in line) + " |" for line in lines)
