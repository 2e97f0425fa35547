"""The figures of storms as text, as JSON and as a picture. One column or curve for each policy."""

from collections.abc import Mapping
from typing import Any

from collab.storm.chart import Panel, svg
from collab.storm.measures import Figures, percentile
from collab.storm.run import Result
from collab.storm.simulation import Curves

Rows = Mapping[str, Mapping[str, str]]


def text_of_runs(results: Mapping[str, Result]) -> str:
    return _table({policy: _rows_of_run(result) for policy, result in results.items()})


def text_of_simulations(curves: Mapping[str, Curves]) -> str:
    return _table({policy: _rows_of_simulation(one) for policy, one in curves.items()})


def json_of_runs(results: Mapping[str, Result]) -> dict[str, Any]:
    return {policy: {**vars(result.figures), "end": result.end} for policy, result in results.items()}


def json_of_simulations(curves: Mapping[str, Curves]) -> dict[str, Any]:
    return {
        policy: {
            "attempts": one.attempts,
            "back": one.back,
            "peak": max(one.attempts.values(), default=0),
            "peak_at_one_instance": max(one.at_one.values(), default=0),
            "all_back": one.all_back,
            "away_p50": percentile(one.away, 0.5) if one.away else None,
            "away_p99": percentile(one.away, 0.99) if one.away else None,
            "interruptions": len(one.away),
            "refused": one.refused,
            "given_up": one.given_up,
            "failed": one.failed,
            "stuck": one.stuck,
        }
        for policy, one in curves.items()
    }


def picture_of_runs(results: Mapping[str, Result], event: str) -> str:
    figures = {policy: result.figures for policy, result in results.items()}
    seconds = max(max([*one.attempts, *one.back, *one.cpu, 1]) for one in figures.values())
    panels = [
        Panel(f"Reconnects begun per second, {event}", {policy: one.attempts for policy, one in figures.items()}),
        Panel("Back in sync per second", {policy: one.back for policy, one in figures.items()}),
    ]
    if any(one.cpu for one in figures.values()):
        share = {policy: {at: 100 * cpu for at, cpu in one.cpu.items()} for policy, one in figures.items()}
        panels.append(Panel("Servers' CPU, percent of a core", share, has_gaps=True))
    if any(one.transactions for one in figures.values()):
        counted = {policy: one.transactions for policy, one in figures.items()}
        panels.append(Panel("Database transactions per second", counted, has_gaps=True))
    return svg(panels, seconds=seconds)


def picture_of_simulations(curves: Mapping[str, Curves], event: str, clients: int) -> str:
    seconds = max(max([*one.attempts, *one.back, 1]) for one in curves.values())
    return svg(
        [
            Panel(f"Reconnects begun per second, {event}, {clients:,} clients simulated",
                  {policy: one.attempts for policy, one in curves.items()}),
            Panel("Back in sync per second", {policy: one.back for policy, one in curves.items()}),
        ],
        seconds=seconds,
    )  # fmt: skip


def _rows_of_run(result: Result) -> dict[str, str]:
    figures, end = result.figures, result.end
    return {
        "clients that lost their line": f"{figures.dropped:,} of {figures.clients:,}",
        "reconnects begun, peak": f"{figures.peak:,}/s",
        "told to come later": f"{figures.refused:,}",
        "attempts that found nobody": f"{figures.failed:,}",
        "all in sync again after": _seconds(figures.all_synced) if figures.drops else "nobody was away",
        "without a line, p50": _seconds(figures.away_p50),
        "without a line, p99": _seconds(figures.away_p99),
        "without a line, longest": _seconds(figures.away_longest),
        "edit to answer before, p50 / p99": _pair(figures.before),
        "edit to answer meanwhile, p50 / p99": _pair(figures.during),
        "edit to answer after, p50 / p99": _pair(figures.after),
        "servers' CPU, peak": _peak(figures.cpu, "of a core", scale=100, unit=" %"),
        "database transactions, peak": _peak(figures.transactions, "", unit="/s"),
        "acknowledged edits": f"{end['acknowledged']:,}",
        "lost edits": f"{end['lost']:,}",
        "not acknowledged at the end": f"{end['unsaved']:,}",
        "handed back as drafts": f"{end['refused']:,}",
        "copies compared, documents that differ": f"{end['copies']:,}, {end['diverged']:,}",
        "clients stuck": f"{end['stuck']:,}",
        "memory of the clients' process": f"{end['rss_mb']:,} MB",
    }


def _rows_of_simulation(curves: Curves) -> dict[str, str]:
    away = curves.away
    return {
        "interruptions": f"{len(away):,}",
        "reconnects begun, peak": f"{max(curves.attempts.values(), default=0):,}/s",
        "at one instance, peak": f"{max(curves.at_one.values(), default=0):,}/s",
        "told to come later": f"{curves.refused:,}",
        "attempts given up": f"{curves.given_up:,}",
        "attempts that found nobody": f"{curves.failed:,}",
        "all in sync again after": _seconds(curves.all_back),
        "without a line, p50": _seconds(percentile(away, 0.5) if away else None),
        "without a line, p99": _seconds(percentile(away, 0.99) if away else None),
        "without a line, longest": _seconds(max(away, default=None)),
        "clients stuck": f"{curves.stuck:,}",
    }


def _table(columns: Rows) -> str:
    names = list(next(iter(columns.values())))
    width = max(len(name) for name in names) + 2
    wide = max(16, *(len(value) + 2 for rows in columns.values() for value in rows.values()))
    lines = ["".ljust(width) + "".join(policy.rjust(wide) for policy in columns)]
    lines += [name.ljust(width) + "".join(rows[name].rjust(wide) for rows in columns.values()) for name in names]
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f} s"


def _pair(value: tuple[float, float] | None) -> str:
    return "–" if value is None else f"{value[0]:,.0f} / {value[1]:,.0f} ms"


def _peak(curve: Mapping[int, float], of: str, *, unit: str, scale: float = 1) -> str:
    values = [value for second, value in curve.items() if second >= 0]
    return f"{max(values) * scale:,.0f}{unit} {of}".rstrip() if values else "not measured"


def is_good(figures: Figures, end: Mapping[str, Any]) -> bool:
    """Return whether nothing was lost and everybody is back."""
    return not (end["lost"] or end["diverged"] or end["stuck"] or (figures.drops and figures.all_synced is None))
