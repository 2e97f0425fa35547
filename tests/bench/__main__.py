"""Measures Collab Rooms and its peers on this machine: `python -m tests.bench [w1 w2 …] [--quick]`."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from collab.fleet.programs import ProgramMissing, find
from tests.bench import across, beside, chart, docs, history, install, machine, ours, report, targets, workloads
from tests.bench.scenario import Generator
from tests.bench.workloads import Bench
from tests.harness.server import ROOT

WORKLOADS = {**workloads.WORKLOADS, "w6": across.w6, "w7": beside.w7}
ALL = ["w1", "w1-client", "w2", "w3", "w4", "w5", "w6", "w7", "presence", "rss", "postgres"]
QUICK_SERVERS = ["ours", "hocuspocus"]
# A thousand people are two thousand sockets, and the server needs as many.
FILES = 65_536


def main() -> int:
    options = _options()
    if options.docs:
        docs.write(json.loads(options.docs.read_text()))
        return 0
    _raise_limits()
    cores = machine.choose_cores()
    data: dict[str, Any] = {"machine": machine.describe(cores), "history": history.source(), "quick": options.quick}
    _say(f"{data['machine']['cpu']}, {data['machine']['cores']} cores; {cores.note}")
    generator = Generator(install.generator(), cores, options.profile)
    missing = {name: problem for name in options.only if name != "ours" and (problem := install.peer(name))}
    for name, problem in missing.items():
        _say(f"{name} is missing: {problem}")
    servers = [name for name in options.only if name not in missing]
    bench = Bench(generator, cores, options.quick, options.seconds, lambda words: _say(f"    {words}"), [])
    results: dict[str, dict[str, report.Value]] = {}
    try:
        for workload in options.workloads:
            _run(workload, bench, servers, results, generator)
    finally:
        ours.remove_template()
    data |= {
        "versions": install.versions(), "servers": servers, "missing": missing, "results": results,
        "warnings": generator.warnings, "runs": bench.raw,
    }  # fmt: skip
    _show(data, options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "workloads", nargs="*", metavar="workload", help=f"of {', '.join([*ALL, 'quiet'])}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="short runs, coarse ladder, ours and Hocuspocus only")
    parser.add_argument("--seconds", type=float, help="how long each load is measured")
    parser.add_argument("--only", help=f"servers, with commas, of {', '.join(targets.NAMES)}")
    parser.add_argument("--json", type=Path, help="where to write everything that was measured")
    parser.add_argument("--svg", type=Path, help="where to write the chart")
    parser.add_argument("--profile", type=Path, help="folder for py-spy's samples of ours (they slow it down)")
    parser.add_argument("--docs", type=Path, help="measure nothing: fill docs/performance.md from this JSON file")
    options = parser.parse_args()
    options.workloads = options.workloads or ALL
    if unknown := set(options.workloads) - {*WORKLOADS, "postgres"}:
        parser.error(f"no workload {', '.join(sorted(unknown))}")
    names = options.only.split(",") if options.only else QUICK_SERVERS if options.quick else list(targets.NAMES)
    if unknown := set(names) - set(targets.NAMES):
        parser.error(f"no server {', '.join(sorted(unknown))}")
    options.only = names
    return options


def _raise_limits() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES if hard < 0 else min(FILES, hard), hard))


def _run(
    workload: str, bench: Bench, servers: list[str], results: dict[str, dict[str, report.Value]], generator: Generator
) -> None:
    _say(f"{workload}")
    if workload == "postgres":
        if "ours" in servers:
            for metric, value in _on_postgres(bench).items():
                results.setdefault(metric, {})["ours"] = value
        return
    for name in servers:
        try:
            values = WORKLOADS[workload](bench, name)
        except RuntimeError as error:
            generator.warnings.append(f"{workload} of {name} failed: {error}")
            _say(f"    {name} failed: {error}")
            continue
        for metric, figure in values.items():
            results.setdefault(metric, {})[name] = figure


def _on_postgres(bench: Bench) -> dict[str, report.Value]:
    """Measure once more, in a process of its own, with the database that tests/harness/postgres.py starts."""
    try:
        find("postgres")
    except ProgramMissing as missing:
        _say(f"    missing: {missing}")
        return {}
    with tempfile.NamedTemporaryFile(suffix=".json", dir=install.scratch()) as file:
        run = [sys.executable, "-m", "tests.bench", "quiet", "w2", "--only", "ours", "--json", file.name]
        run += ["--quick"] * bench.quick + (["--seconds", str(bench.seconds)] if bench.seconds else [])
        harness = [sys.executable, "-m", "tests.harness.postgres"]
        done = subprocess.run([*harness, *run], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            _say("    measuring on PostgreSQL failed")
            return {}
        inner: dict[str, Any] = json.load(file)
    bench.raw += [{**one, "workload": f"postgres.{one['workload']}"} for one in inner["runs"]]
    bench.generator.warnings += [f"PostgreSQL: {warning}" for warning in inner["warnings"]]
    figures: dict[str, report.Value] = {f"postgres.{key}": one["ours"] for key, one in inner["results"].items()}
    for key, value in figures.items():
        _say(f"    {key} {report.number(value, 2)}")
    return figures


def _show(data: dict[str, Any], options: argparse.Namespace) -> None:
    columns = [*data["servers"], *data["missing"]]
    for values in data["results"].values():
        values.update(dict.fromkeys(data["missing"], "missing"))
    sys.stdout.write(f"\n{report.text(data['results'], columns)}\n\n(n×): ours divided by that server's figure.\n")
    for warning in data["warnings"]:
        sys.stdout.write(f"Warning: {warning}\n")
    if options.json:
        options.json.write_text(json.dumps(data, indent=1))
    if options.svg:
        options.svg.write_text(chart.svg(docs.charts(data)))


BEGAN = time.monotonic()


def _say(words: str) -> None:
    sys.stdout.write(f"{time.monotonic() - BEGAN:6.1f} s  {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
