"""python-socketio's Redis manager with one channel a document, raw bytes, and a bus that never waits.

The stock manager of python-socketio 5.18.1 shouts every message on one channel, to every instance, with binary in
base64 within JSON (trap R1); its `emit` waits for Redis up to ten seconds (trap R3), and it comes back up to a minute
after Redis did (trap R2). What others may rely on stays: emit to rooms and clients anywhere, with answers, enter and
leave rooms, close them, disconnect. tests/fleet/test_manager.py runs one contract against both.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgpack
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from socketio import AsyncManager, AsyncRedisManager

from rooms.live import bus
from rooms.live.kept import ANSWER_SECONDS

# Rooms that have a channel of their own, which an instance listens to while it has somebody in them.
SHARDED = ("document:", "probe:")
# Messages that came, and wait to be handled.
MAX_WAITING = 10_000
# What a connection to Redis may take: nobody waits for it but the bus.
_OPTIONS: dict[str, Any] = {
    "socket_timeout": ANSWER_SECONDS,
    "socket_connect_timeout": ANSWER_SECONDS,
    "protocol": 2,  # messages come as answers do, and not as "push" data that a parser hands to somebody else
}


def document_room(document_id: int) -> str:
    """Return the name of the Socket.IO room of a document, which is that of its channel too."""
    return f"document:{document_id}"


class ShardedRedisManager(AsyncRedisManager):
    """`heard(channel, host, message)` gets what others publish beside Socket.IO: a list, its first item its kind.

    `beat()` returns what all hear each second. `subscribed(channel)` and `returned()` are those of the bus.
    """

    name = "sharded-redis"

    def __init__(
        self,
        url: str,
        *,
        prefix: str,
        key: bytes,
        write_only: bool = False,
        heard: Callable[[str, str, list[Any]], None] = lambda channel, host, message: None,
        beat: Callable[[], list[Any]] = lambda: ["beat"],
        subscribed: Callable[[str], None] = lambda channel: None,
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        # Fresh options each: python-socketio writes what it reads in a Sentinel URL into them.
        super().__init__(
            url, channel=prefix, write_only=write_only, redis_options={**_OPTIONS, "retry": Retry(NoBackoff(), 0)}
        )
        self._heard = heard
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MAX_WAITING)
        self.bus = bus.Bus(
            self._make_connection,
            prefix=prefix,
            key=key,
            beat=lambda: self._pack([*beat(), self.host_id]),
            subscribed=subscribed,
            returned=returned,
        )

    # --- Its life -----------------------------------------------------------------------------------------------------

    def initialize(self) -> None:
        super().initialize()
        self.start()

    def start(self) -> None:
        """Begin to publish; called by the server's first request, or by whoever has no server."""
        self.bus.subscribe(bus.ALL, lambda payload: self._take(bus.ALL, payload))
        self.bus.start()

    async def stop(self) -> None:
        await self.bus.stop()

    def _make_connection(self) -> Any:
        if self.redis is None:
            self._redis_connect()  # python-socketio's own reading of the URL: TLS, Sentinel, user and password
        return self.redis.connection_pool.make_connection()

    # --- Out ----------------------------------------------------------------------------------------------------------

    def publish(self, channel: str, message: list[Any]) -> None:
        """Say something beside Socket.IO to every other instance that listens to `channel`."""
        self.bus.publish(channel, self._pack([*message, self.host_id]))

    @staticmethod
    def _pack(message: Any) -> bytes:
        packed: bytes = msgpack.packb(message)
        return packed

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str | None = None,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **kwargs: Any,
    ) -> None:
        """As the stock manager's, without base64: MessagePack has bytes."""
        room = to or room
        namespace = namespace or "/"
        if kwargs.get("ignore_queue"):
            await AsyncManager.emit(
                self, event, data, namespace=namespace, room=room, skip_sid=skip_sid, callback=callback
            )
            return
        remote_callback = None
        if callback is not None:
            if self.server is None:
                raise RuntimeError("Callbacks can only be issued from the context of a server.")
            if room is None:
                raise ValueError("Cannot use callback without a room set.")
            remote_callback = (room, namespace, self._generate_ack_id(room, callback))
        message = {
            "method": "emit",
            "event": event,
            "data": list(data) if isinstance(data, tuple) else [data],
            "binary": False,
            "namespace": namespace,
            "room": room,
            "skip_sid": skip_sid,
            "callback": remote_callback,
            "host_id": self.host_id,
        }
        await self._handle_emit(message)
        await self._publish(message)

    async def _publish(self, data: dict[str, Any]) -> None:
        """Say it, and do not wait; a program that only writes does, for it may end right after."""
        channel, payload = _channel(data), self._pack(data)
        if not self.write_only:
            self.bus.publish(channel, payload)
            return
        if not self.bus.is_started:
            self.bus.start()
        await self.bus.publish_and_wait(channel, payload)

    # --- In -----------------------------------------------------------------------------------------------------------

    def _take(self, channel: str, payload: bytes) -> None:
        message = msgpack.unpackb(payload)
        if isinstance(message, list):
            if message[-1] != self.host_id:
                self._heard(channel, message[-1], message[:-1])
            elif message[0] == "beat":
                self.bus.heard_own_beat()
        elif message.get("host_id") != self.host_id or message.get("method") == "callback":
            try:
                self._incoming.put_nowait(message)
            except asyncio.QueueFull:
                self.bus.dropped += 1

    async def _listen(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            yield await self._incoming.get()

    # --- Rooms: an instance listens to a document while somebody is in it ---------------------------------------------

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        begins = _sharded(room) and room not in self.rooms.get(namespace, {})
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        if begins:
            self.bus.subscribe(room, lambda payload: self._take(room, payload))

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        super().basic_leave_room(sid, namespace, room)
        if _sharded(room) and room not in self.rooms.get(namespace, {}):
            self.bus.unsubscribe(room)


def _sharded(room: Any) -> bool:
    return isinstance(room, str) and room.startswith(SHARDED)


def _channel(message: dict[str, Any]) -> str:
    """Return the channel on which all who must hear a message listen.

    Whoever enters a room from afar is not in it yet, so that message, and what is for one client, is for all.
    """
    room = message.get("room")
    return str(room) if message["method"] in {"emit", "close_room"} and _sharded(room) else bus.ALL
