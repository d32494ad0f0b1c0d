"""Write down what is to leave, hand it over, and record what became of it."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict
from vigie.core.keys import derive_key
from vigie.core.sealing import seal, unseal
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.outbox.models import OutgoingMail
from vigie.outbox.ports import Transport
from vigie.outbox.rules import Fate, FateUnknown, Purpose, SendFailed, after_lost_worker, next_try

_EVENTS = {
    (Purpose.NOTICE, Fate.SENT): Event.NOTICE_SENT,
    (Purpose.NOTICE, Fate.FAILED): Event.NOTICE_FAILED,
    (Purpose.NOTICE, Fate.UNKNOWN): Event.NOTICE_UNKNOWN,
    (Purpose.REMINDER, Fate.SENT): Event.REMINDER_SENT,
}
_OTHER = {Fate.SENT: Event.MAIL_SENT, Fate.FAILED: Event.MAIL_FAILED, Fate.UNKNOWN: Event.MAIL_UNKNOWN}


def queue_mail(
    *,
    actor: Actor,
    purpose: Purpose,
    key: str,
    recipient: str,
    sender: str,
    subject: str,
    body: str,
    now: datetime,
    case: Case | None = None,
    reference: str = "",
    reply_to: str = "",
    in_reply_to: str = "",
    not_before: datetime | None = None,
    is_recipient_private: bool = False,
) -> OutgoingMail:
    """Write one e-mail down, in the transaction that decided it.

    A private recipient, somebody who reported, is kept sealed until the mail has left, then forgotten.

    Asking again with the same `key` returns the mail already written: nothing is ever written twice.
    """
    existing = OutgoingMail.objects.of(actor.organisation_id).filter(key=key).first()
    if existing is not None:
        return existing
    mail = OutgoingMail.objects.create(
        organisation_id=actor.organisation_id,
        key=key,
        purpose=purpose.value,
        case=case,
        reference=reference,
        recipient="" if is_recipient_private else recipient,
        sealed_recipient=_sealed(recipient, key) if is_recipient_private else b"",
        sender=sender,
        reply_to=reply_to,
        subject=subject,
        body=body,
        message_id=f"<{key.replace(':', '.')}@{sender.rpartition('@')[2]}>",
        in_reply_to=in_reply_to,
        not_before=not_before or now,
        queued_at=now,
    )
    if purpose is Purpose.NOTICE:
        record(Event.NOTICE_QUEUED, actor=actor, now=now, case=case, data={"mail": key, "reference": reference})
    else:
        record(Event.MAIL_QUEUED, actor=actor, now=now, case=case, data={"mail": key, "purpose": purpose.value})
    return mail


def _recipient_key() -> bytes:
    return derive_key(settings.SECRET_KEY, "outgoing-recipient")


def _sealed(recipient: str, key: str) -> bytes:
    return seal(_recipient_key(), recipient, bound_to=key)


def _recipient_of(mail: OutgoingMail) -> str:
    return mail.recipient or unseal(_recipient_key(), bytes(mail.sealed_recipient), bound_to=mail.key)


def _without_private_recipient(mail: OutgoingMail, why: str) -> str:
    """Servers like to quote whom they refuse; what is kept of their answer must not undo the seal."""
    return why.replace(_recipient_of(mail), "…") if mail.sealed_recipient else why


def message_of(mail: OutgoingMail) -> EmailMessage:
    """Return the e-mail exactly as it leaves."""
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = _recipient_of(mail)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = mail.message_id
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    if mail.in_reply_to:
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = mail.in_reply_to
    if mail.purpose not in {Purpose.NOTICE, Purpose.REMINDER}:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def deliver_one(transport: Transport, now: datetime) -> bool:
    """Hand over the mail that has waited longest; say whether there was one.

    Three short transactions: it is taken, it is leaving, it has its fate. Who dies after the first loses
    nothing; who dies after the second leaves a fate that `settle_lost` calls unknown.
    """
    mail = _take_one(now)
    if mail is None:
        return False
    try:
        transport.send(message_of(mail), before_handover=lambda: _leaving(mail))
    except SendFailed as fault:
        _after_failure(mail, fault)
    except FateUnknown as doubt:
        _settle(mail, Fate.UNKNOWN, why=str(doubt))
    else:
        _settle(mail, Fate.SENT)
    return True


def settle_lost(now: datetime) -> bool:
    """Give a state to the mails whose worker is gone; say whether there were any."""
    found = False
    held = Q(fate__in=[Fate.TAKEN, Fate.LEAVING], taken_until__lt=now)
    for pk in OutgoingMail.across_associations.filter(held).values_list("pk", flat=True):
        with transaction.atomic():
            mail = OutgoingMail.across_associations.select_for_update().filter(held, pk=pk).first()
            if mail is None:
                continue
            found = True
            if after_lost_worker(Fate(mail.fate)) is Fate.UNKNOWN:
                _settle(mail, Fate.UNKNOWN, why="the worker stopped while the message was leaving")
            else:
                mail.fate, mail.taken_until = Fate.QUEUED, None
                mail.save(update_fields=["fate", "taken_until"])
    return found


def settle_unknown(*, actor: Actor, mail: OutgoingMail, it_left: bool, now: datetime) -> None:
    """A person says what became of a mail of unknown fate: it left, or it is to be sent (again).

    Raises:
        NotAllowed: this is for a lead.
        Conflict: somebody already said.
    """
    require(actor, Action.SETTLE_UNKNOWN, mail.organisation_id)
    with transaction.atomic():
        mail = OutgoingMail.objects.of(actor.organisation_id).select_for_update().get(pk=mail.pk)
        if mail.fate != Fate.UNKNOWN:
            raise Conflict(N_("Le sort de ce message est déjà réglé."))
        kind = Event.NOTICE_UNKNOWN_SETTLED if mail.purpose == Purpose.NOTICE else Event.MAIL_UNKNOWN_SETTLED
        record(kind, actor=actor, now=now, case=mail.case, data={"mail": mail.key, "it_left": it_left})
        if it_left:
            _settle(mail, Fate.SENT, actor=actor, now=now)
            return
        mail.fate, mail.not_before, mail.attempts = Fate.QUEUED, now, 0
        mail.save(update_fields=["fate", "not_before", "attempts"])
        if mail.purpose == Purpose.NOTICE:
            record(
                Event.NOTICE_QUEUED, actor=actor, now=now, case=mail.case,
                data={"mail": mail.key, "reference": mail.reference},
            )  # fmt: skip


def retry_failed(*, actor: Actor, mail: OutgoingMail, now: datetime) -> None:
    """Queue a mail that certainly did not leave once more."""
    require(actor, Action.SEND_NOTICE, mail.organisation_id)
    with transaction.atomic():
        mail = OutgoingMail.objects.of(actor.organisation_id).select_for_update().get(pk=mail.pk)
        if mail.fate != Fate.FAILED:
            raise Conflict(N_("Ce message n’est pas en échec."))
        mail.fate, mail.not_before, mail.attempts = Fate.QUEUED, now, 0
        mail.save(update_fields=["fate", "not_before", "attempts"])
        kind = Event.NOTICE_QUEUED if mail.purpose == Purpose.NOTICE else Event.MAIL_QUEUED
        record(kind, actor=actor, now=now, case=mail.case, data={"mail": mail.key, "reference": mail.reference})


def _take_one(now: datetime) -> OutgoingMail | None:
    with transaction.atomic():
        waiting = OutgoingMail.across_associations.filter(fate=Fate.QUEUED, not_before__lte=now)
        waiting = waiting.order_by("not_before", "pk")
        # On PostgreSQL several workers take different rows; SQLite has one writer at a time anyway.
        skip = connection.features.has_select_for_update_skip_locked
        mail: OutgoingMail | None = waiting.select_for_update(skip_locked=skip).first()
        if mail is not None:
            mail.fate, mail.taken_until, mail.attempts = Fate.TAKEN, now + settings.VIGIE_LEASE, mail.attempts + 1
            mail.save(update_fields=["fate", "taken_until", "attempts"])
        return mail


def _leaving(mail: OutgoingMail) -> None:
    taken = OutgoingMail.across_associations.filter(pk=mail.pk, fate=Fate.TAKEN, attempts=mail.attempts)
    if not taken.update(fate=Fate.LEAVING, taken_until=timezone.now() + settings.VIGIE_LEASE):
        # The lease ran out during the call and the mail went back to the queue: nothing was handed over yet.
        raise SendFailed("another worker has it", permanent=False)


def _after_failure(mail: OutgoingMail, fault: SendFailed) -> None:
    now = timezone.now()
    again = None if fault.permanent else next_try(mail.attempts, now)
    if again is None:
        _settle(mail, Fate.FAILED, why=str(fault))
        return
    OutgoingMail.across_associations.filter(
        pk=mail.pk, fate__in=[Fate.TAKEN, Fate.LEAVING], attempts=mail.attempts
    ).update(
        fate=Fate.QUEUED, not_before=again, taken_until=None, last_error=_without_private_recipient(mail, str(fault))
    )


def _settle(
    mail: OutgoingMail, fate: Fate, *, why: str = "", actor: Actor | None = None, now: datetime | None = None
) -> None:
    now = now or timezone.now()
    actor = actor or Actor(name="worker", organisation_id=mail.organisation_id)
    why = _without_private_recipient(mail, why)
    with transaction.atomic():
        mail.fate, mail.settled_at, mail.taken_until, mail.last_error = fate, now, None, why
        if fate is Fate.SENT:
            mail.sealed_recipient = b""
        mail.save(update_fields=["fate", "settled_at", "taken_until", "last_error", "sealed_recipient"])
        event = _EVENTS.get((Purpose(mail.purpose), fate), _OTHER[fate])
        record(event, actor=actor, now=now, case=mail.case, data={"mail": mail.key, "reference": mail.reference})


def transport_from_settings() -> Transport:
    """Return the way out that the settings describe."""
    from vigie.outbox.transports.smtp.transport import SmtpTransport

    return SmtpTransport(settings.VIGIE_SMTP)
