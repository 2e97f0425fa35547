"""A frame is a typed message or a refusal: each field, wrong in each way."""

from typing import Any

import pytest

from rooms.core import messages
from rooms.core.errors import BadFrame, TooLarge

OPEN = {"document": "k" * 22, "have": b"\x00", "client_id": 7, "epoch": None}
EDIT = {"document": "k", "update": b"abc"}
CURSOR = {"document": "k", "anchor": b"a", "head": b"h"}
LEAVE = {"document": "k"}


def parse(kind: str, frame: Any) -> Any:
    match kind:
        case "open":
            return messages.Open.parse(frame)
        case "edit":
            return messages.Edit.parse(frame, max_bytes=100)
        case "cursor":
            return messages.CursorMove.parse(frame)
    return messages.Leave.parse(frame)


GOOD: dict[str, dict[str, Any]] = {"open": OPEN, "edit": EDIT, "cursor": CURSOR, "leave": LEAVE}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_frame_is_a_message(kind: str) -> None:
    assert parse(kind, GOOD[kind]).document == GOOD[kind]["document"]


def test_values_arrive_as_they_were_sent() -> None:
    assert parse("open", {**OPEN, "epoch": 3}) == messages.Open("k" * 22, b"\x00", 7, 3)
    assert parse("edit", EDIT) == messages.Edit("k", b"abc")
    assert parse("cursor", CURSOR) == messages.CursorMove("k", (b"a", b"h"))
    assert parse("cursor", {**CURSOR, "anchor": None, "head": None}).cursor is None
    assert parse("edit", {**EDIT, "update": b"x" * 100}).update == b"x" * 100


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("frame", [None, [], "text", b"bytes", 7, {}, {"document": "k", "extra": 1}])
def test_what_is_not_the_map_is_a_bad_frame(kind: str, frame: Any) -> None:
    with pytest.raises(BadFrame):
        parse(kind, frame)


@pytest.mark.parametrize("kind", GOOD)
def test_a_field_too_many_or_too_few_is_a_bad_frame(kind: str) -> None:
    with pytest.raises(BadFrame):
        parse(kind, {**GOOD[kind], "name": "Somebody Else"})
    for field in GOOD[kind]:
        with pytest.raises(BadFrame):
            parse(kind, {name: value for name, value in GOOD[kind].items() if name != field})


WRONG: dict[str, list[Any]] = {
    "document": ["", "k" * 65, "\0", "k\0", "k\n", "k\ud83d", "k/k", "é", b"k", 7, None, ["k"], {}],
    "have": [b"", b"\x01", b"\x00\x00", "text", None, 0, b"\x00" * 131_073],
    "client_id": [-1, 2**53, True, 7.0, "7", None, b"7"],
    "epoch": [-1, 2**31 + 1, True, 1.0, "1", b""],
    "update": ["text", None, 7, [1, 2]],
    "anchor": ["a", 7, None, b"x" * 257],
    "head": ["h", 7, None, b"x" * 257],
}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        pytest.param(kind, field, value, id=f"{kind}-{field}-{index}")
        for kind, frame in GOOD.items()
        for field in frame
        for index, value in enumerate(WRONG[field])
    ],
)
def test_a_wrong_value_is_a_bad_frame(kind: str, field: str, value: Any) -> None:
    with pytest.raises(BadFrame) as refused:
        parse(kind, {**GOOD[kind], field: value})
    assert refused.value.answer()["code"] == "bad_frame"


def test_an_update_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        parse("edit", {**EDIT, "update": b"x" * 101})
