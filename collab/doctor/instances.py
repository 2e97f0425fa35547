"""Checks of the instances against each other: do they hear each other, and are they the same."""

import ipaddress
from collections import Counter

from collab.doctor import advice
from collab.doctor.report import Finding, Status, grid
from collab.doctor.seen import FORGED, NoTicket, Seen, Survey

# Clocks under NTP agree to milliseconds; two seconds already mix up what happened first.
CLOCKS_APART_SECONDS = 2.0
# This machine is not one of the servers: only a ticket would care, and that is good for ten minutes.
CLOCKS_BROKEN_SECONDS = 10.0


async def ticket(seen: Seen) -> Finding:
    """Raises CannotSee."""
    try:
        survey = await seen.survey()
    except NoTicket as error:
        return Finding(Status.FAIL, f"no ticket is taken ({error})", advice.TICKET, facts={"let_in": 0})
    facts = {"let_in": len(survey.told), "refused": len(survey.refused), "failed": len(survey.failed)}
    if survey.refused:
        said = f"{len(survey.refused)} of {sum(facts.values())} tickets were refused ({survey.refused[0]})"
        return Finding(Status.FAIL, f"{said}: an instance has another secret key", advice.TICKET, facts=facts)
    if survey.failed:
        table = [f"{count} × {reason}" for reason, count in Counter(survey.failed).most_common(3)]
        said = f"{len(survey.failed)} of {sum(facts.values())} connections failed ({survey.transport})"
        return Finding(Status.WARN, said, (), table, facts)
    return Finding(Status.OK, f"{len(survey.told)} probes were let in ({survey.transport})", facts=facts)


async def delivery(seen: Seen) -> Finding:
    return judge_delivery(await seen.survey(), known=await seen.known())


def judge_delivery(survey: Survey, *, known: set[str]) -> Finding:
    names = sorted({name for pair in survey.heard for name in pair})
    cells = [[_milliseconds(survey.heard.get((name, hearer))) for hearer in names] for name in names]
    facts = {"seconds": {name: {hearer: survey.heard.get((name, hearer)) for hearer in names} for name in names}}
    if not names:
        return Finding(Status.FAIL, "no instance could be made to shout", advice.REDIS_AWAY, facts=facts)
    table = grid("says \\ hears", names, cells)
    missing = [f"{name} → {hearer}" for name in names for hearer in names if survey.heard.get((name, hearer)) is None]
    if missing:
        said = f"{len(missing)} of {len(names) ** 2} ways are dead: {', '.join(missing[:6])}{' …' * (len(missing) > 6)}"
        heard = {name: told.redis for name, told in survey.by_instance().items()}
        if unset := [name for name, redis in heard.items() if redis is None]:
            return Finding(
                Status.FAIL, f"{said}. REDIS_URL is not set on {', '.join(unset)}", advice.REDIS_UNSET, table, facts
            )
        if away := [name for name, redis in heard.items() if redis is False]:
            return Finding(Status.FAIL, f"{said}. {', '.join(away)} cannot hear Redis", advice.REDIS_AWAY, table, facts)
        return Finding(
            Status.FAIL, f"{said}. Each instance hears itself through Redis", advice.REDIS_APART, table, facts
        )
    if unreached := sorted(known - set(names)):
        said = f"{', '.join(names)}: all ways work. Not reached, so not tried: {', '.join(unreached)}"
        return Finding(Status.WARN, said, advice.MISSING, table, facts)
    if len(names) == 1:
        return Finding(Status.OK, f"one instance, {names[0]}: there is nobody else to hear it", facts=facts)
    return Finding(
        Status.OK, f"every instance hears every other, {len(names) ** 2} of {len(names) ** 2} ways", (), table, facts
    )


async def clocks(seen: Seen) -> Finding:
    return judge_clocks(await seen.survey())


