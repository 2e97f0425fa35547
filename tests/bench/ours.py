"""The product as it is deployed: gunicorn with its own worker, on a database of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import install
from tests.harness.server import ROOT, Server

# What `tests.settings` gives both the server and the seeding; sessions of one are worth nothing without it.
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.settings"}


class Product:
    """One database and one server. On SQLite both are made fresh; `DATABASE_URL` chooses another database."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ours-", dir=install.scratch()))
        self._database = os.environ.get("DATABASE_URL") or self._fresh_sqlite()
        self._server = Server(
            self._folder / "log", DATABASE_URL=self._database, COLLAB_EMIT_CHECK="database", COLLAB_LOG_LEVEL="WARNING"
        )
        self.port = self._server.port
        self._migrated = not os.environ.get("DATABASE_URL")

    def _fresh_sqlite(self) -> str:
        template = install.scratch() / f"template-{os.getpid()}.sqlite3"
        if not template.exists():
            _manage(f"sqlite:///{template}", "migrate", "--verbosity", "0")
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
            _manage(self._database, "migrate", "--verbosity", "0")
            self._migrated = True
        self._server.start()

    def seed(self, *, people: int, documents: int, large: bool) -> str:
        """Make people with sessions, a room and documents through the ORM; returns them as JSON."""
        plan = json.dumps({"people": people, "documents": documents, "large": large})
        return _python(self._database, "-m", "tests.bench.seed", plan)

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


def _manage(database: str, *arguments: str) -> None:
    _python(database, "manage.py", *arguments)


def _python(database: str, *arguments: str) -> str:
    environment = {**os.environ, **SETTINGS, "DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr[-2000:]}")
    return done.stdout
