"""A panic inside pycrdt, which is no Exception, is a refusal like any other: the rest goes on."""

from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms.core.errors import BadFrame
from rooms.core.lib0 import Malformed
from rooms.core.loading import is_panic
from rooms.core.outline import Outline
from rooms.core.updates import read
from rooms.live import commits, ingress
from tests.core import bombs


class PanicException(BaseException):
    """pycrdt's has this name, and no address to import it from."""


def _panic(*_: Any) -> None:
    raise PanicException("called `Option::unwrap()` on a `None` value")


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def update() -> bytes:
    doc: Doc[Any] = Doc()
    doc.get("text", type=Text).insert(0, "word")
    return doc.get_update()


def test_an_update_at_which_pycrdt_panics_is_refused(monkeypatch: pytest.MonkeyPatch, update: bytes) -> None:
    summary = read(update)
    monkeypatch.setattr("pycrdt.get_state", _panic)
    with pytest.raises(BadFrame):
        ingress.check_content(update, summary, Outline(), {})
    monkeypatch.setattr("pycrdt.get_state", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        ingress.check_content(update, summary, Outline(), {})


def test_updates_that_pycrdt_panics_at_merging_are_refused(monkeypatch: pytest.MonkeyPatch, update: bytes) -> None:
    monkeypatch.setattr(commits, "merge_updates", _panic)
    with pytest.raises(BadFrame):
        commits.merge([update, update])
    assert commits.merge([update]) == update
    monkeypatch.setattr(commits, "merge_updates", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        commits.merge([update, update])


def test_a_writer_without_operations_is_refused_because_pycrdt_panics_at_it() -> None:
    (before,), update = bombs.IN_A_DOCUMENT["a writer without operations"]
    with pytest.raises(Malformed):
        read(update)
    doc: Doc[Any] = Doc()
    doc.apply_update(before)
    with pytest.raises(BaseException, match="unwrap") as panic:
        doc.apply_update(update)
    assert is_panic(panic.value)
