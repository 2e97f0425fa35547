"""Real editing histories, replayed through real sockets by the product's own client, end with the exact text."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms import store
from rooms.core import state
from rooms.live.open_document import OpenDocument
from tests.harness.people import Cast, sign_in
from tests.harness.server import ROOT, Server

# A history of our own, always there; EDITING_TRACES names a folder with larger ones.
OURS = Path(__file__).parent / "histories"
TURNS = {"automerge-paper": 2000, "sveltecomponent": 300, "meeting-notes": 40}


def traces() -> list[Path]:
    more = os.environ.get("EDITING_TRACES")
    folders = [OURS, Path(more)] if more else [OURS]
    return sorted(path for folder in folders for path in folder.glob("*.json.gz"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("clients", [2, 10])
@pytest.mark.parametrize("trace", traces(), ids=lambda path: path.name.removesuffix(".json.gz"))
def test_a_history_ends_with_the_exact_text(
    trace: Path, clients: int, own_server: Callable[..., Server], live_cast: Cast
) -> None:
    server = own_server()
    people = [live_cast.alice, live_cast.bob]
    environment = {
        **os.environ,
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",
        "COLLAB_URL": server.url,
        "COLLAB_DOCUMENT": live_cast.document.key,
        "COLLAB_SESSIONS": ",".join(sign_in(people[number % 2]) for number in range(clients)),
        "COLLAB_TRACE": str(trace),
        "COLLAB_TURN": str(TURNS.get(trace.name.removesuffix(".json.gz"), 100)),
    }
    npx = shutil.which("npx", path=environment["PATH"])
    assert npx, "Node is missing: make test installs it"

    replay = subprocess.run(
        [npx, "--no-install", "vitest", "run", "--config", "vitest.live.config.ts"],
        cwd=ROOT / "static", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert replay.returncode == 0, replay.stdout[-4000:] + replay.stderr[-4000:]

    with gzip.open(trace) as content:
        expected = json.load(content)["endContent"]
    document = OpenDocument(store.load(live_cast.document.pk))
    assert text_of(document.missing(state.EMPTY)) == expected
    assert text_of(document.whole()) == expected
    assert "ERROR" not in server.log()


def text_of(update: bytes | None) -> str:
    assert update is not None
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    return str(doc.get("text", type=Text))
