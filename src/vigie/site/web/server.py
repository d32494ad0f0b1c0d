"""The web server: granian, one process of threads; SQLite's single writer makes more processes pointless."""

from __future__ import annotations

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

THREADS = 8


def run_web(*, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT."""
    Server(
        "vigie.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backlog=1024,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()
    return 0
