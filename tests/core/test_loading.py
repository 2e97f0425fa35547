"""What loads, what is proven to, and in which words it is said when something does not."""

from typing import Any

import pycrdt
import pytest
from pycrdt import Doc

from rooms.core import loading
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
