"""`manage.py seed_demo`: people, a room and documents to try the product with."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rooms.services.demo import DEMO_PASSWORD, make_demo


class Command(BaseCommand):
    help = "Make the demo's people, room and documents. Making them again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get("COLLAB_DEMO") != "1":
            raise CommandError(
                "This makes accounts whose password is public, so it runs only where that is wanted: "
                "set COLLAB_DEMO=1 on a machine that others cannot reach."
            )
        demo = make_demo()
        self.stdout.write(f"The room {demo.room.name!r} is ready at /r/{demo.room.key}. Sign in as one of:")
        for email in demo.people:
            self.stdout.write(f"  {email}")
        self.stdout.write(f"Password of each: {DEMO_PASSWORD}")
