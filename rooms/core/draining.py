"""When each client of an instance that is about to end shall leave: one after the other, over a bounded time."""


def slots(clients: int, seconds: float, per_second: float) -> list[float]:
    """Return for each of `clients` after how many seconds to leave: evenly, `per_second`, and all within `seconds`.

    Few clients take as long as they need at that rate; for many the rate grows, since the time is bounded.
    """
    if not clients:
        return []
    step = min(1 / per_second, seconds / clients)
    return [number * step for number in range(clients)]
