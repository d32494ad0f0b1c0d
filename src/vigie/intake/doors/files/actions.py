"""Verbs of the files door: a file is handed in, looked through, approved, and imported line by line, once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from vigie.casefile import files
from vigie.casefile.journal import record
from vigie.casefile.keys import stored_key
from vigie.casefile.models import Content
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, Refusal, UnusableInput, VigieError
from vigie.core.words import N_
from vigie.intake.actions.bulk import Given, receive_many
from vigie.intake.actions.filing import file_report
from vigie.intake.doors.files.letters import raw_letters
from vigie.intake.doors.files.maps import ColumnMap, Reader, shipped_maps
from vigie.intake.doors.files.models import AT_WORK, GONE, ImportBatch, ImportJob, ImportState
from vigie.intake.doors.files.models import ColumnMap as SavedMap
from vigie.intake.doors.files.tables import Kind, Table, look_at
from vigie.intake.doors.files.values import Outcome, Record, Refused, Row
from vigie.intake.doors.mailbox.actions import take_in
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.doors.mailbox.sorting import REASONS, MailKind, Reason
from vigie.intake.models import Report
from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Action, Actor, require

LINES_AT_ONCE = 500
FIRST_LINES_SHOWN = 10
REFUSALS_SHOWN = 200
FORGOTTEN_AFTER = timedelta(days=7)


class UnusableUpload(UnusableInput):
    """The file is too big, or empty."""


@dataclass(frozen=True)
class Result:
    """What became of one line. `ref` is its case (a letter may lie in several); `why` is the refusal, or a remark on a line that was taken."""

    line: int
    outcome: Outcome
    ref: str = ""
    why: Refused | None = None

    def as_json(self) -> list[Any]:
        if self.why is None:
            return [self.line, self.outcome.value, self.ref]
        return [self.line, self.outcome.value, self.ref, self.why.field, self.why.sentence, dict(self.why.values)]

    @classmethod
    def from_json(cls, kept: Sequence[Any]) -> Result:
        line, outcome, ref, *rest = kept
        return cls(line, Outcome(outcome), ref, Refused.because(line, rest[0], rest[1], **rest[2]) if rest else None)


# --- handing in ----------------------------------------------------------------------------------------------


def hand_in(*, actor: Actor, name: str, content: BinaryIO, now: datetime) -> ImportJob:
    """Keep a file for import; nothing of it is imported before somebody approves what it would do.

    Raises:
        NotAllowed: this role does not import.
        UnusableUpload: empty or over `VIGIE_IMPORT_MAX_MB`.
    """
    require(actor, Action.IMPORT_REPORTS, actor.organisation_id)
    return hand_in_here(actor=actor, name=name, content=content, now=now)


def hand_in_here(*, actor: Actor, name: str, content: BinaryIO, now: datetime) -> ImportJob:
    """Keep a file for import on behalf of somebody at the machine itself, who needs no role."""
    kept = files.keep(content)
    if kept.size == 0 or kept.size > settings.VIGIE_IMPORT_MAX_BYTES:
        files.forget(kept.sha256)
        most = settings.VIGIE_IMPORT_MAX_BYTES // (1024 * 1024)
        raise UnusableUpload(N_("%(name)s est vide ou dépasse %(most)s Mo."), name=name, most=most)
    job: ImportJob = ImportJob.objects.create(
        organisation_id=actor.organisation_id, asked_by=actor.name, name=name[-200:], file_sha256=kept.sha256, size=kept.size,
        created_at=now,
    )  # fmt: skip
    return job


def choose_map(*, actor: Actor, job: ImportJob, column_map: ColumnMap, now: datetime) -> None:
    """Read the file by another map; the preview is made anew."""
    with transaction.atomic():
        job = _ready(actor, job)
        if job.lines_done:
            raise Conflict(N_("Des lignes sont déjà importées : la correspondance ne change plus."))
        job.column_map, job.state, job.preview = kept_map(column_map), ImportState.READING.value, None
        job.save(update_fields=["column_map", "state", "preview"])


def kept_map(column_map: ColumnMap) -> dict[str, Any]:
    """Return a map as the row of an import keeps it."""
    return column_map.as_json() | {"name": column_map.name, "title": column_map.title}


def save_map(*, actor: Actor, name: str, column_map: ColumnMap, columns: Iterable[str], now: datetime) -> SavedMap:
    """Keep a map under a name; a file with the same columns is read by it next time."""
    require(actor, Action.IMPORT_REPORTS, actor.organisation_id)
    kept = column_map.as_json() | {"recognised_by": list(columns)}
    saved: SavedMap
    with transaction.atomic():
        saved, _made = SavedMap.objects.of(actor.organisation_id).update_or_create(
            name=name[:80], defaults={"columns": kept, "saved_at": now},
            create_defaults={"columns": kept, "saved_at": now, "organisation_id": actor.organisation_id},
        )  # fmt: skip
    return saved


def approve(*, actor: Actor, job: ImportJob, now: datetime) -> None:
    """Let the worker import the file, or go on where it stopped."""
    with transaction.atomic():
        job = _ready(actor, job)
        job.state = ImportState.WAITING.value
        job.save(update_fields=["state"])


def drop(*, actor: Actor, job: ImportJob, now: datetime) -> None:
    """Give the file up; what was imported before a failure stays."""
    with transaction.atomic():
        _finish(_ready(actor, job), ImportState.DROPPED, now)


def drop_here(job: ImportJob, now: datetime) -> None:
    """Give a file up on behalf of somebody at the machine itself."""
    with transaction.atomic():
        _finish(job, ImportState.DROPPED, now)


def _ready(actor: Actor, job: ImportJob) -> ImportJob:
    require(actor, Action.IMPORT_REPORTS, job.organisation_id)
    fresh: ImportJob = ImportJob.objects.of(actor.organisation_id).select_for_update().get(pk=job.pk)
    if fresh.state not in {ImportState.READY, ImportState.FAILED}:
        raise Conflict(N_("Cet import est déjà en cours ou terminé."))
    return fresh


# --- looking through -----------------------------------------------------------------------------------------


def known_maps(organisation_id: int) -> list[ColumnMap]:
    """Return the association's own maps, then those that come with Vigie."""
    return [*(saved.value() for saved in SavedMap.objects.of(organisation_id)), *shipped_maps()]


