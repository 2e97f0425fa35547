"""Places at a steady rate: a crowd comes in at the rate that was promised, nobody waits twice without need."""

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.core.admission import BURST_SECONDS, LATE_SHARE, LONGEST_SECONDS, Admission
from rooms.core.draining import slots


def arrivals(admission: Admission, times: list[float], *, late: float = 0.0) -> list[float]:
    """Return when each came in who first asked at `times` and comes back when told, `late` of the wait later."""
    asking = list(times)
    heapq.heapify(asking)
    let_in = []
    while asking:
        now = heapq.heappop(asking)
        wait = admission.ask(now)
        if wait is None:
            let_in.append(now)
        else:
            heapq.heappush(asking, now + wait * (1 + late))
    return let_in


def test_a_few_come_in_at_once() -> None:
    admission = Admission(100)
    assert [admission.ask(5.0) for _ in range(int(100 * BURST_SECONDS))] == [None] * 25


@pytest.mark.parametrize("late", [0.0, LATE_SHARE])
def test_a_crowd_comes_in_at_the_rate(late: float) -> None:
    let_in = arrivals(Admission(100), [10.0] * 1_000, late=late)
    assert len(let_in) == 1_000
    busiest = max(sum(1 for one in let_in if start <= one < start + 1) for start in let_in)
    assert busiest <= 100 * (1 + BURST_SECONDS) + 1
    assert let_in[-1] - 10.0 <= 1_000 / 100 * (1 + late) + 0.1


def test_who_was_told_when_to_come_is_let_in_then() -> None:
    admission = Admission(10)
    told = [wait for _ in range(50) if (wait := admission.ask(0.0)) is not None]
    assert told
    assert told == sorted(told)
    assert all(admission.ask(wait + 0.001) is None for wait in told)


def test_a_place_that_nobody_takes_is_given_away() -> None:
    admission = Admission(10)
    while admission.ask(0.0) is None:
        pass
    assert admission.ask(100.0) is None
    assert not admission._promised


def test_nobody_is_told_to_wait_for_longer_than_makes_sense() -> None:
    admission = Admission(1)
    waits = [admission.ask(0.0) for _ in range(100)]
    assert max(wait for wait in waits if wait is not None) <= LONGEST_SECONDS


@given(st.lists(st.floats(0, 20), min_size=1, max_size=200), st.floats(1, 500))
def test_everybody_comes_in_and_never_before_asking(times: list[float], per_second: float) -> None:
    let_in = arrivals(Admission(per_second), times)
    assert len(let_in) == len(times)
    for number, (asked, entered) in enumerate(zip(sorted(times), sorted(let_in), strict=True)):
        assert entered >= asked - 1e-9, number


@pytest.mark.parametrize(
    ("clients", "seconds", "per_second", "last"),
    [(0, 20, 100, None), (1, 20, 100, 0), (101, 20, 100, 1), (10_001, 20, 100, 20)],
)
def test_clients_leave_one_after_the_other(clients: int, seconds: float, per_second: float, last: float | None) -> None:
    given = slots(clients, seconds, per_second)
    assert len(given) == clients
    assert given == sorted(given)
    assert len(set(given)) == clients
    if last is not None:
        assert given[-1] == pytest.approx(last, abs=0.01)
