"""The product as it is deployed: gunicorn with its own worker, on a database of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import install
from tests.harness.server import FAST, ROOT, Server

# What `tests.settings` gives both the server and the seeding; sessions of one are worth nothing without it.
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
# Of every server that is measured.
SERVER = {"COLLAB_EMIT_CHECK": "database", "COLLAB_LOG_LEVEL": "WARNING", **FAST}


class Product:
    """One database and one server. On SQLite both are made fresh; `DATABASE_URL` chooses another database.

    `environment` are further settings of the server.
    """

    def __init__(self, **environment: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ours-", dir=install.scratch()))
        self._database = os.environ.get("DATABASE_URL") or self._fresh_sqlite()
        self._server = Server(self._folder / "log", DATABASE_URL=self._database, **SERVER, **environment)
        self.port = self._server.port
        self._migrated = not os.environ.get("DATABASE_URL")

    def _fresh_sqlite(self) -> str:
        template = install.scratch() / f"template-{os.getpid()}.sqlite3"
        if not template.exists():
            manage(f"sqlite:///{template}", "migrate", "--verbosity", "0")
            for rest in template.parent.glob(f"{template.name}-*"):
                rest.unlink()  # the last connection has written its log into the file
        database = self._folder / "db.sqlite3"
        shutil.copy(template, database)
        return f"sqlite:///{database}"

    @property
    def pid(self) -> int:
        return self._server.pid

    def start(self) -> None:
        if not self._migrated:
            manage(self._database, "migrate", "--verbosity", "0")
            self._migrated = True
        self._server.start()

    def seed(self, *, people: int, documents: int, large: bool) -> str:
        return seed(self._database, people=people, documents=documents, large=large)

    def run(self, *arguments: str) -> str:
        """Run Python with these arguments on this database; returns what it prints."""
        return _python(self._database, *arguments)

    def log(self) -> str:
        return self._server.log()

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        self._server.kill()

    def close(self) -> None:
        self.kill()
        if words := self.log().strip():
            sys.stderr.write(f"    the server said: {words[-600:]}\n")
        shutil.rmtree(self._folder, ignore_errors=True)


def remove_template() -> None:
    (install.scratch() / f"template-{os.getpid()}.sqlite3").unlink(missing_ok=True)


def seed(database: str, *, people: int, documents: int, large: bool = False) -> str:
    """Make people with sessions, a room and documents in a database; returns their keys as JSON."""
    plan = json.dumps({"people": people, "documents": documents, "large": large})
    return _python(database, "-m", "tests.bench.seed", plan)


def manage(database: str, *arguments: str) -> None:
    _python(database, "manage.py", *arguments)


def _python(database: str, *arguments: str) -> str:
    environment = {**os.environ, **SETTINGS, "DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr[-2000:]}")
    return done.stdout
