"""`make run`: everything between a clean clone and a page that people can open, said as it happens.

Makes a secret outside git, brings the SQLite database up to date, fills it once with a demo room, collects the static
files and serves. Safe to run again: what is there stays.
"""

import io
import os
import secrets
import sys
import time
from pathlib import Path

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
ENVIRONMENT = VAR / "development.env"


def main() -> None:
    started = time.monotonic()
    port = os.environ.get("PORT", "8000")
    VAR.mkdir(exist_ok=True)
    _make_secret()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collab.settings")
    os.environ["COLLAB_ORIGINS"] = os.environ.get("COLLAB_ORIGINS", f"http://localhost:{port},http://127.0.0.1:{port}")
    os.environ.setdefault("COLLAB_EMAIL_VERIFICATION", "optional")

    django.setup()
    call_command("check")
    _say("Bringing the database up to date")
    call_command("migrate", verbosity=0)
    _say("Looking after the demo room")
    os.environ["COLLAB_DEMO"] = "1"
    people = io.StringIO()
    call_command("seed_demo", stdout=people)
    _say("Collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    _say(f"Ready after {time.monotonic() - started:.1f} s. Mail appears in this window; Ctrl-C ends it.\n")
    sys.stderr.write(f"    http://localhost:{port}\n\n    " + people.getvalue().replace("\n", "\n    ") + "\n")
    sys.stderr.flush()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "collab.asgi:application"]
    os.chdir(ROOT)
    os.execv(sys.executable, command)  # noqa: S606  (no shell, and Ctrl-C must reach the server itself)


def _make_secret() -> None:
    """Write a secret for this machine only. A deployment sets its own, see the README."""
    if not ENVIRONMENT.exists():
        _say("Making a development secret")
        ENVIRONMENT.touch(mode=0o600)
        ENVIRONMENT.write_text(
            f"COLLAB_SECRET_KEY={secrets.token_urlsafe(48)}\n"
            "COLLAB_ORIGINS=http://localhost:8000,http://127.0.0.1:8000\n"
            "COLLAB_EMAIL_VERIFICATION=optional\n"
        )


def _say(words: str) -> None:
    sys.stderr.write(f"==> {words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
