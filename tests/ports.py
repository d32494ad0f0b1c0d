"""Ports for servers that tests start in processes of their own.

A port that was free a moment ago may be taken a moment later: by the other half of the same run, by a run beside it, or
by the kernel, which gives the upper ports to whoever connects somewhere. So these lie below the kernel's, and each is
marked as given away for as long as this process lives.
"""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack

RANGE = range(20_000, 32_000)
_given = ExitStack()
_next = RANGE.start + os.getpid() * 101 % len(RANGE)


def free_port() -> int:
    return free_ports(1)


def free_ports(number: int) -> int:
    """Return a port such that it and the next ones, `number` in all, are this process's to use."""
    global _next
    for _ in range(0, len(RANGE), number):
        first, _next = _next, _next + number
        if _next > RANGE.stop:
            _next = RANGE.start
            continue
        if _take(range(first, first + number)):
            return first
    raise AssertionError("no free port is left")


def _take(ports: range) -> bool:
    with ExitStack() as marks, ExitStack() as probes:
        try:
            for port in ports:
                # Linux's abstract names vanish with their process: nothing is left to clean up.
                marks.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)).bind(f"\0vigie-test-port-{port}")
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
        except OSError:
            return False
        _given.enter_context(marks.pop_all())
        return True
