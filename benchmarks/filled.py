"""A desk with as many cases as asked for, written straight into the tables: what is measured is reading them.

Everything is invented. Half of the cases wait; three in ten were notified, with what follows a notice: an answer, looks,
reminders. The journal holds about ten entries for each case, over two years; its chain is left out.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

SEED = 20261120
AT_ONCE = 2000
WORDS = [
    "place", "marché", "voisin", "quartier", "école", "lettre", "fenêtre", "matin", "soir", "pluie", "train",
    "colère", "peur", "bruit", "gens", "dehors", "honte", "jamais", "toujours", "encore", "dire", "voir", "partir",
    "rester", "bougnoule", "youpin", "tarlouze", "rentrer", "loi", "affiche", "vidéo", "message",
]  # fmt: skip
PLATFORMS = {"x": 50, "facebook": 30, "tiktok": 15, "telegram": 5, "vk": 0.2}
STAGES = {"new": 50, "triage": 5, "qualified": 20, "declined": 10, "closed": 15}
GROUNDS = [
    "insult-public-origin-religion", "provocation-hatred-origin-religion", "provocation-hatred-sex-orientation-disability",
]  # fmt: skip
IN_THE_TRAY = 120
HELD = 120
WITH_FORTY_REPORTS = 1000  # one case in so many
OF_THE_RAID = 100


@dataclass
class Batch:
    """Rows of some cases, in the order in which their keys allow them to be written."""

    rows: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, kind: str, row: Any) -> Any:
        self.rows.setdefault(kind, []).append(row)
        return row


def fill(cases: int) -> dict[str, Any]:
    """Write the cases, and return what a visitor needs to know of them."""
    import django

    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from vigie.casefile.models import Case, Content, JournalEntry, JournalHead
    from vigie.organisations.tests.cast import make_cast
    from vigie.site.tasks import count_the_tables

    draw, now, cast = random.Random(SEED), timezone.now(), make_cast()
    raid = " ".join(draw.choices(WORDS, k=20))
    seq = 0
    for start in range(0, cases, AT_ONCE):
        with transaction.atomic():
            seq = _some(range(start, min(start + AT_ONCE, cases)), draw, now, cast, raid, seq)
    JournalHead.objects.create(organisation=cast.veille, seq=seq, digest="0" * 64, seal="")
    _what_waits_beside(cast, now)
    job = _file_to_import(cast, now, cases)
    count_the_tables(now)  # as the worker does, every ten minutes
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does, after so many new rows
    everything = Case.objects.of(cast.veille)
    some = everything.order_by("?").values_list("ref", flat=True)
    return {
        "session": cast.bruno.browser().session.session_key,
        "import": job,
        "entries": JournalEntry.across_associations.count(),
        "waiting": list(some.filter(in_queue=True)[:500]),
        "any": list(some[:500]),
        "notified": list(some.filter(stage="qualified")[:500]),
        "raid": list(some.filter(contents__text__startswith=raid)[:500]),
        "forty": list(some.filter(reports_count__gte=40)[:500]),
        "addresses": list(Content.objects.of(cast.veille).order_by("?").values_list("url", flat=True)[:500]),
    }


def _some(numbers: range, draw: random.Random, now: datetime, cast: Any, raid: str, seq: int) -> int:
    """Write some cases with everything about them; return the number of the last entry of the journal."""
    from vigie.casefile.models import Case, CaseContent, Content, JournalEntry
    from vigie.casefile.rows import insert_all
    from vigie.core.references import new_case_ref
    from vigie.intake.models import Report, ReportCase
    from vigie.platforms.resolve import resolve
    from vigie.triage.marks import mark_contents

    organisation = cast.veille.pk
    platforms = draw.choices(list(PLATFORMS), weights=list(PLATFORMS.values()), k=len(numbers))
    contents, rows, counts = [], [], []
    for number, platform in zip(numbers, platforms, strict=True):
        known_as = resolve(f"https://{platform}.example/invente/{number}")
        words = [draw.choice(WORDS)] if number % OF_THE_RAID == 0 else draw.choices(WORDS, k=draw.randint(5, 60))
        text = " ".join([raid, *words] if number % OF_THE_RAID == 0 else words)
        opened_at = now - timedelta(minutes=10 * number)
        contents.append(Content(
            organisation_id=organisation, key=known_as.key, platform=platform, kind="post", url=known_as.canonical_url,
            account="@invente", text=text, text_from="report", language="fr", created_at=opened_at,
        ))  # fmt: skip
        counts.append(40 if number % WITH_FORTY_REPORTS == 0 else 1)
        rows.append(_case(Case, organisation, platform, draw, opened_at, new_case_ref(), cast, counts[-1]))
    insert_all(contents)
    insert_all(rows)
    insert_all([
        CaseContent(organisation_id=organisation, case=case, content=content)
        for case, content in zip(rows, contents, strict=True)
    ])  # fmt: skip
    mark_contents(organisation, contents)
    reported = [case for case, count in zip(rows, counts, strict=True) for _ in range(count)]
    reports = [
        Report(
            organisation_id=organisation, received_at=case.opened_at, not_before=now, filed_at=case.opened_at,
            door=case.door, addresses=["https://x.example/invente"], description="Un mot de la personne.",
            role="witness", state="filed",
        )
        for case in reported
    ]  # fmt: skip
    insert_all(reports)
    insert_all([
        ReportCase(organisation_id=organisation, report=report, case=case)
        for report, case in zip(reports, reported, strict=True)
    ])  # fmt: skip
    batch = Batch()
    entries = []
    for case, content, count in zip(rows, contents, counts, strict=True):
        for minutes, event, data in _what_happened(batch, draw, case, content, count, cast, now):
            seq += 1
            entries.append(JournalEntry(
                organisation_id=organisation, seq=seq, at=case.opened_at + timedelta(minutes=minutes),
                actor=f"member:{cast.bruno.member.pk}", event=event.value, case=case, data=data, previous="", digest="0" * 64,
            ))  # fmt: skip
    for made in batch.rows.values():
        _link(made)
        insert_all(made)
    insert_all(entries)
    return seq


def _link(rows: list[Any]) -> None:
    """Let rows know the keys of those they point to, which were inserted after they were made."""
    for row in rows:
        for name in ("reading", "mail", "notice"):
            if hasattr(row, f"{name}_id") and getattr(row, name) is not None:
                setattr(row, f"{name}_id", getattr(row, name).pk)


def _case(
    model: Any, organisation: int, platform: str, draw: random.Random, at: datetime, ref: str, cast: Any, count: int
) -> Any:
    """Return one case: half of them wait, one in thirty is urgent, two in five have their limitation date."""
    stage = draw.choices(list(STAGES), weights=list(STAGES.values()))[0]
    limitation = date(2027, 1, 1) + timedelta(days=draw.randint(-60, 400)) if draw.random() < 0.4 else None
    held = stage == "triage" and draw.random() < 0.2
    return model(
        organisation_id=organisation, ref=ref, platform=platform, door=draw.choice(["form", "mail", "import"]),
        opened_at=at, stage=stage, in_queue=stage in {"new", "triage"},
        danger=draw.choices([0, 1, 3], weights=[97, 2.7, 0.3])[0], limitation_on=limitation,
        limitation_order=limitation or date.max, reports_count=count,
        holder_id=(cast.bruno if draw.random() < 0.1 else cast.chloe).member.pk if held else None,
    )  # fmt: skip


def _what_happened(
    batch: Batch, draw: random.Random, case: Any, content: Any, count: int, cast: Any, now: datetime
) -> Iterator[tuple[float, Any, dict[str, Any]]]:
    """Yield the entries of a case, and put the rows that stand beside them into the batch."""
    from vigie.casefile.rules.events import Event
    from vigie.evidence.models import Capture

    mine = {"organisation_id": case.organisation_id}
    yield 0, Event.CASE_OPENED, {"content": content.key, "door": case.door}
    yield 0, Event.CONTENT_TEXT_RECORDED, {"content": content.key, "from": "report", "sha256": "0" * 64}
    for number in range(count):
        yield 0, Event.REPORT_RECEIVED, {"report": number, "door": case.door}
        yield 0, Event.REPORT_JOINED, {"report": number}
    batch.add("captures", Capture(
        **mine, content=content, case=case, address=content.url, why="arrival", asked_by="worker",
        asked_at=case.opened_at, state="done", started_at=case.opened_at, ended_at=case.opened_at, http_status=200,
        bundle_sha256=f"{case.pk:064d}", bundle_size=400_000, has_screenshot=True,
    ))  # fmt: skip
    yield 1, Event.CAPTURE_ASKED, {"content": content.key}
    yield 2, Event.CAPTURE_DONE, {"content": content.key, "bundle": f"{case.pk:064d}"}
    if case.stage != "new":
        yield 60, Event.CASE_CLAIMED, {"holder": cast.bruno.member.pk}
    if case.stage == "declined":
        yield 90, Event.DECLINED, {"reason": "opinion-without-call"}
    if case.stage in {"qualified", "closed"}:
        yield from _notified(batch, draw, case, content, cast, now)
    if case.stage == "closed":
        yield 60 * 24 * 31, Event.CASE_CLOSED, {"reason": "done"}


def _notified(
    batch: Batch, draw: random.Random, case: Any, content: Any, cast: Any, now: datetime
) -> Iterator[tuple[float, Any, dict[str, Any]]]:
    from vigie.casefile.rules.events import Event
    from vigie.core.references import new_notice_ref
    from vigie.followup.models import Check, Reminder, Reply
    from vigie.notice.models import Notice, NoticeContent
    from vigie.outbox.models import OutgoingMail
    from vigie.qualification.catalogue import current
    from vigie.qualification.models import Qualification, Reading

    mine, bruno = {"organisation_id": case.organisation_id}, cast.bruno.member
    ground = draw.choice(GROUNDS)
    sent_at, ref = case.opened_at + timedelta(minutes=150), new_notice_ref()
    quote = content.text[:12]
    reading = batch.add("readings", Reading(
        **mine, case=case, content=content, quotes=[{"start": 0, "end": len(quote), "text": quote}], saved_at=sent_at
    ))  # fmt: skip
    batch.add("qualifications", Qualification(
        **mine, reading=reading, catalogue_version=current().version, ground_id=ground, status="standing",
        explanation="Une phrase de la personne qui qualifie.", saved_by=bruno, saved_at=sent_at, settled_by=bruno,
        settled_at=sent_at,
    ))  # fmt: skip
    mail = batch.add("mails", OutgoingMail(
        **mine, key=f"notice:{ref}:1", purpose="notice", case=case, reference=ref, recipient="avis@plateforme.example",
        sender="signalements@veille.example", subject="Notification", body="Une lettre. " * 100,
        message_id=f"<{ref}@veille.example>", fate="sent" if draw.random() > 0.001 else "unknown", not_before=sent_at,
        settled_at=sent_at, queued_at=sent_at,
    ))  # fmt: skip
    notice = batch.add("notices", Notice(
        **mine, case=case, ref=ref, platform=case.platform, channel="email", recipient="avis@plateforme.example",
        language="fr", step="handed-over", subject="Notification", body="Une lettre. " * 100, drafted_at=sent_at,
        drafted_by=bruno, approved_at=sent_at, approved_by=bruno, mail=mail,
    ))  # fmt: skip
    batch.add("notice contents", NoticeContent(**mine, notice=notice, content=content, url=content.url))
    yield 90, Event.QUALIFIED, {"ground": ground, "content": content.key}
    yield 90, Event.LIMITATION_COUNTED, {"ground": ground}
    yield 120, Event.NOTICE_DRAFTED, {"reference": ref, "platform": case.platform, "contents": [content.key]}
    yield 121, Event.NOTICE_CHECKED, {"reference": ref}
    yield 122, Event.NOTICE_QUEUED, {"reference": ref}
    yield 150, Event.NOTICE_SENT, {"reference": ref}
    for label, hours in (("1h", 1), ("24h", 24), ("3d", 72), ("7d", 168), ("30d", 720)):
        due_at = sent_at + timedelta(hours=hours)
        failed = draw.random() < 0.01
        batch.add("checks", Check(
            **mine, case=case, content=content, notice=notice, label=label, due_at=due_at,
            done_at=due_at if due_at < now else None, glance=("failed" if failed else "present") if due_at < now else "",
            online="not-determined" if failed else "present", looked_from="plain",
        ))  # fmt: skip
        yield 150 + 60 * hours, Event.CHECK_DONE, {"content": content.key, "online": "present"}
    if draw.random() < 0.8:
        hours = draw.choice([2, 5, 20, 30, 200])
        is_read = draw.random() > 0.02
        removed = draw.random() < 0.6
        batch.add("replies", Reply(
            **mine, notice=notice, source_key=f"form:{ref}", received_at=sent_at + timedelta(hours=hours),
            sender="avis@plateforme.example", subject="Re: Notification", text="Nous avons examiné. " * 20,
            suggested_kind="decision", suggested_outcome="content-removed" if removed else "no-violation",
            outcome="" if not is_read else "content-removed" if removed else "no-violation",
            read_at=sent_at + timedelta(hours=hours + 1) if is_read else None, read_by=bruno if is_read else None,
        ))  # fmt: skip
        yield 150 + 60 * hours, Event.REPLY_RECEIVED, {"reference": ref, "reply": 1}
        if is_read:
            outcome, says = ("content-removed", "removed") if removed else ("no-violation", "refused")
            read = {"reference": ref, "reply": 1, "outcome": outcome, "platform_says": says}
            yield 210 + 60 * hours, Event.REPLY_READ, read
    else:
        batch.add("reminders", Reminder(
            **mine, notice=notice, case=case, reason="no-receipt", due_at=sent_at + timedelta(hours=24),
            state="due" if draw.random() < 0.2 else "settled", raised_at=sent_at + timedelta(hours=24),
        ))  # fmt: skip
        yield 150 + 60 * 24, Event.REMINDER_DUE, {"reference": ref}


def _what_waits_beside(cast: Any, now: datetime) -> None:
    """Letters in the tray, and reports held back."""
    from vigie.intake.models import IncomingMail, Report

    mine = {"organisation_id": cast.veille.pk}
    IncomingMail.across_associations.bulk_create(
        IncomingMail(
            **mine, raw_sha256=f"{number:064d}", body_sha256=f"{number:064d}", size=2000, received_at=now,
            subject="Un sujet", kind="tray", reason="no-address",
        )
        for number in range(IN_THE_TRAY)
    )  # fmt: skip
    Report.across_associations.bulk_create(
        Report(
            **mine, received_at=now, not_before=now, door="form", addresses=["https://x.example/1"],
            description="Un mot de la personne.", state="held", unproven=True,
        )
        for _ in range(HELD)
    )  # fmt: skip


def _file_to_import(cast: Any, now: datetime, rows: int) -> int:
    """A partner's file that was looked through and waits for somebody's yes."""
    from benchmarks.import_rows import write_file
    from vigie.intake.doors.files import actions

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "partner.csv"
        write_file(path, rows)
        with path.open("rb") as content:
            job = actions.hand_in_here(actor=cast.bruno.actor, name="partner.csv", content=content, now=now)
    actions.prepare(job)
    return job.pk
