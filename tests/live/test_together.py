"""Questions that arrive together are asked together: each answer is as new as its question, and each has one."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rooms.core.errors import Busy
from rooms.live.together import Together
from tests.harness.client import eventually


class Table:
    """What is read: each read waits until the test lets it go, and counts."""

    def __init__(self) -> None:
        self.reads: list[list[str]] = []
        self.version = 0
        # Of the reads with that number, and of each that asks for that key.
        self.errors: dict[int, Exception] = {}
        self.broken: dict[str, Exception] = {}
        self._doors: list[asyncio.Event] = []
        self._open = True

    async def read(self, keys: Sequence[str]) -> Mapping[str, str]:
        number = len(self.reads)
        self.reads.append(list(keys))
        answers = {key: f"{key}{self.version}" for key in keys}
        door = asyncio.Event()
        self._doors.append(door)
        if self._open:
            door.set()
        await door.wait()
        if number in self.errors:
            raise self.errors[number]
        for key in self.broken.keys() & set(keys):
            raise self.broken[key]
        return answers

    def hold(self) -> None:
        self._open = False

    def let_go(self, number: int) -> None:
        self._doors[number].set()

    async def begun(self, reads: int) -> None:
        await eventually(lambda: len(self.reads) == reads, what=f"{reads} reads have begun")


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def together(table: Table) -> "Together[str, str]":
    return Together(table.read)


def ask(together: "Together[str, str]", *keys: str) -> "list[asyncio.Task[str]]":
    return [asyncio.create_task(together.get(key)) for key in keys]


async def outcomes(asked: "list[asyncio.Task[str]]") -> list[Any]:
    """Return answers, and errors as the errors that they are."""
    async with asyncio.timeout(5):
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_a_single_question_waits_for_nobody(table: Table, together: "Together[str, str]") -> None:
    first = ask(together, "a")
    for _ in range(3):
        await asyncio.sleep(0)
    assert table.reads == [["a"]], "in its turn, and not after a while"
    assert await outcomes(first) == ["a0"]
    assert await outcomes(ask(together, "a")) == ["a0"]
    assert table.reads == [["a"], ["a"]], "what was read is not kept: it may have changed"


async def test_questions_of_one_moment_are_one_read(table: Table, together: "Together[str, str]") -> None:
    assert await outcomes(ask(together, *"abcde")) == ["a0", "b0", "c0", "d0", "e0"]
    assert table.reads == [["a", "b", "c", "d", "e"]]


async def test_questions_during_a_read_share_the_next_one(table: Table, together: "Together[str, str]") -> None:
    table.hold()
    asked = ask(together, "a")
    await table.begun(1)
    asked += ask(together, "b", "c")
    await asyncio.sleep(0)
    asked += ask(together, "d")
    await asyncio.sleep(0)
    assert table.reads == [["a"]]
    table.let_go(0)
    await table.begun(2)
    table.let_go(1)
    assert await outcomes(asked) == ["a0", "b0", "c0", "d0"]
    assert table.reads == [["a"], ["b", "c", "d"]]


async def test_an_answer_is_never_older_than_its_question(table: Table, together: "Together[str, str]") -> None:
    """The read that is under way may have looked before the change that this asker has seen."""
    table.hold()
    early = ask(together, "a")
    await table.begun(1)
    table.version = 1
    late = ask(together, "a")
    await asyncio.sleep(0)
    table.let_go(0)
    await table.begun(2)
    table.let_go(1)
    assert await outcomes(early + late) == ["a0", "a1"]


async def test_what_several_ask_is_read_once(table: Table, together: "Together[str, str]") -> None:
    assert await outcomes(ask(together, "a", "b", "a", "a")) == ["a0", "b0", "a0", "a0"]
    assert table.reads == [["a", "b"]]


async def test_an_error_reaches_those_who_asked_in_that_read_and_nobody_else(
    table: Table, together: "Together[str, str]"
) -> None:
    table.hold()
    table.errors[1] = Busy("the second read", retry_after=1)
    first = ask(together, "a")
    await table.begun(1)
    second = ask(together, "b", "c", "b")
    await asyncio.sleep(0)
    table.let_go(0)
    await table.begun(2)
    third = ask(together, "b", "d")
    await asyncio.sleep(0)
    table.let_go(1)
    await table.begun(3)
    table.let_go(2)
    assert await outcomes(first) == ["a0"]
    assert [repr(error) for error in await outcomes(second)] == ["Busy('the second read')"] * 3
    assert await outcomes(third) == ["b0", "d0"]
    later = ask(together, "e")
    await table.begun(4)
    table.let_go(3)
    assert await outcomes(later) == ["e0"]


@pytest.mark.parametrize("when", ["before the read", "during the read"])
@pytest.mark.parametrize("fails", [False, True])
async def test_who_gives_up_takes_nobody_along(
    table: Table, together: "Together[str, str]", when: str, fails: bool
) -> None:
    """Whoever asks for the same, for something else in the same read, or later, is answered all the same."""
    table.hold()
    if fails:
        table.errors[1] = Busy(retry_after=1)
    blocker = ask(together, "x")
    await table.begun(1)
    gives_up, alone, same, other = ask(together, "a", "b", "a", "c")
    await asyncio.sleep(0)
    if when == "during the read":
        table.let_go(0)
        await table.begun(2)
    gives_up.cancel()
    alone.cancel()
    await asyncio.sleep(0)
    table.let_go(0)
    await table.begun(2)
    late = ask(together, "a")
    await asyncio.sleep(0)
    table.let_go(1)
    await table.begun(3)
    table.let_go(2)
    assert await outcomes(blocker + late) == ["x0", "a0"]
    told = await outcomes([same, other])
    assert [isinstance(one, Busy) for one in told] == [True, True] if fails else told == ["a0", "c0"]
    assert gives_up.cancelled()
    assert alone.cancelled()


async def test_a_crowd_is_split_into_reads_of_bounded_size(
    table: Table, together: "Together[str, str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.live.together.AT_ONCE", 3)
    assert await outcomes(ask(together, *"abcdefgh")) == [f"{key}0" for key in "abcdefgh"]
    assert table.reads == [["a", "b", "c"], ["d", "e", "f"], ["g", "h"]], "whoever came first is read first"


async def test_of_a_crowd_that_is_split_one_read_may_fail(
    table: Table, together: "Together[str, str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.live.together.AT_ONCE", 2)
    table.errors[1] = Busy(retry_after=1)
    told = await outcomes(ask(together, *"abcdef"))
    assert [isinstance(one, Busy) for one in told] == [False, False, True, True, False, False]


@pytest.mark.parametrize("broken", ["a", "c", "h", "ah", "bc"])
async def test_what_fails_for_one_key_fails_for_whoever_asked_for_it_and_for_nobody_else(
    table: Table, together: "Together[str, str]", broken: str
) -> None:
    table.broken = {key: ZeroDivisionError(key) for key in broken}
    asked = "abcdefgh"
    told = await outcomes(ask(together, *asked, *broken))
    assert [repr(one) if isinstance(one, Exception) else one for one in told] == [
        f"ZeroDivisionError('{key}')" if key in broken else f"{key}0" for key in asked + broken
    ]


async def test_one_key_of_a_crowd_that_fails_is_found_in_a_few_reads(
    table: Table, together: "Together[str, str]"
) -> None:
    keys = [str(number) for number in range(250)]
    table.broken["137"] = ZeroDivisionError()
    told = await outcomes(ask(together, *keys))
    assert [key for key, one in zip(keys, told, strict=True) if isinstance(one, Exception)] == ["137"]
    assert len(table.reads) <= 17, "two for each halving of 250, and the first"


async def test_a_database_that_is_away_is_not_asked_again_for_each_key(
    table: Table, together: "Together[str, str]"
) -> None:
    table.broken["a"] = Busy(retry_after=1)
    told = await outcomes(ask(together, *"abcd"))
    assert [isinstance(one, Busy) for one in told] == [True] * 4
    assert len(table.reads) == 1
