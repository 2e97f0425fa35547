"""Where a server of ours spends its time while a scenario plays: py-spy, if it is installed (`pip install py-spy`)."""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.processes import rss_mb
from tests.bench.targets import Target

SAMPLES_PER_SECOND = 200
LINES = 25


@contextmanager
def profiled(target: Target, scenario: str, folder: Path | None) -> Iterator[None]:
    """Write samples of what happens in here to `folder`, and print the functions where most time went."""
    if folder is None or target.name != "ours":
        yield
        return
    program = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if program is None:
        raise RuntimeError("py-spy is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{scenario}-{len(list(folder.iterdir()))}.txt"
    worker = max(target.pids(), key=rss_mb)
    options = ["--rate", str(SAMPLES_PER_SECOND), "--format", "raw", "--duration", "unlimited", "--nonblocking"]
    recorder = subprocess.Popen(
        [program, "record", "--pid", str(worker), *options, "--output", str(file)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        recorder.send_signal(signal.SIGINT)
        recorder.wait(timeout=30)
        sys.stdout.write(f"{file}\n{summary(file.read_text())}\n")


def summary(samples: str) -> str:
    """Return own and total shares of the functions in py-spy's raw format: `outer;inner;innermost count` a line."""
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        if not count.isdigit():  # a stack that was read while it changed
            continue
        functions = [frame.rpartition(":")[0] or frame for frame in stack.split(";")]
        own[functions[-1]] += int(count)
        for function in set(functions):
            total[function] += int(count)
    everything = sum(own.values()) or 1
    head = [f"{'own %':>7} {'total %':>8}  function"]
    rows = [
        f"{own[name] / everything:7.1%} {count / everything:8.1%}  {name}" for name, count in total.most_common(LINES)
    ]
    leaves = [f"{count / everything:7.1%} {'':8}  {name}" for name, count in own.most_common(LINES)]
    return "\n".join([*head, *rows, "by own time:", *leaves])
