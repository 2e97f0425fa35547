"""Loaded by the server of one test before anything else: its wall clock is wrong, by what a file says.

The file holds one number, seconds, as a C double; it may change at any time. `time.time` and `datetime.now` follow it,
as they would follow an administrator's hand or a broken NTP; `time.monotonic` and the event loop do not, as they do not
on a real machine. What reads the clock below Python (the kernel, SQLite, the names of threads in a log) stays right.
"""

import datetime
import mmap
import os
import struct
import time
from typing import Any


def mislead(path: str) -> None:
    with open(path, "r+b") as file:
        shared = mmap.mmap(file.fileno(), 8)
    read = struct.Struct("d").unpack_from
    right, right_ns = time.time, time.time_ns
    right_class: Any = datetime.datetime

    def seconds() -> float:
        return right() + float(read(shared)[0])

    def nanoseconds() -> int:
        return right_ns() + int(read(shared)[0] * 1e9)

    class Kind(type):
        """What C makes is a moment as well."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, right_class)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, right_class)

    class Moment(right_class, metaclass=Kind):  # type: ignore[misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return right_class.fromtimestamp(seconds(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return right_class.fromtimestamp(seconds(), datetime.UTC).replace(tzinfo=None)

    time.time, time.time_ns = seconds, nanoseconds
    datetime.datetime = Moment  # type: ignore[misc]


if "COLLAB_TEST_CLOCK" in os.environ:
    mislead(os.environ["COLLAB_TEST_CLOCK"])
