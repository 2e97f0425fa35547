"""How shares are counted, on a clock that the test turns."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from rooms.core.errors import Busy, SlowDown
from rooms.core.presence import Person
from rooms.live.limits import MAX_WAITING_BYTES, OPEN_BYTES, PATIENCE, Limits, Rates
from rooms.live.participants import Client
from rooms.live.wire import Shared
from tests.harness.inside import FakeSocket

RATES = Rates(edits=10, edit_bytes=1_000, cursors=5, opens=1, others=2, burst=2, person=3)
EDIT = {"document": "key", "update": b""}


def client(user_id: int) -> Any:
    return Client("", FakeSocket(None), "", Person(user_id, "", "", ""))


@dataclass
class Clocked:
    now: float = 100.0
    deaf: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limits = Limits(rates=RATES, max_sockets=4, deaf=self.deaf.append, clock=lambda: self.now)

    def enter(self, user_id: int) -> Any:
        one = client(user_id)
        self.limits.enter(one)
        return one

    def granted(self, one: Any, event: str, tries: int, frame: Any = EDIT) -> int:
        count = 0
        for _ in range(tries):
            try:
                self.limits.spend(one, event, frame)
            except SlowDown:
                continue
            count += 1
        return count


@pytest.fixture
def clocked() -> Clocked:
    return Clocked()


# (event, what one socket may send at once)
CLASSES = {"edit": 20, "cursor": 10, "open": 2, "leave": 4, "no such event": 4}


@pytest.mark.parametrize(("event", "burst"), CLASSES.items())
def test_each_kind_of_event_has_a_share_of_its_own(clocked: Clocked, event: str, burst: int) -> None:
    one = clocked.enter(1)
    assert clocked.granted(one, event, 50) == burst
    for other, its_burst in CLASSES.items():
        if other not in (event, "leave", "no such event"):
            assert clocked.granted(one, other, 50) == its_burst


def test_who_opens_what_is_much_work_opens_less_and_writes_as_before(clocked: Clocked) -> None:
    first, second = clocked.enter(1), clocked.enter(1)
    clocked.limits.charge_open(first, 0.15)
    assert clocked.granted(first, "open", 5) == 0
    assert clocked.granted(second, "open", 5) == 1, "its person has waited as well"
    assert clocked.granted(first, "edit", 50) == 20
    assert clocked.granted(clocked.enter(2), "open", 5) == 2
    clocked.now += 1.5
    assert clocked.granted(first, "open", 5) == 2


def test_whoever_opens_over_and_over_takes_a_tenth_of_the_process(clocked: Clocked) -> None:
    """Whatever one takes, and from however many sockets."""
    tabs = [clocked.enter(1) for _ in range(4)]
    taken, until = 0.0, clocked.now + 1_000
    while clocked.now < until:
        for tab in tabs:
            if clocked.granted(tab, "open", 1):
                clocked.limits.charge_open(tab, 0.2)
                taken += 0.2
        clocked.now += 0.25
    assert 50 < taken < 105


def test_of_many_who_asked_at_once_only_those_are_answered_who_may(clocked: Clocked) -> None:
    tabs = [clocked.enter(1) for _ in range(4)]
    assert [clocked.granted(tab, "open", 1) for tab in tabs] == [1, 1, 1, 1]
    clocked.limits.require_room(tabs[0])
    clocked.limits.charge_open(tabs[0], 0.3)
    for tab in tabs:
        with pytest.raises(SlowDown):
            clocked.limits.require_room(tab)
    clocked.now += 3
    clocked.limits.require_room(tabs[1])


def test_a_large_question_counts_as_several(clocked: Clocked) -> None:
    one = clocked.enter(1)
    assert clocked.granted(one, "open", 5, {"have": b"x" * OPEN_BYTES}) == 1
    assert clocked.granted(clocked.enter(2), "open", 5, {"have": b"x" * 100}) == 1, "nearly two"


def test_nothing_is_sent_to_somebody_of_whose_sockets_too_much_is_unread(clocked: Clocked) -> None:
    first, second, other = clocked.enter(1), clocked.enter(1), clocked.enter(2)
    first.line.queue.put_nowait(Shared(b"x" * MAX_WAITING_BYTES))
    with pytest.raises(SlowDown) as slow:
        clocked.limits.require_room(second)
    assert slow.value.retry_after > 0
    clocked.limits.require_room(other)
    first.line.queue.get_nowait()
    clocked.limits.require_room(second)


def test_three_sockets_of_one_person_may_as_much_as_three_and_a_fourth_nothing(clocked: Clocked) -> None:
    tabs = [clocked.enter(1) for _ in range(4)]
    assert [clocked.granted(tab, "edit", 30) for tab in tabs] == [20, 20, 20, 0]
    assert clocked.granted(clocked.enter(2), "edit", 30) == 20


def test_what_its_person_may_not_does_not_cost_the_socket_anything(clocked: Clocked) -> None:
    first, second, third, last = (clocked.enter(1) for _ in range(4))
    for tab in (first, second, third):
        clocked.granted(tab, "edit", 20)
    clocked.granted(last, "edit", 15)
    clocked.now += 2
    assert clocked.granted(last, "edit", 30) == 20


def test_a_flood_of_one_tab_that_is_refused_takes_nothing_from_the_others(clocked: Clocked) -> None:
    first, second = clocked.enter(1), clocked.enter(1)
    clocked.granted(first, "edit", 1_000)
    assert clocked.granted(second, "edit", 30) == 20


def test_an_edit_costs_its_part_of_the_edits_and_of_the_bytes_of_a_second(clocked: Clocked) -> None:
    one = clocked.enter(1)
    assert clocked.granted(one, "edit", 10, {"update": b"x" * 500}) == 3, "0.6 s each, of 2"
    assert clocked.granted(one, "edit", 30) == 2, "what was refused for its bytes costs nothing"
    clocked.now += 2
    assert clocked.granted(one, "edit", 10, {"update": b"x" * 5_000}) == 1, (
        "more than the bucket holds, when it is full"
    )
    clocked.now += 3
    assert clocked.granted(one, "edit", 10) == 0, "and waited for afterwards"
    clocked.now += 0.2
    assert clocked.granted(one, "edit", 10) > 0


@pytest.mark.parametrize("frame", [None, 7, "words", [], {}, {"update": "text"}, {"update": {"a": 1}}, {1: b"x"}])
def test_any_frame_at_all_is_counted(clocked: Clocked, frame: Any) -> None:
    assert clocked.granted(clocked.enter(1), "edit", 50, frame) == 20


def test_what_is_given_back_is_counted_when_it_is_handled(clocked: Clocked) -> None:
    one = clocked.enter(1)
    for _ in range(50):
        clocked.limits.spend(one, "edit", EDIT)
        clocked.limits.give_back(one, EDIT)
    assert clocked.granted(one, "edit", 50) == 20


def test_a_person_has_only_so_many_sockets(clocked: Clocked) -> None:
    tabs = [clocked.enter(1) for _ in range(4)]
    with pytest.raises(Busy) as busy:
        clocked.enter(1)
    assert busy.value.answer()["reason"] == "tabs"
    clocked.enter(2)
    clocked.limits.leave(tabs[0])
    clocked.enter(1)


def test_coming_back_makes_no_new_share_before_the_old_one_is_full(clocked: Clocked) -> None:
    for expected in (20, 20, 20, 0):
        tab = clocked.enter(1)
        assert clocked.granted(tab, "edit", 20) == expected
        clocked.limits.leave(tab)
    clocked.now += 2
    assert clocked.granted(clocked.enter(1), "edit", 30) == 20


def test_nothing_is_kept_of_people_who_are_gone_and_rested(clocked: Clocked) -> None:
    for user_id in range(50):
        tab = clocked.enter(user_id)
        clocked.granted(tab, "edit", 5)
        clocked.limits.leave(tab)
    assert len(clocked.limits._gone) == 50
    clocked.now += 10
    clocked.limits.leave(clocked.enter(99))
    assert not clocked.limits._gone
    assert not clocked.limits._people
    assert not clocked.limits._purses
    assert not clocked.limits._patience


def test_who_goes_on_and_on_is_told_of(clocked: Clocked) -> None:
    one = clocked.enter(1)
    clocked.granted(one, "edit", 20 + 20 * PATIENCE)
    assert clocked.deaf == []
    clocked.granted(one, "edit", 1)
    assert clocked.deaf == [one]
