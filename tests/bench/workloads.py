"""The workloads. Each returns metric → value for one target; docs/performance.md says what they stand for."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.bench import history, ladder, targets
from tests.bench.machine import Cores
from tests.bench.percentiles import median
from tests.bench.scenario import Generator, Result
from tests.bench.targets import Target

P99_LIMIT_MS = 250.0
WARM_MS = 700
# Where the ladder begins, so that it does not take all day: what was seen before.
GUESSES = {
    200: {"ours": 24_000, "hocuspocus": 12_000, "y-websocket": 400, "pycrdt-websocket": 75},
    50: {"ours": 48_000, "hocuspocus": 16_000, "y-websocket": 1_500, "pycrdt-websocket": 300},
}
CLIENT_GUESS = 24_000

Values = dict[str, float | str | None]


@dataclass
class Bench:
    """What a workload needs to run."""

    generator: Generator
    cores: Cores
    quick: bool
    seconds: float | None
    say: Callable[[str], None]
    # Every result of the generator, with what was asked: for whoever wants to know more than the table has.
    raw: list[dict[str, Any]]

    def measure_ms(self, usual: float) -> int:
        return round(1000 * (self.seconds or (min(usual, 2.0) if self.quick else usual)))

    def target(self, name: str, *, durable: bool = False, stores_first: bool = False) -> Target:
        return targets.make(name, self.cores, durable=durable, stores_first=stores_first)

    def note(self, workload: str, target: str, result: Result, **asked: Any) -> Result:
        self.raw.append({"workload": workload, "target": target, "asked": asked, "result": result})
        return result


def _typing(
    bench: Bench,
    name: str,
    workload: str,
    *,
    documents: int,
    people: int,
    measure_ms: int,
    stores_first: bool = False,
    **load: Any,
) -> Result:
    """Start a fresh server and have people type: cold, as after a deployment."""
    with closing(bench.target(name, stores_first=stores_first)) as target:
        target.start()
        place = target.prepare(people=documents * people, documents=documents)
        result = bench.generator.play(
            "typing", target, place, people=people, warm_ms=WARM_MS, measure_ms=measure_ms, **load
        )
    return bench.note(workload, name, result, documents=documents, people=people, **load)


def _holds(result: Result) -> bool:
    p99 = result["p99_ms"]
    return p99 is not None and p99 <= P99_LIMIT_MS and result["lost"] == 0


def fan_out(bench: Bench, name: str, *, people: int, writers: int, firehose: bool) -> Values:
    """W1: the highest rate of updates that one document holds."""
    label = f"w1.{people}" + ("" if firehose else ".client")
    best: Result = {}

    def holds(rate: int) -> bool:
        nonlocal best
        # What a neighbour spoilt gets a second chance; a server that cannot fails twice.
        for _ in range(1 if bench.quick else 2):
            result = _typing(
                bench, name, label, documents=1, people=people, writers=writers, rate=rate, firehose=firehose,
                measure_ms=bench.measure_ms(3),
            )  # fmt: skip
            bench.say(f"{name} {rate}/s: {_telling(result)}")
            if _holds(result):
                best = result
                return True
        return False

    rungs = ladder.QUICK_RUNGS if bench.quick else ladder.RUNGS
    guess = GUESSES[people][name] if firehose else CLIENT_GUESS
    top = ladder.highest(rungs, guess, holds)
    if top is None:
        return {f"{label}.max": 0}
    return {
        f"{label}.max": top,
        f"{label}.max_p50": best["p50_ms"],
        f"{label}.max_p99": best["p99_ms"],
        f"{label}.max_cpu": best["server_cpu"],
        f"{label}.max_generator_cpu": best["generator_cpu"],
    }


def _telling(result: Result) -> str:
    p50, p99 = result["p50_ms"], result["p99_ms"]
    figures = f"p50 {p50:.2f} p99 {p99:.2f} ms" if p50 is not None else "nothing arrived"
    lost = f", {result['lost']} of {result['expected']} lost" if result["lost"] else ""
    refused = f", refused {result['refused']}" if result["refused"] else ""
    return (
        f"{figures}{lost}{refused}, CPU server {result['server_cpu']:.0f} % generator {result['generator_cpu']:.0f} %"
    )


def w1(bench: Bench, name: str) -> Values:
    """W1 with the same sending for all: each update in a message of its own, at the offered rate."""
    values: Values = {}
    if not bench.quick:
        values |= quiet(bench, name)
        values |= fan_out(bench, name, people=50, writers=5, firehose=True)
    return values | fan_out(bench, name, people=200, writers=20, firehose=True)


def w1_client(bench: Bench, name: str) -> Values:
    """W1 for ours as its own client sends: one batch in flight, the rest merged. No peer's figure compares with it."""
    return fan_out(bench, name, people=200, writers=20, firehose=False) if name == "ours" else {}


def quiet(bench: Bench, name: str) -> Values:
    """W1, quiet: 200 people look on while twenty updates a second are written."""
    result = _quiet(bench, name, "quiet")
    bench.say(f"{name} 20/s: {_telling(result)}")
    values: Values = {"quiet.p50": result["p50_ms"], "quiet.p99": result["p99_ms"], "quiet.lost": result["lost"]}
    values["quiet.cpu"] = result["server_cpu"]
    # Of those who can be made to store first, and show then.
    if name == "hocuspocus":
        result = _quiet(bench, name, "quiet.stored", stores_first=True)
        bench.say(f"{name} 20/s, each stored first: {_telling(result)}")
    if name in {"ours", "hocuspocus"}:
        values |= {"quiet.stored.p50": result["p50_ms"], "quiet.stored.p99": result["p99_ms"]}
    return values