def table_of(job: ImportJob) -> Table:
    """Return the file of an import, looked at.

    Raises:
        UnreadableFile: it is none of the kinds that are read.
    """
    return look_at(files.path_of(job.file_sha256), job.name, maps=known_maps(job.organisation_id))


def map_of(job: ImportJob, table: Table) -> ColumnMap:
    """Return the map by which the file is read: the one chosen, else the one that fits best."""
    chosen = job.column_map
    if chosen is None:
        return table.suggested_map(known_maps(job.organisation_id))
    shipped = next((one for one in shipped_maps() if one.name == chosen["name"]), None)
    return shipped or ColumnMap.from_json(chosen, name=chosen["name"], title=chosen["title"])


def look_through(job: ImportJob, table: Table, column_map: ColumnMap) -> dict[str, Any]:
    """Return the preview of an import: what would be taken, what would join, what would be refused and why.

    An estimate: what happens between now and the import may turn a new case into one that is there.
    """
    if table.kind is Kind.MAIL:
        total = sum(1 for _ in raw_letters(table.path))
        return {
            "total": total,
            "taken": total,
            "merged": 0,
            "known": 0,
            "refused": 0,
            "first": [],
            "refusals": [],
            "remarks": [],
        }
    counts = dict.fromkeys(Outcome, 0)
    first: list[dict[str, Any]] = []
    refusals: list[list[Any]] = []
    remarks: list[list[Any]] = []
    seen_keys: set[str] = set()
    seen_lines: set[str] = set()
    for batch in _batches(rows_of(table, column_map)):
        good = [row for row in batch if isinstance(row, Row)]
        sources = {row.line: row.source_key(job.organisation_id) for row in good}
        there = Content.objects.of(job.organisation_id).filter(key__in={stored_key(row.key) for row in good})
        seen_keys |= set(there.values_list("key", flat=True))
        imported = Report.objects.of(job.organisation_id).filter(source_key__in=sources.values())
        seen_lines |= set(imported.values_list("source_key", flat=True))
        for row in batch:
            if isinstance(row, Refused):
                counts[Outcome.REFUSED] += 1
                if len(refusals) < REFUSALS_SHOWN:
                    refusals.append(Result(row.line, Outcome.REFUSED, why=row).as_json())
                continue
            key = stored_key(row.key)
            outcome = Outcome.KNOWN if sources[row.line] in seen_lines else (
                Outcome.MERGED if key in seen_keys else Outcome.TAKEN
            )  # fmt: skip
            counts[outcome] += 1
            seen_keys.add(key)
            seen_lines.add(sources[row.line])
            if row.remark and len(remarks) < REFUSALS_SHOWN:
                remarks.append(Result(row.line, outcome, why=row.remark).as_json())
            if len(first) < FIRST_LINES_SHOWN and not points_to_child_abuse("", [row.note, *row.said]):
                first.append({
                    "line": row.line, "address": row.resolved.canonical_url, "platform": row.resolved.platform,
                    "account": row.account, "text": row.text[:500], "language": row.language,
                    "published_at": row.published_at.isoformat() if row.published_at else None, "outcome": outcome.value,
                })  # fmt: skip
    numbers = {outcome.value: number for outcome, number in counts.items()}
    return {"total": sum(counts.values()), **numbers, "first": first, "refusals": refusals, "remarks": remarks}


