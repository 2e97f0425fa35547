"""Whether something grows: the slope of what was measured over minutes."""

from collections.abc import Sequence


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """Return how much (seconds, value) rise a minute, by least squares; 0 for fewer than two moments."""
    if len(samples) < 2:
        return 0.0
    middle = sum(at for at, _ in samples) / len(samples)
    mean = sum(value for _, value in samples) / len(samples)
    spread = sum((at - middle) ** 2 for at, _ in samples)
    return 60 * sum((at - middle) * (value - mean) for at, value in samples) / spread if spread else 0.0
