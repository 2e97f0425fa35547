"""A wrong setting is a system check with an id and a hint. `manage.py check` prints them; start-up refuses errors."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

# name: (smallest, largest, unit, why)
BOUNDS: dict[str, tuple[float, float, str, str]] = {
    "COLLAB_HEARTBEAT_SECONDS": (2, 120, "seconds", "a whole number of seconds; Engine.IO cuts fractions off"),
    "COLLAB_HEAL_SECONDS": (0.1, 30, "seconds", "each process looks this often for edits and changes of access"),
    "COLLAB_SWEEP_SECONDS": (0.5, 300, "seconds", "this bounds how long a lost revocation can matter"),
    "COLLAB_MAX_UPDATE_BYTES": (65_536, 16_777_216, "bytes", "one paste must fit, one client must not fill the memory"),
    "COLLAB_MAX_QUEUED_BYTES": (262_144, 268_435_456, "bytes", "one slow reader must not fill the memory"),
    "COLLAB_DRAIN_NOTICE_SECONDS": (0, 60, "seconds", "two looks of the load balancer, so that it sends nobody new"),
    "COLLAB_DRAIN_SECONDS": (0, 600, "seconds", "clients leave one after the other within it"),
    "COLLAB_DRAIN_PER_SECOND": (1, 100_000, "clients a second", "so many come to the other instances"),
    "COLLAB_WARMUP_SECONDS": (0, 600, "seconds", "a new process is cold for so long"),
    "COLLAB_CONNECTS_PER_SECOND": (1, 100_000, "clients a second", "so many a cold process lets in"),
    "COLLAB_PROXY_COUNT": (0, 10, "proxies", "each trusted proxy appends one address"),
    "COLLAB_REQUEST_SECONDS": (1, 300, "seconds", "a head has to come, and a body to begin to, on a slow line too"),
    "COLLAB_SLOWEST_BYTES_PER_SECOND": (1, 1_048_576, "bytes a second", "a body that comes more slowly is cut"),
    "COLLAB_MAX_WAITING_SOCKETS": (50, 1_000_000, "connections", "anybody can open one that says nothing"),
    "COLLAB_MAX_FILE_BYTES": (65_536, 1_073_741_824, "bytes", "a photograph must fit; one upload is stored in one go"),
    "COLLAB_MAX_IMAGE_PIXELS": (1_000_000, 1_000_000_000, "pixels", "each takes four bytes in every reader's browser"),
    "COLLAB_MAX_ROOM_FILE_BYTES": (1_048_576, 1 << 50, "bytes", "one room must not fill the disk"),
    "COLLAB_MAX_DOCUMENT_BYTES": (65_536, 1 << 30, "bytes", "every browser and every process that opens it holds it"),
    "COLLAB_MAX_ROOM_DOCUMENTS": (1, 1_000_000, "documents", "the page of a room lists them all"),
    "COLLAB_MAX_PENDING_EDITS": (100, 10_000_000, "edits", "so many wait for a slow database in memory"),
    "COLLAB_MAX_PENDING_BYTES": (1_048_576, 1 << 34, "bytes", "so much waits for a slow database in memory"),
    "COLLAB_MAX_SOCKETS_PER_PERSON": (1, 100_000, "sockets", "one person must not take the place of all others"),
    "COLLAB_MAX_PEOPLE_PER_DOCUMENT": (2, 100_000, "sockets", "each is sent every edit of the document"),
    "COLLAB_EDITS_PER_SECOND": (10, 1_000_000_000, "edits a second", "the product's own client sends up to 250"),
    "COLLAB_EDIT_BYTES_PER_SECOND": (65_536, 1 << 34, "bytes a second", "a paste must fit"),
    "COLLAB_CURSORS_PER_SECOND": (1, 1_000_000_000, "carets a second", "the product's own client sends up to ten"),
    "COLLAB_OPENS_PER_SECOND": (0.2, 1_000_000_000, "opens a second", "each reads rights and encodes a document"),
    "COLLAB_OTHER_EVENTS_PER_SECOND": (1, 1_000_000_000, "events a second", "leaving is one"),
    "COLLAB_BURST_SECONDS": (1, 600, "seconds", "so much of it may be saved up"),
    "COLLAB_PERSON_RATES": (1, 1_000, "times", "so much more may all sockets of a person together"),
    "COLLAB_LOAD_SECONDS": (1, 120, "seconds", "a large document must load, one that never ends must not"),
    "COLLAB_LOAD_BYTES": (67_108_864, 1 << 40, "bytes", "a large document must load, none may fill the memory"),
    "COLLAB_KEPT_SNAPSHOTS": (1, 100, "snapshots", "without an earlier one there is nothing to restore"),
    "COLLAB_MAX_UPDATE_WRITERS": (16, 5_000, "client ids", "an offline page brings several, and each is a row"),
    "COLLAB_LOG_REPEATS": (1, 1_000_000, "lines", "a log has to say what there is, and must not fill the disk"),
    "COLLAB_MAX_ROOMS_PER_PERSON": (1, 1_000_000, "rooms", "every page of whoever has them lists them all"),
    "COLLAB_MAX_DOCUMENT_LINKS": (1, 100_000, "links", "the page of a document's links lists them all"),
}


@register()
def check_bounds(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    for number, (name, (low, high, unit, why)) in enumerate(BOUNDS.items(), start=1):
        value = getattr(settings, name)
        if not low <= value <= high:
            yield Error(
                f"{name} is {value}", hint=f"Between {low} and {high} {unit}: {why}.", id=f"collab.E1{number:02}"
            )


@register()
def check_emit_check(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    if settings.COLLAB_EMIT_CHECK not in {"database", "grant"}:
        yield Error(
            f"COLLAB_EMIT_CHECK is {settings.COLLAB_EMIT_CHECK!r}",
            hint="'database' reads rights in the transaction that stores an edit; 'grant' trusts what `open` read.",
            id="collab.E001",
        )


@register()
def check_origins(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    for origin in settings.COLLAB_ORIGINS:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
            yield Error(
                f"COLLAB_ORIGINS has {origin!r}",
                hint="Each is scheme and host, with a port if it is not the usual one: https://rooms.example.org",
                id="collab.E002",
            )
    if not settings.COLLAB_ORIGINS:
        yield Error("COLLAB_ORIGINS is empty", hint="Name the address that people type.", id="collab.E003")


@register(deploy=True)
def check_mail(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield checks.Warning(
            "Mail goes to the console",
            hint="Set EMAIL_URL, for example smtp://user:password@host:587.",
            id="collab.W001",
        )


@register()
def check_fleet(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Several instances work without Redis and without notice; people only wait for each other, and see deploys."""
    if not settings.COLLAB_FLEET:
        return
    if not settings.REDIS_URL:
        yield checks.Warning(
            "COLLAB_FLEET is on and REDIS_URL is not set",
            hint="People on different instances see each other's edits a second late, and not who is there.",
            id="collab.W002",
        )
    if not settings.COLLAB_DRAIN_NOTICE_SECONDS:
        yield checks.Warning(
            "COLLAB_FLEET is on and COLLAB_DRAIN_NOTICE_SECONDS is 0",
            hint="Give the load balancer two of its looks to notice that an instance is about to end.",
            id="collab.W003",
        )
