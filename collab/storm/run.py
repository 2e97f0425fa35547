"""One storm on real clients: they arrive and write, something happens, and everybody is waited for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from collab.storm.driver import Driver, DriverFailed, Event
from collab.storm.machine import Sampler
from collab.storm.measures import Figures, figures, still_away
from collab.storm.target import Target

# Clients that connect in a second at the beginning: arriving is no storm.
ARRIVALS_PER_SECOND = 50.0
ARRIVE_SECONDS = 60.0
# Who is not back after this is stuck.
BACK_SECONDS = 120.0
SETTLE_SECONDS = 30.0
LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Wishes:
    """What a storm is to be. `seconds`: how long is measured before the event, and after it."""

    event: str
    clients: int
    writers: int
    documents: int
    seconds: float
    seed: int
    # Milliseconds between two words of one writer.
    write_every_ms: int = 500


@dataclass(frozen=True)
class Result:
    figures: Figures
    # What the clients' process found when it compared all copies: see static/src/storm/crowd.ts.
    end: dict[str, Any]


def run(target: Target, policy: str, wishes: Wishes, say: Callable[[str], None]) -> Result:
    """Let one storm pass over `target`. Raises DriverFailed."""
    say(f"Making {wishes.clients} people and {wishes.documents} documents")
    seeded = target.seed(wishes.clients, wishes.documents)
    try:
        plan = {
            "url": target.url,
            "policy": policy,
            "sessions": seeded.sessions,
            "documents": seeded.documents,
            "writers": wishes.writers,
            "write_every_ms": wishes.write_every_ms,
            "arrivals_per_second": ARRIVALS_PER_SECOND,
            "settle_ms": SETTLE_SECONDS * 1_000,
            "seed": wishes.seed,
        }
        with Driver(plan) as driver, Sampler(target.leaders, target.database()) as sampler:
            return _pass_over(target, driver, sampler, wishes, say)
    finally:
        target.unseed(seeded)


def _pass_over(target: Target, driver: Driver, sampler: Sampler, wishes: Wishes, say: Callable[[str], None]) -> Result:
    say(f"{wishes.clients} clients arrive, {ARRIVALS_PER_SECOND:g} a second")
    arriving = wishes.clients / ARRIVALS_PER_SECOND + ARRIVE_SECONDS
    events = []
    for event in driver.events(arriving, until="arrived"):
        events.append(event)
        if event.what == "failed" and event.more.get("code") == "signed_out":  # such a client does not try again
            raise DriverFailed(
                "signed_out: the server does not know the people that were made for it. This command needs the "
                "environment of the server, above all its DATABASE_URL and its COLLAB_SECRET_KEY."
            )
    if not events or events[-1].what != "arrived":
        raise DriverFailed(f"not all clients could connect within {arriving:g} s: {_failures(events)}")
    driver.tell("type")
    say(f"{wishes.writers} of them write for {wishes.seconds:g} s")
    events += driver.events(wishes.seconds)
    say(f"Now: {wishes.event}")
    began = time.time()
    target.happen(wishes.event)
    over = time.time()
    events += _until_all_are_back(driver, events, say)
    say(f"Everybody is back or given up; {wishes.seconds:g} s more")
    events += driver.events(wishes.seconds)
    # What the comparison costs is no part of the storm.
    samples = list(sampler.samples)
    say("Comparing all copies")
    driver.tell("end")
    events += driver.events(4 * SETTLE_SECONDS, until="end")
    if events[-1].what != "end":
        raise DriverFailed("the clients' process did not come to an end")
    made = figures(events, samples, clients=wishes.clients, began=began, over=over)
    return Result(made, events[-1].more)


def _until_all_are_back(driver: Driver, before: list[Event], say: Callable[[str], None]) -> list[Event]:
    """Take what happens until every client is in sync and has been for a moment, or BACK_SECONDS are over."""
    taken: list[Event] = list(driver.events(LOOK_SECONDS))
    deadline = time.monotonic() + BACK_SECONDS
    while (away := still_away([*before, *taken])) and time.monotonic() < deadline:
        taken += driver.events(LOOK_SECONDS)
    if away:
        say(f"{len(away)} clients are still away after {BACK_SECONDS:g} s")
    return taken


def _failures(events: list[Event]) -> str:
    codes = sorted({str(event.more.get("code")) for event in events if event.what == "failed"})
    return f"{len(events)} events, attempts that failed said {', '.join(codes) or 'nothing'}"
