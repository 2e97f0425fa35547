"""`manage.py doctor URL`: look at a deployment through its load balancer, and say what to change where."""

import asyncio
import json
import os
import secrets
import sys
import time
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.shortcuts import resolve_url

from collab.doctor.examination import CHECKS, COULD_NOT_RUN, code_of, examine
from collab.doctor.report import Findings, json_of, summary, text_of
from collab.doctor.seen import Seen
from collab.doctor.web import BadAddress, Site
from rooms.live.probes import MOST_PROBES, SALT

IDLE_SECONDS = 90.0
CLIENTS = 12
# How often a wait is told where nothing can be written over.
TELL_SECONDS = 15


class Command(BaseCommand):
    help = (
        "Look at a deployment through its load balancer, as browsers do, and say what to change where. Needs no "
        "account and no database, only COLLAB_SECRET_KEY and COLLAB_ORIGINS in the environment as the instances "
        "have them. Exit code: 0 all good, 1 something failed, 2 could not run."
    )
    requires_system_checks = ()  # of this shell, whose settings are not the deployment's

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="as people type it: https://rooms.example.org")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument("--insecure", action="store_true", help="do not check the certificate")
        parser.add_argument(
            "--idle-seconds", type=float, default=IDLE_SECONDS, metavar="S",
            help=f"how long to be silent, at most (default: {IDLE_SECONDS:g})",
        )  # fmt: skip
        parser.add_argument("--clients", type=int, default=CLIENTS, metavar="N", help=f"(default: {CLIENTS})")
        parser.add_argument(
            "--skip", action="append", default=[], choices=CHECKS, metavar="CHECK", help=", ".join(CHECKS)
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            site = Site(options["url"], insecure=options["insecure"])
        except BadAddress as error:
            raise CommandError(str(error), returncode=COULD_NOT_RUN) from error
        # Five rounds of them at most are connected at once.
        if not 2 <= options["clients"] <= MOST_PROBES // 8:
            raise CommandError(f"--clients is a number from 2 to {MOST_PROBES // 8}.", returncode=COULD_NOT_RUN)
        if not 1 <= options["idle_seconds"] <= 500:
            raise CommandError("--idle-seconds is a number from 1 to 500.", returncode=COULD_NOT_RUN)
        try:
            code = asyncio.run(self._examine(site, options))
        except KeyboardInterrupt:
            raise CommandError("Ended before everything was looked at.", returncode=130) from None
        if code:
            sys.exit(code)

    async def _examine(self, site: Site, options: dict[str, Any]) -> int:
        room = secrets.token_urlsafe(16)
        here = os.environ.get("COLLAB_HEARTBEAT_SECONDS", "")
        seen = Seen(
            site,
            ticket=lambda: signing.dumps({"probe": room}, salt=SALT),
            now=time.time,
            login=resolve_url(settings.LOGIN_URL),
            clients=options["clients"],
            idle_seconds=options["idle_seconds"],
            heartbeat=int(here) if here.isdecimal() else None,
            waits=self._waits,
        )
        if not options["json"]:
            self.stdout.write(f"Collab Rooms at {site.url}\n\n", ending="")
        findings: Findings = {}
        async for check, finding in examine(seen, options["skip"]):
            findings[check] = finding
            self._wipe()
            if not options["json"]:
                self.stdout.write(text_of(check, finding, colour=self._has_colour(options)))
                self.stdout.flush()
        code = code_of(findings)
        if options["json"]:
            self.stdout.write(json.dumps(json_of(site.url, findings, code), indent=1))
        else:
            self.stdout.write(f"\n{summary(findings)}")
        return code

    def _has_colour(self, options: dict[str, Any]) -> bool:
        return self.stdout.isatty() and "NO_COLOR" not in os.environ and not options["no_color"]

    def _waits(self, what: str, seconds: float, longest: float) -> None:
        words = f"silent on {what}: {seconds:.0f} of {longest:.0f} s"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r  …     {words} ")
        elif int(seconds) % TELL_SECONDS == 0:
            sys.stderr.write(f"==> {words}\n")
        sys.stderr.flush()

    def _wipe(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
