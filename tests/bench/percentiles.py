"""Percentiles of the histograms that the generator sends."""

from collections.abc import Sequence
from typing import Any


def percentile(histogram: dict[str, Any], share: float) -> float | None:
    """Return the milliseconds within which `share` (0 to 1) of all values lie, or None when there are none.

    The upper edge of the bucket that holds it: never better than it was.
    """
    counts: Sequence[tuple[int, int]] = histogram["counts"]
    total = sum(count for _, count in counts)
    if not total:
        return None
    left = share * total
    for bucket, count in sorted(counts):
        left -= count
        if left <= 0 and bucket != histogram.get("last_bucket"):  # that one has no upper edge
            width, most = float(histogram["bucket_ms"]), float(histogram["max_ms"])
            return min((bucket + 1) * width, max(most, width))
    return float(histogram["max_ms"])


def median(values: Sequence[float]) -> float:
    """Return the middle one, of an even number the upper. Raises IndexError when there are none."""
    return sorted(values)[len(values) // 2]
