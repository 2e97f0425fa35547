"""Who is here: changes gather until somebody takes them."""

from rooms.core.access import Role
from rooms.core.presence import Face, Person, Presence

ALICE = Person(1, "alice-key", "Alice", "#332288")


def face(id: str, **fields: object) -> Face:
    return Face(id, ALICE, 7, Role.EDITOR, **fields)  # type: ignore[arg-type]


def test_nothing_changed_is_nothing_to_tell() -> None:
    assert Presence().take() is None


def test_a_face_is_told_in_the_words_of_the_protocol() -> None:
    presence = Presence()
    presence.join(face("a", cursor=(b"1", b"2")))
    wire = {
        "id": "a",
        "user": "alice-key",
        "name": "Alice",
        "color": "#332288",
        "client_id": 7,
        "role": "editor",
        "cursor": [b"1", b"2"],
    }
    assert presence.roster() == [wire]
    assert presence.take() == {"joined": [wire], "left": [], "cursors": {}, "others": 0}
    assert presence.take() is None


def test_of_many_moves_only_the_last_is_told() -> None:
    presence = Presence()
    presence.join(face("a"))
    presence.take()
    for step in range(100):
        presence.move("a", (b"%d" % step, b"%d" % step))
    assert presence.take() == {"joined": [], "left": [], "cursors": {"a": [b"99", b"99"]}, "others": 0}
    presence.move("a", (b"99", b"99"))
    assert presence.take() is None
    presence.move("a", None)
    assert presence.take() == {"joined": [], "left": [], "cursors": {"a": None}, "others": 0}


def test_who_came_and_moved_is_told_once() -> None:
    presence = Presence()
    presence.join(face("a"))
    presence.move("a", (b"1", b"1"))
    changes = presence.take()
    assert changes is not None
    assert [one["cursor"] for one in changes["joined"]] == [[b"1", b"1"]]
    assert changes["cursors"] == {}


def test_who_came_and_went_in_between_is_only_gone() -> None:
    presence = Presence()
    presence.join(face("a"))
    presence.move("a", (b"1", b"1"))
    presence.leave("a")
    assert presence.take() == {"joined": [], "left": ["a"], "cursors": {}, "others": 0}
    assert presence.roster() == []


def test_who_went_and_came_back_is_here() -> None:
    presence = Presence()
    presence.join(face("a"))
    presence.take()
    presence.leave("a")
    presence.join(face("a"))
    changes = presence.take()
    assert changes is not None
    assert [one["id"] for one in changes["joined"]] == ["a"]
    assert changes["left"] == []


def test_who_is_told_anew_keeps_the_caret() -> None:
    presence = Presence()
    presence.join(face("a"))
    presence.move("a", (b"1", b"1"))
    presence.take()
    presence.join(Face("a", ALICE, 7, Role.VIEWER))
    (told,) = presence.roster()
    assert (told["role"], told["cursor"]) == ("viewer", [b"1", b"1"])


def test_a_stranger_moves_and_leaves_nothing() -> None:
    presence = Presence()
    presence.move("nobody", (b"1", b"1"))
    presence.leave("nobody")
    assert presence.take() is None


def test_a_crowd_on_another_instance_counts() -> None:
    presence = Presence()
    presence.join(face("a"))
    presence.take()
    presence.count_elsewhere("b", 40)
    presence.count_elsewhere("c", 2)
    changes = presence.take()
    assert changes is not None
    assert changes["others"] == 42
    assert presence.seen_by("a")[1] == 42
    presence.count_elsewhere("c", 2)
    assert presence.take() is None, "the same number is no news"
    presence.count_elsewhere("b", 0)
    assert presence.take() == {"joined": [], "left": [], "cursors": {}, "others": 2}
