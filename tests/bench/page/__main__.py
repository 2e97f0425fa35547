"""From a key to the paint of its letter, and from the address to a page that can be written in, in Chromium.

    python -m tests.bench.page [--words 50000] [--writers 10] [--keys 300] [--json]

The empty document, alone, is measured in the same run: what the machine and the browser take by themselves.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.bench import ours
from tests.harness.chromium import CHROMIUM
from tests.harness.server import ROOT

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
KEY_EVERY_MS = 90
TEXT = "the quick brown fox jumps over the lazy dog and goes on writing "

# From the moment that the key reached the browser to the end of the frame that shows its letter: a task that is
# posted inside of a frame runs once that frame is painted.
WATCH = """
window.keyTimes = [];
addEventListener("keydown", ({ timeStamp }) => {
    requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => window.keyTimes.push(performance.now() - timeStamp);
        painted.port2.postMessage(0);
    });
}, { capture: true });
const look = () => {
    if (document.querySelector(".ProseMirror[contenteditable=true]")) window.readyAt = performance.now();
    else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=50_000)
    parser.add_argument("--writers", type=int, default=10)
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    product = ours.Product()
    try:
        product.start()
        seeded = json.loads(product.run("-m", "tests.bench.page.seed", str(options.words), str(options.writers)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            figures = measure(browser, f"http://127.0.0.1:{product.port}", seeded, options.keys)
            browser.close()
    finally:
        product.close()
    figures["bundle"] = bundle()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n" if options.json else table(figures, options))


def measure(browser: Browser, url: str, seeded: dict[str, Any], keys: int) -> dict[str, Any]:
    mine, *others = seeded["sessions"]
    context = sit(browser, url, mine)
    figures = {"alone": document(context, f"{url}/d/{seeded['empty']}", keys)}
    command = [sys.executable, "-m", "tests.bench.page.typists", url, seeded["large"], *others]
    environment = {**os.environ, **ours.SETTINGS}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as typists:
        try:
            if others:
                assert typists.stdout is not None
                typists.stdout.readline()
            figures["large"] = document(context, f"{url}/d/{seeded['large']}", keys)
        finally:
            typists.kill()
    return figures


def sit(browser: Browser, url: str, session: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    context.add_init_script(WATCH)
    return context


def document(context: BrowserContext, address: str, keys: int) -> dict[str, float]:
    """Return milliseconds: `first` and `again` until the page can be written in, p50 and p95 from key to paint."""
    first = ready(context, address)
    page = first[0]
    editor = page.locator(".ProseMirror")
    blocks = page.locator(".ProseMirror > p")
    blocks.nth(min(5, blocks.count() - 1)).click()
    page.keyboard.press("End")
    page.keyboard.type(TEXT[:20], delay=KEY_EVERY_MS)  # the first keys find code that was never run
    page.evaluate("window.keyTimes = []")
    page.keyboard.type((TEXT * (keys // len(TEXT) + 1))[:keys], delay=KEY_EVERY_MS)
    page.wait_for_timeout(500)
    times = page.evaluate("window.keyTimes")
    assert editor.count() == 1
    page.close()
    again = ready(context, address)
    again[0].close()
    return {
        "first": first[1],
        "again": again[1],
        "keys": len(times),
        "p50": at(times, 0.5),
        "p95": at(times, 0.95),
        "worst": max(times),
    }


def at(values: list[float], share: float) -> float:
    """Return the value within which `share` (0 to 1) of them lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def ready(context: BrowserContext, address: str) -> tuple[Page, float]:
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".ProseMirror[contenteditable=true]")
    taken: float = page.evaluate("new Promise((done) => requestAnimationFrame(() => done(window.readyAt)))")
    return page, taken


def bundle() -> dict[str, int]:
    """Return bytes of script, gzipped: `first` is what a document page loads, `all` what it can ever load."""
    dist = ROOT / "static" / "dist"
    manifest = json.loads((dist / "manifest.json").read_text())
    entry = manifest["src/page/document.ts"]
    wanted, first = [entry, manifest[entry["dynamicImports"][0]]], {}
    while wanted:
        chunk = wanted.pop()
        if chunk["file"] not in first:
            first[chunk["file"]] = packed(dist / chunk["file"])
            wanted += [manifest[name] for name in chunk.get("imports", ())]
    every = sum(packed(path) for path in dist.rglob("*.js"))
    return {"first": sum(first.values()), "all": every}


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6))


def table(figures: dict[str, Any], options: argparse.Namespace) -> str:
    alone, large = figures["alone"], figures["large"]
    rows = [
        ("", "empty, alone", f"{options.words} words, {options.writers} others write", "ratio"),
        *(
            (label, f"{alone[key]:.1f} ms", f"{large[key]:.1f} ms", f"{large[key] / alone[key]:.2f}")
            for label, key in (
                ("key to paint, p50", "p50"),
                ("key to paint, p95", "p95"),
                ("key to paint, worst", "worst"),
                ("can be written in, first visit", "first"),
                ("can be written in, again", "again"),
            )
        ),
    ]
    lines = [f"{one:32}{two:>16}{three:>38}{four:>8}" for one, two, three, four in rows]
    first, every = (figures["bundle"][key] / 1000 for key in ("first", "all"))
    return "\n".join([*lines, f"script, gzipped: {first:.1f} kB first, {every:.1f} kB in all", ""])


if __name__ == "__main__":
    os.environ.update(ours.SETTINGS)
    main()
