"""A storm computed: the same clients, policies, slots and admission, for fleets that do not fit on this machine.

A discrete event simulation. The waits are the browser code's own (`policy`), the slots and the admission the server's
(`rooms.core`). What is modelled: an instance takes in one client after the other, `capacity` a second; a load balancer
sends a client to the instance that it had, else to any that is ready. What is not: the network, refusals (they cost
nothing here), and the work of those who are in. All times are seconds after the event.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from collab.storm.policy import Waits
from rooms.core.admission import Admission
from rooms.core.draining import slots
from rooms.live.drain import GRACE_SECONDS, SLICE, SLICE_SECONDS
from rooms.live.gate import CALM_FOR_SECONDS, LAGGING_SECONDS, LEAST_PER_SECOND, SHARE

EVENTS = ("kill", "drain", "restart")
# Whoever is not back after an hour will not be.
HORIZON = 3_600.0


@dataclass(frozen=True)
class Fleet:
    """What is simulated. The defaults are those of the settings, where there are any."""

    clients: int
    instances: int = 10
    with_slots: bool = True
    with_admission: bool = True
    # Clients that one instance takes in per second when it does nothing else.
    capacity: float = 1_000.0
    connects_per_second: float = 200.0
    warmup_seconds: float = 15.0
    drain_seconds: float = 20.0
    drain_per_second: float = 100.0
    # From the end of an instance until it serves again.
    boot_seconds: float = 10.0

    def __post_init__(self) -> None:
        if min(self.clients, self.instances) < 1 or min(self.capacity, self.connects_per_second) <= 0:
            raise ValueError("clients, instances, the capacity and the rate of connects are positive")


@dataclass
class Curves:
    """What came of it. `attempts` and `back` are per second: second → how many."""

    attempts: Counter[int] = field(default_factory=Counter)
    back: Counter[int] = field(default_factory=Counter)
    # (instance, second) → attempts that it got.
    at_one: Counter[tuple[int, int]] = field(default_factory=Counter)
    # How long each interruption was.
    away: list[float] = field(default_factory=list)
    # Attempts that an instance answered with `busy`, that nobody answered in time, that found nobody.
    refused: int = 0
    given_up: int = 0
    failed: int = 0
    # When the last one was back.
    all_back: float = 0.0
    stuck: int = 0


@dataclass
class _Instance:
    number: int
    admission: Admission
    is_up: bool = True
    # The load balancer sends people here.
    is_ready: bool = True
    # Of each start: what was begun before it is lost.
    life: int = 0
    # When everything that it has taken on is done.
    busy_until: float = 0.0
    cold_until: float = 0.0
    lagging_until: float = 0.0


@dataclass(slots=True)
class _Client:
    home: int
    tries: int = 0
    up_since: float | None = -HORIZON
    down_since: float = 0.0


class Simulation:
    """Runs one event on one fleet: `Simulation(fleet, waits, seed).run("kill")`."""

    def __init__(self, fleet: Fleet, waits: Waits, seed: int) -> None:
        self._fleet = fleet
        self._waits = waits
        self._random = Random(seed)  # noqa: S311  (chance that can be repeated is wanted)
        self._curves = Curves()
        self._queue: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0
        # As rooms.live.gate measures it: coming back may take a share of the core.
        rate = max(LEAST_PER_SECOND, min(fleet.connects_per_second, SHARE * fleet.capacity))
        self._instances = [_Instance(number, Admission(rate)) for number in range(fleet.instances)]
        self._clients = [_Client(home=number % fleet.instances) for number in range(fleet.clients)]

    def run(self, event: str) -> Curves:
        """Let `event` happen at 0 and everybody come back. Raises ValueError for another event."""
        if event == "kill":
            self._at(0.0, self._kill)
        elif event == "drain":
            self._at(0.0, lambda now: self._drain(0, now, returns=False))
        elif event == "restart":
            self._at(0.0, lambda now: self._drain(0, now, returns=True))
        else:
            raise ValueError(f"an event is one of {', '.join(EVENTS)}")
        while self._queue and self._queue[0][0] < HORIZON:
            now, _, what = heapq.heappop(self._queue)
            what(now)
        self._curves.stuck = sum(client.up_since is None for client in self._clients)
        return self._curves

    def _at(self, when: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self._queue, (when, self._count, what))
        self._count += 1

    # --- What happens to instances ----------------------------------------------------------------------------

    def _kill(self, now: float) -> None:
        here = self._here(0)
        self._end(0, now, returns=True)
        for client in here:
            self._lost(client, now)

    def _drain(self, number: int, now: float, *, returns: bool) -> None:
        """Begin what TERM begins: nobody is sent here any more, and everybody here is given a slot."""
        here = self._here(number)
        self._random.shuffle(here)
        fleet = self._fleet
        moments = slots(len(here), fleet.drain_seconds, fleet.drain_per_second) if fleet.with_slots else []
        over = moments[-1] if moments else 0.0
        self._instances[number].is_ready = False
        left = here
        if moments and self._waits.obeys:
            left = []
            for client, moment in zip(here, moments, strict=True):
                self._at(now + moment, lambda then, client=client: self._leave(client, then))  # type: ignore[misc]
        elif moments:
            over += GRACE_SECONDS
        pace = SLICE / SLICE_SECONDS if fleet.with_slots else float("inf")
        for place, client in enumerate(left):
            self._at(now + over + place / pace, lambda then, client=client: self._lost(client, then))  # type: ignore[misc]
        self._at(now + over + len(left) / pace, lambda then: self._ended(number, then, returns=returns))

    def _ended(self, number: int, now: float, *, returns: bool) -> None:
        for client in self._here(number):
            self._lost(client, now)
        self._end(number, now, returns=returns)
        if returns and number + 1 < self._fleet.instances:
            self._at(now + self._fleet.boot_seconds, lambda then: self._drain(number + 1, then, returns=True))

    def _end(self, number: int, now: float, *, returns: bool) -> None:
        instance = self._instances[number]
        instance.is_up = instance.is_ready = False
        instance.life += 1
        if returns:
            self._at(now + self._fleet.boot_seconds, lambda then: self._boot(instance, then))

    def _boot(self, instance: _Instance, now: float) -> None:
        instance.is_up = instance.is_ready = True
        instance.busy_until = now
        instance.cold_until = now + self._fleet.warmup_seconds

    def _here(self, number: int) -> list[int]:
        return [place for place, one in enumerate(self._clients) if one.up_since is not None and one.home == number]

    # --- What clients do --------------------------------------------------------------------------------------

    def _down(self, number: int, now: float) -> bool:
        client = self._clients[number]
        if client.up_since is None:
            return False
        if now - client.up_since >= self._waits.stable:
            client.tries = 0
        client.up_since, client.down_since = None, now
        return True

    def _lost(self, number: int, now: float) -> None:
        if self._down(number, now):
            self._later(number, now)

    def _leave(self, number: int, now: float) -> None:
        """At its slot a client hangs up and dials again at once."""
        if self._down(number, now):
            self._attempt(number, now)

    def _later(self, number: int, now: float) -> None:
        client = self._clients[number]
        wait = self._waits.delay(number, client.tries)
        client.tries += 1
        self._at(now + wait, lambda then: self._attempt(number, then))

    def _attempt(self, number: int, now: float) -> None:
        self._curves.attempts[int(now)] += 1
        instance = self._choose(self._clients[number])
        if instance is None:
            self._curves.failed += 1
            return self._later(number, now)
        self._clients[number].home = instance.number
        self._curves.at_one[instance.number, int(now)] += 1
        wait = self._ask(instance, now)
        if wait is not None:
            self._curves.refused += 1
            wait = self._waits.refused(number, self._random.randrange(self._waits.attempts), wait)
            return self._at(now + wait, lambda then: self._attempt(number, then))
        # The work is done even for those who have stopped waiting for it.
        done = instance.busy_until = max(now, instance.busy_until) + 1 / self._fleet.capacity
        if done - now > self._waits.timeout:
            self._curves.given_up += 1
            return self._at(now + self._waits.timeout, lambda then: self._later(number, then))
        life = instance.life
        return self._at(done, lambda then: self._arrived(number, instance, life, then))

    def _arrived(self, number: int, instance: _Instance, life: int, now: float) -> None:
        if instance.life != life:
            self._curves.failed += 1
            return self._later(number, now)
        client = self._clients[number]
        client.up_since = now
        if not self._waits.stable:
            client.tries = 0
        self._curves.back[int(now)] += 1
        self._curves.away.append(now - client.down_since)
        self._curves.all_back = now
        return None

    # --- What the load balancer and the gate do ---------------------------------------------------------------

    def _choose(self, client: _Client) -> _Instance | None:
        home = self._instances[client.home]
        if home.is_ready:
            return home
        ready = [instance for instance in self._instances if instance.is_ready]
        return self._random.choice(ready) if ready else None

    def _ask(self, instance: _Instance, now: float) -> float | None:
        if not self._fleet.with_admission:
            return None
        if instance.busy_until - now > LAGGING_SECONDS:
            instance.lagging_until = now + CALM_FOR_SECONDS
        if now >= instance.cold_until and now >= instance.lagging_until:
            instance.admission.open()
            return None
        return instance.admission.ask(now)
