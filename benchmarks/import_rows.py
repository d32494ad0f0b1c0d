"""How many lines of a partner's file become reports and cases in a second, and how much memory that takes.

    python -m benchmarks.import_rows [--rows 100000] [postgresql://postgres@127.0.0.1:5432/postgres]

Every line is invented; one in ten names a content that stands before it in the file. Beside it, as the limit, the bare
insert of as many rows of one table by the same stack in the same run. SQLite in a temporary folder, and
PostgreSQL in a database of its own when a server is named.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

REPOSITORY = Path(__file__).parents[1]
SEED = 20261120
WORDS = ["place", "marché", "voisin", "école", "lettre", "matin", "pluie", "train", "colère", "peur", "gens", "jamais"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("server", nargs="?", default="", help="a PostgreSQL server, for the second run")
    given = arguments.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.rows)))
        return
    for name, server in [("SQLite", ""), ("PostgreSQL", given.server)]:
        if name == "SQLite" or server:
            report(name, run(server, given.rows), given.rows)


def report(name: str, found: dict[str, float], rows: int) -> None:
    print(f"\n{name}, {rows:,} lines")
    print(f"  look through (preview)   {rows / found['preview']:>9,.0f} lines/s")
    print(f"  import                   {rows / found['import']:>9,.0f} lines/s   {found['import']:.0f} s")
    print(f"    of one processor       {rows / found['processor']:>9,.0f} lines for each second it worked")
    print(f"  the same file again      {rows / found['again']:>9,.0f} lines/s")
    print(
        f"  bare inserts, one table  {rows / found['bare']:>9,.0f} rows/s    ratio {found['bare'] / found['import']:.3f}"
    )
    print(f"  journal entries written  {found['entries']:>9,.0f}")
    print(
        f"  peak memory              {found['memory']:>9,.0f} MB (before the import: {found['memory_before']:,.0f} MB)"
    )


def run(server: str, rows: int) -> dict[str, float]:
    folder = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_")}
    environment |= {
        "VIGIE_DATA": str(folder), "VIGIE_ENV_FILE": os.devnull, "PYTHONPATH": str(REPOSITORY / "src"),
        "DJANGO_SETTINGS_MODULE": "vigie.site.settings",
    }  # fmt: skip
    database = f"vigie_bench_{os.getpid()}"
    if server:
        sql(server, f"CREATE DATABASE {database}")
        environment["VIGIE_DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
    try:
        path = folder / "partner.csv"
        write_file(path, rows)
        subprocess.run([sys.executable, "-m", "vigie", "migrate"], env=environment, cwd=REPOSITORY, check=True)
        command = [sys.executable, "-m", "benchmarks.import_rows", "--rows", str(rows), "--measure", str(path)]
        done = subprocess.run(command, env=environment, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)  # type: ignore[no-any-return]
    finally:
        if server:
            sql(server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        shutil.rmtree(folder)


def sql(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def write_file(path: Path, rows: int) -> None:
    drawn = random.Random(SEED)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["adresse", "texte", "compte", "publié le", "langue"])
        for number in range(rows):
            content = drawn.randrange(number) if number and drawn.random() < 0.1 else number
            words = " ".join(drawn.choices(WORDS, k=drawn.randrange(5, 40)))
            moment = begin + timedelta(minutes=number)
            table.writerow([f"https://x.com/compte{content % 997}/status/{1790000000000000000 + content}",
                            f"{words} {number}", f"compte{content % 997}", moment.isoformat(), "fr"])  # fmt: skip


def measure(path: Path, rows: int) -> dict[str, float]:
    import django

    django.setup()
    from django.db import transaction
    from django.utils import timezone

    from vigie.casefile.models import JournalEntry
    from vigie.intake.doors.files import actions
    from vigie.intake.doors.files.models import ImportState
    from vigie.organisations.models import ApiToken, Organisation
    from vigie.organisations.rules.policy import Actor

    organisation = Organisation.objects.create(slug="veille", name="Veille", notice_email="a@veille.example")
    worker = Actor(name="worker", organisation_id=organisation.pk)
    found: dict[str, float] = {"memory_before": memory()}

    def imported() -> tuple[float, float]:
        with path.open("rb") as content:
            job = actions.hand_in_here(actor=worker, name="partner.csv", content=content, now=timezone.now())
        actions.take(job, timezone.now())
        began = time.perf_counter()
        actions.prepare(job)
        between, busy = time.perf_counter(), time.process_time()
        actions.run(job)
        ended = time.perf_counter()
        found.setdefault("processor", time.process_time() - busy)
        job.refresh_from_db()
        assert job.state == ImportState.DONE, job.problem
        assert job.taken + job.merged + job.known == rows
        return between - began, ended - between

    found["preview"], found["import"] = imported()
    found["entries"] = JournalEntry.across_associations.count()
    found["memory"] = memory()
    found["again"] = imported()[1]
    began = time.perf_counter()
    for start in range(0, rows, actions.LINES_AT_ONCE):
        with transaction.atomic():
            ApiToken.objects.bulk_create(
                ApiToken(organisation=organisation, name="x" * 60, digest=f"{number:064d}", created_at=timezone.now())
                for number in range(start, min(rows, start + actions.LINES_AT_ONCE))
            )
    found["bare"] = time.perf_counter() - began
    return found


def memory() -> float:
    """Return the peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
