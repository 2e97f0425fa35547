"""Memory that was needed once goes back to the system.

The C library keeps what a process has freed for its next need: after fifty readers who did not read were closed, 25 MB
of it for ever. Asked to, it lets go of every page on which nothing is left, within a millisecond or two.
"""

import asyncio
import ctypes

# How often. A crowd that comes back soon finds the memory still there.
TRIM_SECONDS = 20.0

# glibc has it; others give back by themselves, or never.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


async def give_back() -> None:
    """Return once pages without content have gone back. In a thread: whoever types does not wait for it."""
    if _trim is not None:
        await asyncio.to_thread(_trim, 0)
