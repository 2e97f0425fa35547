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
    "COLLAB_MAX_FILE_BYTES": (65_536, 1_073_741_824, "bytes", "a photograph must fit; one upload is stored in one go"),
    "COLLAB_MAX_IMAGE_PIXELS": (1_000_000, 1_000_000_000, "pixels", "each takes four bytes in every reader's browser"),
    "COLLAB_MAX_ROOM_FILE_BYTES": (1_048_576, 1 << 50, "bytes", "one room must not fill the disk"),
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
