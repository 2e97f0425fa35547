"""`manage.py unused_files`: pictures and files that no document mentions any more."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import filesizeformat

from rooms.services.files import UNUSED_FOR, delete_unused, note_unused


class Command(BaseCommand):
    help = (
        "List the files that no document mentions, and since when. With --delete, those that no document has mentioned "
        f"for {UNUSED_FOR.days} days are deleted for good. Every document is read, so let it run once a night:\n\n"
        "  15 3 * * *  cd /path/to/collab && .venv/bin/python manage.py unused_files --delete"
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--delete", action="store_true", help=f"delete what has been unused for {UNUSED_FOR.days} days"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        unused = note_unused()
        deleted = {one.key for one in delete_unused(list(unused))} if options["delete"] else set()
        for one in unused:
            fate = "deleted" if one.key in deleted else f"unused since {one.unused_since:%Y-%m-%d %H:%M}"
            # Keys and sizes, never names: what a command prints ends up in logs.
            self.stdout.write(f"{one.key}  {filesizeformat(one.size)}  document {one.document.key}  {fate}")
        size = filesizeformat(sum(one.size for one in unused))
        self.stdout.write(f"{len(unused)} unused ({size}), {len(deleted)} of them deleted.")
