"""A token bucket: what it grants, what it makes wait, and that whoever waits as told is granted."""

import random

import pytest

from rooms.core.rates import Bucket


def granted(bucket: Bucket, *, now: float, tries: int, cost: float = 1) -> int:
    """Return how many of `tries` at one moment are granted."""
    return sum(bucket.take(cost, now) == 0.0 for _ in range(tries))


def test_a_full_bucket_grants_its_burst_at_once_and_then_its_rate() -> None:
    bucket = Bucket(per_second=10, burst=3)
    assert granted(bucket, now=1000.0, tries=100) == 30
    assert granted(bucket, now=1001.0, tries=100) == 10
    assert granted(bucket, now=1001.05, tries=100) == 0
    assert granted(bucket, now=1001.1, tries=100) == 1
    assert granted(bucket, now=2000.0, tries=100) == 30, "it holds no more after a long rest"


def test_who_is_refused_has_taken_nothing() -> None:
    bucket = Bucket(per_second=10, burst=1)
    assert granted(bucket, now=0.0, tries=10) == 10
    before = bucket.full_at
    assert [bucket.take(1, 0.0) for _ in range(50)] == pytest.approx([0.1] * 50)
    assert bucket.full_at == before


def test_who_waits_as_told_is_granted() -> None:
    rng = random.Random("waits")
    for _ in range(500):
        bucket = Bucket(per_second=rng.uniform(0.1, 10_000), burst=rng.uniform(0.5, 60))
        now = rng.uniform(0, 1e6)
        for _ in range(50):
            cost = rng.choice((1, 1, 1, rng.uniform(0, 100_000)))
            wait = bucket.take(cost, now)
            if wait:
                now += wait
                assert bucket.take(cost, now) == 0.0
            now += rng.choice((0.0, 0.0, rng.uniform(0, 0.1)))


def test_over_any_stretch_no_more_is_granted_than_the_burst_and_the_rate_of_that_stretch() -> None:
    rng = random.Random("stretch")
    for _ in range(100):
        per_second, burst = rng.uniform(1, 100), rng.uniform(1, 5)
        bucket, now, taken = Bucket(per_second, burst), 0.0, []
        for _ in range(400):
            now += rng.expovariate(per_second * 2)
            if bucket.take(1, now) == 0.0:
                taken.append(now)
        for start in range(0, len(taken), 7):
            for end in range(start, len(taken), 11):
                most = per_second * (burst + taken[end] - taken[start])
                assert end - start + 1 <= most + 1e-3


def test_what_costs_more_than_the_bucket_holds_is_granted_when_it_is_full_and_waited_for_afterwards() -> None:
    bucket = Bucket(per_second=100, burst=1)
    assert bucket.take(500, 0.0) == 0.0
    assert bucket.take(1, 0.0) == pytest.approx(4.01)
    assert bucket.take(500, 1.0) == pytest.approx(4.0)
    assert bucket.take(500, 5.0) == 0.0


def test_what_is_given_back_can_be_taken_again() -> None:
    bucket = Bucket(per_second=10, burst=1)
    assert bucket.take(10, 7.0) == 0.0
    bucket.give_back(4)
    assert granted(bucket, now=7.0, tries=10) == 4


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0), (1, -1)])
def test_a_bucket_without_a_bottom_or_without_a_spring_is_refused(per_second: float, burst: float) -> None:
    with pytest.raises(ValueError, match="bucket"):
        Bucket(per_second, burst)
