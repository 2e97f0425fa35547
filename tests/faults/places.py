"""A database of a trial's own: what is done to it is done to nobody else."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from pycrdt import Doc, Text

from rooms.core import state
from rooms.models import Document, Snapshot, Update
from rooms.services import documents
from tests.harness.people import Cast, sign_in
from tests.harness.server import ROOT

_DOCUMENT, _SNAPSHOT, _UPDATE = (model._meta.db_table for model in (Document, Snapshot, Update))
# What a document is made of, in order: its newest snapshot, and the rows after it.
_SNAPSHOTS = (
    f"SELECT s.seq, s.payload FROM {_SNAPSHOT} s JOIN {_DOCUMENT} d ON d.id = s.document_id AND d.epoch = s.epoch"
)
_ROWS = f"SELECT u.seq, u.payload FROM {_UPDATE} u JOIN {_DOCUMENT} d ON d.id = u.document_id"

# Where bystanders write. Hostile updates write into "text" and others: pycrdt loses count of bytes when it inserts into
# a text of which half a character was deleted, which browsers do not.
WORDS = "words"


def shown(doc: "Doc[Any]") -> tuple[str, str, dict[int, int]]:
    """Return what must be the same for everybody: what bystanders wrote, what others did, how much of each writer."""
    return str(doc.get(WORDS, type=Text)), str(doc.get("text", type=Text)), state.decode(doc.get_state())


@dataclass(frozen=True)
class Place:
    """Where it is, its documents by key, and a session of each person in it. All of them may write but vera."""

    url: str
    documents: Sequence[str]
    sessions: dict[str, str]

    @property
    def file(self) -> Path:
        """The file of SQLite."""
        return Path(self.url.removeprefix("sqlite:///"))

    def doc(self, key: str) -> "Doc[Any]":
        """Return a document as a fresh load of snapshot and log has it."""
        doc: Doc[Any] = Doc()
        snapshot = self._query(f"{_SNAPSHOTS} WHERE d.key = ? ORDER BY s.seq DESC LIMIT 1", key)
        for _, payload in snapshot:
            doc.apply_update(bytes(payload))
        for seq, payload in self._query(f"{_ROWS} WHERE d.key = ? AND u.payload IS NOT NULL ORDER BY u.seq", key):
            if not snapshot or seq > snapshot[0][0]:
                doc.apply_update(bytes(payload))
        return doc

    def _query(self, sql: str, key: str) -> list[tuple[int, bytes]]:
        if self.url.startswith("sqlite"):
            line = sqlite3.connect(self.file, timeout=30)
            try:
                return line.execute(sql, (key,)).fetchall()
            finally:
                line.close()
        with psycopg.connect(self.url) as postgres:
            return postgres.execute(sql.replace("?", "%s").encode(), (key,)).fetchall()


def copied(cast: Cast, folder: Path, *, count: int = 3) -> Place:
    """Return a copy of the tests' own SQLite database in `folder`, with the cast and `count` documents in it."""
    made = [documents.create_document(room=cast.room, by=cast.alice, title=f"Document {n}") for n in range(1, count)]
    keys = [cast.document.key, *(one.key for one in made)]
    people = {user.name.lower(): user for user in (cast.alice, cast.bob, cast.vera, cast.mallory)}
    sessions = {name: sign_in(user) for name, user in people.items()}
    file = folder / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    return Place(f"sqlite:///{file}", keys, sessions)


def seeded(url: str, *, count: int = 3) -> Place:
    """Migrate the empty PostgreSQL database at `url`, and put people and documents into it, all of them editors."""
    environment = {
        **os.environ, "DATABASE_URL": url, "COLLAB_SECRET_KEY": settings.SECRET_KEY, "COLLAB_ORIGINS": "http://localhost",
        "DJANGO_SETTINGS_MODULE": "collab.settings",
    }  # fmt: skip
    plan = json.dumps({"people": 3, "documents": count, "large": False})
    for command in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "tests.bench.seed", plan]):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    return Place(url, made["documents"], dict(zip(("alice", "bob", "vera"), made["sessions"], strict=True)))
