"""A Redis that tests kill, stop for a while and start again; with TLS, and behind a Sentinel."""

import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from collab.fleet import stores
from collab.fleet.parts import free_port
from collab.fleet.programs import find


class Redis(stores.Redis):
    """Start with `start`, end with `close`; over `kill` and another `start` its address stays, its memory does not.

    `options` are further words of its command line: `Redis("--client-output-buffer-limit", "pubsub 1mb 1mb 0")`.
    """

    def __init__(self, *options: str, port: int | None = None) -> None:
        self.files = Path(tempfile.mkdtemp(prefix="collab-redis-"))
        super().__init__(self.files / "log", *options, port=port)

    def stop_for_a_while(self) -> None:
        """Stop its process: connections stay, nobody answers. `go_on` ends that."""
        self.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.signal(signal.SIGCONT)

    def close(self) -> None:
        """End it and leave nothing behind."""
        self.kill()
        shutil.rmtree(self.files, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


class TlsRedis(Redis):
    """Speaks TLS only, with a certificate of its own for 127.0.0.1; `url` says whom to trust."""

    def __init__(self, *options: str) -> None:
        super().__init__(*options)
        self.certificate = self.files / "certificate.pem"
        self._key = self.files / "key.pem"
        self.url = f"rediss://127.0.0.1:{self.port}/0?ssl_ca_certs={self.certificate}"

    def prepare(self) -> None:
        if self.certificate.exists():
            return
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        words += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        words += ["-keyout", str(self._key), "-out", str(self.certificate)]
        subprocess.run(words, check=True, capture_output=True)

    def command(self) -> Sequence[str]:
        plain = [*super().command()]
        plain[plain.index("--port") + 1] = "0"
        files = ["--tls-cert-file", str(self.certificate), "--tls-key-file", str(self._key)]
        files += ["--tls-ca-cert-file", str(self.certificate), "--tls-auth-clients", "no"]
        return [*plain, "--tls-port", str(self.port), *files]

    def answers(self) -> bool:
        trusted = ssl.create_default_context(cafile=self.certificate)
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as line,
                trusted.wrap_socket(line, server_hostname="127.0.0.1") as safe,
            ):
                safe.sendall(b"PING\r\n")
                return safe.recv(64).startswith(b"+PONG")
        except OSError:
            return False


class Sentinel(Redis):
    """Tells where the master of "rooms" is: `master` at first, a replica once it has promoted one."""

    SERVICE = "rooms"

    def __init__(self, master: Redis) -> None:
        super().__init__()
        self.url = f"redis+sentinel://127.0.0.1:{self.port}/0/{self.SERVICE}"
        self._master = master

    def prepare(self) -> None:
        """Write its file, into which it writes what it learns."""
        (self.files / "sentinel.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self.files}\n"
            f"sentinel monitor {self.SERVICE} 127.0.0.1 {self._master.port} 1\n"
            f"sentinel down-after-milliseconds {self.SERVICE} 1000\n"
            f"sentinel failover-timeout {self.SERVICE} 5000\n"
        )

    def command(self) -> Sequence[str]:
        return [find("redis-server"), str(self.files / "sentinel.conf"), "--sentinel"]

    def master_port(self) -> int:
        """Return the port at which it would send a client now."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
            line.sendall(f"SENTINEL GET-MASTER-ADDR-BY-NAME {self.SERVICE}\r\n".encode())
            return int(line.recv(200).split(b"\r\n")[4])


def replica(master: Redis) -> Redis:
    """Return a Redis that follows `master`, not started yet."""
    return Redis("--replicaof", "127.0.0.1", str(master.port), port=free_port())
