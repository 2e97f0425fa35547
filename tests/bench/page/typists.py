"""Others who write in the document: `python -m tests.bench.page.typists URL DOCUMENT SESSION...` until it is ended."""

import asyncio
import contextlib
import random
import sys

from pycrdt import XmlElement, XmlFragment, XmlText

from tests.harness.client import Client, Page

# A quick typist: five letters a second.
EVERY_SECONDS = 0.2


async def main(url: str, document: str, sessions: list[str]) -> None:
    await asyncio.gather(*(typist(url, document, session, seed) for seed, session in enumerate(sessions)))


async def typist(url: str, document: str, session: str, seed: int) -> None:
    """Write letter by letter into one paragraph, and move the caret with it."""
    chance = random.Random(seed)
    client = await Client(url, session).connect()
    page = await client.open(document)
    text = paragraph(page, chance)
    if seed == 0:
        sys.stdout.write("writing\n")
        sys.stdout.flush()
    await asyncio.sleep(EVERY_SECONDS * chance.random())
    while True:
        before = page.doc.get_state()
        text.insert(0, chance.choice("abcdefgh "))
        await client.call("edit", {"document": document, "update": page.doc.get_update(before)})
        await asyncio.sleep(EVERY_SECONDS)


def paragraph(page: Page, chance: random.Random) -> XmlText:
    root = page.doc.get("default", type=XmlFragment)
    texts = [
        part
        for block in root.children
        if isinstance(block, XmlElement) and block.tag == "paragraph"
        for part in block.children
        if isinstance(part, XmlText)
    ]
    return chance.choice(texts)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
