"""Questions about letters."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from django.db.models import QuerySet

from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.intake.doors.mailbox.evidence import read_kept_letter
from vigie.intake.doors.mailbox.letter import Letter, read_letter
from vigie.intake.doors.mailbox.models import IncomingMail, MailboxFault
from vigie.intake.doors.mailbox.ports import Why
from vigie.intake.doors.mailbox.sorting import MailKind
from vigie.intake.queries import hidden_reports
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet


def waiting_for_a_person(actor: Actor) -> OwnedQuerySet:
    """Return the letters of the tray, oldest first."""
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    tray = IncomingMail.objects.of(actor.organisation_id).filter(kind=MailKind.TRAY, settled_at=None)
    return tray.order_by("received_at", "pk")


MAILBOX_FAULTS = {
    Why.PASSWORD: N_(
        "La boîte aux lettres refuse le mot de passe : aucun courriel n’est lu depuis le %(since)s. Prévenez qui administre "
        "Vigie (réglage VIGIE_MAILBOX)."
    ),
    Why.FOLDER: N_(
        "Un dossier de la boîte aux lettres manque ou n’accepte pas les courriels, depuis le %(since)s. Prévenez qui "
        "administre Vigie (réglage VIGIE_MAILBOX)."
    ),
    Why.SILENT: N_(
        "La boîte aux lettres ne répond pas : aucun courriel n’est lu depuis le %(since)s. Vigie réessaie sans cesse."
    ),
}


def mailbox_fault(actor: Actor) -> MailboxFault | None:
    """Return what keeps the mailbox of the actor's association from being read, if something does."""
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    fault: MailboxFault | None = MailboxFault.objects.of(actor.organisation_id).first()
    return fault


def access_mail(actor: Actor, pk: int) -> IncomingMail:
    """Return a letter of the actor's association that is, or was, in the tray.

    Raises:
        NotFound: there is none, or it is another association's.
    """
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    mail: IncomingMail | None = (
        IncomingMail.objects.of(actor.organisation_id)
        .filter(pk=pk)
        .exclude(reason="")
        .select_related("organisation")
        .first()
    )
    if mail is not None and mail.report_id and hidden_reports(actor.organisation_id, [mail.report_id]):
        mail = None
    if mail is None:
        raise NotFound(N_("Ce courriel n’existe pas."))
    return mail


def letter_of(mail: IncomingMail) -> Letter | None:
    """Return the letter, read again from what was kept; None when it was not kept, or no longer opens."""
    try:
        return read_letter(read_kept_letter(mail.kept_sha256)) if mail.kept_sha256 else None
    except (NotFound, InvalidTag):
        return None  # its file is lost, or was sealed by another installation


def answers_waiting(organisation_id: int) -> QuerySet[IncomingMail]:
    """Return the answers that have not joined their notice yet, oldest first. For the follow-up."""
    answers = IncomingMail.objects.of(organisation_id).filter(kind=MailKind.ANSWER, settled_at=None)
    return answers.order_by("received_at", "pk")
