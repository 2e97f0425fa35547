"""The waits of a reconnection policy, as the code in the browser draws them: asked of that code, not written again."""

import json
import subprocess
from array import array
from dataclasses import dataclass

from collab.storm.driver import BUNDLE, DriverFailed, node

POLICIES = ("default", "tuned")
# Delays are at their cap well before half of these; then the second half is gone round and round.
ATTEMPTS = 16


@dataclass(frozen=True)
class Waits:
    """All durations in seconds. `delays` and `spreads` are clients × attempts, flat."""

    policy: str
    attempts: int
    delays: "array[float]"
    # How much later than a wait that the server named a client comes: factors from 1.
    spreads: "array[float]"
    # Whether a wait or a slot that the server names is obeyed.
    obeys: bool
    shortest_slot: float
    longest_slot: float
    # When a refused client asks again that does not obey.
    again: float
    # An attempt without an answer is given up after this.
    timeout: float
    # A line that was up for so long lets the waits begin anew.
    stable: float

    def delay(self, client: int, attempt: int) -> float:
        """Return how long `client` waits before its attempt number `attempt` (from 0) in a row."""
        return self.delays[client * self.attempts + self._column(attempt)] / 1_000

    def refused(self, client: int, attempt: int, named: float) -> float:
        """Return how long it waits that was refused with a wait of `named` seconds."""
        if not self.obeys:
            return self.again
        within = min(self.longest_slot, max(self.shortest_slot, named))
        return within * self.spreads[client * self.attempts + self._column(attempt)]

    def _column(self, attempt: int) -> int:
        half = self.attempts // 2
        return attempt if attempt < self.attempts else half + attempt % half


def waits(policy: str, clients: int, seed: int, attempts: int = ATTEMPTS) -> Waits:
    """Draw the waits of so many clients. Raises DriverFailed, ValueError for an unknown policy."""
    if policy not in POLICIES:
        raise ValueError(f"a policy is one of {', '.join(POLICIES)}")
    command = [node(), str(BUNDLE), "delays", policy, str(clients), str(attempts), str(seed)]
    drawn = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  (our own program)
    if drawn.returncode:
        raise DriverFailed(drawn.stderr.decode(errors="replace"))
    line, _, table = drawn.stdout.partition(b"\n")
    header = json.loads(line)
    numbers = array("f")
    numbers.frombytes(table)
    if len(numbers) != 2 * clients * attempts:
        raise DriverFailed("the table of waits is not complete")
    return Waits(
        policy=policy,
        attempts=attempts,
        delays=numbers[: clients * attempts],
        spreads=numbers[clients * attempts :],
        obeys=header["obeys"],
        shortest_slot=header["shortest_slot_ms"] / 1_000,
        longest_slot=header["longest_slot_ms"] / 1_000,
        again=header["again_ms"] / 1_000,
        timeout=header["timeout_ms"] / 1_000,
        stable=header["stable_ms"] / 1_000,
    )
