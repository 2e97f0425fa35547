import pytest

from collab.storm.machine import Sample
from collab.storm.measures import figures, percentile, still_away
from tests.storm.events import BEGAN, event


def test_percentiles_are_the_nearest_rank() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert percentile(hundred, 0.5) == 50
    assert percentile(hundred, 0.99) == 99
    assert percentile([7.0], 0.99) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_client_is_away_until_it_is_in_sync_again() -> None:
    went = [event(0, "down", 1), event(0, "down", 2), event(1, "connected", 1)]
    assert still_away(went) == {1, 2}
    assert still_away([*went, event(2, "synced", 1)]) == {2}
    assert still_away([*went, event(2, "synced", 1), event(3, "down", 1)]) == {1, 2}


def test_reconnects_are_counted_per_second_from_the_event_on() -> None:
    storm = [
        event(-9, "attempt", 1), event(-9, "synced", 1),
        event(0.1, "down", 1), event(0.2, "down", 2),
        event(0.9, "attempt", 1), event(1.1, "attempt", 2), event(1.9, "attempt", 2),
        event(1.2, "failed", 2, code="busy"), event(0.95, "failed", 1, code=None),
        event(1.5, "synced", 1), event(2.2, "synced", 2),
    ]  # fmt: skip
    made = figures(storm, [], clients=5, began=BEGAN, over=BEGAN + 1)
    assert dict(made.attempts) == {0: 1, 1: 2}
    assert dict(made.back) == {1: 1, 2: 1}
    assert (made.peak, made.dropped, made.drops, made.refused, made.failed) == (2, 2, 2, 1, 1)
    assert made.all_synced == pytest.approx(2.2)
    assert made.away_p50 == pytest.approx(1.4)
    assert made.away_longest == pytest.approx(2.0)


def test_who_never_comes_back_leaves_the_time_until_all_are_back_open() -> None:
    storm = [event(0, "down", 1), event(0, "down", 2), event(1, "synced", 1)]
    assert figures(storm, [], clients=2, began=BEGAN, over=BEGAN).all_synced is None


def test_latencies_are_told_apart_by_when_the_answer_came() -> None:
    storm = [
        event(-1, "ack", ms=4), event(0, "down", 1), event(1, "ack", ms=900), event(2, "synced", 1),
        event(2.5, "ack", ms=5), event(9, "ack", ms=6),
    ]  # fmt: skip
    made = figures(storm, [], clients=2, began=BEGAN, over=BEGAN + 4)
    assert made.before == (4.0, 4.0)
    # The event lasted longer than anybody was away.
    assert made.during == (5.0, 900.0)
    assert made.after == (6.0, 6.0)


def test_cpu_and_transactions_are_per_second_and_not_measured_where_nobody_counted() -> None:
    samples = [
        Sample(BEGAN - 0.4, 0.5, 0.1, None),
        Sample(BEGAN + 0.1, 0.5, 0.5, None),
        Sample(BEGAN + 0.6, 0.5, 0.25, None),
    ]
    made = figures([], samples, clients=1, began=BEGAN, over=BEGAN)
    assert made.cpu == {-1: pytest.approx(0.2), 0: pytest.approx(0.75)}
    assert made.transactions == {}
