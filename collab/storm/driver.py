"""The other process, in which the clients live: Node with the product's own client library."""

import json
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "static" / "dist-storm" / "storm.js"
STOP_SECONDS = 10


class DriverFailed(Exception):
    """The clients' process is missing or ended. The message says what to do, or its last words."""


def node() -> str:
    """Return the path of Node. Raises DriverFailed with what to do when it or the clients' program is missing."""
    found = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
    if found is None:
        raise DriverFailed("Node is missing. `make storm` installs it; so does any package of Node 20 or newer.")
    if not BUNDLE.exists():
        raise DriverFailed(f"{BUNDLE.relative_to(ROOT)} is missing. `make static/dist-storm/storm.js` builds it.")
    return found


@dataclass(frozen=True)
class Event:
    """Something that happened to a client (or to all, then `client` is None), at seconds since the epoch."""

    at: float
    what: str
    client: int | None
    more: dict[str, Any]


class Driver:
    """Runs one crowd of clients. Events gather until they are taken; nothing is lost in between."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  (our own program)
            [node(), str(BUNDLE)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._in, self._out, self._err = (
            _pipe(one) for one in (self._process.stdin, self._process.stdout, self._process.stderr)
        )
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._said: list[str] = []
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._read, self._listen)]
        for thread in self._threads:
            thread.start()
        self.tell(json.dumps(plan))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, line: str) -> None:
        """Send a command, or the plan. Raises DriverFailed when nobody listens any more."""
        try:
            self._in.write(f"{line}\n")
            self._in.flush()
        except OSError as error:
            raise DriverFailed(self._last_words()) from error

    def events(self, seconds: float, *, until: str | None = None) -> Iterator[Event]:
        """Yield what happens within `seconds`, or up to the first event called `until`. Raises DriverFailed."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left)
            except queue.Empty:
                return
            if event is None:
                raise DriverFailed(self._last_words())
            yield event
            if event.what == until:
                return

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._in, self._out, self._err):
            try:
                pipe.close()
            except BrokenPipeError:  # a command that it did not live to read
                continue

    def _read(self) -> None:
        for line in self._out:
            if not line.endswith("\n"):  # it was ended in the middle of a word
                break
            fields = json.loads(line)
            at, what, client = fields.pop("at") / 1_000, fields.pop("what"), fields.pop("client")
            self._events.put(Event(at, what, client, fields))
        self._events.put(None)

    def _listen(self) -> None:
        self._said.extend(self._err)

    def _last_words(self) -> str:
        self._process.wait(timeout=STOP_SECONDS)
        self._threads[1].join(timeout=STOP_SECONDS)
        return f"the clients' process ended with {self._process.returncode}:\n{''.join(self._said[-20:])}"


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise DriverFailed("the clients' process has no pipe")
    return pipe
