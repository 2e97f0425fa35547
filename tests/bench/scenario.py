"""Plays one scenario of the generator against a target, on the generator's core."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.bench.machine import Cores, on_core
from tests.bench.percentiles import percentile
from tests.bench.profile import profiled
from tests.bench.targets import Place, Target

TIMEOUT_SECONDS = 180
# Above this the generator may be what is measured.
BUSY_PERCENT = 90

# Histograms of a result, and what the names of their percentiles begin with.
HISTOGRAMS = {"latency": "", "elsewhere": "elsewhere_", "meanwhile": "meanwhile_"}

Result = dict[str, Any]


class Generator:
    """Knows where the generator is; collects what is doubtful about its results."""

    def __init__(self, main: Path, cores: Cores, profile: Path | None = None) -> None:
        self._main = main
        self._cores = cores
        self._profile = profile
        self.warnings: list[str] = []

    def play(self, scenario: str, target: Target, place: Place, **options: Any) -> Result:
        """Play `scenario`. Raises RuntimeError when the generator fails or takes too long."""
        config = {
            "scenario": scenario, "protocol": target.protocol, "port": target.port, "pids": target.pids(),
            "documents": place.documents, "sessions": place.sessions, **options,
        }  # fmt: skip
        command = ["node", "--expose-gc", str(self._main)]
        try:
            with on_core(self._cores.generator), profiled(target, scenario, self._profile):
                done = subprocess.run(
                    command, input=json.dumps(config), capture_output=True, text=True,
                    timeout=TIMEOUT_SECONDS, check=False,
                )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{scenario} took more than {TIMEOUT_SECONDS} s") from None
        if done.returncode:
            raise RuntimeError(f"{scenario}: {_why(done.stderr)}")
        result: Result = json.loads(done.stdout)
        self._summarise(result)
        self._doubt(scenario, target, result)
        return result

    @staticmethod
    def _summarise(result: Result) -> None:
        """Replace histograms by their percentiles: of `latency` without a prefix, of others with their name."""
        for name, prefix in HISTOGRAMS.items():
            if (latency := result.pop(name, None)) is not None:
                result |= {f"{prefix}p50_ms": percentile(latency, 0.5), f"{prefix}p99_ms": percentile(latency, 0.99)}
                result[f"{prefix}max_ms"] = latency["max_ms"]
        if (late := result.pop("late", None)) is not None:
            result["late_p99_ms"] = percentile(late, 0.99)
        if "expected" in result:
            result["lost"] = result["expected"] - result["delivered"]

    def _doubt(self, scenario: str, target: Target, result: Result) -> None:
        if result.get("generator_cpu", 0) > BUSY_PERCENT and result.get("server_cpu", 100) < BUSY_PERCENT:
            self.warnings.append(
                f"{scenario} of {target.name}: the generator used {result['generator_cpu']:.0f} % of its core, "
                f"the server {result['server_cpu']:.0f} %: the generator may be the limit"
            )
        if result.get("refused"):
            self.warnings.append(f"{scenario} of {target.name}: refused {result['refused']}")
        if result.get("cut"):
            self.warnings.append(f"{scenario} of {target.name}: {result['cut']} connections were cut")


def _why(stderr: str) -> str:
    """Return the line of a Node stack trace that says what happened."""
    lines = stderr.strip().splitlines() or ["it ended without a word"]
    return next((line for line in lines if "Error: " in line), lines[-1])
