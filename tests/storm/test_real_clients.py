"""A small storm on one server: real clients in a process of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from pycrdt import Doc, Text

from collab.storm.driver import Driver, DriverFailed
from collab.storm.report import is_good, text_of_runs
from collab.storm.run import Wishes, run
from collab.storm.seed import Seeded, remove, seed
from rooms import store
from rooms.live.open_document import OpenDocument
from rooms.models import Document, Room, User
from tests.harness.server import Server, database_url

WISHES = Wishes(event="kill", clients=30, writers=8, documents=6, seconds=2, seed=3, write_every_ms=100)


class OneServer:
    """A target of a single server, which is killed as by a power cut and started again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.url = server.url
        self.seeded: Seeded | None = None

    def seed(self, clients: int, documents: int) -> Seeded:
        self.seeded = seed(clients, documents)
        return self.seeded

    def unseed(self, seeded: Seeded) -> None:
        """The test looks at the documents."""

    def leaders(self) -> list[int]:
        return [self._server.pid]

    def database(self) -> str | None:
        return database_url() if connection.vendor == "postgresql" else None

    def happen(self, event: str) -> None:
        assert event == "kill"
        self._server.kill()
        self._server.start()

    def close(self) -> None:
        """Its fixture ends it."""


@pytest.mark.parametrize("policy", ["default", "tuned"])
def test_everybody_comes_back_after_a_crash_and_no_acknowledged_edit_is_lost(
    policy: str, own_server: Callable[..., Server]
) -> None:
    said: list[str] = []
    target = OneServer(own_server())
    result = run(target, policy, WISHES, said.append)
    figures, end = result.figures, result.end
    assert (figures.dropped, figures.drops) == (30, 30)
    assert sum(figures.back.values()) == 30
    assert sum(figures.attempts.values()) >= 30
    assert figures.all_synced is not None
    assert figures.before is not None
    assert figures.after is not None
    assert figures.cpu
    assert end["acknowledged"] == end["written"] > 8 * 10
    assert end["copies"] == 30 + 6
    assert (end["lost"], end["unsaved"], end["refused"], end["diverged"], end["stuck"]) == (0, 0, 0, 0, 0)
    assert end["errors"] == []
    assert is_good(figures, end)
    assert "30 of 30" in text_of_runs({policy: result})
    # The database says the same as the clients.
    assert target.seeded is not None
    stored = [word for key in target.seeded.documents for word in words_in(key)]
    assert len(stored) == len(set(stored)) == end["acknowledged"]


def words_in(key: str) -> list[str]:
    whole = OpenDocument(store.load(Document.objects.get(key=key).pk)).whole()
    assert whole is not None
    doc: Doc[Any] = Doc()
    doc.apply_update(whole)
    return str(doc.get("storm", type=Text)).split()


def test_what_was_made_for_a_storm_can_be_taken_away(live_cast: object) -> None:
    people, rooms = User.objects.count(), Room.objects.count()
    seeded = seed(3, 2)
    assert (len(seeded.sessions), len(seeded.documents)) == (3, 2)
    assert User.objects.count() == people + 3
    assert not User.objects.get(name="Storm 0").has_usable_password()
    remove(seeded)
    assert (User.objects.count(), Room.objects.count()) == (people, rooms)


def test_a_plan_for_another_machine_is_refused_by_the_clients_themselves() -> None:
    plan = {"url": "http://10.0.0.7", "policy": "tuned", "sessions": ["s"], "documents": ["d"]}
    with Driver(plan) as driver, pytest.raises(DriverFailed, match="an address of this machine"):
        list(driver.events(20, until="arrived"))


def test_a_server_that_lets_nobody_in_is_said_plainly(own_server: Callable[..., Server]) -> None:
    plan = {
        "url": own_server().url, "policy": "tuned", "sessions": ["nobody"], "documents": ["none"], "writers": 0,
        "write_every_ms": 100, "arrivals_per_second": 10, "settle_ms": 0, "seed": 1,
    }  # fmt: skip
    with Driver(plan) as driver:
        happened = list(driver.events(5, until="failed"))
    assert [event.what for event in happened] == ["attempt", "failed"]
    assert happened[-1].more == {"code": "signed_out"}
