"""One capture at a time on one machine: Chromium takes most of a gigabyte, and two on two cores crawl."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def our_turn(*, wait: bool = True) -> Iterator[bool]:
    """Hold the machine's one turn; yield False, without it, when another has it and we do not `wait`.

    The lock is the kernel's: it ends with the process that holds it, however that ends.
    """
    path = Path(tempfile.gettempdir()) / f"vigie-capture-{os.getuid()}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
