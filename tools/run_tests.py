"""Pass the tests: the whole suite on SQLite, then all of it that touches a database on PostgreSQL (but not what pages look like).

What needs a real outside server finds it, or installs it by its Debian package where that is allowed (as root). What
cannot be had is left out, and one line says so.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path

import psycopg

PACKAGES = {
    "/usr/bin/chromium": ["chromium", "fonts-dejavu", "fonts-liberation", "fonts-noto-color-emoji"],
    "/usr/sbin/dovecot": ["dovecot-imapd"],
    "/usr/bin/openssl": ["openssl"],
    "/usr/bin/pg_dump": ["postgresql-client"],
}
# Playwright's own program asks for it, and Debian's Chromium does not bring it.
LIBRARIES = {"atomic": ["libatomic1"]}
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def install(packages: list[str]) -> bool:
    """Install Debian packages where this process may; say what is missing otherwise."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        say(f"left out: what needs {packages[0]} (install it with: apt-get install {' '.join(packages)})")
        return False
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if subprocess.run(command, env=environment, **quiet).returncode:
        subprocess.run(["apt-get", "update"], env=environment, **quiet)
        if subprocess.run(command, env=environment, **quiet).returncode:
            say(f"left out: what needs {packages[0]} (its package could not be installed)")
            return False
    return True


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


@contextmanager
def postgresql() -> Iterator[str | None]:
    """Give the address of a PostgreSQL to test on: the one named, the one running, or one of our own."""
    named = os.environ.get("VIGIE_TEST_DATABASE_URL", SERVER)
    if answers(named):
        yield named
        return
    if not glob.glob("/usr/lib/postgresql/*/bin/initdb") and not install(["postgresql"]):
        yield None
        return
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    folder = Path(tempfile.mkdtemp(prefix="vigie-pg-"))
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*as_user, f"{programs}/initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres"], **run)
    options = f"-p 54329 -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [*as_user, f"{programs}/pg_ctl", "-D", f"{folder}/data"]
    subprocess.run([*control, "-o", options, "-l", f"{folder}/log", "-w", "start"], **run)
    try:
        yield "postgresql://postgres@127.0.0.1:54329/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder, ignore_errors=True)


def passes(name: str, environment: dict[str, str], arguments: list[str]) -> bool:
    say(f"\n— the suite on {name} —")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--durations", "8", *arguments]
    return subprocess.run(command, env=environment).returncode == 0


def main(arguments: list[str]) -> int:
    for path, packages in PACKAGES.items():
        if not Path(path).exists():
            install(packages)
    for name, packages in LIBRARIES.items():
        if find_library(name) is None:
            install(packages)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    whole = passes("SQLite", environment, arguments)
    with postgresql() as url:
        if url is None:
            say("left out: the suite on PostgreSQL (no server could be had)")
        else:
            again = ["--only-database", *arguments]
            whole = passes("PostgreSQL", {**environment, "VIGIE_DATABASE_URL": url}, again) and whole
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
