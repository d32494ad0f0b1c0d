"""The journal: what appending an event costs beside one bare row, and walking the chain beside hashing its bytes alone."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.processes.house import a_house

from benchmarks.report import Report

ENTRIES = 5000


def run(report: Report) -> None:
    number = ENTRIES // 10 if report.is_quick else ENTRIES
    for name, server in report.databases.items():
        report.begin(f"Journal, {number:,} entries of one association, {name}")
        with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), server=server) as house:
            seen = json.loads(house.run(f"from benchmarks.journal import measured\nprint(measured({number}))"))
        report.figure("bare rows inserted, a transaction each", seen["bare"], "/s")
        report.figure(
            "events appended, a transaction each", seen["appended"], "/s", of=seen["bare"], reference="bare rows"
        )
        report.figure("SHA-256 of the entries' bytes, in memory", seen["hashed"], "/s")
        report.figure("entries verified", seen["verified"], "/s", of=seen["hashed"], reference="SHA-256 alone")


def measured(number: int) -> str:
    """Return the rates, as JSON; runs inside a desk's settings."""
    from django.db import connection, transaction
    from django.utils import timezone

    from vigie.casefile.journal import _entries, first_break, record
    from vigie.casefile.rules.chain import written
    from vigie.casefile.rules.events import Event
    from vigie.organisations.models import Organisation
    from vigie.organisations.rules.policy import Actor

    organisation = Organisation.objects.create(slug="veille", name="Veille")
    actor = Actor(name="member:1", organisation_id=organisation.pk)
    event = Event.IMPORT_DONE  # about no case: the journal alone is measured
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_entry (text varchar(200) NOT NULL)")

    def append() -> None:
        with transaction.atomic():
            record(event, actor=actor, now=timezone.now(), data={"import": 1, "taken": 12, "merged": 3})

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bare_entry (text) VALUES (%s)", ["import.done"])

    rates = {"bare": _rate(insert, number), "appended": _rate(append, number)}
    kept = [written(entry) for entry in _entries(organisation.pk)]
    started = time.perf_counter()
    for one in kept:
        hashlib.sha256(one).hexdigest()
    rates["hashed"] = number / (time.perf_counter() - started)
    started = time.perf_counter()
    if (wrong := first_break(organisation.pk)) is not None:
        raise RuntimeError(wrong)
    rates["verified"] = number / (time.perf_counter() - started)
    return json.dumps(rates)


def _rate(do: Callable[[], None], number: int) -> float:
    started = time.perf_counter()
    for _ in range(number):
        do()
    return number / (time.perf_counter() - started)
