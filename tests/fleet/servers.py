"""Several servers of the product behind a load balancer, on the database of the tests."""

import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from collab.fleet.balancers import KINDS, Balancer
from collab.fleet.parts import free_port
from tests.fleet.faults import FAULTS
from tests.harness.redis import Redis
from tests.harness.server import Server

READY_SECONDS = 30


class Servers:
    """`url` is the load balancer's, or the first server's where there is none (`lb=None`).

    `lb` is "haproxy", "nginx" or one of tests.fleet.faults: the shipped HAProxy with one thing broken. `redis` makes
    one for this fleet. `database` is another address than that of the tests' own database. `environment` goes to every
    server, over what a fleet has by itself.
    """

    def __init__(
        self,
        folder: Path,
        *,
        instances: int,
        lb: str | None,
        redis: bool,
        database: str | None,
        environment: dict[str, str],
    ) -> None:
        self.names = "abcdefgh"[:instances]
        port = free_port()
        self.redis: Redis | None = Redis() if redis else None
        shared = {"COLLAB_FLEET": "1", "COLLAB_PROXY_COUNT": "1" if lb else "0"}
        if self.redis:
            shared["REDIS_URL"] = self.redis.url
        if database:
            shared["DATABASE_URL"] = database
        self.instances: Sequence[Server] = [
            Server(folder / f"{name}.log", **{**shared, "COLLAB_INSTANCE": name, **environment}) for name in self.names
        ]
        if "COLLAB_ORIGINS" not in environment:
            origins = ",".join([f"http://127.0.0.1:{port}", *(server.url for server in self.instances)])
            for server in self.instances:
                server._environment["COLLAB_ORIGINS"] = origins
        self.balancer: Balancer | None = None
        if lb:
            kind = KINDS.get(lb, KINDS["haproxy"])
            ports = {name: server.port for name, server in zip(self.names, self.instances, strict=True)}
            change = FAULTS.get(lb, str)
            self.balancer = kind(folder / "lb", folder / "lb.log", ports, port=port, change=change)
        self.url = self.balancer.url if self.balancer else self.instances[0].url

    def start(self) -> "Servers":
        if self.redis:
            self.redis.start()
        with ThreadPoolExecutor(len(self.instances)) as pool:
            list(pool.map(Server.start, self.instances))
        for server in self.instances:
            wait_until_ready(server)
        if self.balancer:
            self.balancer.start()
        return self

    def kill(self, number: int) -> None:
        """End an instance as a power cut would."""
        self.instances[number].kill()

    def named(self, name: str) -> Server:
        return self.instances[self.names.index(name)]

    def close(self) -> None:
        if self.balancer:
            self.balancer.stop()
        for server in self.instances:
            server.kill()
        if self.redis:
            self.redis.close()

    def log(self) -> str:
        """Return what every server said, for a test that fails."""
        return "\n".join(f"--- {name}\n{server.log()}" for name, server in zip(self.names, self.instances, strict=True))


def wait_until_ready(server: Server) -> None:
    """Return once a server says of itself that it may be sent people."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=2):
                return
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            error.close()
        except OSError as error:
            said = str(error)
        assert time.monotonic() < deadline, f"not ready: {said}\n{server.log()[-4000:]}"
        time.sleep(0.05)
