"""Finds the highest load that a server holds, with as few trials as the noise of a machine allows."""

from collections.abc import Callable, Sequence

RUNGS = [
    25, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000,
    12_000, 16_000, 24_000, 32_000, 48_000,
]  # fmt: skip
QUICK_RUNGS = [50, 200, 800, 2_000, 4_000, 8_000, 12_000, 16_000, 24_000, 32_000]


def highest(rungs: Sequence[int], guess: int, holds: Callable[[int], bool]) -> int | None:
    """Return the highest rung that `holds`, or None when not even the lowest does.

    Begins at the rung nearest to `guess` and walks from there, up while it holds, down while it does not: a rung
    is only called held when it was tried.
    """
    at = min(range(len(rungs)), key=lambda index: abs(rungs[index] - guess))
    if holds(rungs[at]):
        while at + 1 < len(rungs) and holds(rungs[at + 1]):
            at += 1
        return rungs[at]
    while at > 0:
        at -= 1
        if holds(rungs[at]):
            return rungs[at]
    return None
