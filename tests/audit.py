"""`make audit`: asks what is known against the exact versions that this product and its tests are made of.

Exit code 0: everything was asked about and nothing is known. 1: something is. 2: it could not be asked: without the
network, or through a mirror that has packages and no advisories. Nothing was found then, and nothing is proven.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
SECONDS = 300


@dataclass
class Report:
    """What is known of one list of packages: `asked` of them were looked up; `known` has a line for each advisory."""

    source: str
    asked: int = 0
    known: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        said = [f"{self.source}: {self.asked} packages looked up, {len(self.known)} advisories"]
        said += [f"  {line}" for line in self.known]
        if self.not_asked:
            few = ", ".join(self.not_asked[:3]) + (", …" if len(self.not_asked) > 3 else "")
            said.append(f"  NOT AUDITED, no advisories could be reached: {few}")
        return said


def python_report(source: str, output: str, error: str) -> Report:
    """Read what `pip-audit --format json` wrote. It calls a package that its service does not know "skipped"."""
    report = Report(source)
    try:
        packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        report.not_asked.append(reason(error))
        return report
    for package in packages:
        if "skip_reason" in package:
            report.not_asked.append(package["name"])
            continue
        report.asked += 1
        for one in package["vulns"]:
            better = ", ".join(one["fix_versions"]) or "no version"
            report.known.append(f"{package['name']} {package['version']}: {one['id']}, mended in {better}")
    return report


def npm_report(source: str, output: str, error: str) -> Report:
    """Read what `npm audit --json` wrote."""
    report = Report(source)
    try:
        said: dict[str, Any] = json.loads(output)
        report.asked = said["metadata"]["dependencies"]["total"]
        for name, found in said["vulnerabilities"].items():
            report.known.append(f"{name} {found['range']}: {found['severity']}")
    except (ValueError, KeyError, TypeError):
        report.not_asked.append(reason(error))
    return report


def reason(text: str) -> str:
    """Return the first line that speaks of an error."""
    return next((line for line in text.splitlines() if "error" in line.lower()), "no answer")[:200]


def verdict(reports: list[Report]) -> int:
    if any(report.known for report in reports):
        return 1
    return 2 if any(report.not_asked for report in reports) else 0


def run(command: list[str], folder: Path) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    return done.stdout, done.stderr or done.stdout


def main() -> int:
    pip_audit = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    reports = [python_report(name, *run([*pip_audit, "--requirement", name], ROOT)) for name in REQUIREMENTS]
    reports.append(npm_report("static/package-lock.json", *run(["npm", "audit", "--json"], ROOT / "static")))
    for report in reports:
        sys.stdout.write("\n".join(report.lines()) + "\n")
    code = verdict(reports)
    if code == 2:
        sys.stdout.write("Not everything could be asked about. Run this again where the advisories can be reached.\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
