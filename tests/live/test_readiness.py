"""What load balancers are told, whatever the name they ask by; and what is broken for all is no reason to refuse."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from rooms import announcements
from rooms.live.gate import Gate
from rooms.live.readiness import WARMING_SECONDS, Readiness
from rooms.models import Instance
from tests.harness.inside import Inside
from tests.harness.orm import orm
from tests.harness.server import Server


def get(server: Server, path: str) -> tuple[int, str]:
    """Ask as a load balancer does: by address and port, with a Host that is nobody's name."""
    asked = urllib.request.Request(server.url + path, headers={"Host": "10.0.0.7"})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_a_server_says_that_it_lives_and_is_ready(server: Server) -> None:
    assert get(server, "/healthz") == (200, "ok")
    status, body = get(server, "/readyz")
    said = json.loads(body)
    assert (status, said["ready"], said["reasons"]) == (200, True, [])
    assert said["checks"]["database"] is True
    assert said["checks"]["redis"] is None


Make = Callable[..., Readiness]


@pytest.fixture
def make(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes the instance "a". The only other one is "b": servers of other tests write their rows as they please."""
    find = announcements.peers

    def peers(instance: str) -> announcements.Peers:
        found = find(instance)
        return announcements.Peers([name for name in found.others if name == "b"], found.hearing)

    monkeypatch.setattr(announcements, "peers", peers)

    def make(hears: bool | None, *, age: float = WARMING_SECONDS + 1) -> Readiness:
        readiness = Readiness(
            database=inside.live.database,
            gate=Gate(per_second=100, warmup_seconds=0),
            instance="a",
            version="1",
            hears=lambda: hears,
        )
        readiness.is_started = True
        readiness._began -= age
        return readiness

    return make


def other(*, hears: bool | None, name: str = "b") -> Any:
    return orm(lambda: Instance.objects.create(name=name, hears=hears))


async def test_an_instance_that_hears_itself_is_ready(make: Make) -> None:
    said = await make(True).answer()
    assert (said["ready"], said["reasons"], said["degraded"]) == (True, [], [])


async def test_r4_an_instance_that_is_deaf_alone_is_not(make: Make) -> None:
    await other(hears=True)
    said = await make(False).answer()
    assert said["ready"] is False
    assert said["reasons"][0].startswith("redis")
    assert said["checks"]["instances"] == ["a", "b"]


async def test_when_nobody_hears_everybody_goes_on(make: Make) -> None:
    await other(hears=False)
    said = await make(False).answer()
    assert said["ready"] is True
    assert said["degraded"][0].startswith("redis")


async def test_an_instance_that_is_gone_does_not_count(make: Make) -> None:
    gone = timezone.now() - 2 * announcements.GONE_AFTER
    await orm(lambda: Instance.objects.create(name="b", hears=True, seen_at=gone))
    assert (await make(False).answer())["ready"] is True


async def test_a_new_process_waits_until_it_hears_itself(make: Make) -> None:
    said = await make(False, age=0).answer()
    assert said["ready"] is False
    assert said["reasons"][0].startswith("warming")
    assert (await make(True, age=0).answer())["ready"] is True


async def test_several_instances_without_redis_are_told_so(make: Make) -> None:
    assert (await make(None).answer())["degraded"] == []
    await other(hears=None)
    said = await make(None).answer()
    assert said["ready"] is True
    assert "REDIS_URL is not set" in said["degraded"][0]


async def test_without_a_database_nobody_is_ready(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(instance: str) -> Any:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(announcements, "peers", away)
    said = await make(True).answer()
    assert said["ready"] is False
    assert said["reasons"] == ["database: no answer"]
    assert said["checks"]["database"] is False


async def test_one_that_ends_or_has_not_begun_is_not_ready(make: Make) -> None:
    ending, beginning = make(True), make(True)
    ending.is_draining, beginning.is_started = True, False
    assert (await ending.answer())["reasons"][0].startswith("draining")
    assert (await beginning.answer())["reasons"][0].startswith("warming")
