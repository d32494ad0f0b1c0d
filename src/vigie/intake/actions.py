"""Verbs of intake: a report is received, sorted into cases, referred, answered."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from vigie.casefile import files
from vigie.casefile.actions import keep_content, open_case, record_text, set_published_at, stored_key
from vigie.casefile.journal import record
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import cases_of_content, journal_of
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger, Stage
from vigie.core.keys import derive_key
from vigie.core.references import receipt_code, receipt_digest
from vigie.intake import vault
from vigie.intake.models import Attachment, Identity, Message, Report, ReportCase
from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.intake.rules.joining import joins
from vigie.intake.rules.values import (
    About,
    Contact,
    Door,
    MessageKind,
    Post,
    ReportState,
    Upload,
    same_report,
)
from vigie.intake.uploads import check_number, checked_media_type
from vigie.organisations.rules.policy import Actor

if TYPE_CHECKING:
    from vigie.platforms.resolve import Resolved

logger = logging.getLogger("vigie.intake")

FLOOD_WINDOW = timedelta(minutes=1)
AFTER_A_FAULT = timedelta(minutes=5)


@dataclass(frozen=True)
class Received:
    """What became of what came in. `receipt_code` is known only now: the row keeps a slow hash of it."""

    report: Report
    receipt_code: str | None
    is_new: bool


def receive_report(
    *,
    actor: Actor,
    door: Door,
    addresses: Sequence[str],
    description: str = "",
    about: str = "",
    role: str = "",
    is_minor: bool | None = None,
    contact: Contact | None = None,
    attachments: Sequence[Upload] = (),
    language: str = "fr",
    posts: Sequence[Post] = (),
    source_key: str | None = None,
    nonce: str | None = None,
    wants_receipt: bool = True,
    proof: str | None = None,
    now: datetime,
) -> Received:
    """Keep what somebody told us. Sorting it into cases is `file_report`'s work, a moment later.

    The same thing twice is one report: by `source_key` for the doors that know their own (a mail's
    Message-ID, a partner's reference), by `nonce` and all that was given for a form. With either, and
    unless `wants_receipt` is false, there is a receipt code, the same each time.

    What points to sexual abuse of children keeps nothing but its addresses: no words, no file, no contact.
    The words of `posts` are not asked: they are the content itself, in which hatred often speaks of children.

    Args:
        addresses: as given, readable or not.
        proof: digest of a proof of work that was verified; used once.

    Raises:
        UnusableFile: an attachment of a kind or size that is not taken; nothing was kept.
    """
    check_number(attachments)
    media_types = [checked_media_type(upload) for upload in attachments]
    given = {
        "addresses": list(addresses), "description": description, "about": about, "role": role, "is_minor": is_minor,
        "contact": vars(contact) if contact else None,
    }  # fmt: skip
    seed = source_key or (same_report(door, nonce, given, attachments) if nonce else None)
    code = receipt_code(_key("receipt"), f"{actor.organisation_id}:{seed}") if seed and wants_receipt else None

    if points_to_child_abuse(about, [description, *addresses, *[upload.name for upload in attachments]]):
        description, about, role, is_minor, contact = "", About.CHILD_ABUSE.value, "", None, None
        attachments, posts, state = (), (), ReportState.REFERRED if addresses else ReportState.PURGED
    else:
        state = ReportState.RECEIVED
    # Written before the transaction: the database never names a file that the disk does not hold.
    kept = [
        Attachment(sha256=file.sha256, size=file.size, name=upload.name[-200:], media_type=media_type)
        for upload, media_type in zip(attachments, media_types, strict=False)
        for file in [files.keep(upload.content)]
    ]
    report = Report(
        organisation_id=actor.organisation_id, received_at=now, not_before=now, door=door.value,
        addresses=list(addresses) if state is not ReportState.PURGED else [], posts=[post.as_json() for post in posts],
        description=description, about=about, role=role, is_minor=is_minor, language=language, state=state.value,
        filed_at=now if state is ReportState.PURGED else None,
        source_key=seed, receipt_digest=receipt_digest(_key("receipt-digest"), code) if code else None,
    )  # fmt: skip
    try:
        return _insert(actor, report, kept, contact, proof, code, now)
    except IntegrityError:
        # Somebody else's transaction brought the same report, or spent the same proof, between our look and our insert.
        report.pk = None
        return _insert(actor, report, kept, contact, proof, code, now)


def _insert(
    actor: Actor,
    report: Report,
    kept: Sequence[Attachment],
    contact: Contact | None,
    proof: str | None,
    code: str | None,
    now: datetime,
) -> Received:
    with transaction.atomic():
        if report.source_key:
            known = Report.objects.of(actor.organisation_id).filter(source_key=report.source_key).first()
            if known is not None:
                return Received(known, code if known.receipt_digest == report.receipt_digest else None, is_new=False)
        if report.door == Door.FORM:
            spent = proof is None or Report.across_associations.filter(proof=proof).exists()
            report.proof, report.unproven = (None, True) if spent else (proof, False)
            if report.unproven and report.state == ReportState.RECEIVED and _is_flood(actor, now):
                report.state = ReportState.HELD.value
        report.save(force_insert=True)
        for attachment in kept:
            attachment.pk, attachment.organisation_id, attachment.report = None, actor.organisation_id, report
            attachment.save(force_insert=True)
        if contact:
            Identity.objects.create(
                organisation_id=actor.organisation_id, report=report, kept_at=now, has_email=bool(contact.email),
                sealed=vault.seal(contact, report_id=report.pk),
            )  # fmt: skip
        record(Event.REPORT_RECEIVED, actor=actor, now=now, data={"report": report.pk, "door": report.door})
        if report.about == About.CHILD_ABUSE:
            record(Event.REPORT_REFERRED, actor=actor, now=now, data={"report": report.pk})
    return Received(report, code, is_new=True)


def _is_flood(actor: Actor, now: datetime) -> bool:
    unproven = Report.objects.of(actor.organisation_id).filter(unproven=True, received_at__gt=now - FLOOD_WINDOW)
    return bool(unproven.count() >= settings.VIGIE_UNPROVEN_PER_MINUTE)


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
            # No traceback: its last line could quote the report. The kind and place of the fault are enough to find it.
            place = traceback.extract_tb(fault.__traceback__)[-1]
            logger.error("report %s: %s at %s:%s", pk, type(fault).__name__, place.filename, place.lineno)  # noqa: TRY400
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
        from vigie.platforms.resolve import Resolved

        key = f"report:{report.pk}"
        targets[key] = Resolved(url="", platform="web", kind="file", key=key, canonical_url="", account=None)
    _one_at_a_time(report.organisation_id, sorted(targets))
    hidden = {key: hidden_key(key) for key in targets}
    contents = Content.objects.of(report.organisation_id).filter(key__in=[*targets, *hidden.values()])
    contents_by_key = {content.key: content for content in contents}
    if report.state != ReportState.REFERRED and any(key in contents_by_key for key in hidden.values()):
        refer_words_away(actor, report, now)
    is_referral = report.state == ReportState.REFERRED

    for key in sorted(targets):
        resolved, post = targets[key], None if is_referral else known.get(key)
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
        case = _case_to_join(content, now)
        is_new_case = case is None
        if case is None:
            case = open_case(actor=actor, content=content, door=report.door, now=now)
        if is_referral:
            _never_fetch(actor, case, content, url=resolved.canonical_url, now=now)
        if post is not None:
            _tell_what_is_known(actor, case, content, post, report.door, now)
        ReportCase.objects.create(organisation_id=report.organisation_id, report=report, case=case)
        record(Event.REPORT_JOINED, actor=actor, now=now, case=case, data={"report": report.pk})
        if not is_new_case and case.stage == Stage.DECLINED:
            _repeat_decision(report, case, now)
    report.filed_at = now
    if not is_referral:
        report.state = ReportState.FILED.value
    report.save(update_fields=["filed_at", "state"])


def _targets(addresses: Iterable[str]) -> dict[str, Resolved]:
    """Return what each readable address leads to, by key; those nobody can read are left out."""
    from vigie.platforms.resolve import UnreadableAddress, resolve

    found: dict[str, Resolved] = {}
    for address in addresses:
        try:
            resolved = resolve(address)
        except UnreadableAddress:
            continue
        found.setdefault(stored_key(resolved.key), resolved)
    return found


def _one_at_a_time(organisation_id: int, keys: Sequence[str]) -> None:
    """Let nobody else file the same contents until this transaction ends: two new reports of one content are one case.

    SQLite has one writer at a time by itself.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for key in keys:
            digest = hashlib.sha256(f"{organisation_id}:{key}".encode()).digest()
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)])


