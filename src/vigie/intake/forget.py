"""The personal data this room holds, how a person gets it, and how it is erased.

Held: in the vault, the name, e-mail and phone that somebody chose to leave; in the report, what they wrote and joined;
in the conversation, what they wrote since; the letters that came by mail. A referral holds none of these.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from vigie.casefile.journal import record
from vigie.casefile.models import Content
from vigie.casefile.rules.events import Event
from vigie.intake import vault
from vigie.intake.doors.files.forget import are_at_work, drop_waiting_files
from vigie.intake.doors.mailbox.forget import erase_letters_of, erase_waiting_letters, export_letters
from vigie.intake.models import Attachment, Identity, Message, Report
from vigie.organisations.rules.policy import Actor


def export(report: Report) -> dict[str, Any]:
    """Return all that is held about the person who made this report, for themselves. Not journaled: it is theirs."""
    identity = Identity.objects.of(report.organisation_id).filter(report=report, erased_at=None).first()
    messages = Message.objects.of(report.organisation_id).filter(report=report)
    attachments = Attachment.objects.of(report.organisation_id).filter(report=report)
    return {
        "received_at": report.received_at.isoformat(),
        "addresses": report.addresses,
        "about": report.about,
        "description": report.description,
        "role": report.role,
        "is_minor": report.is_minor,
        "contact": vars(vault.unseal(identity.sealed, report_id=report.pk)) if identity else None,
        "messages": [{"at": m.at.isoformat(), "sender": m.sender, "text": m.text} for m in messages],
        "letters": export_letters(report),
        "files": [{"name": a.name, "sha256": a.sha256} for a in attachments],
    }


def erase_identity(actor: Actor, report: Report, now: datetime) -> bool:
    """Erase who reported; the report stays. Say whether there was anything to erase."""
    with transaction.atomic():
        held = Identity.objects.of(actor.organisation_id).filter(report=report, erased_at=None)
        had_letters = erase_letters_of(report)
        if not held.update(sealed=b"", has_email=False, erased_at=now) and not had_letters:
            return False
        record(Event.IDENTITY_ERASED, actor=actor, now=now, data={"report": report.pk})
        return True


def erase_old_identities(now: datetime, *, at_most: int = 100) -> bool:
    """Erase those kept longer than `VIGIE_IDENTITY_DAYS`; say whether there were any."""
    old = Identity.across_associations.filter(
        erased_at=None, kept_at__lt=now - timedelta(days=settings.VIGIE_IDENTITY_DAYS)
    )
    found = list(old.select_related("report").order_by("kept_at")[:at_most])
    for identity in found:
        erase_identity(Actor(name="worker", organisation_id=identity.organisation_id), identity.report, now)
    return bool(found)


def search_traces(now: datetime) -> bool:
    """Search what waits unread for addresses that were referred since: import files, letters of the tray.

    Once for each address, one association at a time; say whether there was any to search for.
    """
    unsearched = Content.across_associations.filter(forbidden_at__isnull=False, url="", searched_at=None)
    first = unsearched.first()
    if first is None or are_at_work(first.organisation_id):
        return False
    contents = dict(unsearched.filter(organisation_id=first.organisation_id).values_list("key", "pk"))
    drop_waiting_files(first.organisation_id, contents, now)
    erase_waiting_letters(first.organisation_id, contents, now)
    Content.across_associations.filter(pk__in=contents.values()).update(searched_at=now)
    return True
