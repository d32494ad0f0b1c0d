"""How long the queue and the page of a case take with 100,000 cases, over real HTTP.

    python -m benchmarks.pages [--cases 100000] [--rounds 200] [postgresql://postgres@127.0.0.1:5432/postgres]

Every case is invented. SQLite in a temporary folder, and PostgreSQL in a database of its own when a server is named.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

REPOSITORY = Path(__file__).parents[1]
PORT = 18765
SEED = 20261120
WORDS = [
    "place",
    "marché",
    "voisin",
    "quartier",
    "école",
    "lettre",
    "fenêtre",
    "matin",
    "soir",
    "pluie",
    "train",
    "colère",
    "peur",
    "bruit",
    "gens",
    "dehors",
    "honte",
    "jamais",
    "toujours",
    "encore",
    "dire",
    "voir",
    "partir",
    "rester",
    "bougnoule",
    "youpin",
    "tarlouze",
    "rentrer",
    "loi",
    "affiche",
    "vidéo",
    "message",
]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument("server", nargs="?", default="", help="a PostgreSQL server, for the second run")
    given = arguments.parse_args()
    if given.fill:
        print(json.dumps(fill(given.cases)))
        return
    for name, server in [("SQLite", ""), ("PostgreSQL", given.server)]:
        if name == "SQLite" or server:
            with desk(server, given.cases) as known:
                print(f"\n{name}, {given.cases:,} cases, one reader")
                measure(known, given.rounds)


@contextmanager
def desk(server: str, cases: int) -> Iterator[dict[str, Any]]:
    """A filled desk that answers on `PORT`; its data are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_")}
    environment |= {
        "VIGIE_DATA": str(folder),
        "VIGIE_ENV_FILE": os.devnull,
        "VIGIE_URL": f"http://127.0.0.1:{PORT}",
        "PYTHONPATH": str(REPOSITORY / "src"),
        "DJANGO_SETTINGS_MODULE": "vigie.site.settings",
    }
    database = f"vigie_bench_{os.getpid()}"
    if server:
        sql(server, f"CREATE DATABASE {database}")
        environment["VIGIE_DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
    web = None
    try:
        run = [sys.executable, "-m"]
        subprocess.run([*run, "vigie", "migrate"], env=environment, cwd=REPOSITORY, check=True)
        filling = [*run, "benchmarks.pages", "--fill", "--cases", str(cases)]
        filled = subprocess.run(filling, env=environment, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
        web = subprocess.Popen([*run, "vigie", "web", "--port", str(PORT)], env=environment, cwd=REPOSITORY)
        wait_until_ready()
        yield json.loads(filled.stdout)
    finally:
        if web is not None:
            web.terminate()
            web.wait(20)
        if server:
            sql(server, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        shutil.rmtree(folder)


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


def measure(known: dict[str, Any], rounds: int) -> None:
    draw = random.Random(SEED)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{PORT}", cookies={"sessionid": known["session"]}, follow_redirects=False, timeout=30
    ) as client:
        pages: list[tuple[str, Callable[[], str]]] = [
            ("queue, first page", lambda: "/bureau/"),
            ("queue, any later page", lambda: f"/bureau/?apres={draw.choice(known['waiting'])}"),
            ("queue, free and urgent", lambda: "/bureau/?tenu=personne&danger=1"),
            ("queue, mine", lambda: "/bureau/?tenu=moi"),
            ("queue, a rare platform", lambda: "/bureau/?plateforme=vk"),
            ("queue, closed", lambda: "/bureau/?etape=closed"),
            ("queue, limitation within 30 days", lambda: "/bureau/?prescription=30"),
            ("an address pasted in", lambda: f"/bureau/?q={draw.choice(known['addresses'])}"),
            ("page of a case", lambda: f"/bureau/dossiers/{draw.choice(known['any'])}/"),
            ("page of a case, of a raid", lambda: f"/bureau/dossiers/{draw.choice(known['raid'])}/"),
        ]
        print(f"{'':36}{'p50':>9}{'p95':>9}{'size':>10}")
        for name, address in pages:
            client.get(address())
            taken, size = [], 0
            for _ in range(rounds):
                started = time.perf_counter()
                answer = client.get(address())
                taken.append((time.perf_counter() - started) * 1000)
                size = max(size, len(answer.content))
                if answer.status_code not in (200, 302):
                    raise SystemExit(f"{name}: {answer.status_code}")
            print(f"{name:36}{statistics.median(taken):6.0f} ms{p95(taken):6.0f} ms{size / 1024:7.0f} kB")


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def fill(cases: int) -> dict[str, Any]:
    """Write the cases, straight into the tables: what is measured is reading them."""
    import django

    django.setup()
    from django.db import connection
    from django.utils import timezone

    from vigie.casefile.models import Case, CaseContent, Content, JournalEntry
    from vigie.casefile.rules.events import Event
    from vigie.core.references import new_case_ref
    from vigie.intake.models import Report, ReportCase
    from vigie.intake.rules.values import ReportState
    from vigie.organisations.tests.cast import make_cast
    from vigie.platforms.resolve import resolve
    from vigie.site.tasks import count_the_tables
    from vigie.triage.marks import mark_contents

    draw = random.Random(SEED)
    cast = make_cast()
    organisation, now = cast.veille.pk, timezone.now()
    platforms = draw.choices(["x", "facebook", "tiktok", "telegram", "vk"], weights=[50, 30, 15, 5, 0.2], k=cases)
    raid = " ".join(draw.choices(WORDS, k=20))
    seq = 0
    for start in range(0, cases, 5000):
        numbers = range(start, min(start + 5000, cases))
        contents, rows, entries = [], [], []
        for number in numbers:
            url = f"https://{platforms[number]}.example/invente/{number}"
            known_as = resolve(url)
            is_of_raid = number % 100 == 0
            text = (
                raid + f" {draw.choice(WORDS)}" if is_of_raid else " ".join(draw.choices(WORDS, k=draw.randint(5, 60)))
            )
            contents.append(Content(
                organisation_id=organisation, key=known_as.key, platform=platforms[number], kind="post",
                url=known_as.canonical_url, account="@invente", text=text, language="fr", created_at=now,
            ))  # fmt: skip
            rows.append(_case(Case, organisation, number, platforms[number], draw, now, new_case_ref(), cast))
        contents = Content.across_associations.bulk_create(contents)
        rows = Case.across_associations.bulk_create(rows)
        CaseContent.across_associations.bulk_create(
            CaseContent(organisation_id=organisation, case=case, content=content)
            for case, content in zip(rows, contents, strict=True)
        )
        mark_contents(organisation, contents)
        reported = [
            case for number, case in zip(numbers, rows, strict=True) for _ in range(40 if number % 1000 == 0 else 1)
        ]
        reports = Report.across_associations.bulk_create(
            Report(
                organisation_id=organisation,
                received_at=now,
                not_before=now,
                filed_at=now,
                door="form",
                addresses=["https://x.example/invente"],
                description="Un mot de la personne.",
                role="witness",
                state=ReportState.FILED.value,
            )
            for _ in reported
        )
        ReportCase.across_associations.bulk_create(
            ReportCase(organisation_id=organisation, report=report, case=case)
            for report, case in zip(reports, reported, strict=True)
        )
        for case in rows:
            for event in [Event.CASE_OPENED, Event.REPORT_JOINED, Event.CASE_CLAIMED][: draw.randint(1, 3)]:
                seq += 1
                entries.append(JournalEntry(
                    organisation_id=organisation, seq=seq, at=now, actor=f"member:{cast.bruno.member.pk}",
                    event=event.value, case=case, data={"holder": cast.bruno.member.pk}, previous="", digest="",
                ))  # fmt: skip
        JournalEntry.across_associations.bulk_create(entries)
    count_the_tables(now)  # as the worker does, every ten minutes
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does, after so many new rows
    everything = Case.objects.of(organisation)
    return {
        "session": cast.bruno.browser().session.session_key,
        "waiting": list(everything.filter(in_queue=True).order_by("?").values_list("ref", flat=True)[:500]),
        "any": list(everything.order_by("?").values_list("ref", flat=True)[:500]),
        "raid": list(everything.filter(contents__text__startswith=raid).values_list("ref", flat=True)[:500]),
        "addresses": list(Content.objects.of(organisation).order_by("?").values_list("url", flat=True)[:500]),
    }


def _case(
    model: Any, organisation: int, number: int, platform: str, draw: random.Random, now: datetime, ref: str, cast: Any
) -> Any:
    """Return one case: three in five wait, one in thirty is urgent, two in five have their limitation date."""
    stage = draw.choices(["new", "triage", "qualified", "declined", "closed"], weights=[55, 5, 15, 10, 15])[0]
    limitation = date(2027, 1, 1) + timedelta(days=draw.randint(-60, 400)) if draw.random() < 0.4 else None
    held = stage == "triage" and draw.random() < 0.2
    return model(
        organisation_id=organisation, ref=ref, platform=platform, door=draw.choice(["form", "mail", "import"]),
        opened_at=now - timedelta(minutes=number), stage=stage, in_queue=stage in {"new", "triage"},
        danger=draw.choices([0, 1, 3], weights=[97, 2.7, 0.3])[0], limitation_on=limitation,
        limitation_order=limitation or date.max, reports_count=draw.randint(1, 5),
        holder_id=(cast.bruno if draw.random() < 0.1 else cast.chloe).member.pk if held else None,
    )  # fmt: skip


if __name__ == "__main__":
    main()
