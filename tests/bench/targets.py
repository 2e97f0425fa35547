"""What is measured: servers behind one interface, each with fresh storage, started on the server's core."""

import json
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.bench import install
from tests.bench.machine import Cores, on_core
from tests.bench.ours import Product
from tests.bench.processes import ServerProcess, group, rss_mb
from tests.harness.ports import free_port


@dataclass
class Place:
    """Where people of a scenario go: documents, and a session a person where there is sign-in."""

    documents: list[str]
    sessions: list[str] = field(default_factory=list)


class Target(Protocol):
    """One server. `start`, then `prepare`, then any number of scenarios; `stop` and `start` keep what is stored."""

    name: str
    protocol: str
    port: int
    # Whether a large document is written by a client, and not put into the storage by `prepare`.
    uploads: bool

    def start(self) -> None: ...
    def prepare(self, *, people: int, documents: int = 1, large: bool = False) -> Place: ...
    def pids(self) -> list[int]: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


def worker_rss_mb(target: Target) -> float:
    """Return the memory of the process that does the work, which is the largest of the group."""
    return max(rss_mb(pid) for pid in target.pids())


class Peer:
    """A server of another project, from the folder of installed peers."""

    uploads = True

    def __init__(self, name: str, protocol: str, command: list[str], cores: Cores, **environment: str) -> None:
        self.name = name
        self.protocol = protocol
        self.port = free_port()
        self._command = command
        self._cores = cores
        self._folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=install.scratch()))
        self._environment = {
            key: value.replace("{folder}", str(self._folder)) for key, value in environment.items()
        } | {"HOST": "127.0.0.1", "PORT": str(self.port), "FOLDER": str(self._folder)}
        self._process: ServerProcess | None = None

    def start(self) -> None:
        with on_core(self._cores.server):
            self._process = ServerProcess(
                self._command, self.port, self._folder / "log", install.folder_of(self.name), self._environment
            )

    def prepare(self, *, people: int, documents: int = 1, large: bool = False) -> Place:
        return Place([f"bench-{secrets.token_hex(6)}" for _ in range(documents)])

    def pids(self) -> list[int]:
        return group(self._process.pid) if self._process else []

    def stop(self) -> None:
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        if self._process:
            self._process.kill()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class Ours:
    """Collab Rooms with everything on: sign-in, ingress check, rights in the transaction, synchronous storage."""

    name = "ours"
    protocol = "ours"
    uploads = False

    def __init__(self, cores: Cores, **environment: str) -> None:
        self._cores = cores
        self._product = Product(**environment)
        self.port = self._product.port

    def start(self) -> None:
        with on_core(self._cores.server):
            self._product.start()

    def prepare(self, *, people: int, documents: int = 1, large: bool = False) -> Place:
        with on_core(self._cores.generator):
            made: dict[str, Any] = json.loads(self._product.seed(people=people, documents=documents, large=large))
        return Place(made["documents"], made["sessions"])

    def pids(self) -> list[int]:
        return group(self._product.pid)

    def stop(self) -> None:
        self._product.stop()

    def kill(self) -> None:
        self._product.kill()

    def close(self) -> None:
        self._product.close()


NAMES = ("ours", "hocuspocus", "y-websocket", "pycrdt-websocket")


def make(name: str, cores: Cores, *, durable: bool = False, stores_first: bool = False) -> Target:
    """Return a target with fresh storage. `durable` turns on what keeps documents where that is not the default.

    `stores_first`: Hocuspocus has each update on the disk before anybody sees it, which it does not by itself.
    """
    if name == "ours":
        return Ours(cores)
    if name == "hocuspocus":
        environment = {"STORE_FIRST": "1"} if stores_first else {}
        return Peer(name, "hocuspocus", ["node", "hocuspocus.mjs"], cores, **environment)
    if name == "y-websocket":
        environment = {"YPERSISTENCE": "{folder}/leveldb"} if durable else {}
        return Peer(name, "yjs", ["node", "node_modules/@y/websocket-server/src/server.js"], cores, **environment)
    if name == "pycrdt-websocket":
        return Peer(name, "yjs", [str(install.python_of_peers()), "pycrdt_server.py"], cores)
    sys.exit(f"no target {name}: there are {', '.join(NAMES)}")
