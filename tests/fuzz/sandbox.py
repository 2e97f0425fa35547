"""What pycrdt does with an update, seen from outside: it may crash, hang, take all the memory, or take it.

`python -m tests.fuzz.sandbox` is the process that applies; `Sandbox` starts it, and another one when that has ended.
"""

import contextlib
import resource
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

import msgpack
from pycrdt import Doc, Text, XmlElement, XmlFragment, XmlText, get_state

from rooms.core import loading, prosemirror, state

ROOT = Path(__file__).resolve().parents[2]

# What a process may have in all. Python, pycrdt and a document of a megabyte take 100 MB of addresses.
MAX_BYTES = 1_500_000_000
# A megabyte of ordinary text is applied in 20 ms, here and under load.
SECONDS = 20.0
# No update of a megabyte needs more than this; its own encoding times twenty.
BALLOON_KB = 100_000
# Of so many of the last states it is tried what somebody lacks who comes back with them.
COME_BACK = 2


class Outcome(NamedTuple):
    # "taken", "undecodable", "refused" (it decodes, and pycrdt raises all the same), "crash", "hang", "balloon", or
    # "differs": whoever is sent what they lack does not hold the document then
    kind: str
    # the error, the signal, or the kilobytes
    why: str = ""
    # the Doc's own encoding, afterwards
    whole: bytes = b""
    # what is visible, by root, and what is of that encoding
    content: Any = None
    loaded: Any = None
    seconds: float = 0.0


class Child:
    """A process that answers one frame with one frame, and may die of it."""

    def __init__(self, *command: str, cwd: Path = ROOT) -> None:
        self._command, self._cwd = command, cwd
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def ask(self, question: Any, seconds: float = SECONDS) -> Any:
        """Raises TimeoutError, or EOFError with the signal that ended the process: the next question starts another."""
        process = self._running()
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            write(process.stdin, question)
        if not select.select([process.stdout], [], [], seconds)[0]:
            self.end()
            raise TimeoutError
        try:
            return read(process.stdout)
        except EOFError:
            code = process.wait()
            self.end()
            raise EOFError(signal.Signals(-code).name if code < 0 else f"exit {code}") from None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with process:  # closes the pipes, and waits
                pass


class Sandbox(Child):
    """pycrdt in a process of its own."""

    def __init__(self) -> None:
        super().__init__(sys.executable, "-m", "tests.fuzz.sandbox")

    def apply(self, *log: bytes, seconds: float = SECONDS) -> Outcome:
        """Apply updates in this order to a new Doc, and look at all of it."""
        try:
            answer = self.ask(log, seconds)
        except TimeoutError:
            return Outcome("hang", f"more than {seconds} s")
        except EOFError as error:
            return Outcome("balloon" if str(error) == "SIGABRT" else "crash", str(error))
        return Outcome(*answer)


def write(stream: IO[bytes] | None, message: Any) -> None:
    """Write a length of four bytes, and MessagePack."""
    assert stream is not None
    packed = msgpack.packb(message)
    stream.write(struct.pack(">I", len(packed)) + packed)
    stream.flush()


def read(stream: IO[bytes] | None) -> Any:
    """Raises EOFError."""
    assert stream is not None
    head = stream.read(4)
    if len(head) < 4:
        raise EOFError
    (size,) = struct.unpack(">I", head)
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return msgpack.unpackb(body, strict_map_key=False, unicode_errors="surrogatepass")


# --- in the process ----------------------------------------------------------------------------------------------


def applied(log: Sequence[bytes]) -> Outcome:
    """Apply updates as the server does: each by itself, and the document's own encoding once more."""
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    started = resource.getrusage(resource.RUSAGE_SELF)
    doc: Doc[Any] = Doc()
    try:
        get_state(log[-1])
    except (ValueError, RuntimeError) as error:
        return Outcome("undecodable", f"{type(error).__name__}: {error}")
    except BaseException as error:
        return Outcome("crash", f"{type(error).__name__}: {error}")
    try:
        earlier = []
        for update in log:
            earlier.append((doc.get_state(), doc.get_update()))
            doc.apply_update(update)
        whole = doc.get_update()
        loaded: Doc[Any] = Doc()
        loaded.apply_update(whole)
        seen = seen_loaded = None
        with contextlib.suppress(RecursionError):  # Python's own, and harmless
            seen, seen_loaded = content(doc), content(loaded)
        used, peak = resource.getrusage(resource.RUSAGE_SELF), _memory("VmHWM") - before
        # Whoever has half of it, and whoever left before one of the updates and comes back.
        loading.prove_encoding(doc)
        for have, held in earlier[-COME_BACK:]:
            loaded = Doc()
            loaded.apply_update(held)
            loaded.apply_update(doc.get_update(have))
            if state.decode(loaded.get_state()) != state.decode(doc.get_state()):
                return Outcome("differs", f"after what {have.hex()} lacks")
    except (ValueError, RuntimeError) as error:
        return Outcome("refused", f"{type(error).__name__}: {error}")
    except BaseException as error:  # a panic of Rust's is a BaseException
        return Outcome("crash", f"{type(error).__name__}: {error}")
    seconds = used.ru_utime + used.ru_stime - started.ru_utime - started.ru_stime
    if peak > BALLOON_KB:
        return Outcome("balloon", f"{peak} kB")
    return Outcome("taken", f"{peak} kB", whole, seen, seen_loaded, seconds)


def content(doc: "Doc[Any]") -> dict[str, Any]:
    """What the root of tests and the root of documents show, in the words of `yjs.mjs`."""
    with contextlib.suppress(Exception):  # what no page of ours writes need not have an equivalent
        prosemirror.from_doc(doc)
    return {"text": str(doc.get("text", type=Text)), "default": _children(doc.get("default", type=XmlFragment))}


def _children(parent: Any) -> list[Any] | None:
    """None where pycrdt stops: what is neither text nor an element hides what follows."""
    found = [_xml(child) for child in parent.children]
    return found if len(found) == len(parent.children) else None


def _xml(node: Any) -> Any:
    if isinstance(node, XmlText):
        return "".join(value for value, _ in node.diff() if isinstance(value, str))
    return [node.tag if isinstance(node, XmlElement) else None, _children(node)]


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0])


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            log = read(sys.stdin.buffer)
        except EOFError:
            return
        write(sys.stdout.buffer, tuple(applied(log)))


if __name__ == "__main__":
    main()
