"""Fixtures: a fleet."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fleet.servers import Servers
from tests.harness.people import Cast

MakeFleet = Callable[..., Servers]


@pytest.fixture
def fleet(live_cast: Cast, tmp_path: Path) -> Iterator[MakeFleet]:
    """`fleet(instances=2, lb="haproxy", redis=True, database=None, COLLAB_...="...")`: it runs until the test ends."""
    made: list[Servers] = []

    def make(
        *,
        instances: int = 2,
        lb: str | None = "haproxy",
        redis: bool = True,
        database: str | None = None,
        **environment: str,
    ) -> Servers:
        folder = tmp_path / f"fleet-{len(made)}"
        folder.mkdir()
        servers = Servers(folder, instances=instances, lb=lb, redis=redis, database=database, environment=environment)
        made.append(servers)
        return servers.start()

    yield make
    for servers in made:
        servers.close()
