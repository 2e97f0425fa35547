"""HAProxy or nginx with the file that deploy/ ships: its ports are replaced, everything else stays.

What is tried here is what is shipped. Lines about the host alone (accounts, pid files, log sockets) are left out,
because a fleet runs as anybody and leaves nothing behind.
"""

import os
import re
import signal
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from collab.fleet.instances import answers
from collab.fleet.parts import ROOT, Part, free_port
from collab.fleet.programs import find

SHIPPED = {"haproxy": ROOT / "deploy" / "haproxy" / "haproxy.cfg", "nginx": ROOT / "deploy" / "nginx" / "collab.conf"}
# instance: its port, in the order of the servers in the file.
Ports = Mapping[str, int]

_HOST = re.compile(r"\s*(user|group|uid|gid|chroot|daemon|pidfile|stats socket|stats timeout|log /dev)\b")
_HAPROXY_SECTION = re.compile(r"(\w+)[ \t]*(\w*)")
_HAPROXY_BIND = re.compile(r"(\s+bind\s+)\S+")
_HAPROXY_SERVER = re.compile(r"(\s+server\s+)\S+(\s+)\S+(.*\n)")
_NGINX_UPSTREAM = re.compile(r"\s*upstream\s+collab\s*\{")
_NGINX_LISTEN = re.compile(r"(\s*listen\s+)[^;]*(;.*\n)")
_NGINX_SERVER = re.compile(r"(\s*server\s+)[^\s;]+(.*;.*\n)")


class UnknownForm(Exception):
    """A load balancer's file lacks a line whose port would be replaced."""


def render_haproxy(text: str, port: int, instances: Ports) -> str:
    """Return HAProxy's file for these ports. Raises UnknownForm."""
    made: list[str] = []
    done: set[str] = set()
    section = ("", "")
    for line in text.splitlines(keepends=True):
        if head := _HAPROXY_SECTION.match(line):
            section = (head[1], head[2])
        if bind := _HAPROXY_BIND.match(line):
            # Another one is a second way in, or a page of statistics.
            own = section == ("frontend", "collab") and "bind" not in done
            made.append(f"{bind[1]}127.0.0.1:{port if own else free_port()}\n")
            done |= {"bind"} if own else set()
        elif section == ("backend", "collab") and (server := _HAPROXY_SERVER.match(line)):
            if "server" not in done:
                made += [_haproxy_server(server, name, address) for name, address in instances.items()]
            done.add("server")
        elif not (section[0] == "global" and _HOST.match(line)):
            made.append(line)
    if done != {"bind", "server"}:
        raise UnknownForm("HAProxy's file has no `bind` in `frontend collab`, or no `server` in `backend collab`")
    return "".join(made)


def render_nginx(text: str, port: int, instances: Ports) -> str:
    """Return nginx's site file for these ports. Raises UnknownForm."""
    made: list[str] = []
    done: set[str] = set()
    in_upstream = False
    for line in text.splitlines(keepends=True):
        in_upstream = bool(_NGINX_UPSTREAM.match(line)) or (in_upstream and not line.strip().startswith("}"))
        if listen := _NGINX_LISTEN.match(line):
            if "listen" not in done:  # another one is for a second family of addresses
                made.append(f"{listen[1]}127.0.0.1:{port}{listen[2]}")
            done.add("listen")
        elif in_upstream and (server := _NGINX_SERVER.match(line)):
            if "server" not in done:
                made += [f"{server[1]}127.0.0.1:{address}{server[2]}" for address in instances.values()]
            done.add("server")
        else:
            made.append(line)
    if done != {"listen", "server"}:
        raise UnknownForm("nginx's file has no `listen`, or no `server` in `upstream collab`")
    return "".join(made)


def _haproxy_server(line: re.Match[str], name: str, port: int) -> str:
    rest = re.sub(r"(\scookie\s+)\S+", rf"\g<1>{name}", line[3])
    return f"{line[1]}{name}{line[2]}127.0.0.1:{port}{rest}"


class Balancer(Part):
    """A load balancer before `instances`. `change` is what a test breaks in the shipped file."""

    label = ""

    def __init__(
        self,
        folder: Path,
        log: Path,
        instances: Ports,
        *,
        port: int | None = None,
        change: Callable[[str], str] = lambda text: text,
    ) -> None:
        super().__init__(self.label, log)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._own_folder = folder
        self._instances = instances
        self._change = change

    def answers(self) -> bool:
        return answers(f"{self.url}/healthz")

    @abstractmethod
    def reload(self) -> None:
        """Read the file again, as after a deploy: connections that are open stay with the old process."""


class HAProxy(Balancer):
    """In master-worker mode, as its systemd unit runs it: a signal reloads it."""

    label = "HAProxy"

    def prepare(self) -> None:
        self._own_folder.mkdir(exist_ok=True)
        text = self._change(SHIPPED["haproxy"].read_text())
        (self._own_folder / "haproxy.cfg").write_text(render_haproxy(text, self.port, self._instances))

    def command(self) -> Sequence[str]:
        return [find("haproxy"), "-W", "-db", "-f", str(self._own_folder / "haproxy.cfg")]

    def reload(self) -> None:
        self.prepare()
        self.signal(signal.SIGUSR2)


class Nginx(Balancer):
    label = "nginx"

    def prepare(self) -> None:
        self._own_folder.mkdir(exist_ok=True)
        main = SHIPPED["nginx"].parent / "nginx.conf"
        (self._own_folder / main.name).write_text(main.read_text())
        text = self._change(SHIPPED["nginx"].read_text())
        (self._own_folder / "collab.conf").write_text(render_nginx(text, self.port, self._instances))

    def command(self) -> Sequence[str]:
        folder = self._own_folder
        # As root its workers would become `nobody`, who may not write into this folder.
        more = "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"
        return [find("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", more]

    def reload(self) -> None:
        self.prepare()
        self.signal(signal.SIGHUP)


KINDS: Mapping[str, type[Balancer]] = {"haproxy": HAProxy, "nginx": Nginx}
