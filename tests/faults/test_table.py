"""What judges the trials is judged first, with figures that are made up."""

from random import Random
from types import SimpleNamespace

import pytest

from tests.faults import mutations
from tests.faults.soak import slope
from tests.faults.table import Row, as_property, lines, markdown, milliseconds, percentile, rows_of

ROW = Row(
    name="made up", typed=10, acknowledged=9, lost=1, different=0, same_process=True, memory_mb=(90.0, 101.0, 95.0),
    files=(20, 21), tasks=(14, 15), log_lines=3, seconds=9.5, lines_lost=2, seen_ms=milliseconds([], []),
    answered_ms=milliseconds([0.01] * 100, [0.02] * 100), longest_seconds=1.5, refused={"busy": 4}, notes={"kinds": 2},
)  # fmt: skip


def test_a_row_travels_with_a_report_and_is_printed() -> None:
    report = SimpleNamespace(user_properties=[("other", 1), as_property(ROW)])
    head, row, notes = lines(rows_of([report]))
    assert "lost" in head
    cells = "made up 10 1 0 yes 90, 101, 95 20, 21 3 10 > 20 (2.0x) – 1.5 s"
    assert row.split() == cells.split()
    assert notes == "made up: refused as busy 4; kinds 2"


def test_the_page_has_a_cell_for_each_column() -> None:
    (_, found) = as_property(ROW)
    head, line, row = markdown([found])
    assert head.count("|") == line.count("|") == row.count("|")
    assert "| 1 | 0 | same | 90, 101, 95 | 3 | 10, 20 | 0, 0 | 1.5 s |" in row


def test_percentiles() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([float(n) for n in range(100)], 0.99) == 99.0
    assert percentile([float(n) for n in range(100)], 0.5) == 50.0


@pytest.mark.parametrize(("per_minute", "noise"), [(0.0, 0.0), (2.0, 0.0), (-1.0, 0.0), (0.0, 3.0), (2.0, 3.0)])
def test_a_slope_is_found_whatever_the_noise(per_minute: float, noise: float) -> None:
    rng = Random(1)
    samples = [(second, 100 + per_minute * second / 60 + rng.uniform(-noise, noise)) for second in range(0, 1_200, 5)]
    assert slope(samples) == pytest.approx(per_minute, abs=0.1)


def test_a_slope_needs_two_moments() -> None:
    assert slope([]) == slope([(1.0, 5.0)]) == 0.0


@pytest.mark.parametrize("kind", mutations.MUTATIONS)
def test_a_mutation_changes_what_it_is_given(kind: str) -> None:
    rng = Random(3)
    update = bytes(range(1, 40))
    assert sum(mutations.MUTATIONS[kind](update, rng) != update for _ in range(50)) > 40
