"""Everything that can be refused, each with its stable code on the wire (docs/protocol.md)."""

from math import ceil
from typing import Any, ClassVar


class Refusal(Exception):
    """A request that is answered with a code. The message is for a developer and holds no content."""

    code: ClassVar[str] = "internal"

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "code": self.code, "message": str(self) or self.code}


class SignedOut(Refusal):
    code = "signed_out"


class NotFound(Refusal):
    code = "not_found"


class Forbidden(Refusal):
    code = "forbidden"


class TooLarge(Refusal):
    code = "too_large"


class BadFrame(Refusal):
    code = "bad_frame"


class Gap(Refusal):
    """The update builds on something that this document does not have."""

    code = "gap"


class StaleEpoch(Refusal):
    code = "stale_epoch"


class Quarantined(Refusal):
    """What is stored of the document cannot be loaded."""

    code = "quarantined"


class RetryLater(Refusal):
    """A refusal that ends by itself. `retry_after` is in seconds; `reason`, if any, is a word for people."""

    def __init__(self, message: str = "", *, retry_after: float, reason: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.reason = reason

    def answer(self) -> dict[str, Any]:
        # Rounded up: whoever comes when told must not be too early.
        answer = {**super().answer(), "retry_after_ms": ceil(self.retry_after * 1000)}
        return answer if self.reason is None else {**answer, "reason": self.reason}


class SlowDown(RetryLater):
    code = "slow_down"


class Busy(RetryLater):
    code = "busy"
