"""Keep what somebody told us, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from vigie.casefile import files
from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.keys import derive_key
from vigie.core.references import receipt_code, receipt_digest, typed_receipt
from vigie.intake import vault
from vigie.intake.models import Attachment, Identity, Report
from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.intake.rules.values import About, Contact, Door, Post, ReportState, Upload, same_report
from vigie.intake.uploads import check_number, checked_media_type
from vigie.organisations.rules.policy import Actor

FLOOD_WINDOW = timedelta(minutes=1)


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
        source_key=seed, receipt_digest=stored_receipt(code) if code else None,
    )  # fmt: skip
    # Written first and asked afterwards: almost every report is new, and the database knows best which are not.
    try:
        return _insert(actor, report, kept, contact, proof, code, now)
    except IntegrityError:
        known = _known(report)
    if known is None:
        report.pk = None  # what stood in the way was the proof, spent already: the report is taken without it
        try:
            return _insert(actor, report, kept, contact, None, code, now)
        except IntegrityError:
            known = _known(report)
            if known is None:
                raise
    return Received(known, code if known.receipt_digest == report.receipt_digest else None, is_new=False)


def _known(report: Report) -> Report | None:
    found: Report | None = None
    if report.source_key:
        found = Report.objects.of(report.organisation_id).filter(source_key=report.source_key).first()
    return found


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
        if report.door == Door.FORM:
            report.proof, report.unproven = proof, proof is None
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
    most = settings.VIGIE_UNPROVEN_PER_MINUTE
    unproven = Report.objects.of(actor.organisation_id).filter(unproven=True, received_at__gt=now - FLOOD_WINDOW)
    return most == 0 or bool(unproven[most - 1 : most].exists())


def stored_receipt(code: str) -> str:
    """Return the slow hash under which a receipt code is stored and looked up."""
    return receipt_digest(_key("receipt-digest"), code)


def report_of_receipt(typed: str) -> Report | None:
    """Return the report that a receipt code opens; None for a code that nobody was given.

    The slow hash is computed for every 16 digits, known or not, so that both take as long.
    """
    code = typed_receipt(typed)
    if code is None:
        return None
    found: Report | None = (
        Report.across_associations.select_related("organisation").filter(receipt_digest=stored_receipt(code)).first()
    )
    return found


def _key(purpose: str) -> bytes:
    return derive_key(settings.SECRET_KEY, purpose)
