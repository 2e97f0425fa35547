"""A real server of the product: gunicorn with our worker, in a process of its own, on a private port."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import connection

from tests.harness.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30

# For a server to which a program writes in the name of a few people, faster than people do. The buckets stay on.
FAST = {
    "COLLAB_EDITS_PER_SECOND": "1000000",
    "COLLAB_EDIT_BYTES_PER_SECOND": "10000000000",
    "COLLAB_CURSORS_PER_SECOND": "100000",
    "COLLAB_OPENS_PER_SECOND": "100000",
    "COLLAB_OTHER_EVENTS_PER_SECOND": "100000",
}


def database_url() -> str:
    """Return the address of the database that the tests at hand use."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    return f"postgres://{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


class Server:
    """Start with `start`, end with `stop` or `kill`; the port stays the same over restarts."""

    def __init__(
        self, log: Path, *, worker: str | None = None, app: str = "collab.asgi:application", **environment: str
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        # Another class than the product's.
        self._worker = worker
        self._app = app
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """Return what the server is started with; a command beside it has the same."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "LANG": "C.UTF-8",
            "PORT": str(self.port),
            "COLLAB_SECRET_KEY": settings.SECRET_KEY,
            "COLLAB_ORIGINS": f"{self.url},http://localhost:{self.port}",
            "COLLAB_EMAIL_VERIFICATION": "optional",
            "DATABASE_URL": database_url(),
            "COLLAB_MEDIA": str(settings.MEDIA_ROOT),
            "PYTHONUNBUFFERED": "1",
            **self._environment,
        }

    def start(self) -> Self:
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
        command += [*(("-k", self._worker) if self._worker else ()), self._app]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdout=output, stderr=output, start_new_session=True
            )
        self._wait_until_it_answers()
        return self

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise TimeoutError(f"the server did not answer:\n{self.log()[-4000:]}")

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        """Ask it to end, wait until it has, and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=40)

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL to the master and its worker at once."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=10)
