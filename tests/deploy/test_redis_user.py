"""The Redis user of the documents may do what an instance does, and nothing on others' channels (trap R6)."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import Connect
from tests.deploy import reading, sites
from tests.harness.client import eventually
from tests.harness.people import Cast
from tests.harness.ports import free_port
from tests.harness.server import Server

PASSWORD = "for-this-test"


def command() -> list[str]:
    """Return the words that the Compose file starts Redis with, with a password in them."""
    words = yaml.safe_load(reading.shipped()["docker/compose.yaml"])["services"]["redis"]["command"]
    return [re.sub(r"\$\{[^}]*\}", PASSWORD, word) for word in words]


def ask(port: int, *words: str, user: bool = True) -> str:
    login = ["--user", "collab", "--pass", PASSWORD, "--no-auth-warning"] if user else []
    line = [reading.program("redis-cli"), "-p", str(port), *login, *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=10).stdout.strip()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Redis that was started as the Compose file does."""
    folder: Path = tmp_path_factory.mktemp("redis")
    port = free_port()
    start = [reading.program("redis-server"), *command()[1:], "--port", str(port), "--bind", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(start, cwd=folder, stdout=log, stderr=log)
    try:
        sites.eventually(lambda: process.poll() is not None or ask(port, "PING") == "PONG")
        assert process.poll() is None, (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize("words", [("PUBLISH", "collab:x", "m"), ("PING",), ("CLIENT", "ID")])
def test_what_an_instance_does_is_allowed(redis: int, words: tuple[str, ...]) -> None:
    assert re.fullmatch(r"\d+|PONG", ask(redis, *words))


@pytest.mark.parametrize(
    "words",
    [
        ("PUBLISH", "other:x", "m"),
        ("PUBLISH", "collab", "m"),
        ("SUBSCRIBE", "other:x"),
        ("PSUBSCRIBE", "*"),
        ("SET", "collab:x", "1"),
        ("GET", "anything"),
        ("KEYS", "*"),
        ("FLUSHALL",),
        ("CLIENT", "KILL", "TYPE", "pubsub"),
        ("CONFIG", "GET", "*"),
        ("ACL", "LIST"),
        ("EVAL", "return 1", "0"),
    ],
)
def test_everything_else_is_refused(redis: int, words: tuple[str, ...]) -> None:
    assert "NOPERM" in ask(redis, *words)


def test_nobody_without_a_password_may_do_anything(redis: int) -> None:
    assert "NOAUTH" in ask(redis, "PING", user=False)


def test_the_readme_shows_the_same_user() -> None:
    rules = command()[command().index("collab") :]
    shown = re.search(r"ACL SETUSER (collab .*)$", reading.shipped()["README.md"], re.M)
    assert shown is not None
    assert [word for word in shown[1].split() if word[0] != ">"] == [word for word in rules if word[0] != ">"]


async def test_two_instances_hear_each_other_as_that_user(
    redis: int, own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    """The database is asked only every 30 s here: what arrives sooner came through Redis."""
    url = f"redis://collab:{PASSWORD}@127.0.0.1:{redis}/0"
    first, second = (own_server(REDIS_URL=url, COLLAB_INSTANCE=name, COLLAB_HEAL_SECONDS="30") for name in "ab")
    alice, bob = await connect(first, live_cast.alice), await connect(second, live_cast.bob)
    hers, his = await alice.open(live_cast.document.key), await bob.open(live_cast.document.key)
    await hers.type("heard")
    await eventually(lambda: str(his) == "heard", seconds=15, what="bob reads it")
