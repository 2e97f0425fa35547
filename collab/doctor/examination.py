"""All checks, in the order in which their failures explain each other."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection

from collab.doctor import address, idle, instances, transports
from collab.doctor.address import NotReached
from collab.doctor.report import Finding, Findings, Status, exit_code
from collab.doctor.seen import CannotSee, Seen
from collab.doctor.web import NoAnswer

CHECKS: dict[str, Callable[[Seen], Awaitable[Finding]]] = {
    "address": address.reached,
    "readiness": address.ready,
    "page": address.page,
    "cookies": address.cookies,
    "websocket": transports.websocket,
    "polling": transports.polling,
    "origin": transports.origin,
    "ticket": instances.ticket,
    "delivery": instances.delivery,
    "clocks": instances.clocks,
    "versions": instances.versions,
    "settings": instances.settings,
    "forwarded": instances.forwarded,
    "idle": idle.websocket,
    "idle-poll": idle.polling,
}
# What tells the connections of the other checks that they may come in.
TICKET = "ticket"
COULD_NOT_RUN = 2


async def examine(seen: Seen, skip: Collection[str]) -> AsyncIterator[tuple[str, Finding]]:
    """Yield what each check found, as it is found. Nothing more comes when nothing of ours answers at all."""
    for name, check in CHECKS.items():
        if name in skip:
            yield name, Finding(Status.SKIP, "not asked for")
            continue
        try:
            finding = await check(seen)
        except NotReached as error:
            yield name, error.finding
            return
        except CannotSee as error:
            finding = Finding(Status.SKIP, str(error))
        except NoAnswer as error:
            finding = Finding(Status.FAIL, f"the address stopped to answer: {error}")
        yield name, finding


def code_of(findings: Findings) -> int:
    """Return the exit code: 0 all good, 1 something failed, 2 nothing of ours could be looked at."""
    reached = findings.get("address")
    if len(findings) == 1 and reached is not None and reached.status is Status.FAIL:
        return COULD_NOT_RUN
    ticket = findings.get(TICKET)
    if ticket is not None and ticket.status is Status.FAIL and not ticket.facts.get("let_in"):
        return COULD_NOT_RUN
    return exit_code(findings)
