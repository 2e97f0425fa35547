"""A crowd: of many participants only so many are shown, and what each is told adds up to what is there."""

import random
from collections.abc import Iterable
from typing import Any, NoReturn

import pytest

from rooms.core import presence
from rooms.core.access import Role
from rooms.core.presence import Face, Person, Presence

BOB = Person(2, "bob-key", "Bob", "#117733")
CARET = (b"1", b"1")


@pytest.fixture(autouse=True)
def room_for_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CROWD", 3)


def face(id: str) -> Face:
    return Face(id, BOB, 7, Role.EDITOR)


def crowd(ids: Iterable[str]) -> Presence:
    """Everybody came in this order, and that is told."""
    made = Presence()
    for one in ids:
        made.join(face(one))
    made.take()
    return made


def shown(here: Presence) -> str:
    return "".join(one["id"] for one in here.roster())


def told(here: Presence) -> tuple[list[str], list[str], int]:
    """Take the changes: who joined, who left, and the others."""
    changes = here.take()
    assert changes is not None
    return sorted(one["id"] for one in changes["joined"]), changes["left"], changes["others"]


def test_whoever_comes_late_counts_and_is_not_shown() -> None:
    here = crowd("abc")
    here.join(face("d"))
    here.join(face("e"))
    assert told(here) == ([], [], 2)
    assert (shown(here), list(here.faces)) == ("abc", list("abcde"))


def test_whoever_is_not_shown_and_goes_changes_the_number_only() -> None:
    here = crowd("abcde")
    here.leave("d")
    assert told(here) == ([], [], 1)
    assert here.take() is None


def test_whoever_is_not_shown_and_only_looks_on_is_nothing_to_tell() -> None:
    here = crowd("abcd")
    here.move("d", None)
    here.join(Face("d", BOB, 7, Role.VIEWER))
    assert here.take() is None
    assert shown(here) == "abc"


def test_a_caret_takes_the_place_of_whoever_has_been_quiet_longest() -> None:
    here = crowd("abcde")
    here.move("a", CARET)
    here.move("a", None)
    here.take()
    here.move("d", CARET)
    assert told(here) == (["d"], ["b"], 2)
    here.move("e", CARET)
    assert told(here) == (["e"], ["c"], 2)
    assert shown(here) == "ade"


def test_a_face_without_a_caret_makes_room_before_one_with_a_caret() -> None:
    here = crowd("abcde")
    here.move("a", CARET)
    here.move("c", CARET)
    here.move("b", CARET)
    here.move("b", None)
    here.move("d", CARET)
    assert shown(here) == "acd", "b is the last that acted, and has no caret"
    here.move("e", CARET)
    assert shown(here) == "cde", "all have a caret, and that of a has rested longest"


def test_the_same_caret_once_more_is_an_act_too() -> None:
    here = crowd("abcd")
    for one in "abca":
        here.move(one, CARET)
    here.take()
    here.move("d", CARET)
    assert told(here) == (["d"], ["b"], 1)
    assert shown(here) == "acd"


def test_whoever_was_pushed_out_comes_back_with_the_next_caret() -> None:
    here = crowd("abcd")
    here.move("d", CARET)
    here.move("a", CARET)
    assert told(here) == (["a", "d"], ["b"], 1)
    assert shown(here) == "cda"


def test_a_free_place_goes_to_whoever_waited_longest() -> None:
    here = crowd("abcde")
    here.leave("b")
    assert told(here) == (["d"], ["b"], 1)
    here.leave("d")
    here.leave("c")
    assert told(here) == (["e"], ["c", "d"], 0)
    assert shown(here) == "ae"


def test_the_caret_of_whoever_was_not_shown_is_told_with_the_face() -> None:
    here = crowd("abcd")
    here.move("d", CARET)
    changes = here.take()
    assert changes is not None
    assert [one["cursor"] for one in changes["joined"]] == [list(CARET)]
    assert changes["cursors"] == {}


def test_everybody_finds_itself_in_its_own_list() -> None:
    here = crowd("abcde")
    people, others = here.seen_by("a")
    assert ([one["id"] for one in people], others) == (list("abc"), 2)
    people, others = here.seen_by("e")
    assert ([one["id"] for one in people], others) == (list("abce"), 1)
    people, others = here.seen_by("gone")
    assert ([one["id"] for one in people], others) == (list("abc"), 2)


