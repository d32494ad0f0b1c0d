"""Sort reports into cases: forty reports of one content are one case."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from vigie.casefile.actions import keep_content, open_case, record_text, set_published_at
from vigie.casefile.journal import lock_cases, record
from vigie.casefile.keys import hidden_key, stored_key
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import cases_of_content, journal_of
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Stage
from vigie.core.errors import kind_and_place
from vigie.intake.actions.conversation import tell_by_mail
from vigie.intake.actions.referral import cases_about, refer_words_away, set_aside
from vigie.intake.models import Message, Report, ReportCase
from vigie.intake.rules.danger import danger_said
from vigie.intake.rules.joining import joins
from vigie.intake.rules.values import Door, MessageKind, Post, ReportState
from vigie.organisations.rules.policy import Actor
from vigie.platforms.resolve import Resolved, UnreadableAddress, resolve

logger = logging.getLogger("vigie.intake")

AFTER_A_FAULT = timedelta(minutes=5)


def file_report(report: Report, now: datetime) -> list[Case]:
    """Sort a report into cases: the open case of each content, or a new one. Doing it twice changes nothing."""
    with transaction.atomic():
        fresh = Report.objects.of(report.organisation_id).select_for_update().get(pk=report.pk)
        if _waits(fresh):
            _file(fresh, now)
        return list(Case.objects.of(fresh.organisation_id).filter(pk__in=_case_keys(fresh)).order_by("pk"))


def file_next(now: datetime, *, at_most: int = 50) -> int:
    """Sort the reports that have waited longest into cases, and return how many were looked at.

    Each has a transaction of its own. One that cannot be sorted is left for later, told to the log and shown at
    the desk: it never holds the others back.
    """
    waiting = Report.across_associations.filter(
        state__in=[ReportState.RECEIVED, ReportState.REFERRED], filed_at=None, not_before__lte=now
    )
    found = list(waiting.order_by("not_before", "pk").values_list("pk", flat=True)[:at_most])
    # On PostgreSQL several workers take different rows; SQLite has one writer at a time anyway.
    skip = connection.features.has_select_for_update_skip_locked
    for pk in found:
        try:
            with transaction.atomic():
                report = Report.across_associations.select_for_update(skip_locked=skip).filter(pk=pk).first()
                if report is not None and _waits(report):
                    _file(report, now)
        except Exception as fault:  # noqa: BLE001 one report that stumbles on a mistake of ours must not stop the door
            logger.error("report %s: %s", pk, kind_and_place(fault))  # noqa: TRY400 a traceback could quote the report
            Report.across_associations.filter(pk=pk).update(not_before=now + AFTER_A_FAULT)
    return len(found)


def _waits(report: Report) -> bool:
    return report.filed_at is None and report.state in {ReportState.RECEIVED, ReportState.REFERRED}


def _case_keys(report: Report) -> QuerySet[ReportCase, int]:
    return ReportCase.objects.of(report.organisation_id).filter(report=report).values_list("case_id", flat=True)


def _file(report: Report, now: datetime) -> None:
    actor = Actor(name="worker", organisation_id=report.organisation_id)
    targets = _targets(report.addresses)
    known = {resolved.key: post for post in report.known_posts() for resolved in _targets([post.url]).values()}
    if not targets:
        # Nothing readable: a file, a description, an address cut in half. A person looks at it, in a case of its own.
        key = f"report:{report.pk}"
        targets[key] = Resolved(url="", platform="web", kind="file", key=key, canonical_url="", account=None)
    one_at_a_time(report.organisation_id, sorted(targets))
    hidden = {key: hidden_key(key) for key in targets}
    contents = Content.objects.of(report.organisation_id).filter(key__in=[*targets, *hidden.values()])
    contents_by_key = {content.key: content for content in contents}
    # What waits for a decision keeps the words of those who do not say it, hidden: a stranger's word erases nothing.
    is_confirmed = any(content.forbidden_at for content in contents_by_key.values())
    if report.state != ReportState.REFERRED and is_confirmed:
        refer_words_away(actor, report, now)
    is_referral = report.state == ReportState.REFERRED

    cases = {content.key: _case_to_join(content, now) for content in contents_by_key.values()}
    # All at once and in one order for everybody, before any of them is written to.
    also = cases_about(contents_by_key.values()) if is_referral else []
    lock_cases(report.organisation_id, [*also, *[case.ref for case in cases.values() if case]])

    joined: set[int] = set()
    for key, resolved in targets.items():
        post = None if is_referral else known.get(key)
        content = contents_by_key.get(hidden[key]) or contents_by_key.get(key)
        if content is None:
            content = keep_content(
                organisation_id=report.organisation_id,
                key=hidden[key] if is_referral else key,
                platform=resolved.platform,
                kind=resolved.kind,
                url=resolved.canonical_url,
                account="" if is_referral else (post and post.account) or resolved.account or "",
                never_fetch=is_referral,
                now=now,
            )
        case = cases.get(content.key)
        is_new_case = case is None
        if case is None:
            case = open_case(actor=actor, content=content, door=report.door, now=now)
        if is_referral:
            set_aside(actor, content, url=resolved.canonical_url, now=now)
            case.refresh_from_db()
        if post is not None and not content.never_fetch:
            _tell_what_is_known(actor, case, content, post, report.door, now)
        if case.pk in joined:
            continue  # a thread or a raid handled as one case
        joined.add(case.pk)
        ReportCase.objects.create(organisation_id=report.organisation_id, report=report, case=case)
        came = {"report": report.pk, "door": report.door}
        record(Event.REPORT_JOINED, actor=actor, now=now, case=case, data=came)
        said = danger_said(report.about, report.role, report.is_minor)
        if said > case.danger:
            why = {"danger": int(said), "report": report.pk}
            record(Event.CASE_DANGER_SET, actor=actor, now=now, case=case, data=why)
        if not is_new_case and case.stage == Stage.DECLINED and not case.referral:
            _repeat_decision(actor, report, case, now)
    report.filed_at = now
    if not is_referral:
        report.state = ReportState.FILED.value
    report.save(update_fields=["filed_at", "state"])


def _targets(addresses: Iterable[str]) -> dict[str, Resolved]:
    """Return what each readable address leads to, by key; those nobody can read are left out."""
    found: dict[str, Resolved] = {}
    for address in addresses:
        try:
            resolved = resolve(address)
        except UnreadableAddress:
            continue
        found.setdefault(stored_key(resolved.key), resolved)
    return found


def one_at_a_time(organisation_id: int, keys: Sequence[str]) -> None:
    """Let nobody else file the same contents until this transaction ends: two new reports of one content are one case.

    SQLite has one writer at a time by itself.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        digests = [hashlib.sha256(f"{organisation_id}:{key}".encode()).digest() for key in keys]
        numbers = [int.from_bytes(digest[:8], "big", signed=True) for digest in digests]
        # In the order given, which is the same for everybody.
        cursor.execute("SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS number", [numbers])