def _quiet(bench: Bench, name: str, workload: str, *, stores_first: bool = False) -> Result:
    return _typing(
        bench, name, workload, documents=1, people=200, writers=20, rate=20, firehose=True,
        measure_ms=bench.measure_ms(8), stores_first=stores_first,
    )  # fmt: skip


def w2(bench: Bench, name: str) -> Values:
    """W2: two hundred documents with two people each, who type five letters a second."""
    result = _typing(
        bench, name, "w2", documents=200, people=2, writers=2, rate=2_000, firehose=True,
        measure_ms=bench.measure_ms(5),
    )  # fmt: skip
    bench.say(f"{name}: {_telling(result)}")
    return {
        "w2.p50": result["p50_ms"], "w2.p99": result["p99_ms"], "w2.lost": result["lost"],
        "w2.cpu": result["server_cpu"],
    }  # fmt: skip


def w3(bench: Bench, name: str) -> Values:
    """W3: a thousand people connect at once."""
    people = 1_000
    results = []
    for _ in range(1 if bench.quick else 3):
        with closing(bench.target(name)) as target:
            target.start()
            place = target.prepare(people=people)
            result = bench.generator.play(
                "storm", target, place, people=people, settle_ms=1_500 if bench.quick else 5_000
            )
        results.append(bench.note("w3", name, result, people=people))
        bench.say(
            f"{name}: all in {result['ms']:.0f} ms, {result['failed']} failed, {result['kb_per_person']:.0f} KB each"
        )
    return {
        "w3.all": median([result["ms"] for result in results]),
        "w3.failed": sum(result["failed"] for result in results),
        "w3.memory": median([result["kb_per_person"] for result in results]),
    }


def w4(bench: Bench, name: str) -> Values:
    """W4: the document of 260,000 edits."""
    behind = str(history.behind())
    with closing(bench.target(name, durable=True)) as target:
        target.start()
        place = target.prepare(people=50, large=True)
        upload = str(history.whole()) if target.uploads else None
        play = partial(bench.generator.play, "joins", target, place, behind=behind, hold_ms=4_000 if upload else 0)
        warm = bench.note("w4", name, play(upload=upload, times=5 if bench.quick else 21))
        cold = []
        for _ in range(1 if bench.quick else 3):
            target.stop()
            target.start()
            cold.append(bench.note("w4.cold", name, play(upload=None, times=0, hold_ms=0))["cold_ms"])
    first = None if None in cold else median(cold)
    bench.say(f"{name}: fresh {warm['fresh_ms']:.2f}, behind {warm['behind_ms']:.2f} ms, cold {first or 0:.1f} ms")
    return {
        "w4.fresh": warm["fresh_ms"], "w4.behind": warm["behind_ms"], "w4.cold": first,
        "w4.together": warm["together"]["ms"],
    }  # fmt: skip


def w5(bench: Bench, name: str) -> Values:
    """W5: what others saw, and what of it is gone after the power was cut."""
    gone = seen = 0
    for _ in range(1 if bench.quick else 3):
        with closing(bench.target(name, durable=True)) as target:
            target.start()
            place = target.prepare(people=2)
            play = partial(bench.generator.play, target=target, place=place)
            typed = bench.note("w5", name, play("survival", seconds=2 if bench.quick else 8, rate=10))
            target.kill()
            target.start()
            left = bench.note("w5.left", name, play("remains"))
        seen += typed["seen"]
        gone += max(0, typed["seen"] - left["letters"])
    bench.say(f"{name}: {gone} of {seen} gone")
    return {"w5.gone": gone, "w5.seen": seen}


def presence(bench: Bench, name: str) -> Values:
    """Fifty people move their carets ten times a second in one document."""
    with closing(bench.target(name)) as target:
        target.start()
        place = target.prepare(people=50)
        result = bench.generator.play("cursors", target, place, people=50, rate=10, measure_ms=bench.measure_ms(5))
    bench.note("presence", name, result)
    bench.say(f"{name}: {result['frames_per_person']:.1f} frames/s a person, server {result['server_cpu']:.0f} %")
    return {
        "presence.cpu": result["server_cpu"], "presence.frames": result["frames_per_person"],
        "presence.kb": result["bytes_per_person"] / 1024,
    }  # fmt: skip


def rss(bench: Bench, name: str) -> Values:
    """The memory of the process that does the work, with nobody there."""
    with closing(bench.target(name)) as target:
        target.start()
        bench.generator.play("remains", target, target.prepare(people=1))  # one visit: everything is loaded
        memory = targets.worker_rss_mb(target)
    bench.say(f"{name}: {memory:.0f} MB")
    return {"rss": memory}


WORKLOADS: dict[str, Callable[[Bench, str], Values]] = {
    "w1": w1, "w1-client": w1_client, "quiet": quiet, "w2": w2, "w3": w3, "w4": w4, "w5": w5, "presence": presence,
    "rss": rss,
}  # fmt: skip
