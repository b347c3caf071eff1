"""Blocks of hundreds of MB come and go in each step on a CPU: unless the allocator keeps them, page faults take half of the
time. It reads its limits as the program starts, so that `keep` may start it anew. Call it before torch is imported."""

import ctypes
import os
import sys


def keep():
    if os.environ.get("MALLOC_TRIM_THRESHOLD_") is None:
        os.environ |= {"MALLOC_MMAP_THRESHOLD_": str(1 << 33), "MALLOC_TRIM_THRESHOLD_": str(1 << 34)}
        os.execv(sys.executable, [sys.executable, *sys.argv])


def give_back():
    """What is free goes back to the system, after work that is done once."""
    ctypes.CDLL(None).malloc_trim(0)
