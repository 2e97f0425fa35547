"""`manage.py revoke`: take a person's access away, from a terminal, whatever else is running."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

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
        with actor.named("manage.py revoke"):
            if options["sign_out"]:
                ended, announcement = sign_out_everywhere(user=user)
                self.stdout.write(f"{user.email}: {ended} sessions ended.")
            else:
                revoked = revoke_everything(user=user, room=room)
                announcement = revoked.announcement
                self.stdout.write(
                    f"{user.email}: {revoked.memberships} memberships, {revoked.groups} groups, {revoked.links} links, "
                    f"{revoked.invitations} invitations and {revoked.sessions} sessions ended."
                )
                for ownerless in revoked.ownerless:
                    self.stdout.write(f"Nobody owns the room {ownerless.name!r} ({ownerless.key}) any more.")
        self._wait(announcement)

    def _wait(self, announcement: Announcement) -> None:
        answers = announcements.answers(announcement, sweep_seconds=settings.COLLAB_SWEEP_SECONDS)
        while not answers.over and (answers.missing or answers.instances):
            time.sleep(WAIT_SECONDS)
            answers = announcements.answers(announcement, sweep_seconds=settings.COLLAB_SWEEP_SECONDS)
        if not answers.instances and not answers.missing:
            self.stdout.write("No process is serving: there was nothing to close.")
            return
        self.stdout.write(
            f"{answers.closed} sockets closed on {answers.instances} instances, the last after {answers.last_ms} ms."
        )
        for name in answers.missing:
            self.stdout.write(f"{name} has not answered. Its sweep has passed since, if it is running at all.")
