"""One instance of the product, started as deploy/ starts it."""

import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from collab.fleet.parts import Part, free_port


class Instance(Part):
    """gunicorn with one worker. `settings` are environment variables beside those of whoever starts it."""

    # What Ctrl-C does to a gunicorn in a terminal: nobody waits for people to leave. TERM drains, as in a deploy.
    stops_on = signal.SIGINT
    stops_group = True

    def __init__(self, name: str, log: Path, settings: Mapping[str, str]) -> None:
        super().__init__(f"Instance {name}", log)
        self.instance = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = settings

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "collab.asgi:application"]

    def environment(self) -> Mapping[str, str]:
        own = {"PORT": str(self.port), "COLLAB_INSTANCE": self.instance, "PYTHONUNBUFFERED": "1"}
        inherited = {name: value for name, value in os.environ.items() if name != "COLLAB_BIND"}
        return {**inherited, **self._settings, **own}

    def answers(self) -> bool:
        """Return whether it may be sent people: a load balancer that asks earlier takes it out for a while."""
        return answers(f"{self.url}/readyz")


def answers(url: str) -> bool:
    """Return whether an address says yes within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  (a port of this machine)
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False
