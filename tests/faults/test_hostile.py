"""Bad frames by the thousand from somebody who is signed in, and damaged updates from somebody who may write."""

from collections import Counter
from random import Random

import pytest

from tests.faults.conftest import RunTrial, sqlite_only
from tests.faults.hostile import apart, send_bad_frames
from tests.faults.mutations import told
from tests.faults.places import Place
from tests.faults.trial import LONG, Trial
from tests.harness.client import eventually
from tests.harness.raw import ACK, EVENT, RawWebSocket, opening, packet
from tests.harness.server import FAST
from tests.live.test_packets import BAD_PACKETS

pytestmark = sqlite_only

FRAMES = 10_000 if LONG else 1_000
UPDATES = 100_000 if LONG else 2_000
# The bound of one client's own edits on their way is 256.
BATCH = 100
# What may be said to an update: it is in, or one of these.
ANSWERS = {"ok", "bad_frame", "gap", "too_large", "slow_down"}


@pytest.mark.timeout(600 if LONG else 120)
async def test_bad_frames_by_the_thousand(run_trial: RunTrial, place: Place) -> None:
    longest: dict[str, float] = {}

    async def flood(trial: Trial) -> None:
        session = place.sessions["mallory"]
        longest.update(await apart(send_bad_frames, trial.server.url, session, BAD_PACKETS, FRAMES))
        slowest = max(longest, key=lambda kind: longest[kind])
        trial.note("kinds", len(longest))
        trial.note("closed within, ms", f"{1_000 * longest[slowest]:.0f} ({slowest})")

    await run_trial(f"{FRAMES} bad frames of somebody signed in", place, flood, **FAST)
    assert set(longest) == set(BAD_PACKETS)


class Attacker:
    """Sends updates as fast as they are taken, a batch at a time, and counts what it is told about each."""

    def __init__(self, line: RawWebSocket, key: str) -> None:
        self.line, self.key = line, key
        self.answers: Counter[tuple[str, str]] = Counter()

    async def open(self, client_id: int) -> None:
        (answer,) = await self.line.ask("open", {**opening(self.key), "client_id": client_id})
        assert answer["ok"], answer

    async def send(self, batch: list[tuple[str, bytes]]) -> None:
        line = self.line
        line.heard.clear()
        asked: dict[int, str] = {}
        for kind, update in batch:
            number = line.number()
            asked[number] = kind
            await line.send(packet(EVENT, ["edit", {"document": self.key, "update": update}], number))
        await eventually(
            lambda: sum(one["type"] == ACK for one in line.heard) >= len(asked) or line.closed.is_set(), seconds=60
        )
        assert not line.closed.is_set(), "an update is answered, and is no reason to end a line"
        for number, (answer,) in line.answers().items():
            self.answers[asked[number], "ok" if answer["ok"] else answer["code"]] += 1


@pytest.mark.timeout(1_800 if LONG else 120)
async def test_damaged_updates_by_the_thousand(run_trial: RunTrial, place: Place) -> None:
    """Some of them are still updates, and get in: whatever they say, everybody shows the same."""
    rng = Random(7)
    answers: Counter[tuple[str, str]] = Counter()

    async def damage(trial: Trial) -> None:
        line = await RawWebSocket(trial.server.url, place.sessions["bob"], Origin=trial.server.url).dial()
        try:
            await line.greet()
            attacker = Attacker(line, place.documents[0])
            sent = 0
            while sent < UPDATES:
                # The writers of the corpus have small numbers: 1, 2, 3.
                await attacker.open(rng.choice((1, 1, 2, 3)))
                batch = list(told(rng))
                for start in range(0, len(batch), BATCH):
                    await attacker.send(batch[start : start + BATCH])
                sent += len(batch)
            answers.update(attacker.answers)
        finally:
            await line.close()
        for code in sorted({code for _, code in answers}):
            trial.note(code, sum(count for (_, told), count in answers.items() if told == code))

    await run_trial(f"{UPDATES:,} damaged updates", place, damage, **FAST)
    assert {code for _, code in answers} <= ANSWERS
    assert answers["real", "ok"], "not even the real ones got in: this tests nothing"
    assert any(count for (kind, code), count in answers.items() if kind != "real" and code == "ok")
