"""The web server: granian, a few processes of a few threads each.

Python runs on one core in each process; threads are for what waits: the disk, the database, slow hashes.
"""

from __future__ import annotations

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

THREADS = 8  # of each process


def run_web(*, host: str, port: int, processes: int) -> int:
    """Serve until SIGTERM or SIGINT."""
    Server(
        "vigie.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        backlog=1024,
        # Its one warning at the start is about the number of threads, which are meant: most of them wait.
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()
    return 0
