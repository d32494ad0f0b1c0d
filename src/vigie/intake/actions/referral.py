"""What nobody may keep: sexual abuse of children.

Three moments. *Said*: everything about the content is hidden at once, in every case about it, and nothing is erased:
a stranger's word must not destroy the evidence of a case. *Confirmed*, by a person who may: it is erased, here and
by each room for what it holds (`Content.forbidden_at`). *Lifted*, by a lead: everything is there again as it was.
Of what arrives with that said, nothing but the address is ever kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from vigie.casefile import files
from vigie.casefile.journal import lock_cases, record
from vigie.casefile.keys import HIDDEN, hidden_key, stored_key
from vigie.casefile.models import Case, CaseContent, Content, JournalEntry
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger, Referral, Stage
from vigie.core.errors import Refusal
from vigie.core.words import N_
from vigie.intake.models import Attachment, Identity, Message, Report, ReportCase
from vigie.intake.rules.values import About, ReferralBody, ReportState
from vigie.organisations.models import Membership
from vigie.organisations.rules.policy import Action, Actor, may, require
from vigie.outbox.actions import queue_mail
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Purpose
from vigie.platforms.resolve import UnreadableAddress, resolve

TOLD_AGAIN_AFTER = timedelta(hours=1)
_TOLD = "alert:referral:"
REFERENCE = re.compile(r"[A-Za-z0-9\- ]{0,40}")


class NotAReferral(Refusal):
    """Nothing of the case is set aside for the authorities."""


class UnusableReference(Refusal):
    """What was typed is not a reference."""


# --- said ----------------------------------------------------------------------------------------------------


def refer_words_away(actor: Actor, report: Report, now: datetime, *, is_confirmed: bool = False) -> None:
    """Turn a report into a referral: drop its words, files and contact; the addresses stay until they are referred.

    Args:
        is_confirmed: a person says so. The same bytes that another report brought are the same picture then, and
            nothing here keeps them; a stranger's word takes no file from anybody but the stranger.
    """
    attachments = Attachment.objects.of(report.organisation_id)
    digests = list(attachments.filter(report=report).values_list("sha256", flat=True))
    (attachments.filter(sha256__in=digests) if is_confirmed else attachments.filter(report=report)).delete()
    Identity.objects.of(report.organisation_id).filter(report=report).delete()
    Message.objects.of(report.organisation_id).filter(report=report).delete()
    report.description, report.role, report.is_minor, report.posts = "", "", None, []
    report.about, report.state = About.CHILD_ABUSE.value, ReportState.REFERRED.value
    report.save(update_fields=["description", "role", "is_minor", "posts", "about", "state"])
    record(Event.REPORT_REFERRED, actor=actor, now=now, data={"report": report.pk})
    for sha256 in digests:
        forbidden_in = report.organisation_id if is_confirmed else None
        transaction.on_commit(partial(files.forget, sha256, forbidden_in=forbidden_in))


def refer_filed(actor: Actor, report: Report, now: datetime) -> None:
    """Somebody says it of what they reported before: hide it; what nobody has worked on yet is a referral at once."""
    with transaction.atomic():
        report = Report.objects.of(report.organisation_id).select_for_update().get(pk=report.pk)
        if report.state in {ReportState.REFERRED, ReportState.PURGED}:
            return
        if report.filed_at is None:
            refer_words_away(actor, report, now)
            return
        links = ReportCase.objects.of(report.organisation_id).filter(report=report).select_related("case")
        named = {key for address in report.addresses for key in _keys_of(address)}
        for content in {content.pk: content for link in links for content in contents_of(link.case)}.values():
            if content.key in named or not named:
                set_aside(actor, content, url=content.url, now=now)


def cases_about(contents: Iterable[Content]) -> list[str]:
    """Return the references of all cases about any of these contents, whatever their stage."""
    links = CaseContent.across_associations.filter(content__in=[content.pk for content in contents])
    return sorted(set(links.values_list("case__ref", flat=True)))


def set_aside(actor: Actor, content: Content, *, url: str, now: datetime) -> None:
    """Hide a content and every case about it, before all others in the queue, until a person has decided.

    Nothing is opened, shown, handed out, sent or looked at any more; nothing is erased.
    """
    is_news = not (content.never_fetch and content.url)
    content.never_fetch, content.url = True, content.url or url
    content.save(update_fields=["never_fetch", "url"])
    for case in lock_cases(actor.organisation_id, cases_about([content])):
        waits = case.referral == Referral.WAITING
        if waits and not is_news:
            continue
        data: dict[str, object] = {"content": content.reference}
        if case.referral == Referral.NONE:
            data["danger"] = case.danger  # what a lift puts back
            _tell_who_decides(case, but=actor, now=now)
        record(Event.CONTENT_NEVER_FETCH, actor=actor, now=now, case=case, data=data)
        if case.danger < Danger.IMMINENT:
            record(Event.CASE_DANGER_SET, actor=actor, now=now, case=case, data={"danger": Danger.IMMINENT.value})


def _tell_who_decides(case: Case, *, but: Actor, now: datetime) -> None:
    """Write to those who may settle it that a case needs them today; no address, no word of why.

    Not to whoever set it aside, and to nobody twice within the hour: strangers could otherwise fill mailboxes. What
    comes meanwhile stands with it at the head of the queue.
    """
    mails = OutgoingMail.objects.of(case.organisation_id).filter(purpose=Purpose.ALERT, key__startswith=_TOLD)
    told = set(mails.filter(queued_at__gt=now - TOLD_AGAIN_AFTER).values_list("recipient", flat=True))
    memberships = Membership.objects.filter(
        organisation_id=case.organisation_id, is_active=True, member__is_active=True
    ).select_related("member", "organisation")
    for membership in memberships.order_by("pk"):
        member = membership.member
        may_settle = may(membership.actor(), Action.TRIAGE_CASE, case.organisation_id)
        if not may_settle or member.pk == but.member_id or member.email in told:
            continue
        with translation.override(member.language):
            subject = gettext("Un dossier attend une décision aujourd’hui")
            body = gettext(
                "Le dossier %(ref)s est mis de côté : rien n’en est montré tant que personne n’a décidé.\n"
                "C’est à faire aujourd’hui :\n%(address)s\n\n"
                "S’il en vient d’autres dans l’heure, ils sont avec lui en tête de la file, sans autre message.\n"
            ) % {"ref": case.ref, "address": f"{settings.VIGIE_URL}/bureau/dossiers/{case.ref}/"}
        queue_mail(
            actor=Actor(name="worker", organisation_id=case.organisation_id), purpose=Purpose.ALERT,
            key=f"{_TOLD}{case.pk}:{member.pk}:{int(now.timestamp())}", recipient=member.email,
            sender=membership.organisation.notice_email, subject=subject, body=body, now=now,
        )  # fmt: skip


# --- confirmed -----------------------------------------------------------------------------------------------


def confirm(content: Content, now: datetime) -> None:
    """A person says that it is child abuse: each room erases what it holds of it; its address waits for an authority.

    Runs in the caller's transaction, which holds the cases about it.
    """
    content.forbidden_at = content.forbidden_at or now
    content.text, content.account, content.text_from = "", "", ""
    content.save(update_fields=["forbidden_at", "text", "account", "text_from"])


def settle_referral(*, actor: Actor, case: Case, body: ReferralBody, reference: str = "", now: datetime) -> None:
    """A person confirms, and notes to whom they gave the address: it is erased with all that was kept of the content.

    From the contents and from every report of every case about them here; each room erases what it holds itself.

    Raises:
        NotAllowed: this is for who sorts cases.
        NotAReferral: nothing of this case was set aside, or it is already settled.
        UnusableReference: the reference is not one an authority gives; an address could hide in it.
    """
    require(actor, Action.TRIAGE_CASE, case.organisation_id)
    if not REFERENCE.fullmatch(reference.strip()):
        raise UnusableReference(N_("Cette référence ne peut pas être notée : lettres, chiffres et tirets seulement."))
    with transaction.atomic():
        set_aside, cases = _lock_set_aside(case)
        addresses = {content.url for content in set_aside}
        forgotten = {key for content in set_aside for key in (content.key, *_keys_of(content.url))}
        for content in set_aside:
            confirm(content, now)
            content.url, content.searched_at = "", None
            if not content.key.startswith(HIDDEN):
                content.key = hidden_key(content.key)
            content.save(update_fields=["url", "key", "searched_at"])
        for one in cases:
            others = [content for content in contents_of(one) if not content.never_fetch]
            record(
                Event.REFERRAL_MADE, actor=actor, now=now, case=one,
                data={"body": body.value, "reference": reference.strip(), "others_go_on": bool(others)},
            )  # fmt: skip
            addresses |= _purge_reports(actor, one, forgotten, others, now)
            if others:
                _put_danger_back(actor, one, now)
            elif one.stage != Stage.CLOSED:
                data = {"reason": ClosingReason.ELSEWHERE.value}
                record(Event.CASE_CLOSED, actor=actor, now=now, case=one, data=data)
        addresses |= _purge_unfiled(actor, case.organisation_id, forgotten, now)
        _strike_out(case.organisation_id, addresses)


def _lock_set_aside(case: Case) -> tuple[list[Content], list[Case]]:
    """Return the contents of a case that wait for a decision, and all cases about them, under lock."""
    waiting = [content for content in contents_of(case) if content.never_fetch and content.url]
    cases = lock_cases(case.organisation_id, cases_about(waiting))
    fresh = Content.objects.of(case.organisation_id).filter(pk__in=[content.pk for content in waiting])
    set_aside = list(fresh.filter(never_fetch=True).exclude(url="").order_by("pk").select_for_update())
    if not set_aside:
        raise NotAReferral(N_("Il n’y a plus d’adresse à transmettre dans ce dossier."))
    return set_aside, cases


def _purge_reports(actor: Actor, case: Case, forgotten: set[str], others: Sequence[Content], now: datetime) -> set[str]:
    """Erase the reports of a case that speak of what is forgotten; return the addresses they gave it.

    A report that names only other contents of the case stays; one that names none may speak of any.
    """
    gone: set[str] = set()
    stay = {content.key for content in others}
    joined = ReportCase.objects.of(case.organisation_id).filter(case=case).select_related("report")
    for link in joined.order_by("report_id"):
        report = link.report
        named = {address: set(_keys_of(address)) for address in report.addresses}
        about_it = {address for address, keys in named.items() if keys & forgotten}
        if not about_it and any(keys & stay for keys in named.values()):
            continue
        if report.state == ReportState.FILED:
            # Reported in the ordinary way, together with others' word that it is child abuse: its words go too.
            refer_words_away(actor, report, now, is_confirmed=True)
        # What cannot be read as an address may still be one, cut or misspelt.
        _purge(
            actor, report, [address for address, keys in named.items() if keys and address not in about_it], now, case
        )
        gone |= about_it
    return gone


def _purge_unfiled(actor: Actor, organisation_id: int, forgotten: set[str], now: datetime) -> set[str]:
    """Erase the reports that a flood held back, or a person set aside, and that name what is forgotten."""
    gone: set[str] = set()
    unfiled = Report.objects.of(organisation_id).filter(state__in=[ReportState.HELD, ReportState.SET_ASIDE])
    for report in unfiled:
        about_it = {address for address in report.addresses if set(_keys_of(address)) & forgotten}
        if about_it:
            refer_words_away(actor, report, now, is_confirmed=True)
            report.filed_at = now
            report.save(update_fields=["filed_at"])
            _purge(actor, report, [], now)
            gone |= about_it
    return gone


def _purge(actor: Actor, report: Report, stay: list[str], now: datetime, case: Case | None = None) -> None:
    report.addresses = stay
    if not stay:
        report.state = ReportState.PURGED.value
    report.save(update_fields=["addresses", "state"])
    record(Event.REPORT_PURGED, actor=actor, now=now, case=case, data={"report": report.pk})


def _strike_out(organisation_id: int, addresses: set[str]) -> None:
    """Take the addresses out of what other reports and conversations say in passing."""
    for model, name in ((Report, "description"), (Message, "text")):
        for address in addresses - {""}:
            for row in model.objects.of(organisation_id).filter(**{f"{name}__contains": address}):
                setattr(row, name, getattr(row, name).replace(address, "[…]"))
                row.save(update_fields=[name])


# --- lifted --------------------------------------------------------------------------------------------------


def lift_referral(*, actor: Actor, case: Case, now: datetime) -> None:
    """A lead says that this is not child abuse: the cases about it are again what they were.

    Of what arrived with that said, the address goes the ordinary way, alone.

    Raises:
        NotAllowed: this is for a lead, because what follows is a fetch.
        NotAReferral: nothing of this case is set aside any more.
    """
    require(actor, Action.ASSIGN_CASE, case.organisation_id)
    with transaction.atomic():
        set_aside, cases = _lock_set_aside(case)
        for content in set_aside:
            content.never_fetch, content.forbidden_at = False, None
            [key] = _keys_of(content.url) or [content.key]
            if not Content.objects.of(case.organisation_id).filter(key=key).exists():
                content.key = key
            content.save(update_fields=["never_fetch", "forbidden_at", "key"])
        for one in cases:
            if any(content.never_fetch and content.url for content in contents_of(one)):
                continue  # another content of it still waits
            record(Event.REFERRAL_LIFTED, actor=actor, now=now, case=one)
            _put_danger_back(actor, one, now)
        joined = ReportCase.objects.of(case.organisation_id).filter(case__in=cases).values("report_id")
        Report.objects.of(case.organisation_id).filter(pk__in=joined, state=ReportState.REFERRED).update(
            state=ReportState.FILED, about=""
        )


def _put_danger_back(actor: Actor, case: Case, now: datetime) -> None:
    """Set the danger that stood when the case was set aside."""
    entries = JournalEntry.objects.of(case.organisation_id).filter(case=case, event=Event.CONTENT_NEVER_FETCH)
    said = [data["danger"] for data in entries.order_by("-seq").values_list("data", flat=True) if "danger" in data]
    before = Danger(said[0]) if said else Danger.STANDARD
    if case.danger != before:
        record(Event.CASE_DANGER_SET, actor=actor, now=now, case=case, data={"danger": before.value})


def _keys_of(address: str) -> list[str]:
    """Return the key of an address, in a list; empty when nobody can read it."""
    try:
        return [stored_key(resolve(address).key)]
    except UnreadableAddress:
        return []