def judge_clocks(survey: Survey) -> Finding:
    told = survey.by_instance()
    skews = {name: one.skew for name, one in told.items()}
    apart = max(skews.values()) - min(skews.values())
    # Half a round trip each is what cannot be told from a wrong clock.
    doubt = max(one.trip for one in told.values())
    table = [f"{name}  {skew:+.2f} s against this machine" for name, skew in skews.items()]
    facts = {"skew_seconds": skews, "apart_seconds": apart, "doubt_seconds": doubt}
    if apart - doubt > CLOCKS_APART_SECONDS:
        return Finding(Status.FAIL, f"the instances' clocks are {apart:.1f} s apart", advice.CLOCKS, table, facts)
    worst = max(skews.values(), key=abs)
    if abs(worst) - doubt > CLOCKS_BROKEN_SECONDS:
        said = f"the instances agree, but this machine's clock differs by {abs(worst):.1f} s"
        return Finding(Status.WARN, said, advice.CLOCKS, table, facts)
    return Finding(Status.OK, f"{apart:.2f} s apart, and {abs(worst):.2f} s from this machine's", facts=facts)


async def versions(seen: Seen) -> Finding:
    return judge_versions(await seen.survey())


def judge_versions(survey: Survey) -> Finding:
    told = {name: one.version for name, one in survey.by_instance().items()}
    if len(set(told.values())) > 1:
        table = [f"{name}  {version}" for name, version in told.items()]
        said = "different versions serve the same people: right during a deploy only"
        return Finding(Status.WARN, said, advice.VERSIONS, table, {"versions": told})
    return Finding(Status.OK, f"{next(iter(told.values()))} everywhere", facts={"versions": told})


async def settings(seen: Seen) -> Finding:
    return judge_settings(await seen.survey(), heartbeat=seen.heartbeat)


def judge_settings(survey: Survey, *, heartbeat: int | None) -> Finding:
    """What clients are told, of each instance. `heartbeat` is what this shell's environment says, if it does."""
    told = {
        name: (one.heartbeat, one.opening.ping_every, one.opening.ping_timeout, one.opening.most_bytes)
        for name, one in survey.by_instance().items()
    }
    every = sorted(set(told.values()))
    names = ("heartbeat_seconds", "ping_seconds", "answer_seconds", "most_bytes")
    facts = {name: dict(zip(names, values, strict=True)) for name, values in told.items()}
    table = [
        f"{name}  ping every {one[1]:g} s, answer within {one[2]:g} s, at most {one[3]:,} bytes"
        for name, one in told.items()
    ]
    if len(every) > 1:
        return Finding(Status.FAIL, "instances tell clients different things", advice.SETTINGS, table, facts)
    beat, ping, answer, most = every[0]
    if ping != beat:
        return Finding(
            Status.FAIL, f"the heartbeat is {beat:g} s, but clients are told {ping:g} s", advice.SETTINGS, table, facts
        )
    if heartbeat is not None and heartbeat != beat:
        said = f"the instances' heartbeat is {beat:g} s, and COLLAB_HEARTBEAT_SECONDS here is {heartbeat}"
        return Finding(Status.WARN, said, advice.SETTINGS, facts=facts)
    said = f"a ping every {ping:g} s, answered within {answer:g} s; packets of at most {most:,} bytes"
    return Finding(Status.OK, said, facts=facts)


async def forwarded(seen: Seen) -> Finding:
    return judge_forwarded(await seen.survey(), remote=(await seen.site.get("/healthz")).remote)


def judge_forwarded(survey: Survey, *, remote: str) -> Finding:
    """`remote` is where the load balancer is."""
    taken = sorted({one.address for one in survey.told})
    local = {one.local for one in survey.told}
    facts = {"address": taken, "local": sorted(local), "forged": survey.believed}
    if survey.believed == FORGED:
        said = "anybody can claim any address: the X-Forwarded-For that a client sends is believed"
        return Finding(Status.FAIL, said, advice.FORGED, facts=facts)
    if set(taken) <= local:
        return Finding(Status.OK, f"clients are known by their address ({', '.join(taken)})", facts=facts)
    if any(_is_inner(one) for one in taken) and not _is_inner(remote):
        said = f"all clients seem to come from {', '.join(taken)}, an inner address: the load balancer's"
        return Finding(Status.FAIL, said, advice.INNER, facts=facts)
    said = f"this machine is known as {', '.join(taken)}; its own address is {', '.join(sorted(local))}"
    return Finding(Status.OK, said, facts=facts)


def _is_inner(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_private
    except ValueError:
        return False


def _milliseconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds * 1000:.0f} ms"
