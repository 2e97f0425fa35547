"""Which numbers of deploy/ have to agree, and which of them do not.

One number rules: a silent line lives for one and a half heartbeats. Whatever ends idle lines has to wait twice as long
at least; whatever stops an instance has to wait until its people have left.
"""

import math
import os
import re
import runpy
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

import yaml

from tests.deploy import reading
from tests.deploy.reading import Directive, seconds

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Rule:
    """`read` gives seconds and raises LookupError or ValueError when the number is not there."""

    name: str
    read: Callable[[], float]
    least: float = -math.inf
    most: float = math.inf

    def holds(self) -> bool:
        try:
            return self.least <= self.read() <= self.most
        except (LookupError, TypeError, ValueError):
            return False


def broken(texts: Texts) -> list[str]:
    """Return the names of the rules that do not hold."""
    return [rule.name for rule in rules(texts) if not rule.holds()]


@dataclass(frozen=True)
class Plan:
    """What the settings of a deployment say, in seconds."""

    heartbeat: float
    notice: float
    drain: float
    # gunicorn's: how long a worker may take to end, how long a connection stays open between two requests.
    graceful: float
    keepalive: float

    @property
    def idle(self) -> float:
        """The shortest that an idle timeout may be: twice what a silent line lives."""
        return 2 * 1.5 * self.heartbeat


def plan(settings: Mapping[str, Any]) -> Plan:
    """Return what an instance with these settings does; gunicorn's file is run, not read."""
    names = [f"COLLAB_{name}_SECONDS" for name in ("HEARTBEAT", "DRAIN_NOTICE", "DRAIN")]
    with patch.dict(os.environ, {name: str(settings[name]) for name in names}):
        gunicorn = runpy.run_path(str(reading.DEPLOY / "gunicorn.conf.py"))
    more = re.search(r"--keep-alive (\d+)", settings.get("GUNICORN_CMD_ARGS", ""))
    heartbeat, notice, drain = (float(settings[name]) for name in names)
    return Plan(
        heartbeat,
        notice,
        drain,
        graceful=float(gunicorn["graceful_timeout"]),
        keepalive=float(more[1] if more else gunicorn["keepalive"]),
    )


def _stands_at(file: Directive, *names: str) -> float:
    return seconds(file.value(*names))


def _in(mapping: Mapping[str, Any], name: str) -> float:
    return seconds(mapping[name])


def rules(texts: Texts) -> Iterator[Rule]:
    here = plan(reading.environment(texts["env.example"]))
    yield from _haproxy(reading.haproxy(texts["haproxy/haproxy.cfg"]), here)
    yield from _nginx(reading.nginx(texts["nginx/collab.conf"]), here)
    yield from _caddy(reading.caddy(texts["caddy/Caddyfile"]), here)
    yield from _traefik(texts, here)
    yield from _systemd(texts, here)
    yield from _compose(yaml.safe_load(texts["docker/compose.yaml"]), here)
    yield from _kubernetes(texts, here)
    yield from _aws(texts, here)


def _haproxy(file: Directive, plan: Plan) -> Iterator[Rule]:
    for name in ("client", "server", "http-keep-alive", "tunnel"):
        yield Rule(f"haproxy timeout {name}", partial(_stands_at, file, "timeout", name), plan.idle)
    check = file.all("default-server")[0].words
    every, fall, rise = (check[check.index(word) + 1] for word in ("inter", "fall", "rise"))
    yield Rule("haproxy check", lambda: seconds(every) * int(fall), most=plan.notice)
    yield Rule("haproxy back after", lambda: seconds(every) * int(rise), most=plan.notice)


def _nginx(file: Directive, plan: Plan) -> Iterator[Rule]:
    (server,) = (one for one in file.inside if one.words == ["server"])
    (upstream,) = file.all("upstream")
    for name in ("proxy_read_timeout", "proxy_send_timeout", "keepalive_timeout"):
        yield Rule(f"nginx {name}", partial(_stands_at, server, name), plan.idle)
    yield Rule("nginx upstream", lambda: seconds(upstream.value("keepalive_timeout")), most=plan.keepalive - 1)


def _caddy(file: Directive, plan: Plan) -> Iterator[Rule]:
    yield Rule("caddy idle", lambda: seconds(file.value("idle")), plan.idle)
    yield Rule("caddy response", lambda: seconds(file.value("response_header_timeout")), plan.idle)
    yield Rule("caddy upstream", lambda: seconds(file.value("keepalive")), most=plan.keepalive - 1)
    yield Rule("caddy check", lambda: seconds(file.value("health_interval")), most=plan.notice)


def _traefik(texts: Texts, plan: Plan) -> Iterator[Rule]:
    static = yaml.safe_load(texts["traefik/traefik.yaml"])["entryPoints"]["websecure"]["transport"]
    http = yaml.safe_load(texts["traefik/collab.yaml"])["http"]
    responding = static["respondingTimeouts"]
    forwarding = http["serversTransports"]["collab"]["forwardingTimeouts"]
    balancer = http["services"]["collab"]["loadBalancer"]
    yield Rule("traefik idle", lambda: seconds(responding["idleTimeout"]), plan.idle)
    yield Rule("traefik read", lambda: seconds(responding["readTimeout"]), plan.idle)
    # 0 is no limit; any other is one on every answer, long polls included.
    yield Rule("traefik write", lambda: seconds(responding["writeTimeout"]), most=0)
    yield Rule("traefik response", lambda: seconds(forwarding["responseHeaderTimeout"]), plan.idle)
    yield Rule("traefik upstream", lambda: seconds(forwarding["idleConnTimeout"]), most=plan.keepalive - 1)
    yield Rule("traefik check", lambda: seconds(balancer["healthCheck"]["interval"]), most=plan.notice)


