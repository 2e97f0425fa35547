"""W6: what the way to another instance costs an edit, with Redis and without."""

from contextlib import closing
from dataclasses import replace

from collab.fleet.programs import missing, words_on
from tests.bench.pair import Pair
from tests.bench.scenario import Result
from tests.bench.workloads import WARM_MS, Bench, Values

PEOPLE = 50
WRITERS = 10
UPDATES_PER_SECOND = 20


def w6(bench: Bench, name: str) -> Values:
    """W6: one document, half of its people on each of two instances; Redis is away for the second half."""
    if name != "ours":
        return {}
    if lacking := missing({"postgres", "redis-server"}):
        bench.say(f"missing: {words_on(lacking)}")
        return {}
    with closing(Pair(bench.cores)) as pair:
        pair.start()
        place = pair.prepare(people=PEOPLE, documents=3)

        def typing(document: str, workload: str, **more: int) -> Result:
            asked = {"people": PEOPLE, "writers": WRITERS, "rate": UPDATES_PER_SECOND, "ports": pair.ports, **more}
            result = bench.generator.play(
                "typing", pair, replace(place, documents=[document]), firehose=True, warm_ms=WARM_MS,
                measure_ms=bench.measure_ms(15), **asked,
            )  # fmt: skip
            bench.say(f"{workload}: {_telling(result)}")
            return bench.note(workload, name, result, **asked)

        through_redis = typing(place.documents[0], "w6")
        pair.end_redis()
        without = typing(place.documents[1], "w6.alone")
        # An instance reads what others wrote whenever it stores something itself: here one only reads.
        one_sided = typing(place.documents[2], "w6.alone.reading", apart=1)
    return {
        "w6.same.p50": through_redis["p50_ms"], "w6.same.p99": through_redis["p99_ms"],
        "w6.other.p50": through_redis["elsewhere_p50_ms"], "w6.other.p99": through_redis["elsewhere_p99_ms"],
        "w6.ratio.p50": ratio(through_redis["elsewhere_p50_ms"], through_redis["p50_ms"]),
        "w6.ratio.p99": ratio(through_redis["elsewhere_p99_ms"], through_redis["p99_ms"]),
        "w6.alone.same.p50": without["p50_ms"], "w6.alone.same.p99": without["p99_ms"],
        "w6.alone.other.p50": without["elsewhere_p50_ms"], "w6.alone.other.p99": without["elsewhere_p99_ms"],
        "w6.alone.reading.p50": one_sided["elsewhere_p50_ms"], "w6.alone.reading.p99": one_sided["elsewhere_p99_ms"],
        "w6.lost": sum(result["lost"] for result in (through_redis, without, one_sided)),
    }  # fmt: skip


def ratio(value: float | None, of: float | None) -> float | None:
    """Return `value` as a multiple of `of`, or None where there is nothing to divide."""
    return value / of if value is not None and of else None


def _telling(result: Result) -> str:
    parts = [
        f"{where} p50 {result[f'{prefix}p50_ms'] or 0:.2f} p99 {result[f'{prefix}p99_ms'] or 0:.2f} ms"
        for where, prefix in (("same instance", ""), ("other instance", "elsewhere_"))
    ]
    return f"{', '.join(parts)}; {result['lost']} of {result['expected']} lost"
