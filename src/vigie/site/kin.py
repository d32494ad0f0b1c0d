"""End with the process that started this one: whoever is killed leaves nothing running that holds a port or a database."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from functools import cache
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def end_with(parent: int, number: signal.Signals) -> None:
    """Let this process receive `number` when `parent`, which started it, is gone; at once if it is already.

    The kernel sees to it, however the parent ends. Elsewhere than on Linux nothing is promised.
    """
    if sys.platform != "linux":
        return
    _libc().prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)
