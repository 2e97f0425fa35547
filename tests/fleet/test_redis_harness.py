"""The Redis of the tests does what tests of the product rely on."""

import socket
import time

import pytest
import redis

from collab.fleet.parts import is_listening
from tests.harness.redis import Redis, Sentinel, TlsRedis, replica


def test_a_killed_redis_comes_back_at_the_same_address_and_remembers_nothing() -> None:
    with Redis() as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("word", "kept in memory")
            assert client.get("word") == b"kept in memory"
        server.kill()
        assert not is_listening(server.port)
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("word") is None
    assert not is_listening(server.port)
    assert not server.files.exists()


def test_a_stopped_redis_takes_connections_and_answers_once_it_goes_on() -> None:
    with Redis() as server, socket.create_connection(("127.0.0.1", server.port)) as line:
        server.stop_for_a_while()
        line.settimeout(0.3)
        line.sendall(b"PING\r\n")
        with pytest.raises(TimeoutError):
            line.recv(10)
        server.go_on()
        line.settimeout(5)
        assert line.recv(10) == b"+PONG\r\n"


def test_tls_is_answered_to_whoever_trusts_the_certificate() -> None:
    with TlsRedis() as server:
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
        address = server.url.partition("?")[0]
        with redis.Redis.from_url(address, retry=None) as client, pytest.raises(redis.ConnectionError):
            client.ping()


def test_a_sentinel_names_the_replica_once_the_master_is_gone() -> None:
    with Redis() as master, replica(master) as follower, Sentinel(master) as sentinel:
        assert sentinel.master_port() == master.port
        with redis.Redis.from_url(master.url) as client:
            _until(lambda: client.info("replication")["connected_slaves"] == 1)
        # A Sentinel asks the master for its replicas every ten seconds.
        with redis.Redis(port=sentinel.port) as client:
            _until(lambda: client.execute_command("SENTINEL REPLICAS", sentinel.SERVICE) != [])
        master.kill()
        _until(lambda: sentinel.master_port() == follower.port)


def _until(condition: object, seconds: float = 30) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never"
        time.sleep(0.1)
