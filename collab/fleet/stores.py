"""The two servers that instances share: PostgreSQL holds everything, Redis only carries news."""

import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from collab.fleet.parts import Part, PartFailed, free_port, is_listening
from collab.fleet.programs import find


class PostgreSQL(Part):
    """A cluster of its own in `folder`, which is made. It refuses to run as root, so root runs it as `postgres`."""

    stops_on = signal.SIGINT  # "fast": it rolls back what is open and does not wait for anybody

    def __init__(self, folder: Path, log: Path) -> None:
        super().__init__("PostgreSQL", log)
        self.port = free_port()
        self.url = f"postgres://collab:collab@127.0.0.1:{self.port}/postgres"
        self.folder = folder
        self.user = "postgres" if os.geteuid() == 0 else None

    def prepare(self) -> None:
        """Make the cluster, unless an earlier start has. Raises PartFailed."""
        if (self.folder / "data").exists():
            return
        self.folder.mkdir(mode=0o700)
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        made = subprocess.run(  # noqa: S603
            [find("initdb"), "-D", "data", "-A", "trust", "-U", "collab", "-E", "UTF8", "--no-sync"],
            cwd=self.folder, user=self.user, capture_output=True, text=True, check=False, start_new_session=True,
        )  # fmt: skip
        if made.returncode:
            raise PartFailed(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}")

    def command(self) -> Sequence[str]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",  # the path of one may have 107 bytes only
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [find("postgres"), "-D", "data", *options]

    def answers(self) -> bool:
        check = [find("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(check, check=False).returncode == 0  # noqa: S603


class Redis(Part):
    """A Redis that keeps nothing on disk. `options` are further words of its command line."""

    def __init__(self, log: Path, *options: str, port: int | None = None) -> None:
        super().__init__("Redis", log)
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._options = options

    def command(self) -> Sequence[str]:
        fixed = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        return [find("redis-server"), *fixed, *self._options]

    def answers(self) -> bool:
        if not is_listening(self.port):
            return False
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
