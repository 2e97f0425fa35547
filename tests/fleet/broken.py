"""Instances once, and before them as many load balancers as there are ways to break one.

They have a database of their own: other servers of the tests would be taken for instances of this fleet.
"""

import datetime
import ipaddress
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collab.fleet.balancers import KINDS, Balancer, HAProxy
from tests.fleet.faults import FAULTS
from tests.fleet.servers import Servers
from tests.harness.ports import free_port
from tests.harness.server import ROOT

# A silent line lives for three seconds then, and four is what a limit has to leave.
HEARTBEAT = 2
CERTIFICATE_DAYS = 60


def no_origin(text: str) -> str:
    """The browser's Origin does not reach the instance: every page counts as none."""
    return text.replace("\nbackend collab\n", "\nbackend collab\n    http-request del-header Origin\n")


def passes_addresses_on(text: str) -> str:
    """What a client claims about its address is neither replaced nor appended to."""
    return re.sub(r".*set-header X-Forwarded-For.*\n", "", text)


def no_scheme(text: str) -> str:
    """The instance is not told that people came by https."""
    return re.sub(r".*set-header X-Forwarded-Proto.*\n", "", text)


def cookies_without_flags(text: str) -> str:
    """Somebody wanted cookies to be simple."""
    line = "    http-after-response replace-header Set-Cookie ^(sessionid=[^;]*);.*$ \\1;\\ Path=/\n"
    return text.replace("\nbackend collab\n", f"\nbackend collab\n{line}")


def secure_cookie(text: str) -> str:
    """The shipped file as it is with TLS, but for its ports."""
    return re.sub(r"#tls (http-after-response)", r"\1", text)


CHANGES: Mapping[str, Callable[[str], str]] = {
    "haproxy": str,
    "nginx": str,
    **FAULTS,
    "no-origin": no_origin,
    "passes-addresses-on": passes_addresses_on,
    "cookies-without-flags": cookies_without_flags,
    "tls": secure_cookie,
    "tls-no-scheme": lambda text: no_scheme(secure_cookie(text)),
}


class HTTPSProxy(HAProxy):
    """HAProxy with a certificate: `certificate.pem` in the folder of its log."""

    def prepare(self) -> None:
        super().prepare()
        self.url = f"https://127.0.0.1:{self.port}"
        file = self._own_folder / "haproxy.cfg"
        bind = f"bind 127.0.0.1:{self.port}"
        certificate = self._own_folder.parent / "certificate.pem"
        file.write_text(file.read_text().replace(f"{bind}\n", f"{bind} ssl crt {certificate}\n"))

    def answers(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0


class Ward:
    """`behind("round-robin")` is the address of that load balancer, started when first asked for.

    `redis=False`: no instance hears the other. `tls`: people come by https. `first` is what only the first instance has
    in its environment.
    """

    def __init__(
        self,
        folder: Path,
        *,
        instances: int = 2,
        redis: bool = True,
        tls: bool = False,
        first: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._tls = tls
        self._ports = {name: free_port() for name in CHANGES}
        self._balancers: dict[str, Balancer] = {}
        scheme = "https" if tls else "http"
        self.servers = Servers(
            folder,
            instances=instances,
            lb=None,
            redis=redis,
            database=f"sqlite:///{folder / 'db.sqlite3'}",
            environment={
                "COLLAB_HEARTBEAT_SECONDS": str(HEARTBEAT),
                "COLLAB_WARMUP_SECONDS": "0",
                "COLLAB_PROXY_COUNT": "1",
                "COLLAB_ORIGINS": ",".join(f"{scheme}://127.0.0.1:{port}" for port in self._ports.values()),
            },
        )
        self.servers.instances[0]._environment.update(first or {})

    def start(self) -> Self:
        if self._tls:
            (self._folder / "certificate.pem").write_bytes(certificate())
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=self.servers.instances[0].environment(), check=True)
        self.servers.start()
        return self

    def behind(self, name: str) -> str:
        if name not in self._balancers:
            kind = HTTPSProxy if self._tls else KINDS.get(name, HAProxy)
            ports = {one: server.port for one, server in zip(self.servers.names, self.servers.instances, strict=True)}
            folder, log = self._folder / f"lb-{name}", self._folder / f"lb-{name}.log"
            balancer = kind(folder, log, ports, port=self._ports[name], change=CHANGES[name])
            self._balancers[name] = balancer
            balancer.start()
        return self._balancers[name].url

    def close(self) -> None:
        for balancer in self._balancers.values():
            balancer.stop()
        self.servers.close()


def certificate() -> bytes:
    """Return a key and a certificate for 127.0.0.1 that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=CERTIFICATE_DAYS, minutes=5))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    return key.private_bytes(pem, form, serialization.NoEncryption()) + made.public_bytes(pem)
