"""Every timeout in deploy/ agrees with the one heartbeat; each that is made worse is found."""

import pytest

from tests.deploy import reading, timeouts

# file, what stands there, what somebody makes of it, the rules that must break.
WORSE = [
    ("haproxy/haproxy.cfg", "timeout client 120s", "timeout client 30s", {"haproxy timeout client"}),
    ("haproxy/haproxy.cfg", "timeout server 120s", "timeout server 59s", {"haproxy timeout server"}),
    ("haproxy/haproxy.cfg", "timeout tunnel 1h", "timeout tunnel 45s", {"haproxy timeout tunnel"}),
    ("haproxy/haproxy.cfg", "timeout tunnel 1h", "", {"haproxy timeout tunnel"}),
    ("haproxy/haproxy.cfg", "timeout http-keep-alive 120s", "", {"haproxy timeout http-keep-alive"}),
    ("haproxy/haproxy.cfg", "fall 2", "fall 6", {"haproxy check"}),
    ("haproxy/haproxy.cfg", "inter 1s", "inter 3s", {"haproxy check", "haproxy back after", "rolling-restart settle"}),
    ("nginx/collab.conf", "proxy_read_timeout 120s", "proxy_read_timeout 30s", {"nginx proxy_read_timeout"}),
    ("nginx/collab.conf", "proxy_send_timeout 120s;", "", {"nginx proxy_send_timeout"}),
    ("nginx/collab.conf", "    keepalive_timeout 120s", "    keepalive_timeout 20s", {"nginx keepalive_timeout"}),
    ("nginx/collab.conf", "    keepalive_timeout 60s", "    keepalive_timeout 150s", {"nginx upstream"}),
    ("caddy/Caddyfile", "idle 120s", "idle 30s", {"caddy idle"}),
    ("caddy/Caddyfile", "response_header_timeout 120s", "response_header_timeout 20s", {"caddy response"}),
    ("caddy/Caddyfile", "keepalive 60s", "keepalive 3m", {"caddy upstream"}),
    ("caddy/Caddyfile", "health_interval 1s", "health_interval 30s", {"caddy check"}),
    ("traefik/traefik.yaml", "idleTimeout: 120s", "idleTimeout: 30s", {"traefik idle"}),
    ("traefik/traefik.yaml", "readTimeout: 300s", "readTimeout: 10s", {"traefik read"}),
    ("traefik/traefik.yaml", "writeTimeout: 0s", "writeTimeout: 60s", {"traefik write"}),
    ("traefik/collab.yaml", "responseHeaderTimeout: 120s", "responseHeaderTimeout: 15s", {"traefik response"}),
    ("traefik/collab.yaml", "idleConnTimeout: 60s", "idleConnTimeout: 180s", {"traefik upstream"}),
    ("traefik/collab.yaml", "interval: 4s", "interval: 10s", {"traefik check"}),
    ("systemd/collab@.service", "TimeoutStopSec=60", "TimeoutStopSec=40", {"systemd stop"}),
    ("systemd/collab@.service", "TimeoutStopSec=60", "TimeoutStopSec=2min", {"rolling-restart stop"}),
    ("systemd/rolling-restart", "STOP_SECONDS:-90", "STOP_SECONDS:-60", {"rolling-restart stop"}),
    ("systemd/rolling-restart", "SETTLE_SECONDS:-5", "SETTLE_SECONDS:-1", {"rolling-restart settle"}),
    (
        "docker/compose.yaml",
        "  stop_grace_period: 60s\n  read_only",
        "  stop_grace_period: 10s\n  read_only",
        {f"compose stop {name}" for name in ("migrate", "a", "b", "c")},
    ),
    ("kubernetes/configmap.yaml", 'HEARTBEAT_SECONDS: "20"', 'HEARTBEAT_SECONDS: "60"', None),
    ("kubernetes/configmap.yaml", 'NOTICE_SECONDS: "5"', 'NOTICE_SECONDS: "3"', {"kubernetes check"}),
    ("kubernetes/configmap.yaml", 'DRAIN_SECONDS: "20"', 'DRAIN_SECONDS: "45"', {"kubernetes stop", "kubernetes next"}),
    ("kubernetes/deployment.yaml", "PeriodSeconds: 60", "PeriodSeconds: 30", {"kubernetes stop"}),
    ("kubernetes/deployment.yaml", "failureThreshold: 2\n", "failureThreshold: 3\n", {"kubernetes check"}),
    ("kubernetes/deployment.yaml", "minReadySeconds: 30", "minReadySeconds: 0", {"kubernetes next"}),
    ("kubernetes/gateway.yaml", "idleTimeout: 120s", "idleTimeout: 30s", {"envoy idle"}),
    ("kubernetes/gateway.yaml", "onIdleTimeout: 60s", "onIdleTimeout: 1h", {"envoy upstream"}),
    ("kubernetes/gateway.yaml", "  request: 0s", "  request: 15s", {"route request"}),
    ("kubernetes/gateway.yaml", "backendRequest: 0s", "backendRequest: 15s", {"route backendRequest"}),
    ("aws/collab.yaml", 'idle_timeout.timeout_seconds, Value: "120"', 'x, Value: "120"', {"aws idle"}),
    (
        "aws/collab.yaml",
        'idle_timeout.timeout_seconds, Value: "120"',
        'idle_timeout.timeout_seconds, Value: "30"',
        {"aws idle"},
    ),
    ("aws/collab.yaml", "UnhealthyThresholdCount: 2", "UnhealthyThresholdCount: 5", {"aws check"}),
    ("aws/collab.yaml", "HealthCheckIntervalSeconds: 5", "HealthCheckIntervalSeconds: 30", {"aws check"}),
    ("aws/collab.yaml", "--stop-timeout 55", "--stop-timeout 10", {"aws stop"}),
    ("aws/collab.yaml", "NOTICE_SECONDS=10", "NOTICE_SECONDS=5", {"aws check"}),
    (
        "aws/collab.yaml",
        'delay.timeout_seconds, Value: "60"',
        'delay.timeout_seconds, Value: "30"',
        {"aws deregistration"},
    ),
    ("aws/collab.yaml", 'delay.timeout_seconds, Value: "60"', 'delay.timeout_seconds, Value: "300"', None),
    ("aws/collab.yaml", "HeartbeatTimeout: 180", "HeartbeatTimeout: 60", {"aws hook"}),
    ("aws/collab.yaml", 'duration_seconds, Value: "86400"', 'duration_seconds, Value: "60"', {"aws stickiness"}),
    # The number itself, or how long people are given, changed in one place only.
    ("env.example", "HEARTBEAT_SECONDS=20", "HEARTBEAT_SECONDS=45", None),
    ("env.example", "NOTICE_SECONDS=5", "NOTICE_SECONDS=1", None),
    ("env.example", "\nCOLLAB_DRAIN_SECONDS=20", "\nCOLLAB_DRAIN_SECONDS=60", None),
]


