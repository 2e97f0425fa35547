"""Two instances of the product on one PostgreSQL and one Redis, all of them started for the measurement."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from collab.fleet.stores import PostgreSQL
from tests.bench import ours
from tests.bench.machine import Cores, on_core
from tests.bench.processes import group
from tests.bench.targets import Place
from tests.fleet.servers import Servers


class Pair:
    """A target with two `ports`. The instances and Redis share the server's core, PostgreSQL runs where it likes."""

    name = "ours"
    protocol = "ours"
    uploads = False

    def __init__(self, cores: Cores) -> None:
        self._cores = cores
        self._folder = Path(tempfile.mkdtemp(prefix="collab-bench-"))
        self._folder.chmod(0o711)  # root's folder, in which another account has its own
        self._postgres = PostgreSQL(self._folder / "cluster", self._folder / "postgres.log")
        # Admission is W7's: here a new instance lets everybody in.
        settings = {**ours.SERVER, "COLLAB_WARMUP_SECONDS": "0"}
        self._servers = Servers(
            self._folder, instances=2, lb=None, redis=True, database=self._postgres.url, environment=settings
        )
        self.ports = [server.port for server in self._servers.instances]
        self.port = self.ports[0]

    def start(self) -> None:
        """Start everything. Raises PartFailed, ProgramMissing."""
        self._postgres.start()
        ours.manage(self._postgres.url, "migrate", "--verbosity", "0")
        with on_core(self._cores.server):
            self._servers.start()

    def prepare(self, *, people: int, documents: int = 1, large: bool = False) -> Place:
        with on_core(self._cores.generator):
            made: dict[str, Any] = json.loads(
                ours.seed(self._postgres.url, people=people, documents=documents, large=large)
            )
        return Place(made["documents"], made["sessions"])

    def end_redis(self) -> None:
        """From now on the instances hear of each other's edits from the database only."""
        assert self._servers.redis is not None
        self._servers.redis.kill()

    def pids(self) -> list[int]:
        return [pid for server in self._servers.instances for pid in group(server.pid)]

    def stop(self) -> None:
        for server in self._servers.instances:
            server.stop()

    def kill(self) -> None:
        for server in self._servers.instances:
            server.kill()

    def close(self) -> None:
        self._servers.close()
        self._postgres.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