def prepare(job: ImportJob) -> None:
    """Make the preview of a file that was handed in, or say why it cannot be read."""
    try:
        table = table_of(job)
        column_map = map_of(job, table)
        preview = look_through(job, table, column_map)
    except (UnusableInput, Refusal) as fault:
        fail(job, fault)
        return
    mine = ImportJob.across_associations.filter(pk=job.pk, state=ImportState.READING, attempt=job.attempt)
    # The map is fixed here: what was looked through is what will be imported, also after a restart.
    mine.update(
        state=ImportState.READY, preview=preview, lines_total=preview["total"], column_map=kept_map(column_map),
        taken_until=None, problem="",
    )  # fmt: skip
    job.refresh_from_db()


def rows_of(table: Table, column_map: ColumnMap) -> Iterator[Row | Refused]:
    reader = Reader(column_map, table.columns)
    for found in table.records():
        yield reader.read(found) if isinstance(found, Record) else found


def _batches(rows: Iterable[Row | Refused]) -> Iterator[list[Row | Refused]]:
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, LINES_AT_ONCE)):
        yield batch


# --- importing -----------------------------------------------------------------------------------------------


def take_next(now: datetime) -> ImportJob | None:
    """Take the import that has waited longest: one to look through, to do, or left by a worker that is gone."""
    free = Q(taken_until=None) | Q(taken_until__lt=now)
    # On PostgreSQL several workers take different rows; SQLite has one writer at a time anyway.
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        waiting = ImportJob.across_associations.filter(free, state__in=AT_WORK).order_by("created_at", "pk")
        job: ImportJob | None = waiting.select_for_update(skip_locked=skip).first()
        if job is not None:
            take(job, now)
        return job


def take(job: ImportJob, now: datetime) -> None:
    """Hold an import: nobody else works on it while the lease lasts."""
    job.taken_until, job.attempt = now + settings.VIGIE_LEASE, job.attempt + 1
    job.save(update_fields=["taken_until", "attempt"])


def run(job: ImportJob, *, told: Callable[[ImportJob, list[Result]], None] = lambda job, results: None) -> None:
    """Import what is not imported yet, some lines at a time, each batch in one transaction with its results.

    Whoever is killed leaves whole batches behind; the next one goes on after them. Who was too slow and lost the
    import to another stops at the next batch.

    Args:
        told: called after each batch, for progress.
    """
    try:
        table = table_of(job)
        batches = _letter_batches(table, job) if table.kind is Kind.MAIL else _row_batches(table, job)
        done = ImportBatch.objects.of(job.organisation_id).filter(job=job).count()
        for number, make in enumerate(batches):
            if number < done:
                continue
            results = _one_batch(job, number, make)
            if results is None:
                return
            told(job, results)
    except (UnusableInput, Refusal) as fault:
        fail(job, fault)
        return
    with transaction.atomic():
        fresh = _held(job)
        if fresh is not None:
            _finish(fresh, ImportState.DONE, timezone.now())
    job.refresh_from_db()


def _one_batch(job: ImportJob, number: int, make: Callable[[Actor, datetime], list[Result]]) -> list[Result] | None:
    with transaction.atomic():
        fresh = _held(job)
        if fresh is None:
            return None
        now = timezone.now()
        results = make(Actor(name=fresh.asked_by, organisation_id=fresh.organisation_id), now)
        ImportBatch.objects.create(
            organisation_id=fresh.organisation_id, job=fresh, number=number, results=[one.as_json() for one in results]
        )
        for one in results:
            setattr(fresh, one.outcome.value, getattr(fresh, one.outcome.value) + 1)
        fresh.lines_done += len(results)
        fresh.lines_total = max(fresh.lines_total, fresh.lines_done)
        fresh.state, fresh.taken_until = ImportState.RUNNING.value, now + settings.VIGIE_LEASE
        fresh.save(
            update_fields=["taken", "merged", "known", "refused", "lines_done", "lines_total", "state", "taken_until"]
        )
        for name in ("taken", "merged", "known", "refused", "lines_done", "lines_total", "state"):
            setattr(job, name, getattr(fresh, name))
        return results