def _case_to_join(content: Content, now: datetime) -> Case | None:
    cases = list(cases_of_content(content)[:20])
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


def _repeat_decision(report: Report, case: Case, now: datetime) -> None:
    """Give a person who reports what was declined lately the answer that the others were given."""
    others = ReportCase.objects.of(case.organisation_id).filter(case=case).exclude(report=report).values("report_id")
    decisions = Message.objects.of(case.organisation_id).filter(report__in=others, kind=MessageKind.DECISION)
    decision = decisions.order_by("-at", "-pk").first()
    if decision is not None:
        Message.objects.create(
            organisation_id=case.organisation_id, report=report, at=now, sender=decision.sender, author=decision.author,
            kind=decision.kind, text=decision.text, nonce=secrets.token_hex(16),
        )  # fmt: skip


# --- what nobody may keep: the address alone, for the referral ---------------------------------------------------


def hidden_key(key: str) -> str:
    """Return the key under which an address of child abuse is known without being written.

    Keyed by a secret outside the database: the journal, which forgets nothing, holds this and never the address.
    """
    return f"referred:{hmac.new(_key('referred-address'), key.encode(), hashlib.sha256).hexdigest()}"


def refer_words_away(actor: Actor, report: Report, now: datetime) -> None:
    """Turn a report into a referral: drop its words, files and contact; the addresses stay until they are referred."""
    attachments = Attachment.objects.of(report.organisation_id).filter(report=report)
    digests = list(attachments.values_list("sha256", flat=True))
    attachments.delete()
    Identity.objects.of(report.organisation_id).filter(report=report).delete()
    Message.objects.of(report.organisation_id).filter(report=report).delete()
    report.description, report.role, report.is_minor, report.posts = "", "", None, []
    report.about, report.state = About.CHILD_ABUSE.value, ReportState.REFERRED.value
    report.save(update_fields=["description", "role", "is_minor", "posts", "about", "state"])
    record(Event.REPORT_REFERRED, actor=actor, now=now, data={"report": report.pk})
    transaction.on_commit(lambda: _forget_files(digests))


def _forget_files(digests: Iterable[str]) -> None:
    for sha256 in digests:
        if not Attachment.across_associations.filter(sha256=sha256).exists():
            files.forget(sha256)


def _never_fetch(actor: Actor, case: Case, content: Content, *, url: str, now: datetime) -> None:
    content.never_fetch, content.text, content.url = True, "", content.url or url
    content.save(update_fields=["never_fetch", "text", "url"])
    record(Event.CONTENT_NEVER_FETCH, actor=actor, now=now, case=case, data={"content": content.key})
    if case.danger < Danger.HIGH:
        record(Event.CASE_DANGER_SET, actor=actor, now=now, case=case, data={"danger": Danger.HIGH.value})


def _key(purpose: str) -> bytes:
    return derive_key(settings.SECRET_KEY, purpose)
