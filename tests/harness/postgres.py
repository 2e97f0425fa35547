"""Runs a command with a PostgreSQL of its own: `python -m tests.harness.postgres COMMAND...`.

A fresh cluster in a temporary folder, on a private port of 127.0.0.1, gone afterwards. PostgreSQL refuses to
run as root, so root starts it as the user `postgres`, which Debian's package made.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.harness.ports import free_port


def binaries() -> Path:
    """Return the newest installed version's folder of programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise SystemExit("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1]


def main(command: list[str]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="collab-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    port = free_port()
    programs = binaries()
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-A", "trust", "-U", "collab", "-E", "UTF8", "--no-sync"],
        user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    options = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
    with (folder / "log").open("wb") as log:
        postgres = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), *options], user=user, cwd=folder, stdout=log, stderr=log
        )
    try:
        _wait(programs, port, user, folder)
        environment = {**os.environ, "DATABASE_URL": f"postgres://collab:collab@127.0.0.1:{port}/postgres"}
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        postgres.terminate()
        postgres.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(programs: Path, port: int, user: str | None, folder: Path) -> None:
    ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + 30
    while subprocess.run(ready, user=user, cwd=folder, check=False).returncode:
        if time.monotonic() > deadline:
            raise SystemExit(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
