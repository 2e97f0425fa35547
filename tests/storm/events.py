"""What happened to clients, in one line each."""

from typing import Any

from collab.storm.driver import Event

BEGAN = 1_000.0


def event(after: float, what: str, client: int | None = 0, **more: Any) -> Event:
    """Return what happened `after` seconds from the event of the storm."""
    return Event(BEGAN + after, what, client, more)
