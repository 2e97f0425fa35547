"""The bench's own arithmetic: percentiles, the ladder, the table, the chart, the page."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from tests.bench import chart, docs, ladder, profile, report
from tests.bench.across import ratio
from tests.bench.percentiles import median, percentile
from tests.bench.scenario import Generator


def histogram(*counts: tuple[int, int], most: float) -> dict[str, object]:
    return {"bucket_ms": 0.5, "counts": list(counts), "max_ms": most}


@pytest.mark.parametrize(("share", "ms"), [(0.0, 1.5), (0.5, 1.5), (0.9, 1.5), (0.91, 5.5), (0.99, 5.5), (1.0, 5.5)])
def test_a_percentile_is_the_upper_edge_of_its_bucket(share: float, ms: float) -> None:
    assert percentile(histogram((10, 10), (2, 90), most=5.6), share) == ms


def test_a_percentile_is_never_more_than_the_largest_value() -> None:
    assert percentile(histogram((2, 1), most=1.1), 0.99) == 1.1


def test_a_percentile_beyond_the_last_bucket_is_the_largest_value() -> None:
    values = histogram((2, 1), (7, 1), most=9.3) | {"last_bucket": 7}
    assert (percentile(values, 0.5), percentile(values, 0.99)) == (1.5, 9.3)


def test_nothing_has_no_percentile() -> None:
    assert percentile(histogram(most=0), 0.5) is None


def test_the_median_of_an_even_number_is_the_worse_one() -> None:
    assert median([3, 1, 4, 2]) == 3


def test_each_histogram_of_a_result_becomes_percentiles_under_its_own_name() -> None:
    result: dict[str, Any] = {
        "latency": histogram((2, 99), (10, 1), most=5.2),
        "elsewhere": histogram((20, 4), most=10.1),
    }
    Generator._summarise(result)
    assert result == {
        "p50_ms": 1.5, "p99_ms": 1.5, "max_ms": 5.2,
        "elsewhere_p50_ms": 10.1, "elsewhere_p99_ms": 10.1, "elsewhere_max_ms": 10.1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "of", "expected"), [(6.0, 4.0, 1.5), (None, 4.0, None), (6.0, None, None), (6.0, 0.0, None)]
)
def test_there_is_a_ratio_only_where_there_are_two_figures(
    value: float | None, of: float | None, expected: float | None
) -> None:
    assert ratio(value, of) == expected


@pytest.mark.parametrize("limit", [0, 10, 25, 39, 40, 1_000])
@pytest.mark.parametrize("guess", [10, 25, 40, 80])
def test_the_ladder_finds_the_highest_rung_that_holds_wherever_it_begins(limit: int, guess: int) -> None:
    tried: list[int] = []

    def holds(rung: int) -> bool:
        tried.append(rung)
        return rung <= limit

    found = ladder.highest([10, 20, 40, 80], guess, holds)
    assert found == max((rung for rung in [10, 20, 40, 80] if rung <= limit), default=None)
    assert len(tried) == len(set(tried))


RESULTS: dict[str, dict[str, report.Value]] = {
    "w1.200.max": {"ours": 16_000, "hocuspocus": 8_000, "y-websocket": "missing"},
    "quiet.p50": {"ours": 2.5, "hocuspocus": None, "y-websocket": 0.0},
}
SERVERS = ["ours", "hocuspocus", "y-websocket"]


def test_the_table_says_what_ours_is_of_each_peer() -> None:
    lines = report.text(RESULTS, SERVERS).splitlines()
    assert lines[2].split("≥ 16,000")[1].split() == ["16,000", "8,000", "(2.00×)", "missing"]
    assert lines[3].split() == ["W1", "quiet,", "20", "updates/s:", "p50,", "ms", "≤", "3", "2.50", "–", "0.00"]


def test_the_markdown_table_has_as_many_columns_everywhere() -> None:
    assert {line.count("|") for line in report.markdown(RESULTS, SERVERS).splitlines()} == {6}


def test_every_figure_is_in_the_table_once() -> None:
    keys = [metric.key for metric in report.METRICS]
    assert len(keys) == len(set(keys))


def test_the_chart_is_well_formed_and_its_longest_bar_fits() -> None:
    bars = widths(chart.svg([("Less & more", {"ours": 16_000.0, "hocuspocus": 350.0, "other": None})]))
    assert bars[0] == chart.WIDTH - chart.LABEL - chart.VALUE
    assert 0 < bars[1] < bars[0]
    assert bars[2] == 0


def test_a_chart_of_equal_values_can_be_drawn() -> None:
    assert widths(chart.svg([("One", {"ours": 2.0, "hocuspocus": 2.0})])) == [480, 480]


def widths(svg: str) -> list[float]:
    drawn = ElementTree.fromstring(svg)  # noqa: S314 — our own words, read to see that they are well formed
    return [float(bar.get("width", "")) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]


def test_a_figure_replaces_what_stood_between_its_markers() -> None:
    page = "a\n<!-- table -->\nold\n<!-- /table -->\nb"
    assert docs.between(page, "table", "new") == "a\n<!-- table -->\nnew\n<!-- /table -->\nb"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="has no <!-- table -->"):
        docs.between("a", "table", "new")


def test_the_page_has_a_place_for_the_table_and_the_model() -> None:
    page = docs.PAGE.read_text()
    for marker in ("table", "capacity"):
        docs.between(page, marker, "")


def test_a_profile_counts_a_function_once_a_stack() -> None:
    lines = profile.summary("main (a.py:1);work (a.py:2);work (a.py:3) 3\nmain (a.py:1) 1\nbroken (").splitlines()
    assert lines[1].split() == ["25.0%", "100.0%", "main", "(a.py"]
    assert lines[2].split() == ["75.0%", "75.0%", "work", "(a.py"]
