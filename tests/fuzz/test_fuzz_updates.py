"""What the ingress check lets through neither crashes, hangs nor inflates pycrdt, and yjs shows the same (trap Y4).

What did so once is in regressions.txt, and whatever is found is added to it.
"""

import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core import bombs, corpus
from tests.fuzz.judge import REGRESSIONS, Document, Harm, Judge, node, remember
from tests.fuzz.sandbox import ROOT

SOAK = bool(os.environ.get("COLLAB_SOAK"))
PLAYS = 1_000_000 if SOAK else 4_000

pytestmark = pytest.mark.skipif(
    node() is None or not (ROOT / "static/node_modules/yjs").exists(), reason="needs Node and static/node_modules"
)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as made:
        yield made


@pytest.mark.parametrize("story", corpus.everything())
def test_of_everything_real_pycrdt_and_yjs_make_the_same(judge: Judge, story: str) -> None:
    document, before = Document(), judge.apart
    for update in corpus.everything()[story]:
        assert judge.judge(document, update), "what Yjs writes is refused"
    assert judge.apart == before, "what pycrdt writes in the wrong order, yjs and pycrdt understand alike"


@pytest.mark.timeout(3600)
def test_wild_documents_do_no_harm(judge: Judge) -> None:
    """Seeds are numbers, so that what was found can be found again."""
    before = judge.taken
    for seed in range(PLAYS):
        with remember():
            judge.play(Random(seed))
    assert judge.taken - before > PLAYS / 4, "most of what is written is refused: this tests nothing"
    told = f"{PLAYS} documents: {judge.taken} updates taken, {judge.refused} refused; "
    sys.stdout.write(f"{told}{judge.disordered} in the wrong order, of which {judge.apart} are shown differently\n")


@given(st.randoms(use_true_random=False))
@settings(max_examples=20_000 if SOAK else 100, deadline=None)
@pytest.mark.timeout(3600)
def test_a_wild_document_does_no_harm_and_the_smallest_that_does_is_shown(rng: Random) -> None:
    with Judge.shared() as judge:
        judge.play(rng)


@pytest.mark.parametrize("line", REGRESSIONS.read_text(encoding="ascii").splitlines())
def test_what_did_harm_once_does_none_any_more(judge: Judge, line: str) -> None:
    document = Document()
    for encoded in line.split():
        judge.judge(document, b64decode(encoded))


def test_harm_is_seen(judge: Judge) -> None:
    """Without the ingress check before it the judge finds what is wrong: with a document, and with a library."""
    for name in ("a long text, cut everywhere", "neighbours that are far apart"):
        with pytest.raises(Harm, match=r"pycrdt: (hang|balloon|crash)"):
            judge.judge(Document(), bombs.SLOW[name], seconds=2)
    document = Document()
    document.check = lambda update: document.summary_of(update)  # type: ignore[method-assign]
    with pytest.raises(Harm, match="pycrdt and yjs show"):
        judge.judge(document, bombs.OUT_OF_ORDER)


@pytest.mark.skipif(not SOAK, reason="COLLAB_SOAK=1 lets atheris look for ten minutes")
@pytest.mark.timeout(3600)
def test_atheris_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has no wheel for this machine", exc_type=ImportError)
    command = [sys.executable, "-m", "tests.fuzz.atheris_updates", "-max_total_time=600"]
    command.append(f"-artifact_prefix={tmp_path}/")
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr[-3000:]