def _systemd(texts: Texts, plan: Plan) -> Iterator[Rule]:
    service = reading.unit(texts["systemd/collab@.service"])["Service"]
    script = texts["systemd/rolling-restart"]

    def default(name: str) -> float:
        found = re.search(rf"\$\{{ROLLING_{name}_SECONDS:-(\d+)\}}", script)
        return float(found[1]) if found else math.nan

    stop = seconds(service["TimeoutStopSec"][-1])
    yield Rule("systemd stop", lambda: stop, plan.graceful + 1)
    yield Rule("rolling-restart stop", lambda: default("STOP"), stop + 1)
    check = reading.haproxy(texts["haproxy/haproxy.cfg"]).all("default-server")[0].words
    back = seconds(check[check.index("inter") + 1]) * int(check[check.index("rise") + 1])
    yield Rule("rolling-restart settle", lambda: default("SETTLE"), back)


def _compose(file: dict[str, Any], plan: Plan) -> Iterator[Rule]:
    for name, service in file["services"].items():
        if "build" in service:
            yield Rule(f"compose stop {name}", partial(_in, service, "stop_grace_period"), plan.graceful + 1)


def _kubernetes(texts: Texts, here: Plan) -> Iterator[Rule]:
    settings = reading.documents(texts["kubernetes/configmap.yaml"])["ConfigMap", "collab"]["data"]
    there = plan(settings)
    deployment = reading.documents(texts["kubernetes/deployment.yaml"])["Deployment", "collab"]["spec"]
    pod = deployment["template"]["spec"]
    ready = pod["containers"][0]["readinessProbe"]
    gateway = reading.documents(texts["kubernetes/gateway.yaml"])
    client = gateway["ClientTrafficPolicy", "collab"]["spec"]["timeout"]["http"]
    backend = gateway["BackendTrafficPolicy", "collab"]["spec"]["timeout"]["http"]
    (route,) = gateway["HTTPRoute", "collab"]["spec"]["rules"]
    yield Rule("kubernetes heartbeat", lambda: there.heartbeat, here.heartbeat, here.heartbeat)
    yield Rule("kubernetes stop", lambda: seconds(pod["terminationGracePeriodSeconds"]), there.graceful + 1)
    yield Rule("kubernetes check", lambda: ready["periodSeconds"] * ready["failureThreshold"], most=there.notice)
    yield Rule("kubernetes next", lambda: seconds(deployment["minReadySeconds"]), there.notice + there.drain)
    yield Rule("envoy idle", lambda: seconds(client["idleTimeout"]), there.idle)
    yield Rule("envoy upstream", lambda: seconds(backend["connectionIdleTimeout"]), most=there.keepalive - 1)
    for name in ("request", "backendRequest"):  # 0 is no limit, and a long poll needs none
        yield Rule(f"route {name}", partial(_in, route["timeouts"], name), most=0)


def _aws(texts: Texts, here: Plan) -> Iterator[Rule]:
    resources = reading.template(texts["aws/collab.yaml"])["Resources"]
    properties = {name: resource["Properties"] for name, resource in resources.items()}
    script = reading.user_data(texts["aws/collab.yaml"])
    there = plan(dict(re.findall(r"^([A-Z_]+)=(.*)$", script, re.M)))
    balancer = reading.attributes(properties["Balancer"]["LoadBalancerAttributes"])
    group = reading.attributes(properties["TargetGroup"]["TargetGroupAttributes"])
    check = properties["TargetGroup"]
    (hook,) = properties["Fleet"]["LifecycleHookSpecificationList"]
    words = shlex.split(script.replace("\\\n", " "), comments=True)

    def stop() -> float:
        return seconds(words[words.index("--stop-timeout") + 1])

    def deregistration() -> float:
        return seconds(group["deregistration_delay.timeout_seconds"])

    yield Rule("aws heartbeat", lambda: there.heartbeat, here.heartbeat, here.heartbeat)
    yield Rule("aws idle", lambda: seconds(balancer["idle_timeout.timeout_seconds"]), there.idle, there.keepalive - 1)
    yield Rule(
        "aws check",
        lambda: check["HealthCheckIntervalSeconds"] * check["UnhealthyThresholdCount"],
        most=there.notice,
    )
    yield Rule("aws stop", stop, there.graceful + 1)
    # What is left when it is over is cut; the default of 300 s would be waited for at every deploy.
    yield Rule("aws deregistration", deregistration, max(there.graceful, stop()), 120)
    yield Rule("aws hook", lambda: seconds(hook["HeartbeatTimeout"]), deregistration() + stop())
    yield Rule("aws stickiness", lambda: seconds(group["stickiness.lb_cookie.duration_seconds"]), 3600)
