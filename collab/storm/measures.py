"""From what happened to each client to the figures of a storm. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from collab.storm.driver import Event
from collab.storm.machine import Sample


@dataclass
class Figures:
    """Seconds count from the event; latencies are in milliseconds. None: not measured, or nothing to measure."""

    clients: int
    # Per second: connections begun, and clients that had their document again.
    attempts: Counter[int] = field(default_factory=Counter)
    back: Counter[int] = field(default_factory=Counter)
    # Clients that lost their connection, and how often altogether.
    dropped: int = 0
    drops: int = 0
    peak: int = 0
    refused: int = 0
    failed: int = 0
    # When the last client was in sync again, and how long clients were without.
    all_synced: float | None = None
    away_p50: float | None = None
    away_p99: float | None = None
    away_longest: float | None = None
    # Keystroke to acknowledgement: before the event, until everybody was back, from then on.
    before: tuple[float, float] | None = None
    during: tuple[float, float] | None = None
    after: tuple[float, float] | None = None
    # Of one core, per second; transactions per second.
    cpu: dict[int, float] = field(default_factory=dict)
    transactions: dict[int, float] = field(default_factory=dict)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of all values do not exceed. ValueError when empty."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def middle_and_tail(values: Sequence[float]) -> tuple[float, float] | None:
    """Return p50 and p99, or None of nothing."""
    return (percentile(values, 0.5), percentile(values, 0.99)) if values else None


def still_away(events: Iterable[Event]) -> set[int]:
    """Return the clients whose last word was not that they are in sync."""
    away = set()
    for event in events:
        if event.client is not None and event.what == "down":
            away.add(event.client)
        elif event.client is not None and event.what == "synced":
            away.discard(event.client)
    return away


def figures(events: Sequence[Event], samples: Sequence[Sample], *, clients: int, began: float, over: float) -> Figures:
    """Sum up. The event ran from `began` to `over`, both in seconds since the epoch."""
    made = Figures(clients)
    down: dict[int, float] = {}
    away: list[float] = []
    dropped = set()
    for event in events:
        if event.client is None or event.at < began:
            continue
        second = int(event.at - began)
        if event.what == "attempt":
            made.attempts[second] += 1
        elif event.what == "failed":
            made.refused += event.more.get("code") == "busy"
            made.failed += event.more.get("code") != "busy"
        elif event.what == "down":
            made.drops += 1
            dropped.add(event.client)
            down.setdefault(event.client, event.at)
        elif event.what == "synced" and event.client in down:
            away.append(event.at - down.pop(event.client))
            made.back[second] += 1
            made.all_synced = event.at - began
    made.dropped = len(dropped)
    made.peak = max(made.attempts.values(), default=0)
    if down:
        made.all_synced = None
    if away:
        (made.away_p50, made.away_p99), made.away_longest = middle_and_tail(away) or (None, None), max(away)
    calm = max(over, began + (made.all_synced or 0.0))
    acks = [(event.at, float(event.more["ms"])) for event in events if event.what == "ack"]
    made.before = middle_and_tail([ms for at, ms in acks if at < began])
    made.during = middle_and_tail([ms for at, ms in acks if began <= at < calm])
    made.after = middle_and_tail([ms for at, ms in acks if at >= calm])
    made.cpu = _per_second(((one.at, one.seconds, one.cpu_seconds) for one in samples), began)
    made.transactions = _per_second(((one.at, one.seconds, one.transactions) for one in samples), began)
    return made


def _per_second(samples: Iterable[tuple[float, float, float | None]], began: float) -> dict[int, float]:
    """Return second → amount per second, averaged over the samples that end in it."""
    amounts: dict[int, float] = {}
    spans: dict[int, float] = {}
    for at, seconds, amount in samples:
        if amount is not None:
            second = floor(at - began)
            amounts[second] = amounts.get(second, 0.0) + amount
            spans[second] = spans.get(second, 0.0) + seconds
    return {second: amounts[second] / spans[second] for second in sorted(amounts)}