def test_every_timeout_agrees_with_the_heartbeat_and_the_drain() -> None:
    assert timeouts.broken(reading.shipped()) == []


def test_the_rules_speak_of_every_way_to_deploy() -> None:
    names = {rule.name.split()[0] for rule in timeouts.rules(reading.shipped())}
    ways = {"haproxy", "nginx", "caddy", "traefik", "systemd", "rolling-restart", "compose", "kubernetes", "aws"}
    assert names == ways | {"envoy", "route"}


@pytest.mark.parametrize(("file", "before", "after", "expected"), WORSE)
def test_a_number_that_is_made_worse_is_found(file: str, before: str, after: str, expected: set[str] | None) -> None:
    """`None`: several rules break, and which is the rules' affair."""
    texts = reading.shipped()
    assert texts[file].count(before) == 1, "the change is of one place"
    texts[file] = texts[file].replace(before, after)
    found = set(timeouts.broken(texts))
    assert found == expected if expected is not None else found


@pytest.mark.parametrize(("text", "expected"), [("20", 20), (20, 20), ("1500ms", 1.5), ("2m", 120), ("PT10M", 600)])
def test_durations_are_read_with_their_unit(text: object, expected: float) -> None:
    assert reading.seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "infinity", "-1s", "1 s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        reading.seconds(text)
