"""What several checks need and one of them finds out first: who is there, and what each instance says of itself."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from collab.doctor.lines import Line, LineFailed, Opening, PollingLine, Refused, WebSocketLine
from collab.doctor.web import ANSWER_SECONDS, NoAnswer, Site

# So often as many clients as asked for are sent, until every known instance had one.
ROUNDS = 5
# A shout that has not come by then does not come.
HEARD_SECONDS = 3.0
# An address of documentation, which nobody has.
FORGED = "203.0.113.99"


class CannotSee(Exception):
    """Nobody could connect, so nothing can be said about what needs a connection."""


class NoTicket(CannotSee):
    """No instance takes our tickets."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an instance told one probe. `skew` is its clock against this machine's, known to within `trip`; seconds."""

    instance: str
    version: str
    address: str
    local: str
    redis: bool | None
    heartbeat: float
    skew: float
    trip: float
    opening: Opening


@dataclass(slots=True)
class Survey:
    """`heard[a, b]` is after how many seconds b heard what a shouted, None if never. `believed` is the address that
    the server took for ours when we claimed to be FORGED."""

    transport: str = ""
    told: list[Told] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    heard: dict[tuple[str, str], float | None] = field(default_factory=dict)
    believed: str | None = None

    @property
    def instances(self) -> list[str]:
        return sorted({one.instance for one in self.told})

    def by_instance(self) -> dict[str, Told]:
        """Return of each instance what it told with the shortest trip."""
        return {one.instance: one for one in sorted(self.told, key=lambda one: (one.instance, -one.trip))}


class Seen:
    """One examination of `site`. `ticket()` makes a fresh ticket, all for one room; `now()` is this machine's clock."""

    def __init__(
        self,
        site: Site,
        *,
        ticket: Callable[[], str],
        now: Callable[[], float],
        login: str,
        clients: int,
        idle_seconds: float,
        heartbeat: int | None,
        waits: Callable[[str, float, float], None],
    ) -> None:
        self.site = site
        self.ticket = ticket
        # The path of a page with a form that everybody is served.
        self.login = login
        self.clients = clients
        self.idle_seconds = idle_seconds
        # What the environment of this shell says it is, if it says so.
        self.heartbeat = heartbeat
        # Told while something takes its time: what, for how long it has waited, and how long it will; seconds.
        self.waits = waits
        self._now = now
        self._readiness: list[dict[str, Any]] | None = None
        self._survey: Survey | None = None

    async def readiness(self) -> list[dict[str, Any]]:
        """Return the last answer of `/readyz` of each instance that answered one, by name. Raises NoAnswer."""
        if self._readiness is None:
            asked = [self.site.get("/readyz", within=ANSWER_SECONDS) for _ in range(2 * self.clients)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            found: dict[str, dict[str, Any]] = {}
            for answer in answers:
                if not isinstance(answer, BaseException) and (body := _readiness_in(answer.body)) is not None:
                    found[body["instance"]] = body
            if not found:
                first = answers[0]
                raise NoAnswer(str(first) if isinstance(first, BaseException) else f"answered with {first.status}")
            self._readiness = [found[name] for name in sorted(found)]
        return self._readiness

    async def known(self) -> set[str]:
        """Return the names of all instances that anybody spoke of."""
        try:
            return {name for body in await self.readiness() for name in body["checks"]["instances"]}
        except NoAnswer:
            return set()

    async def survey(self) -> Survey:
        """Connect to every instance. Raises CannotSee when nobody gets in, NoTicket when that is why."""
        if self._survey is None:
            self._survey = await self._look_around()
        if not self._survey.told and self._survey.refused:
            raise NoTicket(self._survey.refused[0])
        if not self._survey.told:
            raise CannotSee(f"nobody could connect: {self._survey.failed[0]}")
        return self._survey

    async def _look_around(self) -> Survey:
        survey, known, lines = Survey(), await self.known(), list[tuple[Line, str]]()
        kind: type[Line] = WebSocketLine
        try:
            for _ in range(ROUNDS):
                if kind is WebSocketLine and not survey.told and not await self._can_open(kind):
                    kind = PollingLine
                await asyncio.gather(*(self._ask_one(kind, survey, lines) for _ in range(self.clients)))
                if not survey.told or known <= set(survey.instances):
                    break
            survey.transport = kind.kind
            if survey.told:
                await self._shout(survey, lines)
                survey.believed = await self._pretend(kind)
        finally:
            await asyncio.gather(*(line.close() for line, _ in lines))
        return survey

    async def _can_open(self, kind: type[Line]) -> bool:
        try:
            await (await kind(self.site).open(self.ticket())).close()
        except Refused:
            return True
        except LineFailed:
            return False
        return True

    async def _ask_one(self, kind: type[Line], survey: Survey, lines: list[tuple[Line, str]]) -> None:
        line = kind(self.site)
        try:
            told = await self._told(await line.open(self.ticket()))
            survey.told.append(told)
            lines.append((line, told.instance))
            return
        except Refused as error:
            survey.refused.append(str(error))
        except LineFailed as error:
            survey.failed.append(str(error))
        await line.close()

    async def _told(self, line: Line) -> Told:
        before = self._now()
        said = await line.ask("probe", {})
        after = self._now()
        return Told(
            instance=str(said["instance"]),
            version=str(said["version"]),
            address=str(said["address"]),
            local=line.local,
            redis=said["redis"],
            heartbeat=float(said["heartbeat"]),
            skew=said["at"] - (before + after) / 2,
            trip=after - before,
            opening=line.opening,
        )

    async def _shout(self, survey: Survey, lines: list[tuple[Line, str]]) -> None:
        """Let one client of each instance shout, one after the other, and note who hears it and when."""
        at = {instance: line for line, instance in lines if not line.ended.is_set()}
        loop = asyncio.get_running_loop()
        begun: dict[str, float] = {}
        for name, line in at.items():
            begun[name] = loop.time()
            try:
                await line.ask("shout", {"word": name})
            except LineFailed as error:
                survey.failed.append(str(error))
        await asyncio.gather(*(line.hear(set(begun), HEARD_SECONDS) for line in at.values()))
        for hearer, line in at.items():
            when = {one.word: one.at for one in line.heard}
            survey.heard |= {(name, hearer): when[name] - begun[name] if name in when else None for name in begun}

    async def _pretend(self, kind: type[Line]) -> str | None:
        """Claim to be somebody else, as anybody can, and return who the server takes us for."""
        line = kind(self.site, {"X-Forwarded-For": FORGED})
        try:
            return str((await (await line.open(self.ticket())).ask("probe", {}))["address"])
        except LineFailed:
            return None
        finally:
            await line.close()


def _readiness_in(body: bytes) -> dict[str, Any] | None:
    """Return what `/readyz` said, or None if something else answered."""
    try:
        said = json.loads(body)
        names = {"ready", "instance", "version", "reasons", "degraded", "checks"}
        return said if names <= said.keys() and "instances" in said["checks"] else None
    except (ValueError, TypeError, AttributeError):
        return None
