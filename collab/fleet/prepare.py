"""What stands between a fresh database and pages that people can open: `python -m collab.fleet.prepare FILE`.

A process of its own, because Django reads its settings once. Writes into FILE whom one can sign in as.
"""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(people: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collab.settings")
    os.environ["COLLAB_DEMO"] = "1"
    django.setup()
    call_command("check")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with people.open("w", encoding="utf-8") as file:
        call_command("seed_demo", stdout=file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
