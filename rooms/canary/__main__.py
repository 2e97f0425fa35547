"""The canary itself: `python -m rooms.canary SECONDS BYTES`, with its parent at the other end of standard input.

It ends when that end is closed, which the end of the parent does too. A signal that is meant for the parent, as Ctrl-C
and what a service manager sends to all of a service, must not look like a document that kills.
"""

import contextlib
import json
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from pycrdt import Doc

from rooms.canary.wire import Work, receive, send
from rooms.core import loading, prosemirror, state

# What a canary has of the stack that a worker's threads have: what only just loads here does not die there.
_STACK_SHARE = 2
_STACK_BYTES = 8_388_608


def main(seconds: float, memory_bytes: int) -> None:
    _limit(memory_bytes)
    line = socket.socket(fileno=sys.stdin.fileno())
    line.sendall(b"!")
    reading = line.makefile("rb")
    while (request := receive(reading)) is not None:
        # Seconds of this process's own work: on a busy machine nothing is late. The signal ends it (trap Y4).
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _answer(*request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        send(line, answer)


def _answer(work: Work, snapshot: bytes | None, rows: list[bytes]) -> bytes:
    """Return JSON: null, or the content that was asked for, or a list of code and details of what went wrong."""
    content: Any = None
    try:
        doc = loading.load(snapshot, () if work is Work.TRY else rows)
        if work is Work.TRY:
            content = _try(doc, rows)
        elif work is Work.LOOK:
            loading.look_through(doc, [*([snapshot] if snapshot is not None else []), *rows])
        elif work is Work.READ:
            content = prosemirror.from_doc(doc)
        elif work is Work.PROVE:
            content = state.decode(doc.get_state())
        # What has no JSON, as bytes, is no part of any page.
        return json.dumps(content, default=lambda _: None).encode()
    except BaseException as error:  # a panic of pycrdt is no Exception
        return json.dumps(loading.describe(error)).encode()


def _try(doc: "Doc[Any]", rows: list[bytes]) -> float:
    """Return how many seconds of work it takes to apply these, and to encode the document where that gets much dearer.

    A document that grows takes a little longer; twice as long as before, and it is no longer the document's size.
    """
    before = _seconds_to(loading.prove_encoding, doc)
    applying = sum(_seconds_to(doc.apply_update, row) for row in rows)
    after = _seconds_to(loading.prove_encoding, doc)
    loading.load(doc.get_update(), ())  # whoever opens it next has to survive that too
    return applying + max(0.0, after - 2 * before)


def _seconds_to(work: Callable[[Any], Any], what: Any) -> float:
    started = time.process_time()
    work(what)
    return time.process_time() - started


def _limit(memory_bytes: int) -> None:
    for meant_for_the_parent in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(meant_for_the_parent, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stack, most = resource.getrlimit(resource.RLIMIT_STACK)
    whole = _STACK_BYTES if stack == resource.RLIM_INFINITY else stack
    resource.setrlimit(resource.RLIMIT_STACK, (whole // _STACK_SHARE, most))
    with contextlib.suppress(OSError, ValueError):  # not everywhere is there such a limit
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_held() + memory_bytes, most))


def _held() -> int:
    """Return the size of this process's address space, in bytes: what it began with is not the document's."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
