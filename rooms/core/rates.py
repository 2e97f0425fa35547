"""How fast somebody may do something: a token bucket, kept as one moment in time. Time comes in as an argument.

The generic cell rate algorithm (ITU-T I.371), which says the same as a bucket that is filled drop by drop and needs no
filling: what is taken moves the moment at which the bucket is full again, and too much is what would move it too far.
"""

# Sums of fractions are not exact: somebody who waited as long as told must not be told to wait a nanosecond more.
_EXACT_SECONDS = 1e-6


class Bucket:
    """Holds `burst` seconds' worth of `per_second`, and is full at first.

    Raises ValueError when either is not positive.
    """

    __slots__ = ("_burst", "_each", "full_at")

    def __init__(self, per_second: float, burst: float) -> None:
        if per_second <= 0 or burst <= 0:
            raise ValueError("a bucket holds something, and something comes back")
        self._each = 1 / per_second
        self._burst = burst
        # On the caller's clock, in seconds: from then on the bucket is full, if nothing more is taken.
        self.full_at = float("-inf")

    def take(self, cost: float, now: float) -> float:
        """Take `cost` at `now` (seconds) and return 0.0, or take nothing and return how many seconds to wait.

        What costs more than the bucket holds is granted when it is full, and everybody waits for it afterwards:
        otherwise it would never be granted.
        """
        full_at = self.full_at
        if full_at < now:
            full_at = now
        spent = cost * self._each
        over = full_at - now + (spent if spent < self._burst else self._burst) - self._burst
        if over > _EXACT_SECONDS:
            return over
        self.full_at = full_at + spent
        return 0.0

    def delay(self, seconds: float, now: float) -> None:
        """Have the bucket full so many seconds later."""
        self.full_at = max(self.full_at, now) + seconds

    def give_back(self, cost: float) -> None:
        """Undo a `take` of this cost."""
        self.full_at -= cost * self._each
