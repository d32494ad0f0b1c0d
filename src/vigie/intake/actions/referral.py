"""What nobody may keep: child abuse. The address alone stays, until a person has given it to an authority."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from vigie.casefile import files
from vigie.casefile.journal import lock_cases, record
from vigie.casefile.keys import HIDDEN, hidden_key, stored_key
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger
from vigie.core.errors import Refusal
from vigie.core.words import N_
from vigie.intake.models import Attachment, Identity, Message, Report, ReportCase
from vigie.intake.rules.values import About, ReferralBody, ReportState
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.platforms.resolve import UnreadableAddress, resolve

REFERENCE = re.compile(r"[A-Za-z0-9\- ]{0,40}")


class NotAReferral(Refusal):
    """Nothing of the case is set aside for the authorities."""


class UnusableReference(Refusal):
    """What was typed is not a reference."""


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


def refer_filed(actor: Actor, report: Report, now: datetime) -> None:
    """Turn a report that is already in its cases into a referral, and its contents with it."""
    with transaction.atomic():
        refs = ReportCase.objects.of(report.organisation_id).filter(report=report).values_list("case__ref", flat=True)
        cases = lock_cases(report.organisation_id, refs)
        report = Report.objects.of(report.organisation_id).select_for_update().get(pk=report.pk)
        if report.state in {ReportState.REFERRED, ReportState.PURGED}:
            return
        refer_words_away(actor, report, now)
        for case in cases:
            for content in contents_of(case):
                never_fetch(actor, case, content, url=content.url, now=now)


def never_fetch(actor: Actor, case: Case, content: Content, *, url: str, now: datetime) -> None:
    """Let nothing of this content be opened or copied any more, and put its case before the others."""
    if content.never_fetch and content.url and case.danger >= Danger.HIGH:
        return
    content.never_fetch, content.text, content.url = True, "", content.url or url
    content.save(update_fields=["never_fetch", "text", "url"])
    record(Event.CONTENT_NEVER_FETCH, actor=actor, now=now, case=case, data={"content": content.reference})
    if case.danger < Danger.HIGH:
        record(Event.CASE_DANGER_SET, actor=actor, now=now, case=case, data={"danger": Danger.HIGH.value})


def settle_referral(*, actor: Actor, case: Case, body: ReferralBody, reference: str = "", now: datetime) -> None:
    """Note to whom a person gave the address, and erase it: from the content, from every report of the case.

    Raises:
        NotAllowed: this is for who sorts cases.
        NotAReferral: nothing of this case was set aside, or it is already settled.
        UnusableReference: the reference is not one an authority gives; an address could hide in it.
    """
    require(actor, Action.TRIAGE_CASE, case.organisation_id)
    if not REFERENCE.fullmatch(reference.strip()):
        raise UnusableReference(N_("Cette référence ne peut pas être notée : lettres, chiffres et tirets seulement."))
    with transaction.atomic():
        [case] = lock_cases(case.organisation_id, [case.ref])
        set_aside = [content for content in contents_of(case) if content.never_fetch and content.url]
        if not set_aside:
            raise NotAReferral(N_("Il n’y a plus d’adresse à transmettre dans ce dossier."))
        record(
            Event.REFERRAL_MADE, actor=actor, now=now, case=case,
            data={"body": body.value, "reference": reference.strip()},
        )  # fmt: skip
        forgotten = set()
        for content in set_aside:
            forgotten |= {content.key, _plain_key(content.url)}
            content.url, content.account, content.text = "", "", ""
            if not content.key.startswith(HIDDEN):
                content.key = hidden_key(content.key)
            content.save(update_fields=["url", "account", "text", "key"])
        joined = ReportCase.objects.of(case.organisation_id).filter(case=case).select_related("report")
        for link in joined.order_by("report_id"):
            _purge(actor, link.report, forgotten, case, now)
        record(
            Event.CASE_CLOSED, actor=actor, now=now, case=case, data={"reason": ClosingReason.ELSEWHERE.value}
        )  # fmt: skip


def lift_referral(*, actor: Actor, case: Case, now: datetime) -> None:
    """A lead says that this is not child abuse: the content goes the ordinary way, with its address alone.

    Raises:
        NotAllowed: this is for a lead, because what follows is a fetch.
        NotAReferral: nothing of this case is set aside any more.
    """
    require(actor, Action.ASSIGN_CASE, case.organisation_id)
    with transaction.atomic():
        [case] = lock_cases(case.organisation_id, [case.ref])
        set_aside = [content for content in contents_of(case) if content.never_fetch and content.url]
        if not set_aside:
            raise NotAReferral(N_("Il n’y a plus d’adresse à transmettre dans ce dossier."))
        for content in set_aside:
            content.never_fetch = False
            key = _plain_key(content.url)
            if not Content.objects.of(case.organisation_id).filter(key=key).exists():
                content.key = key
            content.save(update_fields=["never_fetch", "key"])
        record(Event.REFERRAL_LIFTED, actor=actor, now=now, case=case)
        record(
            Event.CASE_DANGER_SET, actor=actor, now=now, case=case, data={"danger": Danger.STANDARD.value}
        )  # fmt: skip
        joined = ReportCase.objects.of(case.organisation_id).filter(case=case).values("report_id")
        Report.objects.of(case.organisation_id).filter(pk__in=joined, state=ReportState.REFERRED).update(
            state=ReportState.FILED, about=""
        )


def _purge(actor: Actor, report: Report, forgotten: set[str], case: Case, now: datetime) -> None:
    if report.state == ReportState.FILED:
        # Reported in the ordinary way, together with others' word that it is child abuse: its words go too.
        refer_words_away(actor, report, now)
    report.addresses = [address for address in report.addresses if _plain_key(address) not in forgotten]
    if not report.addresses:
        report.state = ReportState.PURGED.value
    report.save(update_fields=["addresses", "state"])
    record(Event.REPORT_PURGED, actor=actor, now=now, case=case, data={"report": report.pk})


def _plain_key(address: str) -> str:
    try:
        return stored_key(resolve(address).key)
    except UnreadableAddress:
        return ""
