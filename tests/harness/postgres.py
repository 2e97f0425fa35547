"""Runs a command with a PostgreSQL of its own: `python -m tests.harness.postgres COMMAND...`.

A fresh cluster in a temporary folder, on a private port of 127.0.0.1, gone afterwards.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from collab.fleet.stores import PostgreSQL


def main(command: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="collab-postgres-"))
    folder.chmod(0o711)  # root's folder, in which another account has its own
    database = PostgreSQL(folder / "cluster", folder / "log")
    try:
        database.start()
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": database.url}, check=False).returncode
    finally:
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
