"""Write down what is to leave, hand it over, and record what became of it."""

from __future__ import annotations

import json
import logging
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
from vigie.casefile.rules.state import Referral, Sending
from vigie.core.errors import Conflict, kind_and_place
from vigie.core.keys import derive_key
from vigie.core.sealing import seal, unseal
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.outbox.models import OutgoingMail
from vigie.outbox.ports import Transport
from vigie.outbox.queries import graver, in_balance
from vigie.outbox.rules import Fate, FateUnknown, Purpose, SendFailed, after_fault, after_lost_worker, next_try

logger = logging.getLogger("vigie.outbox")

_EVENTS = {
    (Purpose.NOTICE, Fate.SENT): Event.NOTICE_SENT,
    (Purpose.NOTICE, Fate.FAILED): Event.NOTICE_FAILED,
    (Purpose.NOTICE, Fate.UNKNOWN): Event.NOTICE_UNKNOWN,
    (Purpose.REMINDER, Fate.SENT): Event.REMINDER_SENT,
}
_OTHER = {Fate.SENT: Event.MAIL_SENT, Fate.FAILED: Event.MAIL_FAILED, Fate.UNKNOWN: Event.MAIL_UNKNOWN}

# What is said of a content that may be child abuse waits in the house until a person has decided.
_IS_SET_ASIDE = Q(purpose__in=[Purpose.NOTICE, Purpose.REMINDER], case__referral__gt=Referral.NONE.value)


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
    is_private: bool = False,
) -> OutgoingMail:
    """Write one e-mail down, in the transaction that decided it.

    Asking again with the same `key` returns the mail already written: nothing is ever written twice.

    Args:
        is_private: recipient and body are kept sealed until the mail has left, then forgotten. For whoever reported,
            and for what opens a door: a receipt code, an invitation.
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
        recipient="" if is_private else recipient,
        sealed=_sealed(recipient, body, key) if is_private else b"",
        sender=sender,
        reply_to=reply_to,
        # A name with a line break in it would otherwise make a header that no program accepts.
        subject=" ".join(subject.split())[:300],
        body="" if is_private else body,
        message_id=f"<{key.replace(':', '.')}@{_as_mail_servers_write(sender).rpartition('@')[2]}>",
        in_reply_to=in_reply_to,
        not_before=not_before or now,
        queued_at=now,
    )
    if purpose is Purpose.NOTICE:
        _witness(Event.NOTICE_QUEUED, mail, actor, now)
    else:
        record(Event.MAIL_QUEUED, actor=actor, now=now, case=case, data={"mail": key, "purpose": purpose.value})
    return mail


def _seal_key() -> bytes:
    return derive_key(settings.SECRET_KEY, "outgoing-mail")


def _sealed(recipient: str, body: str, key: str) -> bytes:
    return seal(_seal_key(), json.dumps({"recipient": recipient, "body": body}), bound_to=key)


def _recipient_and_body(mail: OutgoingMail) -> tuple[str, str]:
    if not mail.sealed:
        return mail.recipient, mail.body
    opened = json.loads(unseal(_seal_key(), bytes(mail.sealed), bound_to=mail.key))
    return opened["recipient"], opened["body"]


def _without_private_recipient(mail: OutgoingMail, why: str) -> str:
    """Servers like to quote whom they refuse; what is kept of their answer must not undo the seal."""
    return why.replace(_recipient_and_body(mail)[0], "…") if mail.sealed else why


def message_of(mail: OutgoingMail) -> EmailMessage:
    """Return the e-mail exactly as it leaves."""
    recipient, body = _recipient_and_body(mail)
    message = EmailMessage()
    message["From"] = _as_mail_servers_write(mail.sender)
    message["To"] = _as_mail_servers_write(recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = mail.message_id
    if mail.reply_to:
        message["Reply-To"] = _as_mail_servers_write(mail.reply_to)
    if mail.in_reply_to:
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = mail.in_reply_to
    if mail.purpose not in {Purpose.NOTICE, Purpose.REMINDER}:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def _as_mail_servers_write(address: str) -> str:
    """Return an address whose domain has accents, `amina@hôpital.example`, in the letters that SMTP knows."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain if domain.isascii() else domain.encode('idna').decode()}"


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
        _settle_ours(mail, Fate.UNKNOWN, why=str(doubt))
    except Exception as fault:  # noqa: BLE001 trying a mistake of ours again only repeats it, out of everybody's sight
        logger.error("mail %s: %s", mail.pk, kind_and_place(fault))  # noqa: TRY400 a traceback could quote the letter
        _settle_ours(mail, after_fault(Fate(mail.fate)), why=type(fault).__name__)
    else:
        _settle_sent(mail)
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
            _witness(Event.NOTICE_QUEUED, mail, actor, now)


def retry_failed(*, actor: Actor, mail: OutgoingMail, now: datetime) -> None:
    """Queue a mail that certainly did not leave once more."""
    require(actor, Action.SEND_NOTICE, mail.organisation_id)
    with transaction.atomic():
        mail = OutgoingMail.objects.of(actor.organisation_id).select_for_update().get(pk=mail.pk)
        if mail.fate != Fate.FAILED:
            raise Conflict(N_("Ce message n’est pas en échec."))
        mail.fate, mail.not_before, mail.attempts = Fate.QUEUED, now, 0
        mail.save(update_fields=["fate", "not_before", "attempts"])
        _witness(Event.NOTICE_QUEUED if mail.purpose == Purpose.NOTICE else Event.MAIL_QUEUED, mail, actor, now)


