"""One contract for two managers: python-socketio's own, and the one with a channel a document.

Two servers whose outgoing packets are written down, and a real Redis between them.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import socketio
from socketio import packet

from rooms.live.manager import ShardedRedisManager, document_room
from tests.harness.client import eventually
from tests.harness.redis import Redis, Sentinel, TlsRedis

KEY = b"of the tests"


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


# The stock manager drops connections without closing them: of no use to us, and swept up within these tests.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    yield
    gc.collect()


def make(kind: str, url: str, **options: Any) -> Any:
    if kind == "stock":
        return socketio.AsyncRedisManager(url, channel="contract", **options)
    return ShardedRedisManager(url, prefix="contract", key=KEY, **options)


class Host:
    """A server with its manager, and what it sent to whom: (sid, event, arguments)."""

    def __init__(self, kind: str, url: str, name: str) -> None:
        self.name = name
        self.manager = make(kind, url)
        self.server = socketio.AsyncServer(
            async_mode="asgi", client_manager=self.manager, serializer="msgpack" if kind == "ours" else "default"
        )
        self.sent: list[tuple[str, str, list[Any]]] = []
        self.asked: list[tuple[str, int]] = []
        self.server._send_eio_packet = self._send_eio_packet
        self.server._send_packet = self._send_packet
        self.manager.initialize()
        self._binary: Any = None

    async def _send_eio_packet(self, eio_sid: str, one: Any) -> None:
        """Decode as a client does, with attachments where the parser has them."""
        if self._binary is not None:
            if self._binary.add_attachment(one.data):
                found, self._binary = self._binary, None
                self.sent.append((eio_sid.removeprefix("eio-"), found.data[0], found.data[1:]))
            return
        found = self.server.packet_class(encoded_packet=one.data)
        if found.packet_type == packet.BINARY_EVENT and found.attachment_count:
            self._binary = found
        else:
            self.sent.append((eio_sid.removeprefix("eio-"), found.data[0], found.data[1:]))

    async def _send_packet(self, eio_sid: str, one: Any) -> None:
        sid = eio_sid.removeprefix("eio-")
        self.sent.append((sid, one.data[0], one.data[1:]))
        if one.id is not None:
            self.asked.append((sid, one.id))

    async def join(self, number: int) -> str:
        sid: str = await self.manager.connect(f"eio-{self.name}{number}", "/")
        self.manager.rooms["/"][None][sid] = self.manager.rooms["/"][sid][sid] = f"eio-{sid}"
        return sid

    async def close(self) -> None:
        self.manager.thread.cancel()
        await asyncio.gather(self.manager.thread, return_exceptions=True)
        if isinstance(self.manager, ShardedRedisManager):
            await self.manager.stop()
            return
        # The stock manager closes nothing: what is left would be swept up within somebody else's test.
        for left in (self.manager.pubsub, self.manager.redis):
            if left is not None:
                await left.aclose()
        if self.manager.redis is not None:
            await self.manager.redis.connection_pool.disconnect()


@pytest.fixture(params=["stock", "ours"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def hosts(kind: str, redis: Redis) -> AsyncIterator[list[Host]]:
    made = [Host(kind, redis.url, name) for name in "ab"]
    await asyncio.sleep(0.3)
    yield made
    for host in made:
        await host.close()


ROOMS = ["a room", document_room(7)]


async def test_an_emit_to_all_reaches_both_hosts_once(hosts: list[Host]) -> None:
    sids = [await host.join(1) for host in hosts]
    await hosts[0].manager.emit("hello", {"n": 1}, namespace="/")
    await eventually(lambda: hosts[1].sent)
    await asyncio.sleep(0.1)
    assert [host.sent for host in hosts] == [[(sid, "hello", [{"n": 1}])] for sid in sids]


@pytest.mark.parametrize("room", ROOMS)
async def test_an_emit_to_a_room_reaches_its_members_without_who_is_skipped(hosts: list[Host], room: str) -> None:
    inside = [await host.join(number) for host in hosts for number in (1, 2)]
    outside = await hosts[1].join(3)
    for sid, host in zip(inside, [hosts[0], hosts[0], hosts[1], hosts[1]], strict=True):
        await host.manager.enter_room(sid, "/", room)
    await asyncio.sleep(0.2)
    await hosts[0].manager.emit("hello", ("x", 2), namespace="/", room=room, skip_sid=[inside[1], inside[3]])
    await eventually(lambda: hosts[1].sent)
    await asyncio.sleep(0.1)
    assert [(sid, args) for host in hosts for sid, _, args in host.sent] == [
        (inside[0], ["x", 2]),
        (inside[2], ["x", 2]),
    ]
    assert outside not in inside


@pytest.mark.parametrize("room", ROOMS)
async def test_bytes_arrive_as_bytes(hosts: list[Host], room: str) -> None:
    sid = await hosts[1].join(1)
    await hosts[1].manager.enter_room(sid, "/", room)
    await asyncio.sleep(0.2)
    await hosts[0].join(1)
    await hosts[0].manager.emit("edited", {"update": b"\0\xff", "n": [b"x"]}, namespace="/", room=room)
    await eventually(lambda: hosts[1].sent == [(sid, "edited", [{"update": b"\0\xff", "n": [b"x"]}])])


async def test_a_client_elsewhere_answers(hosts: list[Host]) -> None:
    sid = await hosts[1].join(1)
    await hosts[0].join(1)
    answers: list[Any] = []
    await hosts[0].manager.emit("ask", "?", namespace="/", room=sid, callback=lambda *answer: answers.append(answer))
    await eventually(lambda: hosts[1].asked)
    (asked,) = hosts[1].asked
    await hosts[1].manager.trigger_callback(asked[0], asked[1], ["!", 2])
    await eventually(lambda: answers == [("!", 2)])


async def test_a_callback_needs_somebody_who_answers(hosts: list[Host]) -> None:
    with pytest.raises(ValueError, match="room"):
        await hosts[0].manager.emit("ask", "?", namespace="/", callback=print)


async def test_a_client_elsewhere_is_disconnected(hosts: list[Host]) -> None:
    sid = await hosts[1].join(1)
    ended: list[str] = []

    async def disconnect(sid: str, namespace: str, ignore_queue: bool) -> None:
        ended.append(sid)

    hosts[1].server.disconnect = disconnect
    assert not await hosts[0].manager.can_disconnect(sid, "/")
    await eventually(lambda: ended == [sid])


@pytest.mark.parametrize("room", ROOMS)
async def test_a_client_elsewhere_enters_and_leaves_a_room(hosts: list[Host], room: str) -> None:
    sid = await hosts[1].join(1)
    await hosts[0].join(1)
    await hosts[0].manager.enter_room(sid, "/", room)
    await eventually(lambda: room in hosts[1].manager.get_rooms(sid, "/"))
    await asyncio.sleep(0.2)
    await hosts[0].manager.emit("in", 1, namespace="/", room=room)
    await eventually(lambda: hosts[1].sent == [(sid, "in", [1])])
    await hosts[0].manager.leave_room(sid, "/", room)
    await eventually(lambda: room not in hosts[1].manager.get_rooms(sid, "/"))
    await hosts[0].manager.emit("out", 1, namespace="/", room=room)
    await asyncio.sleep(0.2)
    assert len(hosts[1].sent) == 1


@pytest.mark.parametrize("room", ROOMS)
async def test_a_room_is_closed_everywhere(hosts: list[Host], room: str) -> None:
    for host in hosts:
        await host.manager.enter_room(await host.join(1), "/", room)
    await asyncio.sleep(0.2)
    await hosts[0].manager.close_room(room, "/")
    await eventually(lambda: all(not list(host.manager.get_participants("/", room)) for host in hosts))


@pytest.mark.parametrize("room", ROOMS)
async def test_a_program_without_clients_emits(hosts: list[Host], kind: str, redis: Redis, room: str) -> None:
    sid = await hosts[1].join(1)
    await hosts[1].manager.enter_room(sid, "/", room)
    await asyncio.sleep(0.2)
    outside = make(kind, redis.url, write_only=True)
    await outside.emit("notice", "down at six", room=room)
    await eventually(lambda: hosts[1].sent == [(sid, "notice", ["down at six"])])
    if kind == "ours":
        await outside.stop()


# --- What only ours does ----------------------------------------------------------------------------------------------


async def test_r1_an_instance_hears_only_the_documents_that_it_has(redis: Redis) -> None:
    hosts = [Host("ours", redis.url, name) for name in "ab"]
    try:
        await asyncio.sleep(0.3)
        heard: list[str] = []
        hosts[1].manager._heard = lambda channel, host, message: heard.append(channel)
        sid = await hosts[1].join(1)
        await hosts[1].manager.enter_room(sid, "/", document_room(1))
        await asyncio.sleep(0.2)
        for number in (1, 2):
            hosts[0].manager.publish(document_room(number), ["edit"])
        await eventually(lambda: document_room(1) in heard)
        await hosts[1].manager.leave_room(sid, "/", document_room(1))
        await asyncio.sleep(0.2)
        hosts[0].manager.publish(document_room(1), ["edit"])
        await asyncio.sleep(0.2)
        assert [channel for channel in heard if channel != "all"] == [document_room(1)]
    finally:
        for host in hosts:
            await host.close()


async def _crosses(url: str) -> None:
    hosts = [Host("ours", url, name) for name in "ab"]
    try:
        await eventually(lambda: all(host.manager.bus.is_up for host in hosts), seconds=8, what="both hear themselves")
        sid = await hosts[1].join(1)
        await hosts[0].manager.emit("hello", 1, namespace="/")
        await eventually(lambda: hosts[1].sent == [(sid, "hello", [1])])
    finally:
        for host in hosts:
            await host.close()


async def test_tls_is_spoken() -> None:
    with TlsRedis() as redis:
        await _crosses(redis.url)


async def test_a_sentinel_is_asked(redis: Redis) -> None:
    with Sentinel(redis) as sentinel:
        await _crosses(sentinel.url)
