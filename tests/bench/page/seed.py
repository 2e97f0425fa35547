"""Fills the database at `DATABASE_URL`: `python -m tests.bench.page.seed WORDS WRITERS` prints the keys as JSON."""

import json
import random
import sys
from typing import Any

import django

# Of English prose: what a person takes for a paragraph and a word.
WORDS_A_PARAGRAPH = 80
LETTERS = "etaoinshrdlucmfwypvbgk"


def prose(words: int, seed: int = 7) -> dict[str, Any]:
    """Return a document of so many words as ProseMirror JSON: headings, paragraphs, some of it bold or in lists."""
    chance = random.Random(seed)

    def sentence(count: int) -> str:
        return " ".join("".join(chance.choices(LETTERS, k=chance.randint(2, 9))) for _ in range(count)).capitalize()

    def paragraph(count: int) -> dict[str, Any]:
        bold = {"type": "text", "text": sentence(4), "marks": [{"type": "bold"}]}
        parts = [{"type": "text", "text": sentence(count - 4) + " "}, bold]
        return {"type": "paragraph", "content": parts}

    content: list[dict[str, Any]] = []
    left = words
    while left > 0:
        number = len(content)
        if number % 10 == 0:
            heading = {"type": "text", "text": sentence(5)}
            content.append({"type": "heading", "attrs": {"level": 2}, "content": [heading]})
            left -= 5
        elif number % 7 == 0:
            items = [{"type": "listItem", "content": [paragraph(20)]} for _ in range(4)]
            content.append({"type": "bulletList", "content": items})
            left -= 80
        else:
            content.append(paragraph(WORDS_A_PARAGRAPH))
            left -= WORDS_A_PARAGRAPH
    return {"type": "doc", "content": content}


def main(words: int, writers: int) -> dict[str, Any]:
    from rooms.core.access import Role
    from rooms.models import Membership, User
    from rooms.services import documents, rooms
    from tests.harness.people import sign_in

    people = [
        User.objects.create_user(f"person-{number}@example.com", None, name=f"Person {number}")
        for number in range(writers + 1)
    ]
    room = rooms.create_room(name="Bench", by=people[0])
    Membership.objects.bulk_create(Membership(room=room, user=one, role=Role.EDITOR) for one in people[1:])
    empty = documents.create_document(room=room, by=people[0], title="Empty")
    large = documents.create_document(room=room, by=people[0], title="Large")
    documents.write_content(document=large, content=prose(words), by=people[0])
    return {"empty": empty.key, "large": large.key, "sessions": [sign_in(one) for one in people]}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
