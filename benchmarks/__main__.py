"""Print every figure of docs/performance.md anew: `python -m benchmarks [name …] [--quick]`, or `make bench`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

import psycopg

from benchmarks import idle, journal, letters, start, surge, watch
from benchmarks.report import Report

# In the order of printing: the quick ones first.
NAMES = ["resolve", "detection", "letters", "journal", "idle", "duplicates", "second", "start"]
NAMES += ["surge", "watch", "import_rows", "pages", "scan"]
REPORTED = {"letters": letters, "journal": journal, "idle": idle, "start": start, "surge": surge, "watch": watch}
TENTHS = {
    "duplicates": ["--posts", "10000"],
    "import_rows": ["--rows", "10000"],
    "scan": ["--posts", "10000"],
    "second": ["--posts", "4000"],
    "pages": ["--cases", "10000", "--rounds", "20"],
}
MORE = {"scan": ["--kills"]}
ASK_A_DATABASE = {"import_rows", "pages"}
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: to see that it runs, not to publish")
    given = parser.parse_args(arguments)
    unknown = set(given.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped, whoever stops us
    report = Report(databases=databases(), is_quick=given.quick)
    report.machine()
    for name in given.names or NAMES:
        if name in REPORTED:
            REPORTED[name].run(report)
        else:
            program = [sys.executable, "-m", f"benchmarks.{name}", *arguments_of(name, report)]
            subprocess.run(program, check=True)
    return 0


def arguments_of(name: str, report: Report) -> list[str]:
    """Return what a benchmark that is a program of its own is told: a tenth of the work, and where PostgreSQL is."""
    less = TENTHS.get(name, []) if report.is_quick else []
    servers = [server for server in report.databases.values() if server and name in ASK_A_DATABASE]
    return [*less, *MORE.get(name, []), *servers]


def databases() -> dict[str, str]:
    """Return the databases to measure on: SQLite, and PostgreSQL where a server answers."""
    found = {"SQLite": ""}
    server = os.environ.get("VIGIE_TEST_DATABASE_URL", SERVER)
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.Error:
        print("left out: PostgreSQL (no server answers; VIGIE_TEST_DATABASE_URL names one)")
    else:
        found["PostgreSQL"] = server
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
