"""The browser bundle: what the page links is what the entry loads, under names that can be kept for ever."""

import json
import re
import urllib.request

from django.conf import settings
from django.test import Client

from rooms.web import bundle
from tests.harness.people import Cast
from tests.harness.server import Server

DIST = settings.BASE_DIR / "static" / "dist"
ENTRY = "src/page/document.ts"


def test_the_page_preloads_what_the_entry_loads(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    page = client.get(f"/d/{cast.document.key}").content.decode()
    preloaded = re.findall(r'<link rel="modulepreload" href="/static/dist/(chunks/[^"]+)">', page)
    assert preloaded == list(bundle.chunks(ENTRY))
    assert any(name.startswith("chunks/main-") for name in preloaded)
    assert all((DIST / name).exists() for name in preloaded)


def test_what_is_loaded_only_later_is_not_preloaded() -> None:
    manifest = json.loads(bundle.MANIFEST.read_text())
    main = manifest[manifest[ENTRY]["dynamicImports"][0]]
    later = {manifest[name]["file"] for name in main.get("dynamicImports", ())}
    assert not later & set(bundle.chunks(ENTRY))


def test_no_chunk_loads_the_entry_again() -> None:
    """Collected, the entry has another name: imported by the old one it would run twice."""
    for chunk in (DIST / "chunks").glob("*.js"):
        assert not re.search(r"""from\s*["'][^"']*document\.js|import\s*["'][^"']*document\.js""", chunk.read_text())


def test_chunks_are_kept_for_ever(server: Server) -> None:
    (main,) = [name for name in bundle.chunks(ENTRY) if name.startswith("chunks/main-")]
    with urllib.request.urlopen(f"{server.url}/static/dist/{main}", timeout=5) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
