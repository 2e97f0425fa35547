"""`manage.py storm_seed`: the people and documents of a storm; `manage.py storm` calls it for its own fleet."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from collab.storm.seed import seed


class Command(BaseCommand):
    help = "Make people without a password, a room and documents, and print their keys and session cookies as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clients", type=int)
        parser.add_argument("documents", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(asdict(seed(options["clients"], options["documents"]))))
