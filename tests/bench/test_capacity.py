"""The capacity model: from measured unit costs to what is needed."""

import doctest
from dataclasses import replace
from typing import Any

import pytest

from tests.bench import capacity
from tests.bench.capacity import Assumptions, Costs, need

COSTS = Costs(
    edit_us=100, frame_us=5, cursor_us=20, reconnect_us=1_000, idle_us=10, person_kb=40, document_kb=20, base_mb=100
)


def test_the_examples_in_the_model_hold() -> None:
    assert doctest.testmod(capacity).failed == 0


def test_what_a_thousand_people_need_can_be_checked_by_hand() -> None:
    one = need(1_000, COSTS, Assumptions())
    assert one.documents == 250
    assert one.edits_per_second == pytest.approx(400)
    # 400 edits to four people each, and 1.6 caret updates a second to everybody.
    assert one.frames_per_second == pytest.approx(1_600 + 1_600)
    assert one.cores == pytest.approx((400 * 120 + 3_200 * 5 + 1_000 * 10) / 1e6)
    assert one.processes == 1
    assert one.mb_per_process == pytest.approx(100 + (1_000 * 40 + 250 * 20) / 1024)
    assert one.reconnect_seconds == pytest.approx(1.0)


@pytest.mark.parametrize("people", [1_000, 10_000, 100_000, 1_000_000])
def test_more_people_never_need_less(people: int) -> None:
    small, large = need(people, COSTS, Assumptions()), need(2 * people, COSTS, Assumptions())
    assert large.cores > small.cores
    assert large.processes >= small.processes


def test_no_process_is_used_more_than_assumed() -> None:
    one = need(100_000, COSTS, Assumptions(used_share=0.3))
    assert one.cores / one.processes <= 0.3


def test_slow_reconnects_buy_processes_even_when_the_cores_would_do() -> None:
    slow = need(100_000, replace(COSTS, reconnect_us=30_000), Assumptions(reconnect_seconds=30))
    assert slow.processes == 100
    assert slow.reconnect_seconds <= 30


def test_unit_costs_come_from_the_runs_of_ours() -> None:
    costs = capacity.unit_costs(measured())
    assert costs.edit_us == pytest.approx(100)
    assert costs.frame_us == pytest.approx(5)
    assert costs.cursor_us == pytest.approx(20)
    assert costs.reconnect_us == pytest.approx(1_500)
    assert costs.idle_us == pytest.approx(10)
    assert costs.document_kb == pytest.approx(20)
    assert "100,000" in capacity.report(costs)


def test_a_run_without_the_workloads_that_costs_come_from_is_refused() -> None:
    with pytest.raises(KeyError, match="no run of w3"):
        capacity.unit_costs({"runs": [], "results": {}})


def measured() -> dict[str, Any]:
    """A run whose figures follow from COSTS, with a peer's beside it that must not count."""
    idle = 10  # µs a second of a person
    quiet = {"ms": 10_000, "typed": 200, "frames": 40_000, "server_cpu": (20 * 100 + 4_000 * 5 + 200 * idle) / 10_000}
    many = {
        "ms": 5_000,
        "typed": 10_000,
        "frames": 20_000,
        "server_cpu": (2_000 * 100 + 4_000 * 5 + 400 * idle) / 10_000,
        "rss_before_kb": 100_000,
        "rss_kb": 100_000 + 400 * 40 + 200 * 20,
    }
    storm = {"server_cpu_ms": 1_500, "idle_cpu": 1_000 * idle / 10_000, "kb_per_person": 40}
    carets = {"moves_per_second": 500, "frames_per_person": 10, "server_cpu": (500 * 20 + 500 * 5) / 10_000}
    runs = {"quiet": quiet, "w2": many, "w3": storm, "presence": carets}
    return {
        "results": {"rss": {"ours": 100.0}},
        "runs": [{"workload": name, "target": "ours", "result": result} for name, result in runs.items()]
        + [{"workload": "w3", "target": "hocuspocus", "result": {**storm, "idle_cpu": 99}}],
    }
