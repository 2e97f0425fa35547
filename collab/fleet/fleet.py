"""All parts together: in which order they start and end, and what happens when one dies."""

import os
import secrets
import string
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from collab.fleet.balancers import KINDS
from collab.fleet.instances import Instance
from collab.fleet.parts import Part, PartFailed
from collab.fleet.programs import ProgramMissing, missing, words_on
from collab.fleet.stores import PostgreSQL, Redis

NAMES = string.ascii_lowercase
# Long enough to see what its absence does, short enough to wait for its return.
RETURN_SECONDS = 10
_WATCH_SECONDS = 0.2


class Preparation(Part):
    """Migrations, static files and the demo room: it has done its work when it has ended well."""

    def __init__(self, people: Path, log: Path, settings: Mapping[str, str]) -> None:
        super().__init__("The preparation", log)
        self._people = people
        self._settings = settings

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "collab.fleet.prepare", str(self._people)]

    def environment(self) -> Mapping[str, str]:
        return {**os.environ, **self._settings}

    def answers(self) -> bool:
        return self.exit_code == 0


@dataclass
class Fleet:
    """`start` and `stop` each once, in between `watch`. `say` is told what happens, a line at a time.

    Everything that it writes is in `folder`, which must be there.
    """

    folder: Path
    lb: str
    count: int
    port: int
    say: Callable[[str], None]
    ending: Event = field(default_factory=Event)
    people: str = ""
    instances: list[Instance] = field(default_factory=list)
    # Everything that was started, in that order.
    parts: list[Part] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Start everything, or stop in between when `ending` is set. Raises PartFailed, ProgramMissing, UnknownForm."""
        if lacking := missing({"postgres", "redis-server", self.lb}):
            raise ProgramMissing(words_on(lacking))
        logs = self.folder / "logs"
        logs.mkdir(mode=0o700)
        # PostgreSQL runs as somebody else when root starts it: they may pass through this folder, no more.
        self.folder.chmod(0o711)
        postgres = PostgreSQL(self.folder / "postgres", logs / "postgres.log")
        redis = Redis(logs / "redis.log")
        settings = self._settings(postgres, redis)
        people = self.folder / "people"
        preparation = Preparation(people, logs / "preparation.log", settings)
        self.instances = [Instance(name, logs / f"{name}.log", settings) for name in NAMES[: self.count]]
        balancer = KINDS[self.lb](
            self.folder / self.lb,
            logs / f"{self.lb}.log",
            {instance.instance: instance.port for instance in self.instances},
            port=self.port,
        )
        self._step("Starting PostgreSQL and Redis", postgres, redis)
        self._step("Making tables, the demo room and static files", preparation)
        self._step(f"Starting {self.count} instances", *self.instances)
        self._step(f"Starting {balancer.name} on port {self.port}", balancer)
        if not self.ending.is_set():
            self.parts.remove(preparation)
            self.people = people.read_text(encoding="utf-8")

    def watch(self) -> None:
        """Say what dies and start it again a little later, until `ending` is set."""
        returns: dict[Part, float] = {}
        while not self.ending.wait(_WATCH_SECONDS):
            for part in self.parts:
                if part not in returns and not part.is_running:
                    self.say(
                        f"{part.name} {_how(part.exit_code)}. The others go on; it comes back in {RETURN_SECONDS} s."
                    )
                    returns[part] = time.monotonic() + RETURN_SECONDS
                elif part in returns and time.monotonic() > returns[part]:
                    del returns[part]
                    self._again(part)

    def stop(self) -> None:
        """End everything, who was started last first; instances all at once."""
        instances: list[Part] = [part for part in self.parts if part in self.instances]
        for part in reversed(self.parts):
            if part in instances:
                for instance in instances:
                    instance.ask_to_stop()
                for instance in instances:
                    instance.ended()
                instances = []
            else:
                part.stop()

    def _settings(self, postgres: PostgreSQL, redis: Redis) -> dict[str, str]:
        return {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "COLLAB_SECRET_KEY": secrets.token_urlsafe(48),
            "COLLAB_ORIGINS": f"{self.url},http://127.0.0.1:{self.port}",
            "COLLAB_EMAIL_VERIFICATION": os.environ.get("COLLAB_EMAIL_VERIFICATION", "optional"),
            "COLLAB_FLEET": "1",
            "COLLAB_PROXY_COUNT": "1",
            "COLLAB_DRAIN_NOTICE_SECONDS": os.environ.get("COLLAB_DRAIN_NOTICE_SECONDS", "5"),
        }

    def _step(self, words: str, *parts: Part) -> None:
        if self.ending.is_set():
            return
        self.say(words)
        for part in parts:
            self.parts.append(part)
            part.launch()
        for part in parts:
            part.wait(give_up=self.ending.is_set)

    def _again(self, part: Part) -> None:
        try:
            part.launch()
        except PartFailed as error:
            self.say(str(error))
        else:
            self.say(f"{part.name} starts again as process {part.pid}")


def _how(code: int | None) -> str:
    return f"was killed (signal {-code})" if code is not None and code < 0 else f"ended (exit code {code})"
