"""Probes of `manage.py doctor`: let in by a ticket, for what a doctor needs and nothing else."""

import asyncio
import time
from typing import Any

import pytest
from django.core import signing
from socketio.exceptions import ConnectionError as NotLetIn

from rooms.live import probes
from rooms.live.probes import SALT, address_of
from tests.conftest import Connect
from tests.harness.client import Refused, eventually
from tests.harness.people import Cast
from tests.harness.server import Server


def ticket(probe: str = "one", *, salt: str = SALT) -> dict[str, str]:
    return {"ticket": signing.dumps({"probe": probe}, salt=salt)}


async def test_a_probe_learns_where_it_came_out(server: Server, connect: Connect) -> None:
    probe = await connect(server, None, auth=ticket())
    said = await probe.call("probe", {})
    assert said["heartbeat"] == 20
    assert abs(said["at"] - time.time()) < 60
    assert said["address"] == "127.0.0.1"
    assert said["redis"] is None
    assert said["instance"]
    assert said["version"]


async def test_probes_with_one_ticket_hear_each_other_and_nobody_else_does(server: Server, connect: Connect) -> None:
    one, two, other = [await connect(server, None, auth=ticket(name)) for name in ("one", "one", "other")]
    await one.call("shout", {"word": "here"})
    await eventually(lambda: one.events["heard"] and two.events["heard"])
    assert two.events["heard"][0]["word"] == "here"
    assert other.events["heard"] == []


@pytest.mark.parametrize(
    "auth",
    [
        ticket(salt="something else"),
        {"ticket": "forged:1:2"},
        {"ticket": None},
        {"ticket": 7},
        {"ticket": signing.dumps(7, salt=SALT)},
    ],
)
async def test_without_a_good_ticket_nobody_comes_in(server: Server, connect: Connect, auth: Any) -> None:
    with pytest.raises(NotLetIn):
        await connect(server, None, auth=auth)


async def test_an_old_ticket_is_none(inside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ticket()["ticket"]
    monkeypatch.setattr(probes, "TICKET_SECONDS", -1)
    assert await inside.live.probes.let_in("sid", {}, old) is False


async def test_a_probe_may_do_nothing_else(server: Server, live_cast: Cast, connect: Connect) -> None:
    probe = await connect(server, None, auth=ticket())
    for event, payload, code in (
        ("open", {"document": live_cast.document.key, "have": b"\0", "client_id": 1, "epoch": None}, "forbidden"),
        ("edit", {"document": live_cast.document.key, "update": b"\0\0"}, "forbidden"),
        ("shout", {"word": "x" * 1_000}, "bad_frame"),
        ("shout", None, "bad_frame"),
        ("hush", {"seconds": "long"}, "bad_frame"),
        ("hush", {"seconds": 1e9}, "bad_frame"),
    ):
        with pytest.raises(Refused) as refused:
            await probe.call(event, payload)
        assert refused.value.code == code, event


async def test_somebody_who_is_signed_in_is_no_probe(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    with pytest.raises(Refused) as refused:
        await alice.call("shout", {"word": "x"})
    assert refused.value.code == "bad_frame"


async def test_a_hushed_line_is_not_pinged_and_lives_on(own_server: Any, live_cast: Cast, connect: Connect) -> None:
    server = own_server(COLLAB_HEARTBEAT_SECONDS="2")
    probe = await connect(server, None, auth=ticket())
    pings: list[float] = []
    receive = probe.sio.eio._receive_packet

    async def count(packet: Any) -> None:
        if packet.packet_type == 2:
            pings.append(time.monotonic())
        await receive(packet)

    probe.sio.eio._receive_packet = count
    await probe.call("hush", {"seconds": 2.6})
    await asyncio.sleep(2.4)
    assert pings == []
    await eventually(lambda: pings, seconds=4)
    assert not probe.disconnected.is_set()


@pytest.mark.parametrize(
    ("headers", "proxies", "address"),
    [
        ([], 0, "10.0.0.1"),
        ([(b"x-forwarded-for", b"6.6.6.6")], 0, "10.0.0.1"),
        ([(b"x-forwarded-for", b"6.6.6.6, 192.0.2.1")], 1, "192.0.2.1"),
        ([(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"192.0.2.1")], 1, "192.0.2.1"),
        ([(b"x-forwarded-for", b"192.0.2.1, 10.0.0.9")], 2, "192.0.2.1"),
        ([(b"x_forwarded_for", b"6.6.6.6")], 1, "10.0.0.1"),
        ([], 1, "10.0.0.1"),
    ],
)
def test_s14_an_address_is_what_trusted_proxies_say(
    headers: list[tuple[bytes, bytes]], proxies: int, address: str
) -> None:
    assert address_of({"client": ("10.0.0.1", 4_000), "headers": headers}, proxies=proxies) == address
