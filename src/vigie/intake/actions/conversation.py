"""The two-way conversation with the person who reported. What is said stays here; a mail only says that it waits."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.core.errors import Refusal
from vigie.core.words import N_
from vigie.intake import vault
from vigie.intake.actions.referral import refer_filed
from vigie.intake.models import Identity, Message, Report, ReportCase
from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.intake.rules.values import MessageFrom, MessageKind, ReportState
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.outbox.actions import queue_mail
from vigie.outbox.rules import Purpose

MAX_MESSAGE_CHARACTERS = 10_000


class EmptyMessage(Refusal):
    """There is nothing to say."""


class MessageTooLong(Refusal):
    """Longer than anybody would read."""


class ReferredMessage(Refusal):
    """The message points to child abuse: it is not kept, and the report becomes a referral."""


def answer_reporter(
    *,
    actor: Actor,
    case: Case,
    text: str,
    now: datetime,
    kind: MessageKind = MessageKind.INFO,
    nonce: str | None = None,
) -> list[Message]:
    """Write to everybody who reported this case; those who left an e-mail are told that an answer waits.

    Runs in the caller's transaction when there is one (a decline and its answer stand or fall together).

    Args:
        nonce: of the form it was written in; the same form sent twice writes once.

    Raises:
        NotAllowed: writing to people is for who may correspond; a decision, for who may qualify.
    """
    require(actor, Action.QUALIFY if kind is MessageKind.DECISION else Action.CORRESPOND, case.organisation_id)
    text = _checked(text)
    nonce = nonce or secrets.token_hex(16)
    with transaction.atomic():
        joined = ReportCase.objects.of(actor.organisation_id).filter(case=case).select_related("report")
        reports = [link.report for link in joined.order_by("report_id")]
        known = {report.pk: _nonce_of(nonce, report) for report in reports}
        written = set(
            Message.objects.of(actor.organisation_id).filter(nonce__in=known.values()).values_list("nonce", flat=True)
        )
        messages = [
            Message.objects.create(
                organisation_id=actor.organisation_id, report=report, at=now, sender=MessageFrom.ASSOCIATION.value,
                author=actor.name, kind=kind.value, text=text, nonce=known[report.pk],
            )
            for report in reports
            if known[report.pk] not in written and report.state != ReportState.PURGED
        ]  # fmt: skip
        if messages:
            record(
                Event.MESSAGE_SENT, actor=actor, now=now, case=case,
                data={"messages": [message.pk for message in messages], "kind": kind.value},
            )  # fmt: skip
        for message in messages:
            tell_by_mail(actor, case, message, now)
    return messages


def add_reporter_message(*, actor: Actor, report: Report, text: str, nonce: str, now: datetime) -> Message:
    """Keep what the person who reported writes on their page.

    Whoever comes back with their code is nobody's robot: a report that was held or set aside goes to the queue.

    Raises:
        ReferredMessage: it points to child abuse; nothing of it is kept.
    """
    text = _checked(text)
    if report.state in {ReportState.REFERRED, ReportState.PURGED} or points_to_child_abuse("", [text]):
        refer_filed(actor, report, now)
        raise ReferredMessage(
            N_("Nous ne gardons aucun mot sur un tel contenu. Signalez-le à PHAROS ou à Point de Contact.")
        )
    with transaction.atomic():
        digest = _nonce_of(nonce, report)
        known: Message | None = Message.objects.of(report.organisation_id).filter(nonce=digest).first()
        if known is not None:
            return known
        if report.state in {ReportState.HELD, ReportState.SET_ASIDE}:
            report.state, report.not_before = ReportState.RECEIVED.value, now
            report.save(update_fields=["state", "not_before"])
            record(Event.REPORT_SETTLED, actor=actor, now=now, data={"report": report.pk, "is_report": True})
        message: Message = Message.objects.create(
            organisation_id=report.organisation_id, report=report, at=now, sender=MessageFrom.REPORTER.value,
            text=text, nonce=digest,
        )  # fmt: skip
        joined = ReportCase.objects.of(report.organisation_id).filter(report=report).select_related("case")
        for link in joined.order_by("case_id"):
            record(
                Event.MESSAGE_RECEIVED, actor=actor, now=now, case=link.case,
                data={"report": report.pk, "message": message.pk},
            )  # fmt: skip
    return message


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise EmptyMessage(N_("Écrivez un message."))
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise MessageTooLong(N_("Ce message est trop long : 10 000 caractères au plus."))
    return text


def _nonce_of(nonce: str, report: Report) -> str:
    return hashlib.sha256(f"{report.pk}:{nonce}".encode()).hexdigest()


def tell_by_mail(actor: Actor, case: Case, message: Message, now: datetime) -> None:
    """Queue a mail that says nothing but that an answer waits: it may be read over somebody's shoulder."""
    report = message.report
    identity = Identity.objects.of(report.organisation_id).filter(report=report, has_email=True, erased_at=None).first()
    if identity is None:
        return
    organisation = Organisation.objects.get(pk=report.organisation_id)
    with translation.override(report.language if report.language in dict(settings.LANGUAGES) else "fr"):
        subject = gettext("Vous avez une réponse")
        body = gettext(
            "Bonjour,\n\nvous avez une réponse de l’association %(name)s.\n"
            "Pour la lire, ouvrez %(address)s et entrez votre code de suivi.\n"
        ) % {"name": organisation.name, "address": f"{settings.VIGIE_URL}/suivi"}
    queue_mail(
        actor=actor, purpose=Purpose.ANSWER, key=f"answer:{message.pk}", reference=f"message:{message.pk}", case=case,
        recipient=vault.unseal(identity.sealed, report_id=report.pk).email, is_private=True,
        sender=organisation.notice_email, subject=subject, body=body, now=now,
    )  # fmt: skip
