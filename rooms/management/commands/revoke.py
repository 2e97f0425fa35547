"""`manage.py revoke`: take a person's access away, from a terminal, whatever else is running."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from rooms import actor, announcements
from rooms.models import Announcement, Room, User
from rooms.services.revoking import revoke_everything, sign_out_everywhere

WAIT_SECONDS = 0.05


class Command(BaseCommand):
    help = "Take all access of a person away, everywhere or in one room, and wait for the receipts of every process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose access")
        parser.add_argument("--room", metavar="KEY", help="in this room only; the key stands in its address")
        parser.add_argument(
            "--sign-out", action="store_true", help="only end the sessions; memberships stay and signing in works"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would end, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        room = None
        if options["room"]:
            if options["sign_out"]:
                raise CommandError("--sign-out ends sessions, which belong to no room: leave --room out.")
            room = Room.objects.filter(key=options["room"]).first()
            if room is None:
                raise CommandError(f"No room has the key {options['room']}.")
        with actor.named("manage.py revoke"), transaction.atomic():
            announcement = self._sign_out(user) if options["sign_out"] else self._revoke(user, room)
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["dry_run"]:
            self.stdout.write("That was a dry run: nothing is changed.")
        else:
            self._wait(announcement)

    def _sign_out(self, user: User) -> Announcement:
        ended, announcement = sign_out_everywhere(user=user)
        self.stdout.write(f"{user.email}: {_count(ended, 'session')} ended.")
        return announcement

    def _revoke(self, user: User, room: Room | None) -> Announcement:
        revoked = revoke_everything(user=user, room=room)
        ended = {
            "membership": revoked.memberships,
            "group": revoked.groups,
            "link": revoked.links,
            "invitation": revoked.invitations,
            "session": revoked.sessions,
        }
        self.stdout.write(f"{user.email}: {', '.join(_count(number, what) for what, number in ended.items())} ended.")
        for ownerless in revoked.ownerless:
            self.stdout.write(f"Nobody owns the room {ownerless.name!r} ({ownerless.key}) any more.")
        return revoked.announcement

    def _wait(self, announcement: Announcement) -> None:
        answers = announcements.answers(announcement, sweep_seconds=settings.COLLAB_SWEEP_SECONDS)
        while not answers.over and (answers.missing or answers.instances):
            time.sleep(WAIT_SECONDS)
            answers = announcements.answers(announcement, sweep_seconds=settings.COLLAB_SWEEP_SECONDS)
        if not answers.instances and not answers.missing:
            self.stdout.write("No process is serving: there was nothing to close.")
            return
        closed, instances = _count(answers.closed, "socket"), _count(answers.instances, "instance")
        self.stdout.write(f"{closed} closed on {instances}, the last after {answers.last_ms} ms.")
        for name in answers.missing:
            self.stdout.write(f"{name} has not answered. Its sweep has passed since, if it is running at all.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
