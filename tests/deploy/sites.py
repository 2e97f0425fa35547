"""A shipped load balancer before stand-ins of instances, on private ports."""

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy import reading
from tests.deploy.backends import Backend
from tests.harness.ports import free_port

SECONDS = 20


@dataclass
class Site:
    """What a test asks: `port` speaks HTTP, `tls_port` TLS when it is not 0."""

    port: int
    tls_port: int
    folder: Path

    def get(
        self, path: str = "/", *, tls: bool = False, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers by their small names, and body."""
        line: http.client.HTTPConnection
        if tls:
            trusting = ssl._create_unverified_context()  # noqa: S323  (a certificate of this test)
            line = http.client.HTTPSConnection("127.0.0.1", self.tls_port, timeout=10, context=trusting)
        else:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("POST" if body is not None else "GET", path, body, headers or {})
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        finally:
            line.close()

    def name(self, cookie: str = "") -> str:
        """Return which instance answers a browser with this cookie."""
        found: str = json.loads(self.get(headers={"Cookie": cookie} if cookie else None)[2])["name"]
        return found


def eventually(holds: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    """Wait until `holds()` is true; an error of the network is not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def configured(
    kind: str, folder: Path, instances: list[Backend], certificate: Path | None, *, against_floods: bool = False
) -> tuple[list[str], Site]:
    """Write the shipped file for these instances and return how to start it, and where it is then."""
    site = Site(free_port(), free_port() if certificate else 0, folder)
    texts = reading.shipped()
    names = {"haproxy": "haproxy/haproxy.cfg", "nginx": "nginx/collab.conf", "caddy": "caddy/Caddyfile"}
    text = reading.with_lines(texts[names[kind]], "#tls") if certificate else texts[names[kind]]
    text = reading.with_lines(text, "#flood") if against_floods else text
    for number, instance in enumerate(instances, start=8001):
        text = text.replace(f"127.0.0.1:{number}", f"127.0.0.1:{instance.port}")
    text = text.replace("8080", f"127.0.0.1:{site.port}").replace("*:127", "127").replace("*:443", f"*:{site.tls_port}")
    text = text.replace("listen 443", f"listen 127.0.0.1:{site.tls_port}")
    text = re.sub(r"/etc/(ssl/collab|haproxy)/(?=\w+\.pem)", f"{certificate}/", text)
    if kind == "nginx":
        (folder / "nginx.conf").write_text(texts["nginx/nginx.conf"])
        (folder / "collab.conf").write_text(text)
        # As root its workers would become `nobody`, who may not write into this folder.
        more = "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"
        return [
            reading.program("nginx"),
            "-e",
            "stderr",
            "-p",
            f"{folder}",
            "-c",
            f"{folder}/nginx.conf",
            "-g",
            more,
        ], site
    if kind == "haproxy":
        if os.geteuid() != 0:  # only root can become somebody else
            text = re.sub(r"^    (user|group) .*\n", "", text, flags=re.M)
        (folder / "haproxy.cfg").write_text(text)
        return [reading.program("haproxy"), "-db", "-f", f"{folder}/haproxy.cfg"], site
    (folder / "Caddyfile").write_text(text)
    return [reading.program("caddy"), "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"], site


def told(site: Site) -> dict[str, str]:
    """Return the environment that Caddy reads, and a home of its own for everybody."""
    more = {"COLLAB_SITE": f"http://127.0.0.1:{site.port}", "COLLAB_CADDY_ADMIN": f"127.0.0.1:{free_port()}"}
    return {**os.environ, **more, "HOME": str(site.folder), "XDG_DATA_HOME": str(site.folder)}


@contextmanager
def running(
    kind: str,
    folder: Path,
    instances: list[Backend],
    certificate: Path | None = None,
    *,
    against_floods: bool = False,
) -> Iterator[Site]:
    command, site = configured(kind, folder, instances, certificate, against_floods=against_floods)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=told(site), stdout=log, stderr=log, cwd=folder)
    try:
        eventually(lambda: process.poll() is not None or site.get(tls=bool(certificate))[0] == 200)
        assert process.poll() is None, (folder / "log").read_text()
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
