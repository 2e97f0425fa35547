"""What stands between a fresh database and pages that people can open: `python -m collab.fleet.prepare FILE`.

A process of its own, because Django reads its settings once. Writes into FILE whom one can sign in as.
"""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def main(people: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collab.settings")
    os.environ["COLLAB_DEMO"] = "1"
    django.setup()
    call_command("check")
    call_command("migrate", verbosity=0)
    if not is_collected():
        call_command("collectstatic", interactive=False, verbosity=0)
    with people.open("w", encoding="utf-8") as file:
        call_command("seed_demo", stdout=file)


def is_collected() -> bool:
    """Whether static files were collected since any of them changed.

    Collecting again would write each anew, under the eyes of whoever serves them or is about to start.
    """
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    files = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([]))
    return manifest.stat().st_mtime > max(file.stat().st_mtime for file in files)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
