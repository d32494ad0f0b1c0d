"""What nobody may keep: child abuse. The address alone stays, until a person has given it to an authority."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from vigie.casefile import files
from vigie.casefile.journal import record
from vigie.casefile.models import Case, Content
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger
from vigie.core.keys import derive_key
from vigie.intake.models import Attachment, Identity, Message, Report
from vigie.intake.rules.values import About, ReportState
from vigie.organisations.rules.policy import Actor


def hidden_key(key: str) -> str:
    """Return the key under which an address of child abuse is known without being written.

    Keyed by a secret outside the database: the journal, which forgets nothing, holds this and never the address.
    """
    secret = derive_key(settings.SECRET_KEY, "referred-address")
    return f"referred:{hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()}"


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


def never_fetch(actor: Actor, case: Case, content: Content, *, url: str, now: datetime) -> None:
    content.never_fetch, content.text, content.url = True, "", content.url or url
    content.save(update_fields=["never_fetch", "text", "url"])
    record(Event.CONTENT_NEVER_FETCH, actor=actor, now=now, case=case, data={"content": content.key})
    if case.danger < Danger.HIGH:
        record(Event.CASE_DANGER_SET, actor=actor, now=now, case=case, data={"danger": Danger.HIGH.value})
