"""`manage.py storm`: let a crowd of real clients lose its connection, and see what it costs."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collab.fleet.balancers import KINDS, UnknownForm
from collab.fleet.parts import PartFailed
from collab.fleet.programs import ProgramMissing
from collab.storm import report, simulation
from collab.storm.driver import DriverFailed
from collab.storm.policy import POLICIES, waits
from collab.storm.run import Result, Wishes, run
from collab.storm.target import EVENTS, OwnFleet, Running, Target

# As many people share a document as the capacity plan assumes.
PEOPLE_A_DOCUMENT = 4
# One process of clients on this kind of machine; more, and the clients themselves are what is measured.
MOST_CLIENTS = 5_000

# The options that a result depends on.
ASKED = (
    "url", "event", "client_policy", "clients", "writers", "documents", "seconds", "seed", "instances", "lb",
    "simulate", "no_slots", "no_admission", "capacity",
)  # fmt: skip


class Command(BaseCommand):
    help = (
        "Let a crowd of real clients lose its connection: kill, drain or restart instances, or the load balancer, of a "
        "fleet that is started for it on this machine. Prints and draws what came of it. With URL, watch a server that "
        "runs here already; its database gets people and a room for the time. With --simulate, compute large fleets."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", nargs="?", help="a server of this machine; without it, a fleet is started")
        parser.add_argument("--event", choices=[*EVENTS, "watch"], help="what happens (default: restart)")
        parser.add_argument("--client-policy", choices=[*POLICIES, "both"], default="tuned", help="(default: tuned)")
        parser.add_argument("--clients", type=int, default=200, metavar="N", help="(default: 200)")
        parser.add_argument("--writers", type=int, metavar="M", help="how many of them write (default: a tenth)")
        parser.add_argument("--documents", type=int, metavar="D", help="(default: one for four clients)")
        parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="before and after (default: 10)")
        parser.add_argument("--seed", type=int, default=1, metavar="K", help="of everything random here (default: 1)")
        parser.add_argument("--instances", type=int, metavar="I", help="(default: 3; simulated: 10)")
        parser.add_argument("--lb", choices=sorted(KINDS), default="haproxy", help="(default: haproxy)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
        parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the curves")
        computed = parser.add_argument_group("computed instead of tried")
        computed.add_argument("--simulate", type=int, metavar="N", help="so many clients, from the real policy code")
        computed.add_argument("--no-slots", action="store_true", help="an ending instance closes everything at once")
        computed.add_argument("--no-admission", action="store_true", help="an instance lets everybody in at once")
        computed.add_argument("--capacity", type=float, metavar="C", help="clients an instance takes in per second")

    def handle(self, *args: Any, **options: Any) -> None:
        self._check(options)
        policies = POLICIES if options["client_policy"] == "both" else (options["client_policy"],)
        try:
            if options["simulate"]:
                self._simulate(policies, options)
            else:
                self._run(policies, options)
        except (DriverFailed, PartFailed, ProgramMissing, UnknownForm, ValueError) as error:
            raise CommandError(str(error)) from error

    def _check(self, options: dict[str, Any]) -> None:
        simulate, url, event = options["simulate"], options["url"], options["event"]
        if simulate is not None and url:
            raise CommandError("--simulate computes: it needs no URL.")
        if simulate is None and (options["no_slots"] or options["no_admission"] or options["capacity"]):
            raise CommandError("--no-slots, --no-admission and --capacity belong to --simulate.")
        if simulate is not None and event not in (None, *simulation.EVENTS):
            raise CommandError(f"--simulate knows the events {', '.join(simulation.EVENTS)}.")
        if url and event not in (None, "watch"):
            raise CommandError("What runs at URL is not the storm's to end: leave --event out, and end it yourself.")
        if not url and event == "watch":
            raise CommandError("--event watch needs the URL of a server that runs on this machine.")
        least = {"clients": 1, "writers": 0, "documents": 1, "seconds": 1, "seed": 0, "instances": 1, "simulate": 1}
        for name, bound in least.items():
            if options[name] is not None and options[name] < bound:
                raise CommandError(f"--{name} is at least {bound}.")
        if simulate is None and options["clients"] > MOST_CLIENTS:
            raise CommandError(f"--clients is at most {MOST_CLIENTS:,} here; --simulate computes larger crowds.")

    def _run(self, policies: tuple[str, ...], options: dict[str, Any]) -> None:
        clients = options["clients"]
        event = "watch" if options["url"] else options["event"] or "restart"
        wishes = Wishes(
            event=event,
            clients=clients,
            writers=min(clients, clients // 10 or 1)
            if options["writers"] is None
            else min(clients, options["writers"]),
            documents=options["documents"] or -(-clients // PEOPLE_A_DOCUMENT),
            seconds=options["seconds"],
            seed=options["seed"],
        )
        # Told to end, it still takes its fleet with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        results: dict[str, Result] = {}
        for policy in policies:
            self._say(f"A storm on clients with the {policy} policy")
            target = self._target(options)
            try:
                results[policy] = run(target, policy, wishes, self._say)
            finally:
                target.close()
        self.stdout.write(report.text_of_runs(results))
        self._keep(options, report.json_of_runs(results), report.picture_of_runs(results, event))
        bad = [policy for policy, one in results.items() if not report.is_good(one.figures, one.end)]
        if bad:
            raise CommandError(f"Edits were lost, or clients stayed away: {', '.join(bad)}.")

    def _target(self, options: dict[str, Any]) -> Target:
        if options["url"]:
            return Running(options["url"], options["seconds"], self._say)
        return OwnFleet(options["instances"] or 3, options["lb"], self._say).start()

    def _simulate(self, policies: tuple[str, ...], options: dict[str, Any]) -> None:
        event = options["event"] or "restart"
        given = {"capacity": options["capacity"]} if options["capacity"] else {}
        fleet = simulation.Fleet(
            options["simulate"],
            instances=options["instances"] or 10,
            with_slots=not options["no_slots"],
            with_admission=not options["no_admission"],
            **given,
        )
        curves = {}
        for policy in policies:
            self._say(f"Computing {event} for {fleet.clients:,} clients with the {policy} policy")
            table = waits(policy, fleet.clients, options["seed"])
            curves[policy] = simulation.Simulation(fleet, table, options["seed"]).run(event)
        self.stdout.write(report.text_of_simulations(curves))
        picture = report.picture_of_simulations(curves, event, fleet.clients)
        self._keep(options, report.json_of_simulations(curves), picture)

    def _keep(self, options: dict[str, Any], figures: dict[str, Any], picture: str) -> None:
        if options["json"]:
            asked = {name: options[name] for name in ASKED}
            options["json"].write_text(json.dumps({"asked": asked, "results": figures}, indent=1) + "\n")
            self._say(f"Figures in {options['json']}")
        if options["svg"]:
            options["svg"].write_text(picture)
            self._say(f"Picture in {options['svg']}")

    def _say(self, words: str) -> None:
        sys.stderr.write(f"==> {words}\n")
        sys.stderr.flush()