def give_up(mail: OutgoingMail) -> None:
    """Let a mail that failed never leave any more. Runs in the transaction that decided it.

    Raises:
        Conflict: it is no longer what it was when it was decided: somebody is sending it again.
    """
    locked = OutgoingMail.objects.of(mail.organisation_id).select_for_update().get(pk=mail.pk)
    if locked.fate != Fate.FAILED:
        raise Conflict(N_("Ce message n’est plus en échec : quelqu’un l’a remis à l’envoi."))
    locked.fate, locked.sealed = Fate.GIVEN_UP, b""
    locked.save(update_fields=["fate", "sealed"])


def note_returned(mail: OutgoingMail, *, why: str, now: datetime) -> bool:
    """Note that a mail server brought a mail back, and say whether it counts as not delivered now.

    Only what left, or may have left, can come back. Runs in the transaction that keeps the letter which says so.
    """
    fresh = OutgoingMail.objects.of(mail.organisation_id).select_for_update().get(pk=mail.pk)
    if fresh.fate in {Fate.SENT, Fate.UNKNOWN}:
        _settle(fresh, Fate.FAILED, why=why, now=now)
    return fresh.fate == Fate.FAILED


def _take_one(now: datetime) -> OutgoingMail | None:
    with transaction.atomic():
        waiting = OutgoingMail.across_associations.filter(fate=Fate.QUEUED, not_before__lte=now).exclude(_IS_SET_ASIDE)
        waiting = waiting.order_by("not_before", "pk")
        # On PostgreSQL several workers take different rows; SQLite has one writer at a time anyway.
        skip = connection.features.has_select_for_update_skip_locked
        mail: OutgoingMail | None = waiting.select_for_update(skip_locked=skip, of=("self",)).first()
        if mail is not None:
            mail.fate, mail.taken_until = Fate.TAKEN, now + settings.VIGIE_LEASE
            mail.attempts, mail.turn = mail.attempts + 1, mail.turn + 1
            mail.save(update_fields=["fate", "taken_until", "attempts", "turn"])
        return mail


def _leaving(mail: OutgoingMail) -> None:
    if OutgoingMail.across_associations.filter(_IS_SET_ASIDE, pk=mail.pk).exists():
        raise SendFailed("its case was set aside for the authorities", permanent=False)
    taken = OutgoingMail.across_associations.filter(pk=mail.pk, fate=Fate.TAKEN, turn=mail.turn)
    if not taken.update(fate=Fate.LEAVING, taken_until=timezone.now() + settings.VIGIE_LEASE):
        # The lease ran out during the call and the mail went back to the queue: nothing was handed over yet.
        raise SendFailed("another worker has it", permanent=False)
    mail.fate = Fate.LEAVING


def _after_failure(mail: OutgoingMail, fault: SendFailed) -> None:
    now = timezone.now()
    again = None if fault.permanent else next_try(mail.attempts, now)
    if again is None:
        _settle_ours(mail, Fate.FAILED, why=str(fault))
        return
    OutgoingMail.across_associations.filter(pk=mail.pk, fate__in=[Fate.TAKEN, Fate.LEAVING], turn=mail.turn).update(
        fate=Fate.QUEUED, not_before=again, taken_until=None, last_error=_without_private_recipient(mail, str(fault))
    )


def _settle_ours(mail: OutgoingMail, fate: Fate, *, why: str) -> None:
    """Write what became of a mail, unless its lease ran out meanwhile and somebody else has seen to it."""
    with transaction.atomic():
        fresh = OutgoingMail.across_associations.select_for_update().get(pk=mail.pk)
        if fresh.turn == mail.turn and fresh.fate in {Fate.TAKEN, Fate.LEAVING}:
            _settle(fresh, fate, why=why)


def _settle_sent(mail: OutgoingMail) -> None:
    """Write that a mail was accepted, however late the answer came.

    Whoever was about to send it once more finds it gone; only who is handing it over right now cannot be stopped.
    """
    with transaction.atomic():
        fresh = OutgoingMail.across_associations.select_for_update().get(pk=mail.pk)
        is_leaving_again = fresh.fate == Fate.LEAVING and fresh.turn != mail.turn
        if fresh.fate != Fate.SENT and not is_leaving_again:
            _settle(fresh, Fate.SENT)


def _settle(
    mail: OutgoingMail, fate: Fate, *, why: str = "", actor: Actor | None = None, now: datetime | None = None
) -> None:
    now = now or timezone.now()
    actor = actor or Actor(name="worker", organisation_id=mail.organisation_id)
    why = _without_private_recipient(mail, why)
    with transaction.atomic():
        mail.fate, mail.settled_at, mail.taken_until, mail.last_error = fate, now, None, why
        if fate is Fate.SENT:
            mail.sealed = b""
        mail.save(update_fields=["fate", "settled_at", "taken_until", "last_error", "sealed"])
        _witness(_EVENTS.get((Purpose(mail.purpose), fate), _OTHER[fate]), mail, actor, now)


_SAYS = {
    Event.NOTICE_QUEUED: Sending.QUEUED,
    Event.NOTICE_SENT: Sending.SENT,
    Event.NOTICE_FAILED: Sending.FAILED,
    Event.NOTICE_UNKNOWN: Sending.UNKNOWN,
}


def _witness(event: Event, mail: OutgoingMail, actor: Actor, now: datetime) -> None:
    data = {"mail": mail.key, "reference": mail.reference}
    if mail.purpose != Purpose.NOTICE and event is Event.MAIL_QUEUED:
        data["purpose"] = mail.purpose
    if event in _SAYS:
        other = graver(_SAYS[event], in_balance(mail.case, beside=mail))
        if other is not None:
            data["sending"] = other.value
    record(event, actor=actor, now=now, case=mail.case, data=data)


def transport_from_settings() -> Transport:
    """Return the way out that the settings describe."""
    from vigie.outbox.transports.smtp.transport import SmtpTransport

    return SmtpTransport(settings.VIGIE_SMTP)