def _case_to_join(content: Content, now: datetime) -> Case | None:
    # One that is handled in another case is not what anybody works on: the content is in that other one too.
    cases = list(cases_of_content(content).filter(joined_into="")[:20])
    cases.sort(key=lambda case: case.stage in {Stage.DECLINED, Stage.CLOSED})  # the open ones first, latest first
    return next((case for case in cases if joins(Stage(case.stage), _settled_at(case), now)), None)


def _settled_at(case: Case) -> datetime | None:
    if case.stage == Stage.DECLINED:
        declined = journal_of(case).filter(event=Event.DECLINED).first()
        return declined.at if declined else None
    return case.closed_at


def _tell_what_is_known(actor: Actor, case: Case, content: Content, post: Post, door: str, now: datetime) -> None:
    source = "import" if door == Door.IMPORT else "report"
    if post.text and not content.text:
        record_text(
            actor=actor, case=case, content=content, text=post.text, source=source, language=post.language, now=now
        )
    if post.published_at and content.published_at is None:
        set_published_at(
            actor=actor, case=case, content=content, published_at=post.published_at, source=source, now=now
        )


def _repeat_decision(actor: Actor, report: Report, case: Case, now: datetime) -> None:
    """Give a person who reports what was declined lately the answer that the others were given."""
    others = ReportCase.objects.of(case.organisation_id).filter(case=case).exclude(report=report).values("report_id")
    decisions = Message.objects.of(case.organisation_id).filter(report__in=others, kind=MessageKind.DECISION)
    decision = decisions.order_by("-at", "-pk").first()
    if decision is not None:
        message = Message.objects.create(
            organisation_id=case.organisation_id, report=report, at=now, sender=decision.sender, author=decision.author,
            kind=decision.kind, text=decision.text, nonce=secrets.token_hex(16),
        )  # fmt: skip
        record(
            Event.MESSAGE_SENT, actor=actor, now=now, case=case,
            data={"messages": [message.pk], "kind": decision.kind, "repeats": decision.pk},
        )  # fmt: skip
        tell_by_mail(actor, case, message, now)
