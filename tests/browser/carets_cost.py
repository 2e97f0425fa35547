"""What a crowd's carets cost the page: `python -m tests.browser.carets_cost`. Prints figures, judges nothing.

One page of Chromium with a document of 50,000 words and the editor of the product. Others' carets move ten times a
second, as the server tells it; once with nobody typing here, once with twenty letters a second. The page is
static/tests/together/crowd.html, built for the occasion.
"""

import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.harness.chromium import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]

SECONDS = 8
CROWDS = (0, 10, 50)

# Of Chromium's Performance.getMetrics, in seconds of the main thread.
PARTS = {"TaskDuration": "busy", "ScriptDuration": "script", "LayoutDuration": "layout", "RecalcStyleDuration": "style"}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def build(into: Path) -> None:
    """Build the page with the product's own bundler."""
    page = "tests/together/crowd.html"
    script = (
        "import { build } from 'vite'; await build({ configFile: false, root: '.', base: './', logLevel: 'error', "
        f"build: {{ outDir: '{into}', target: 'es2022', rolldownOptions: {{ input: '{page}' }} }} }})"
    )
    node = Path(sys.executable).parent / "node"
    subprocess.run(
        [node if node.exists() else "node", "--input-type=module", "-e", script], cwd=ROOT / "static", check=True
    )


def figures(cdp: CDPSession) -> dict[str, float]:
    metrics = {metric["name"]: metric["value"] for metric in cdp.send("Performance.getMetrics")["metrics"]}
    return {PARTS[name]: metrics[name] for name in PARTS}


def measure(page: Page, cdp: CDPSession, people: int, typing: bool) -> None:
    before = figures(cdp)
    letters = page.evaluate("([people, seconds, typing]) => window.crowd.run(people, seconds, typing)",
                            [people, SECONDS, typing])  # fmt: skip
    after = figures(cdp)
    spent = " ".join(f"{part} {(after[part] - before[part]) * 1000 / SECONDS:6.1f}" for part in PARTS.values())
    tail = (
        f"   a letter: p50 {quantiles(letters, n=20)[9]:.1f} ms, p95 {quantiles(letters, n=20)[18]:.1f} ms"
        if letters
        else ""
    )
    say(f"{people:3d} carets, {'typing ' if typing else 'reading'}: ms a second: {spent}{tail}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.on("pageerror", lambda error: say(f"page error: {error}"))
            page.goto(f"http://127.0.0.1:{server.server_port}/tests/together/crowd.html")
            page.wait_for_function("() => window.crowd !== undefined")
            cdp = page.context.new_cdp_session(page)
            cdp.send("Performance.enable")
            for typing in (False, True):
                for people in CROWDS:
                    measure(page, cdp, people, typing)
            browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
