"""W7: what those who are in notice of a crowd that comes, and what admission has to do with it."""

from contextlib import closing
from typing import Any

from tests.bench.across import ratio
from tests.bench.percentiles import median
from tests.bench.scenario import Result
from tests.bench.targets import Ours
from tests.bench.workloads import WARM_MS, Bench, Values

INSIDE = 200
WRITERS = 2
UPDATES_PER_SECOND = 40
CROWD = 1_000
# How the gate stands, and the settings of the server for it. A warm process lets in everybody until it lags, and only
# then counts clients a second (rooms/live/gate.py): "open" takes that away. "cold" counts from the first one on, as a
# process of a fleet does in its first fifteen seconds.
GATES = {
    "gate": {},
    "open": {"COLLAB_CONNECTS_PER_SECOND": "100000"},
    "cold": {"COLLAB_WARMUP_SECONDS": "600"},
}


def w7(bench: Bench, name: str) -> Values:
    """W7: 200 people are in, two of them write; a thousand others connect at once and open the document beside."""
    if name != "ours":
        return {}
    values: Values = {}
    for gate, settings in GATES.items():
        results = [_once(bench, gate, settings) for _ in range(1 if bench.quick else 3)]
        before, meanwhile = (median([result[key] for result in results]) for key in ("p99_ms", "meanwhile_p99_ms"))
        values |= {
            f"w7.{gate}.before.p50": median([result["p50_ms"] for result in results]),
            f"w7.{gate}.before.p99": before,
            f"w7.{gate}.meanwhile.p50": median([result["meanwhile_p50_ms"] for result in results]),
            f"w7.{gate}.meanwhile.p99": meanwhile,
            f"w7.{gate}.ratio": ratio(meanwhile, before),
            f"w7.{gate}.all": median([result["all_in_ms"] for result in results]),
            f"w7.{gate}.failed": sum(result["failed"] for result in results),
        }
    return values


def _once(bench: Bench, gate: str, settings: dict[str, str]) -> Result:
    asked: dict[str, Any] = {"people": INSIDE, "writers": WRITERS, "rate": UPDATES_PER_SECOND}
    with closing(Ours(bench.cores, **settings)) as target:
        target.start()
        place = target.prepare(people=INSIDE + CROWD, documents=2)
        result = bench.generator.play("beside", target, place, warm_ms=WARM_MS, measure_ms=bench.measure_ms(5), **asked)
    bench.say(
        f"{gate}: before p50 {result['p50_ms']:.2f} p99 {result['p99_ms']:.2f} ms, meanwhile p50 "
        f"{result['meanwhile_p50_ms']:.2f} p99 {result['meanwhile_p99_ms']:.2f} ms (typed up to "
        f"{result['late_p99_ms']:.1f} ms late); all in after {result['all_in_ms']:.0f} ms, "
        f"{result['told_later']} told to come later, {result['failed']} failed, {result['lost']} letters lost"
    )
    return bench.note(f"w7.{gate}", target.name, result, crowd=CROWD, settings=settings, **asked)
