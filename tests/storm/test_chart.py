from xml.etree import ElementTree

import pytest

from collab.storm.chart import HEIGHT, LEFT, RIGHT, TITLE, WIDTH, Panel, nice, svg

NAMESPACE = "{http://www.w3.org/2000/svg}"


def curves(picture: str) -> list[list[tuple[float, float]]]:
    lines = ElementTree.fromstring(picture).iter(f"{NAMESPACE}polyline")  # noqa: S314  (our own picture)
    return [[tuple(map(float, point.split(","))) for point in line.attrib["points"].split()] for line in lines]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "above"), [(0, 1), (1, 1), (3, 5), (5, 5), (620, 1_000), (5_043, 10_000), (0.3, 0.5)]
)
def test_an_axis_ends_at_a_round_number(value: float, above: float) -> None:
    assert nice(value) == pytest.approx(above)


def test_a_curve_goes_where_its_values_are() -> None:
    (points,) = curves(svg([Panel("Reconnects", {"tuned": {0: 0, 2: 100}})], seconds=4))
    zero = TITLE + HEIGHT
    assert points[0] == (float(LEFT), float(zero))
    assert points[1][1] == zero, "a second without a value is nothing"
    assert points[2] == (LEFT + (WIDTH - LEFT - RIGHT) / 2, float(zero - HEIGHT))
    assert points[4][0] == WIDTH - RIGHT


def test_what_was_not_measured_is_not_drawn_as_nothing() -> None:
    (points,) = curves(svg([Panel("CPU", {"tuned": {1: 5, 3: 5}}, has_gaps=True)], seconds=4))
    assert len(points) == 2


def test_a_peak_of_one_second_is_seen_in_an_hour() -> None:
    (points,) = curves(svg([Panel("Reconnects", {"tuned": {1_801: 500}})], seconds=3_600))
    assert min(y for _, y in points) == TITLE + HEIGHT * 0, "the axis ends at 500"
    assert len(points) <= 601


def test_a_picture_says_what_it_shows_and_takes_no_code_from_names() -> None:
    picture = svg([Panel("<Reconnects> & co", {"<default>": {0: 1}, "tuned": {0: 1}})], seconds=4)
    root = ElementTree.fromstring(picture)  # noqa: S314  (our own picture)
    assert root.attrib["aria-label"] == "<Reconnects> & co"
    assert {"<default>", "tuned"} <= {text.text for text in root.iter(f"{NAMESPACE}text")}
    assert len({line.get("stroke-dasharray") for line in root.iter(f"{NAMESPACE}polyline")}) == 2, "not by colour alone"
