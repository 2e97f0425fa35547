"""Fills the database at `DATABASE_URL` for one measurement: `python -m tests.bench.seed PLAN` prints the keys."""

import json
import secrets
import sys
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from rooms.models import Document, User

# Rows of the large document before its snapshot: as many as an afternoon of writing leaves.
ROWS = 1_000


def main(plan: dict[str, Any]) -> dict[str, list[str]]:
    from django.db import transaction

    from rooms.core.access import Role
    from rooms.models import Membership, User
    from rooms.services import documents, rooms
    from tests.harness.people import sign_in

    run = secrets.token_hex(4)
    with transaction.atomic():
        people = [
            User.objects.create_user(f"person-{number}-{run}@example.com", None, name=f"Person {number}")
            for number in range(plan["people"])
        ]
        room = rooms.create_room(name="Bench", by=people[0])
        Membership.objects.bulk_create(Membership(room=room, user=one, role=Role.EDITOR) for one in people[1:])
        made = [
            documents.create_document(room=room, by=people[0], title=f"Document {number}")
            for number in range(plan["documents"])
        ]
        sessions = [sign_in(one) for one in people]
    if plan["large"]:
        write_large(made[0], people[0])
    return {"documents": [one.key for one in made], "sessions": sessions}


def write_large(document: "Document", author: "User") -> None:
    """Put the large document into the log, with a snapshot of all but its last hundred edits.

    As it would have come there: in rows, compacted by the product's own code.
    """
    from rooms import store
    from rooms.live.commits import merge
    from rooms.live.open_document import OpenDocument
    from tests.bench import history

    updates = history.updates()
    early, late = updates[: -history.BEHIND], updates[-history.BEHIND :]
    size = -(-len(early) // ROWS)
    rows = [merge(early[start : start + size]) for start in range(0, len(early), size)]
    store.append([store.Entry(document.pk, 1, author.pk, row) for row in rows], check_rights=True)
    held = OpenDocument(store.load(document.pk))
    whole = held.whole()
    assert whole is not None
    assert store.compact(document.pk, epoch=held.epoch, seq=held.seq, payload=whole)
    store.append([store.Entry(document.pk, 1, author.pk, row) for row in late], check_rights=True)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))))