def _held(job: ImportJob) -> ImportJob | None:
    """Return the import under lock, if it is still ours."""
    held = ImportJob.across_associations.select_for_update().filter(pk=job.pk, attempt=job.attempt)
    fresh: ImportJob | None = held.exclude(state__in=GONE).first()
    return fresh


def _row_batches(table: Table, job: ImportJob) -> Iterator[Callable[[Actor, datetime], list[Result]]]:
    for batch in _batches(rows_of(table, map_of(job, table))):
        yield lambda actor, now, batch=batch: _import_rows(actor, batch, now)  # type: ignore[misc]


def _import_rows(actor: Actor, batch: Sequence[Row | Refused], now: datetime) -> list[Result]:
    rows = [row for row in batch if isinstance(row, Row)]
    given = [Given(row.source_key(actor.organisation_id), row.resolved, row.post(), row.note, row.said) for row in rows]
    results = {}
    for row, filed in zip(rows, receive_many(actor=actor, given=given, now=now), strict=True):
        outcome = Outcome.KNOWN if filed.was_known else (Outcome.TAKEN if filed.is_new_case else Outcome.MERGED)
        results[row.line] = Result(row.line, outcome, filed.ref, row.remark)
    return [results[row.line] if isinstance(row, Row) else Result(row.line, Outcome.REFUSED, why=row) for row in batch]


def _letter_batches(table: Table, job: ImportJob) -> Iterator[Callable[[Actor, datetime], list[Result]]]:
    for line, raw in raw_letters(table.path):
        yield lambda actor, now, line=line, raw=raw: [_import_letter(actor, line, raw, now)]  # type: ignore[misc]


def _import_letter(actor: Actor, line: int, raw: bytes, now: datetime) -> Result:
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    before = Report.objects.of(organisation).order_by("-pk").values_list("pk", flat=True).first() or 0
    arrival = Arrival(uid="", size=len(raw), raw=raw)
    mail = take_in(organisation=organisation, arrival=arrival, now=now, acknowledge=False)
    if mail.kind == MailKind.TRAY:
        return Result(line, Outcome.REFUSED, why=Refused.because(line, "", REASONS[Reason(mail.reason)]))
    if mail.report is None:
        return Result(line, Outcome.MERGED, mail.reference)
    cases = file_report(mail.report, now)
    refs = " ".join(case.ref for case in cases)
    if mail.report.pk <= before:
        return Result(line, Outcome.KNOWN, refs)
    is_new = any(case.reports_count == 1 for case in cases)
    return Result(line, Outcome.TAKEN if is_new else Outcome.MERGED, refs)


def _finish(job: ImportJob, state: ImportState, now: datetime) -> None:
    job.state, job.finished_at, job.taken_until, job.preview = state.value, now, None, None
    job.save(update_fields=["state", "finished_at", "taken_until", "preview"])
    if state is ImportState.DONE:
        counts = {name: getattr(job, name) for name in ("taken", "merged", "known", "refused")}
        actor = Actor(name=job.asked_by, organisation_id=job.organisation_id)
        record(Event.IMPORT_DONE, actor=actor, now=now, data={"import": job.pk, **counts})
    transaction.on_commit(partial(files.forget, job.file_sha256))


def fail(job: ImportJob, fault: VigieError) -> None:
    """Say why an import stopped; the file stays, so that another map can be tried, or the rest imported."""
    values = {name: str(value) for name, value in fault.values.items()}
    mine = ImportJob.across_associations.filter(pk=job.pk, attempt=job.attempt).exclude(state__in=GONE)
    mine.update(state=ImportState.FAILED, problem=fault.sentence, problem_values=values, taken_until=None)
    job.refresh_from_db()


def drop_forgotten(now: datetime) -> bool:
    """Give up files that nobody approved for a week; say whether there were any. They hold what strangers wrote."""
    old = ImportJob.across_associations.filter(
        state__in=[ImportState.READY, ImportState.FAILED], created_at__lt=now - FORGOTTEN_AFTER
    )
    with transaction.atomic():
        found = list(old.select_for_update()[:20])
        for job in found:
            _finish(job, ImportState.DROPPED, now)
    return bool(found)