def test_two_tabs_of_one_person_are_shown_and_counted_each() -> None:
    here = crowd("abcd")
    here.leave("a")
    assert [(one["id"], one["user"]) for one in here.roster()] == [("b", BOB.key), ("c", BOB.key), ("d", BOB.key)]
    here.join(face("e"))
    assert told(here) == (["d"], ["a"], 1)


def test_a_thousand_carets_at_once_change_few_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CROWD", 100)
    ids = [f"{number:04}" for number in range(1_000)]
    here = crowd(ids)
    for one in ids:
        here.move(one, CARET)
    joined, left, others = told(here)
    assert (len(joined), len(left), others) == (presence.SWAPS, presence.SWAPS, 900)
    here.move("0999", CARET)
    assert told(here)[0] == ["0999"], "the next act of whoever came too late is shown"


class Viewer:
    """What a client makes of the answer to `open` and of the events after it, by docs/protocol.md."""

    def __init__(self, here: Presence, you: str) -> None:
        people, self.others = here.seen_by(you)
        self.you = you
        self.people = {one["id"]: one for one in people}
        self.is_shown = False

    def hear(self, changes: dict[str, Any]) -> None:
        for one in changes["joined"]:
            self.people[one["id"]] = one
            self.is_shown = self.is_shown or one["id"] == self.you
        for gone in changes["left"]:
            if gone == self.you:
                self.is_shown = False
            else:
                self.people.pop(gone, None)
        for moved, cursor in changes["cursors"].items():
            self.people[moved] = {**self.people[moved], "cursor": cursor}
        self.others = changes["others"] - (not self.is_shown)

    def sees(self) -> tuple[dict[str, Any], int]:
        """Everybody else, and how many more: its own caret is its own business."""
        return {key: one for key, one in self.people.items() if key != self.you}, self.others


@pytest.mark.parametrize("seed", range(20))
def test_the_answer_to_open_and_all_events_since_are_what_a_new_answer_says(seed: int) -> None:
    rng = random.Random(seed)
    here = Presence()
    viewers: dict[str, Viewer] = {}
    for step in range(600):
        act = rng.choice(["come", "come", "go", "caret", "caret", "caret", "look", "resync", "tell"])
        somebody = rng.choice([*viewers, "nobody"])
        if act == "come":
            somebody = f"{step}"
            here.join(face(somebody))
            viewers[somebody] = Viewer(here, somebody)
        elif act == "go":
            here.leave(somebody)
            viewers.pop(somebody, None)
        elif act == "resync" and somebody in viewers:
            here.join(Face(somebody, BOB, 7, rng.choice(list(Role))))
            viewers[somebody] = Viewer(here, somebody)
        elif act in {"caret", "look"}:
            here.move(somebody, (b"%d" % step, b"%d" % step) if act == "caret" else None)
        if act == "tell" and (changes := here.take()) is not None:
            for viewer in viewers.values():
                viewer.hear(changes)
        if act == "tell":
            assert len(here.roster()) == min(presence.CROWD, len(here.faces))
            for you, viewer in viewers.items():
                assert viewer.sees() == Viewer(here, you).sees()
                assert you in viewer.people
                assert len(viewer.people) + viewer.others == len(here.faces)


class Unread(dict[str, Face]):
    """Faces that can be looked up, but not gone through."""

    def __iter__(self) -> NoReturn:
        raise AssertionError("all faces were read for one event")

    keys = values = items = __iter__


def test_a_thousand_cost_no_more_than_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CROWD", 100)
    encoded: list[str] = []
    wire = Face.wire

    def noted(one: Face) -> dict[str, Any]:
        encoded.append(one.id)
        return wire(one)

    monkeypatch.setattr(Face, "wire", noted)
    here = Presence(faces=Unread())
    for number in range(1_000):
        here.join(face(f"{number:04}"))
        here.seen_by(f"{number:04}")
    assert len(encoded) == 1_000, "each face once, for its own answer"
    assert here.roster() is here.roster()
    changes = here.take()
    assert changes is not None
    assert (len(changes["joined"]), changes["others"]) == (100, 900)
    for number in range(1_000):
        here.leave(f"{number:04}")
        here.roster()
    assert len(encoded) == 1_900, "once more, when it is shown to everybody"
    assert here.roster() == []
