"""What goes between instances: messages on channels of Redis, and commands to it, neither of which ever waits.

Redis is an accelerator and never the truth (trap R2): what is lost here is read from the database a little later. So
nothing is queued while it is away, nothing is sent twice, and whoever publishes does not learn what became of it
(trap R3). Two connections, one to publish and one to listen, each with its own loop that begins anew when it breaks.
"""

import asyncio
import hashlib
import hmac
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from redis.exceptions import ResponseError

from rooms.live.kept import ANSWER_SECONDS, LOST, Kept

log = logging.getLogger(__name__)

# Each process says this often that it is there, on the channel of all, and hears itself (trap R4).
BEAT_SECONDS = 1.0
# Without a beat of its own for so long, it takes itself to be deaf and begins anew.
DEAF_SECONDS = 3.0
# What may wait for Redis. More is let go of: the database has it.
MAX_QUEUED = 20_000
MAX_QUEUED_BYTES = 16 * 1024 * 1024
# Commands that go out together.
AT_ONCE = 500

# The channel that every instance listens to.
ALL = "all"

_MAC_BYTES = 16

Command = Sequence[bytes | str | int]
Hear = Callable[[bytes], None]


class Gone(Exception):
    """Redis does not answer, or not now."""


class Bus:
    """`subscribe`, `publish` and `send` are for the loop's thread, and return at once.

    `make_connection()` returns a connection of redis-py that is not open yet. `key` proves that a message is from one
    of us: whoever else may publish on this Redis could write into documents (trap R6). `beat` is what `ALL` hears each
    second. `subscribed(channel)` is called each time Redis confirms one: what was published before it was not heard.
    `returned()` is called when commands get through again: Redis may have lost everything meanwhile.
    """

    def __init__(
        self,
        make_connection: Callable[[], Any],
        *,
        prefix: str,
        key: bytes,
        beat: Callable[[], bytes],
        subscribed: Callable[[str], None],
        returned: Callable[[], None],
    ) -> None:
        self._listener = Kept("listening", make_connection, self._listen, self._lost_listening)
        self._publisher = Kept("publishing", make_connection, self._deliver, self._lost_publishing)
        self._prefix = f"{prefix}:".encode()
        self._key = hashlib.blake2b(key, digest_size=32, person=b"collab bus").digest()
        self._beat = beat
        self._subscribed = subscribed
        self._returned = returned
        self._hear: dict[bytes, Hear] = {}
        # What was asked of the listening connection as it is now.
        self._asked: set[bytes] = set()
        self._listening: Any = None
        self._steer_now = asyncio.Event()
        self._publishing: Any = None
        self._connected = asyncio.Event()
        self._queue: list[tuple[Command, asyncio.Future[Any] | None]] = []
        self._bytes = 0
        self._deliver_now = asyncio.Event()
        self._heard_own = float("-inf")
        self._tasks: list[asyncio.Task[None]] = []
        # Messages that were let go of, and messages that were not from one of us.
        self.dropped = self.forged = 0

    # --- For everybody ------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether a message of this process came back to it just now: the only proof that it hears and is heard."""
        if self._listening is None or self._publishing is None:
            return False
        return asyncio.get_running_loop().time() - self._heard_own < DEAF_SECONDS

    def heard_own_beat(self) -> None:
        self._heard_own = asyncio.get_running_loop().time()

    def subscribe(self, channel: str, hear: Hear) -> None:
        """Have `hear(payload)` called with each message on `channel`, from when `subscribed` is called for it."""
        self._hear[self._name(channel)] = hear
        self._steer_now.set()

    def unsubscribe(self, channel: str) -> None:
        self._hear.pop(self._name(channel), None)
        self._steer_now.set()

    def publish(self, channel: str, payload: bytes) -> None:
        name = self._name(channel)
        self.send("PUBLISH", name, self._mac(name, payload) + payload)

    async def publish_and_wait(self, channel: str, payload: bytes) -> int:
        """Publish once Redis is there; return how many listened. Raises Gone."""
        name = self._name(channel)
        try:
            await asyncio.wait_for(self._connected.wait(), ANSWER_SECONDS)
        except TimeoutError as error:
            raise Gone from error
        (listeners,) = await self.ask(("PUBLISH", name, self._mac(name, payload) + payload))
        return int(listeners)

    def send(self, *command: bytes | str | int) -> None:
        """Send a command to Redis, after all before it; nobody reads the answer."""
        if not self._enqueue(command, None):
            self.dropped += 1

    async def ask(self, *commands: Command) -> list[Any]:
        """Return the answers to some commands. Raises Gone."""
        futures = [asyncio.get_running_loop().create_future() for _ in commands]
        for command, future in zip(commands, futures, strict=True):
            if not self._enqueue(command, future):
                raise Gone
        try:
            return list(await asyncio.wait_for(asyncio.gather(*futures), 2 * ANSWER_SECONDS))
        except LOST as error:
            raise Gone from error

    def key(self, name: str) -> bytes:
        """Return the whole name of a key in Redis."""
        return self._name(name)

    # --- Its life -----------------------------------------------------------------------------------------------------

    @property
    def is_started(self) -> bool:
        return bool(self._tasks)

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._listener.keep()),
            asyncio.create_task(self._publisher.keep()),
            asyncio.create_task(self._steer()),
            asyncio.create_task(self._prove()),
        ]

    async def stop(self) -> None:
        """Send what is queued, if Redis takes it, and hang up."""
        try:
            await asyncio.wait_for(self.ask(("PING",)), ANSWER_SECONDS)
        except (Gone, TimeoutError):
            log.info("Redis does not take what was left to say")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _lost_listening(self) -> None:
        self._heard_own = float("-inf")
        self._listening = None
        self._asked.clear()

    def _lost_publishing(self) -> None:
        self._heard_own = float("-inf")
        self._publishing = None
        self._connected.clear()
        queue, self._queue, self._bytes = self._queue, [], 0
        self.dropped += len(queue)
        for _, future in queue:
            _fail(future, Gone())

    # --- Listening ----------------------------------------------------------------------------------------------------

    async def _listen(self, connection: Any) -> None:
        self._listening = connection
        self._steer_now.set()
        while True:
            self._take(await connection.read_response(timeout=math.inf))  # `_prove` ends it when nothing comes

    async def _steer(self) -> None:
        """Bring what Redis sends in line with what is wanted."""
        while True:
            await self._steer_now.wait()
            self._steer_now.clear()
            connection = self._listening
            if connection is None:
                continue
            new, old = self._hear.keys() - self._asked, self._asked - self._hear.keys()
            self._asked = set(self._hear)
            commands = [(name, *channels) for name, channels in (("SUBSCRIBE", new), ("UNSUBSCRIBE", old)) if channels]
            if not commands:
                continue
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
            except LOST:
                self._listener.begin_anew()

    def _take(self, message: Any) -> None:
        if not isinstance(message, list) or len(message) != 3:
            return
        kind, channel, payload = message
        hear = self._hear.get(channel)
        if hear is None:
            return  # not wanted any more
        try:
            if kind == b"subscribe":
                self._subscribed(channel[len(self._prefix) :].decode())
            elif kind == b"message":
                if not hmac.compare_digest(payload[:_MAC_BYTES], self._mac(channel, payload[_MAC_BYTES:])):
                    self.forged += 1
                    log.error("a message on %s is not from one of us: is COLLAB_SECRET_KEY the same?", channel)
                    return
                hear(payload[_MAC_BYTES:])
        except Exception:
            log.exception("a message on %s cannot be heard", channel)

    # --- Publishing ---------------------------------------------------------------------------------------------------

    def _enqueue(self, command: Command, future: asyncio.Future[Any] | None) -> bool:
        size = sum(len(part) for part in command if isinstance(part, bytes))
        if self._publishing is None or len(self._queue) >= MAX_QUEUED or self._bytes + size > MAX_QUEUED_BYTES:
            return False
        self._queue.append((command, future))
        self._bytes += size
        self._deliver_now.set()
        return True

    async def _deliver(self, connection: Any) -> None:
        self._publishing = connection
        self._connected.set()
        self._returned()
        while True:
            await self._deliver_now.wait()
            self._deliver_now.clear()
            while self._queue:
                batch, self._queue = self._queue[:AT_ONCE], self._queue[AT_ONCE:]
                try:
                    await self._exchange(connection, batch)
                except BaseException:
                    for _, future in batch:
                        _fail(future, Gone())
                    raise
                if not self._queue:
                    self._bytes = 0

    async def _exchange(self, connection: Any, batch: Iterable[tuple[Command, asyncio.Future[Any] | None]]) -> None:
        commands = [command for command, _ in batch]
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
            for command, future in batch:
                try:
                    answer = await connection.read_response()
                except ResponseError as error:
                    log.warning("Redis refused %s: %s", command[0], error)
                    _fail(future, Gone(str(error)))
                else:
                    if future is not None and not future.done():
                        future.set_result(answer)

    # --- The proof ----------------------------------------------------------------------------------------------------

    async def _prove(self) -> None:
        connected_since = 0.0
        loop = asyncio.get_running_loop()
        while True:
            if self._listening is None or self._publishing is None:
                connected_since = loop.time()
            elif loop.time() - max(connected_since, self._heard_own) > DEAF_SECONDS:
                log.warning("Redis takes what this process says, and it does not come back: beginning anew (trap R4)")
                self._listener.begin_anew()
                self._publisher.begin_anew()
                connected_since = loop.time()
            self.publish(ALL, self._beat())
            await asyncio.sleep(BEAT_SECONDS)

    def _name(self, name: str) -> bytes:
        return self._prefix + name.encode()

    def _mac(self, channel: bytes, payload: bytes) -> bytes:
        mac = hashlib.blake2b(channel, key=self._key, digest_size=_MAC_BYTES)
        mac.update(payload)
        return mac.digest()


def _fail(future: "asyncio.Future[Any] | None", error: BaseException) -> None:
    if future is not None and not future.done():
        future.set_exception(error)
        future.exception()  # whoever asked may be gone
