"""`make fleet`: a fleet on this machine until Ctrl-C, which leaves nothing of it behind."""

import argparse
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from collab.fleet.balancers import KINDS, UnknownForm
from collab.fleet.fleet import NAMES, Fleet
from collab.fleet.parts import PartFailed, free_port
from collab.fleet.programs import ProgramMissing


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 after Ctrl-C or TERM, 1 when something is missing or did not start."""
    options = _parser().parse_args(arguments)
    if options.port and _is_taken(options.port):
        _say(f"Port {options.port} is taken. Choose another one: make fleet PORT=8090")
        return 1
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="collab-fleet-"))
    fleet = Fleet(folder, options.lb, options.instances, options.port or free_port(), _say)

    def end(*_: object) -> None:
        if not fleet.ending.is_set():
            _say("Ending everything")
        fleet.ending.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    try:
        fleet.start()
        if not fleet.ending.is_set():
            _say(f"Ready after {time.monotonic() - started:.1f} s. Ctrl-C ends all of it.\n")
            sys.stderr.write(_welcome(fleet))
        fleet.watch()
    except (PartFailed, ProgramMissing, UnknownForm) as error:
        _say(str(error))
        return 1
    finally:
        fleet.stop()
        shutil.rmtree(folder, ignore_errors=True)
    _say("Nothing is left")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m collab.fleet", description=__doc__)
    parser.add_argument("--lb", choices=sorted(KINDS), default="haproxy", help="the load balancer (default: haproxy)")
    parser.add_argument(
        "--instances", type=int, choices=range(1, len(NAMES) + 1), default=3, metavar="N", help="how many (default: 3)"
    )
    parser.add_argument("--port", type=int, default=8080, help="of the load balancer; 0: any free one (default: 8080)")
    return parser


def _welcome(fleet: Fleet) -> str:
    people = fleet.people.replace("\n", "\n    ").rstrip()
    running = "\n".join(f"    {part.name:<12} process {part.pid:<8} log {part.log}" for part in fleet.parts)
    one = fleet.instances[0]
    return (
        f"    {fleet.url}\n\n    {people}\n\n{running}\n\n"
        f"    A deploy of {one.instance}: kill -TERM {one.pid}. A crash: kill -9 -{one.pid}. What ends comes back.\n\n"
    )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _say(words: str) -> None:
    sys.stderr.write(f"==> {words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
