"""What loads, what is proven to, and in which words it is said when something does not."""

import json
import time
from typing import Any

import pycrdt
import pytest
from pycrdt import Doc

from rooms.canary import __main__ as canary
from rooms.canary.wire import Work
from rooms.core import loading, state
from rooms.core.errors import BadFrame, Gap
from tests.core import corpus
from tests.core import encoding as e
from tests.live import damaged


def holding(*updates: bytes) -> "Doc[Any]":
    doc: Doc[Any] = Doc()
    for update in updates:
        doc.apply_update(update)
    return doc


@pytest.mark.parametrize("story", sorted(corpus.everything()))
def test_whatever_may_be_written_is_no_fault_when_it_is_loaded(story: str) -> None:
    """Else one edit that everybody takes would close the document for everybody."""
    updates = corpus.everything()[story]
    loading.look_through(loading.load(None, updates), updates)
    whole = holding(*updates).get_update()
    loading.look_through(loading.load(whole, []), [whole])


def test_what_is_small_and_reads_like_an_edit_is_plain() -> None:
    small = damaged.written(*"words")
    assert loading.is_plain([])
    assert loading.is_plain(small)
    assert not loading.is_plain([*small, damaged.GARBAGE])
    assert not loading.is_plain([*small, damaged.whole("x" * loading.PLAIN_BYTES)])


@pytest.mark.parametrize(
    "payload", [damaged.CLAIMS_TOO_MUCH, damaged.GARBAGE, damaged.TRUNCATED], ids=["claims", "garbage", "truncated"]
)
def test_what_is_no_update_does_not_load(payload: bytes) -> None:
    with pytest.raises(BadFrame):
        loading.load(None, [payload])
    with pytest.raises(ValueError, match="decode"):
        loading.load(payload, [])


@pytest.mark.parametrize("asked", ["whole", "lacking", "half"])
def test_what_cannot_be_encoded_does_not_load(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """No bytes are known of which pycrdt loads the document and cannot encode it: so a Doc that cannot stands in."""

    class Stuck(Doc[Any]):
        def get_update(self, have: bytes | None = None) -> bytes:
            word = "whole" if have is None else "lacking" if have == self.get_state() else "half"
            if word == asked:
                raise PanicException
            return super().get_update(have)

    monkeypatch.setattr(loading, "Doc", Stuck)
    with pytest.raises(PanicException):
        loading.load(None, damaged.written(*"words"))


def test_what_nobody_can_read_again_is_found_by_looking_through() -> None:
    class Unreadable(Doc[Any]):
        def get_update(self, have: bytes | None = None) -> bytes:
            return b"\x01"

    with pytest.raises(ValueError, match="decode"):
        loading.look_through(Unreadable(), [])


def test_trying_an_update_counts_what_it_makes_of_the_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Doc[Any]):
        def get_update(self, have: bytes | None = None) -> bytes:
            until = time.process_time() + 0.02
            while self.get_state() != state.EMPTY and time.process_time() < until:
                pass
            return super().get_update(have)

    monkeypatch.setattr(loading, "Doc", Slow)
    seconds = json.loads(canary._answer(Work.TRY, None, damaged.written("words")))
    assert seconds >= 3 * 0.02, "the whole of it, and two that lack something"


def test_what_pages_would_stumble_over_is_found_by_looking_through() -> None:
    deep = e.nested(2_000)
    with pytest.raises(BadFrame, match="elements nested too deep"):
        loading.look_through(holding(deep), [deep])
    values = damaged.value(bytes([117, 1]) * 100 + bytes([126]))
    with pytest.raises(BadFrame, match="nested too deep"):
        loading.look_through(holding(values), [values])


def test_a_proof_is_of_these_bytes_and_of_this_library(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = loading.proof_of(b"bytes")
    assert len(proof) == 32
    assert loading.proof_of(b"bytes") == proof
    assert loading.proof_of(b"Bytes") != proof
    monkeypatch.setattr(pycrdt, "__version__", "0.0.1")
    assert loading.proof_of(b"bytes") != proof


class PanicException(BaseException):
    """As the one of native code: no Exception."""


FAULTS = [
    (ValueError("quotes what it read"), ("malformed", "ValueError")),
    (RuntimeError("quotes what it read"), ("malformed", "RuntimeError")),
    (Gap("the update has a hole"), ("malformed", "the update has a hole")),
    (MemoryError(), ("memory", "")),
    (PanicException("quotes what it read"), ("crashed", "a panic")),
]


@pytest.mark.parametrize(("error", "said"), FAULTS, ids=[type(error).__name__ for error, _ in FAULTS])
def test_a_fault_is_said_without_anything_of_the_content(error: BaseException, said: tuple[str, str]) -> None:
    assert loading.is_fault(error)
    assert loading.describe(error) == said


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), KeyError("x"), TypeError("x")])
def test_what_is_a_fault_of_ours_is_none_of_the_document(error: BaseException) -> None:
    assert not loading.is_fault(error)
