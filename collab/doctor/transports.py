"""Checks of the two transports: does each get through, and may only our own pages use them."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from collab.doctor import advice
from collab.doctor.lines import Line, LineFailed, PollingLine, Refused, WebSocketLine
from collab.doctor.report import Finding, Status
from collab.doctor.seen import Seen

# How often each client asks: each question is a request, and its answer another one.
QUESTIONS = 4
FOREIGN = "https://mallory.example"


async def websocket(seen: Seen) -> Finding:
    line = WebSocketLine(seen.site)
    try:
        await line.open(seen.ticket())
    except Refused:
        pass  # got through, and that is the question here
    except LineFailed as error:
        return Finding(Status.FAIL, f"no WebSocket: {error}", advice.WEBSOCKET, facts={"status": error.status})
    finally:
        await line.close()
    return Finding(Status.OK, "upgraded with 101", facts={"status": 101})


@dataclass(frozen=True, slots=True)
class Conversation:
    """How one long polling client fared. `instances` answered it; `failed` says why it ended early."""

    instances: tuple[str, ...]
    requests: int
    failed: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.failed and len(set(self.instances)) == 1


async def polling(seen: Seen) -> Finding:
    talks = await asyncio.gather(*(_converse(seen) for _ in range(seen.clients)))
    return judge_polling(talks, known=await seen.known())


def judge_polling(talks: list[Conversation], *, known: set[str]) -> Finding:
    whole = [talk for talk in talks if talk.is_whole]
    said = f"{len(whole)} of {len(talks)} clients kept their instance"
    on = Counter(talk.instances[0] for talk in whole)
    facts = {"clients": len(talks), "kept": len(whole), "on": dict(on)}
    if len(whole) < len(talks):
        reasons = Counter(talk.failed or "another instance answered" for talk in talks if not talk.is_whole)
        table = [f"{count} × {reason}" for reason, count in reasons.most_common(3)]
        said += ": requests of one conversation reach different instances"
        return Finding(Status.FAIL, said, advice.STICKY, table, facts)
    spread = ", ".join(f"{name}: {count}" for name, count in sorted(on.items()))
    if len(on) == 1 and len(known) > 1 and len(talks) > 3:
        return Finding(Status.WARN, f"{said}, but all of them the same ({spread})", advice.SPREAD, facts=facts)
    return Finding(Status.OK, f"{said} through {sum(talk.requests for talk in talks)} requests ({spread})", facts=facts)


async def _converse(seen: Seen) -> Conversation:
    line, instances = PollingLine(seen.site), list[str]()
    try:
        await line.open(seen.ticket())
        for _ in range(QUESTIONS):
            instances.append(str((await line.ask("probe", {}))["instance"]))
        return Conversation(tuple(instances), line.requests)
    except LineFailed as error:
        return Conversation(tuple(instances), line.requests, str(error))
    finally:
        await line.close()


@dataclass(frozen=True, slots=True)
class Doors:
    """Who gets in over one transport: pages of this address, pages of another one, and clients that are no page."""

    kind: str
    own: bool
    foreign: bool
    nobody: bool


async def origin(seen: Seen) -> Finding:
    return judge_origin([await _doors(seen, kind) for kind in (WebSocketLine, PollingLine)])


def judge_origin(doors: list[Doors]) -> Finding:
    """A transport that does not work for anybody says nothing about origins."""
    doors = [one for one in doors if one.nobody]
    facts = {one.kind: {"own": one.own, "foreign": one.foreign} for one in doors}
    if not doors:
        return Finding(Status.SKIP, "neither transport works")
    if let_in := [one.kind for one in doors if one.foreign]:
        said = f"pages of other sites may connect with people's sessions ({', '.join(let_in)})"
        return Finding(Status.FAIL, said, advice.ORIGIN_FOREIGN, facts=facts)
    if kept_out := [one.kind for one in doors if not one.own]:
        said = f"pages of this very address are refused as foreign ({', '.join(kept_out)})"
        return Finding(Status.FAIL, said, advice.ORIGIN_OWN, facts=facts)
    return Finding(Status.OK, f"foreign pages are refused ({', '.join(one.kind for one in doors)})", facts=facts)


async def _doors(seen: Seen, kind: type[Line]) -> Doors:
    own, foreign, nobody = [
        await _handshakes(seen, kind, headers)
        for headers in ({"Origin": seen.site.url}, {"Origin": FOREIGN}, dict[str, str]())
    ]
    return Doors(kind.kind, own, foreign, nobody)


async def _handshakes(seen: Seen, kind: type[Line], headers: dict[str, str]) -> bool:
    """Return whether Engine.IO greets a client with these headers: that is where origins are looked at."""
    line = kind(seen.site, headers)
    try:
        await line.greet()
    except LineFailed:
        return False
    finally:
        await line.close()
    return True
