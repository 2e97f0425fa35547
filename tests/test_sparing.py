"""A log that says each thing, and a flood of one thing once in a while."""

import logging
from itertools import count

import pytest

from collab.sparing import MOST_KINDS, SECONDS, Sparing

LINES = 3


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said(clock: Clock) -> "Said":
    return Said(Sparing(LINES, clock=clock))


class Said(logging.Handler):
    """Keeps what gets through a filter."""

    _names = count()

    def __init__(self, sparing: Sparing) -> None:
        super().__init__()
        self.addFilter(sparing)
        self.lines: list[str] = []
        self.log = logging.getLogger(f"tests.sparing.{next(self._names)}")
        self.log.propagate = False
        self.log.setLevel(logging.INFO)
        self.log.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def test_a_flood_of_one_kind_is_a_few_lines_and_a_number(said: Said, clock: Clock) -> None:
    for number in range(1_000):
        said.log.info("bad packet of %s", number)
    assert said.lines == [
        "bad packet of 0", "bad packet of 1", f"bad packet of 2 (more like this are left out for {SECONDS:.0f} s)",
    ]  # fmt: skip
    clock.now += SECONDS
    said.log.info("bad packet of %s", "a week later")
    assert said.lines[3:] == ["bad packet of a week later (997 more like this were left out)"]


def test_what_comes_now_and_then_is_all_said(said: Said, clock: Clock) -> None:
    for _ in range(100):
        said.log.info("a snapshot was stored")
        clock.now += SECONDS / (LINES - 1)
    assert len(said.lines) == 100
    assert {line.split(" (")[0] for line in said.lines} == {"a snapshot was stored"}


def test_each_kind_level_and_logger_counts_for_itself(said: Said, clock: Clock) -> None:
    for _ in range(10):
        said.log.info("one")
        said.log.info("another")
        said.log.warning("one")
    assert len(said.lines) == 3 * LINES


def test_an_error_says_where_it_was_and_a_percent_sign_is_only_that(said: Said) -> None:
    for _ in range(10):
        try:
            raise ValueError("100 %s")
        except ValueError:
            said.log.exception("failed: %s", "100 %d")
    assert said.lines[0] == "failed: 100 %d"
    assert len(said.lines) == LINES


def test_kinds_without_end_are_forgotten(clock: Clock) -> None:
    sparing = Sparing(LINES, clock=clock)
    for number in range(3 * MOST_KINDS):
        assert sparing.filter(logging.LogRecord("x", logging.INFO, "", 0, f"kind {number}", (), None))
    assert len(sparing._kinds) <= MOST_KINDS
