"""How long each page of the desk takes with 100,000 cases and a million entries in the journal, over real HTTP.

    python -m benchmarks.pages [--cases 100000] [--rounds 200] [--keep FOLDER] [postgresql://postgres@127.0.0.1:5432/postgres]

Every case is invented (`filled`). SQLite in a temporary folder, and PostgreSQL in a database of its own when a server is
named. With `--keep`, what was filled is kept there for the next run. `core` is what a page takes of one core of the
web server, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil

from benchmarks.filled import SEED, fill

REPOSITORY = Path(__file__).parents[1]
PORT = 18765


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--keep", type=Path, help="a folder for what was filled, used again by the next run")
    arguments.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one of the two databases")
    arguments.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument("--figures", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument("server", nargs="?", default="", help="a PostgreSQL server, for the second run")
    given = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped, whoever stops us
    if given.fill:
        print(json.dumps(fill(given.cases)))
        return
    if given.figures:
        keep_figures()
        return
    for name, server in [("SQLite", ""), ("PostgreSQL", given.server)]:
        if (name == "SQLite" or server) and given.only in {None, name}:
            with filled(server, given.cases, given.keep) as (environment, known), web(environment) as server_pid:
                print(f"\n{name}, {given.cases:,} cases, {known['entries']:,} entries in the journal, one reader")
                measure(known, given.rounds, server_pid)


@contextmanager
def filled(server: str, cases: int, keep: Path | None) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """The environment of a filled desk, and what is known of it; gone afterwards unless it is to be kept."""
    kept = keep / ("postgresql" if server else "sqlite") if keep else None
    folder = kept or Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    database = "vigie_bench_kept" if kept else f"vigie_bench_{os.getpid()}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_")}
    environment |= {
        "VIGIE_DATA": str(folder), "VIGIE_ENV_FILE": os.devnull, "VIGIE_URL": f"http://127.0.0.1:{PORT}",
        "PYTHONPATH": str(REPOSITORY / "src"), "DJANGO_SETTINGS_MODULE": "vigie.site.settings",
    }  # fmt: skip
    if server:
        environment["VIGIE_DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
    known = folder / "known.json"
    try:
        if not known.exists():
            if server:
                sql(server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
                sql(server, f"CREATE DATABASE {database}")
            run("vigie", "migrate", environment=environment)
            known.write_bytes(run("benchmarks.pages", "--fill", "--cases", str(cases), environment=environment))
        elif kept:
            run("vigie", "migrate", environment=environment)
        run("benchmarks.pages", "--figures", environment=environment)
        yield environment, json.loads(known.read_bytes())
    finally:
        if not kept:
            if server:
                sql(server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            shutil.rmtree(folder)


def keep_figures() -> None:
    """Count what the figures add up to, as the worker does: it is there when somebody opens the page."""
    import django

    django.setup()
    from vigie.insight.tasks import keep_figures as one_piece

    while one_piece(datetime.now(UTC)):
        pass


def run(*arguments: str, environment: dict[str, str]) -> bytes:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, env=environment, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE).stdout


@contextmanager
def web(environment: dict[str, str]) -> Iterator[int]:
    command = [sys.executable, "-m", "vigie", "web", "--port", str(PORT)]
    process = subprocess.Popen(command, env=environment, cwd=REPOSITORY)
    try:
        wait_until_ready()
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def sql(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def wait_until_ready() -> None:
    for _ in range(300):
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the desk did not answer")


def pages(known: dict[str, Any], draw: random.Random) -> list[tuple[str, Callable[[], str]]]:
    """Return the pages by name, each with a way to one of its addresses."""

    def case(which: str) -> Callable[[], str]:
        return lambda: f"/bureau/dossiers/{draw.choice(known[which])}/"

    return [
        ("queue, first page", lambda: "/bureau/"),
        ("queue, any later page", lambda: f"/bureau/?apres={draw.choice(known['waiting'])}"),
        ("queue, free and urgent", lambda: "/bureau/?tenu=personne&danger=1"),
        ("queue, mine", lambda: "/bureau/?tenu=moi"),
        ("queue, held by others", lambda: "/bureau/?tenu=autres"),
        ("queue, in triage", lambda: "/bureau/?etape=triage"),
        ("queue, a second opinion asked", lambda: "/bureau/?avis=1"),
        ("queue, by mail", lambda: "/bureau/?porte=mail"),
        ("queue, a rare platform", lambda: "/bureau/?plateforme=vk"),
        ("queue, closed", lambda: "/bureau/?etape=closed"),
        ("queue, limitation within 30 days", lambda: "/bureau/?prescription=30"),
        ("an address pasted in", lambda: f"/bureau/?q={draw.choice(known['addresses'])}"),
        ("page of a case", case("any")),
        ("page of a case, notified", case("notified")),
        ("page of a case, of a raid", case("raid")),
        ("page of a case, 40 reports", case("forty")),
        ("journal of a case", lambda: f"/bureau/dossiers/{draw.choice(known['notified'])}/journal/"),
        ("what follows", lambda: "/bureau/suites/"),
        ("reports held back", lambda: "/bureau/a-verifier/"),
        ("letters to sort", lambda: "/bureau/courrier/"),
        ("imports", lambda: "/bureau/import/"),
        ("preview of an import", lambda: f"/bureau/import/{known['import']}/"),
        ("figures", lambda: "/bureau/chiffres/"),
        ("figures, one platform", lambda: "/bureau/chiffres/?platform=tiktok"),
        ("figures, chart of the months", lambda: "/bureau/chiffres/graphiques/mois.svg"),
        ("figures, the cases behind one", lambda: "/bureau/chiffres/notified/"),
    ]


def measure(known: dict[str, Any], rounds: int, server_pid: int) -> None:
    draw = random.Random(SEED)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{PORT}",
        cookies={"sessionid": known["session"]},
        follow_redirects=False,
        timeout=120,
    ) as client:
        print(f"{'':36}{'first':>9}{'p50':>9}{'p95':>9}{'core':>9}{'size':>10}")
        for name, address in pages(known, draw):
            first, _ = visit(client, address())
            began = processor_seconds(server_pid)
            seen = [visit(client, address()) for _ in range(rounds)]
            core = (processor_seconds(server_pid) - began) / rounds * 1000
            line(name, first, [taken for taken, _ in seen], core, max(size for _, size in seen))
        taken, core = [], 0.0
        for _ in range(10):
            something_happens(client, draw.choice(known["waiting"]))
            began = processor_seconds(server_pid)
            taken.append(visit(client, "/bureau/chiffres/")[0])
            core += (processor_seconds(server_pid) - began) * 100
        line("figures, after something happened", taken[0], taken, core, 0)
        print("memory of the web server's processes:", *(f"{megabytes:.0f}" for megabytes in memory(server_pid)), "MB")


def line(name: str, first: float, taken: list[float], core: float, size: int) -> None:
    middle, slow = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"{name:36}{first:6.0f} ms{middle:6.0f} ms{slow:6.0f} ms{core:6.0f} ms{size / 1024:7.0f} kB", flush=True)


def processor_seconds(pid: int) -> float:
    """Return the processor time that the web server has used so far: it says what a page costs on a busy machine too."""
    parts = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(times.user + times.system for times in (part.cpu_times() for part in parts))


def memory(pid: int) -> list[float]:
    """Return what each process of the web server holds for itself alone, in megabytes."""
    parts = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [part.memory_full_info().uss / 1e6 for part in parts]


def visit(client: httpx.Client, address: str) -> tuple[float, int]:
    """Ask for a page, and return the milliseconds it took and its size."""
    started = time.perf_counter()
    answer = client.get(address)
    taken = (time.perf_counter() - started) * 1000
    if answer.status_code != 200 and not answer.headers.get("Location", "").startswith("/bureau/dossiers/"):
        raise SystemExit(f"{address}: {answer.status_code} {answer.headers.get('Location', '')}")
    return taken, len(answer.content)


def something_happens(client: httpx.Client, ref: str) -> None:
    """Take a case, as a person would: the journal grows."""
    page = client.get("/bureau/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    form = {"csrfmiddlewaretoken": token[1] if token else ""}
    answer = client.post(f"/bureau/dossiers/{ref}/ouvrir/", data=form, headers={"Origin": f"http://127.0.0.1:{PORT}"})
    if answer.status_code not in (302, 409):
        raise SystemExit(f"taking {ref}: {answer.status_code}")


if __name__ == "__main__":
    main()
