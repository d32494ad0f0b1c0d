"""Verbs of the mailbox door: a letter is taken in once, acknowledged, and settled by a person when it must be."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, Refusal, UnusableInput, kind_and_place
from vigie.core.references import NOTICE_REF, spoken_receipt
from vigie.core.words import N_
from vigie.intake.actions import receive_report
from vigie.intake.doors.mailbox.answers import MayAnswer, is_a_recipient, may_answer
from vigie.intake.doors.mailbox.evidence import address_digest, keep_letter
from vigie.intake.doors.mailbox.letter import Letter, read_letter
from vigie.intake.doors.mailbox.models import IncomingMail, MailboxFault
from vigie.intake.doors.mailbox.ports import Arrival, Mailbox, MailboxUnavailable, Why
from vigie.intake.doors.mailbox.queries import letter_of
from vigie.intake.doors.mailbox.sorting import House, MailKind, Reason, Sorted, addresses_of, sort_letter
from vigie.intake.models import Report
from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.intake.rules.values import About, Contact, Door, Upload
from vigie.intake.uploads import MAX_FILES, UnusableFile, checked_media_type
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.outbox.actions import queue_mail
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Purpose

logger = logging.getLogger("vigie.intake.mailbox")

ONE_RECEIPT_EVERY = timedelta(days=1)
"""Two programs that answer each other would write for ever; a person who writes twice loses only a second receipt."""
MOST_LISTED = 1_000
MOST_DESCRIPTION_CHARACTERS = 20_000
MOST_SUBJECT_CHARACTERS = 1_000


class NotALetterOfThis(Refusal):
    """What was asked of a letter does not fit it."""


def take_in_arrivals(box: Mailbox, organisation: Organisation, now: datetime, *, at_most: int = 100) -> int:
    """Take in what waits in a mailbox, and return how many letters were taken in and moved.

    Each is moved only after the database has it for good: whoever is killed in between finds it again, knows it,
    and moves it. One at a time: twenty letters of thirty megabytes are not held at once.
    """
    moved, stuck = 0, None
    for arrival in box.new_messages(at_most=MOST_LISTED, max_bytes=settings.VIGIE_MAILBOX_MAX_BYTES):
        mail = _take_in_whatever_it_is(organisation=organisation, arrival=arrival, now=now)
        try:
            if mail.kind == MailKind.TRAY and not mail.settled_at:
                box.tray(arrival.uid)
            else:
                box.done(arrival.uid)
        except MailboxUnavailable as fault:
            # It is taken in; that it lies where it lay must not keep those behind it waiting.
            stuck = fault
            continue
        moved += 1
        if moved >= at_most:
            break
    if stuck is not None and not moved:
        raise stuck
    return moved


def note_mailbox(organisation: Organisation, why: Why | None, now: datetime) -> None:
    """Note, for the desk, that a mailbox cannot be read and since when; or that it can be again."""
    faults = MailboxFault.objects.of(organisation)
    if why is None:
        if faults.exists():
            faults.delete()
        return
    if not faults.update(why=why.value):
        MailboxFault.objects.bulk_create(
            [MailboxFault(organisation_id=organisation.pk, why=why.value, since=now)], ignore_conflicts=True
        )


def _take_in_whatever_it_is(*, organisation: Organisation, arrival: Arrival, now: datetime) -> IncomingMail:
    """Take in one letter; one that our own program stumbles over goes to a person, and the next one is read."""
    try:
        return take_in(organisation=organisation, arrival=arrival, now=now)
    except (OperationalError, InterfaceError):
        raise  # the database is away: no letter can be kept now, this one waits in its mailbox
    except Exception as fault:  # noqa: BLE001 whatever a stranger wrote, one letter must not stop a mailbox
        log_stumble(fault)
    return _keep(organisation, arrival, Letter(), Sorted(MailKind.TRAY, reason=Reason.UNREADABLE), now=now)


def log_stumble(fault: Exception) -> None:
    """Log what went wrong over a letter, without a traceback: its last line could quote the letter."""
    logger.error("a letter: %s", kind_and_place(fault))


def take_in(*, organisation: Organisation, arrival: Arrival, now: datetime, acknowledge: bool = True) -> IncomingMail:
    """Keep one letter, and make a report, an answer or a matter for a person of it.

    The same letter again, whole or delivered by another way, is the letter already kept.
    """
    raw = _bytes_of(arrival)
    known = IncomingMail.objects.of(organisation).filter(raw_sha256=_digest(raw)).first()
    letter = read_letter(raw) if known is None else Letter()
    known = known or _delivered_before(organisation, raw, letter)
    if known is not None:
        return known
    found = sort_letter(
        letter,
        house=house_of(organisation),
        sent=_sent(organisation, letter),
        is_from_a_recipient=_is_from_a_recipient(organisation, letter, now),
    )
    if arrival.raw is None:
        found = Sorted(MailKind.TRAY, reason=Reason.TOO_BIG)
    is_abuse = found.kind is not MailKind.ANSWER and _points_to_child_abuse(letter, found)
    if is_abuse:
        is_report = bool(found.addresses) and not letter.is_auto_reply
        found = Sorted(
            MailKind.REPORT if is_report else MailKind.TRAY,
            reason=None if is_report else Reason.CHILD_ABUSE,
            addresses=found.addresses,
        )
    return _keep(organisation, arrival, letter, found, is_abuse=is_abuse, acknowledge=acknowledge, now=now)


def _keep(
    organisation: Organisation,
    arrival: Arrival,
    letter: Letter,
    found: Sorted,
    *,
    is_abuse: bool = False,
    acknowledge: bool = False,
    now: datetime,
) -> IncomingMail:
    """Write one letter down as what it was found to be, once."""
    raw = _bytes_of(arrival)
    # Written before the transaction: the database never names a file that the disk does not hold.
    kept = "" if is_abuse or arrival.raw is None else keep_letter(raw)
    try:
        with transaction.atomic():
            mail = _insert(organisation, arrival, raw, letter, found, kept=kept, hides_words=is_abuse, now=now)
            if found.kind is MailKind.REPORT:
                _report(mail, letter, found.addresses, is_abuse=is_abuse, acknowledge=acknowledge, now=now)
            return mail
    except IntegrityError:
        # Another worker was faster with the same letter; anything else is a bug and rises.
        known = IncomingMail.objects.of(organisation).filter(raw_sha256=_digest(raw)).first()
        if known is None:
            raise
        return known


def _delivered_before(organisation: Organisation, raw: bytes, letter: Letter) -> IncomingMail | None:
    """Return the letter of the same Message-ID and the same words: an alias brings it twice, with other headers.

    The words must be the same too: a Message-ID is whatever somebody writes, and would let one letter hide another.
    """
    if not letter.message_id:
        return None
    same = IncomingMail.objects.of(organisation).filter(
        message_id=letter.message_id[:300], body_sha256=_digest(_body(raw))
    )
    return same.first()


def _insert(
    organisation: Organisation,
    arrival: Arrival,
    raw: bytes,
    letter: Letter,
    found: Sorted,
    *,
    kept: str,
    hides_words: bool,
    now: datetime,
) -> IncomingMail:
    mail: IncomingMail = IncomingMail.objects.create(
        organisation_id=organisation.pk,
        message_id=letter.message_id[:300],
        raw_sha256=_digest(raw),
        body_sha256=_digest(_body(raw)),
        kept_sha256=kept,
        size=arrival.size,
        received_at=now,
        written_at=letter.date,
        sender_digest=address_digest(letter.sender) if letter.sender else "",
        subject="" if hides_words else letter.subject[:MOST_SUBJECT_CHARACTERS],
        kind=found.kind.value,
        reason=found.reason.value if found.reason else "",
        reference=" ".join(found.references),
    )
    event = Event.MAIL_TO_TRAY if found.kind is MailKind.TRAY else Event.MAIL_KEPT
    data = {"mail": mail.pk, "kind": mail.kind, "reason": mail.reason, "reference": mail.reference}
    record(event, actor=_worker(organisation.pk), now=now, data={name: value for name, value in data.items() if value})
    return mail


def _report(
    mail: IncomingMail,
    letter: Letter,
    addresses: Sequence[str],
    *,
    is_abuse: bool,
    acknowledge: bool,
    now: datetime,
    actor: Actor | None = None,
) -> None:
    """Make a report of a letter; one that cannot be kept as it is goes to the tray."""
    uploads, left_out = _usable(letter)
    try:
        received = receive_report(
            actor=actor or _worker(mail.organisation_id),
            door=Door.MAIL,
            addresses=list(addresses),
            description=_description(letter, left_out),
            about=About.CHILD_ABUSE.value if is_abuse else "",
            contact=Contact(name=letter.sender_name, email=letter.sender) if letter.sender else None,
            attachments=uploads,
            source_key=f"mail:{mail.raw_sha256}",
            wants_receipt=not letter.is_automatic and not is_abuse,
            now=now,
        )
    except UnusableInput:
        if actor is not None:
            raise
        mail.kind, mail.reason = MailKind.TRAY.value, Reason.REFUSED.value
        mail.save(update_fields=["kind", "reason"])
        record(
            Event.MAIL_TO_TRAY,
            actor=_worker(mail.organisation_id),
            now=now,
            data={"mail": mail.pk, "reason": mail.reason},
        )
        return
    mail.report = received.report
    mail.save(update_fields=["report"])
    if acknowledge:
        _acknowledge(mail, letter, code=received.receipt_code, is_abuse=is_abuse, now=now)


def _usable(letter: Letter) -> tuple[list[Upload], list[str]]:
    """Return the files that a report may bring, and the names of the others, which stay in the kept letter."""
    taken: list[Upload] = []
    left_out: list[Upload] = []
    for enclosure in letter.all_enclosures():
        upload = Upload(enclosure.name, enclosure.content)
        (taken if len(taken) < MAX_FILES and _is_usable(upload) else left_out).append(upload)
    return taken, [upload.name for upload in left_out]


def _is_usable(upload: Upload) -> bool:
    try:
        checked_media_type(upload)
    except UnusableFile:
        return False
    return True


def _description(letter: Letter, left_out: Sequence[str]) -> str:
    words = "\n\n".join(filter(None, [letter.subject, *(one.text for one in letter.all_letters())]))
    if left_out:
        words += "\n\n" + _("[Pièces jointes restées dans le courriel : %(names)s]") % {"names": ", ".join(left_out)}
    return words[:MOST_DESCRIPTION_CHARACTERS]


# --- the receipt ---------------------------------------------------------------------------------------------


def _acknowledge(mail: IncomingMail, letter: Letter, *, code: str | None, is_abuse: bool, now: datetime) -> None:
    """Queue a receipt for whoever wrote, unless no person waits for one."""
    if letter.is_automatic or not _may_be_answered(letter.sender) or (code is None and not is_abuse):
        return
    lately = IncomingMail.objects.of(mail.organisation_id).filter(
        sender_digest=mail.sender_digest, acknowledged_at__gt=now - ONE_RECEIPT_EVERY
    )
    if lately.exists():
        return
    organisation = mail.organisation
    context = {
        "association": organisation.name,
        "code": spoken_receipt(code) if code else "",
        "follow": f"{settings.VIGIE_URL}/suivi",
        "is_abuse": is_abuse,
    }
    bodies = []
    for language in ("fr", "en"):
        with translation.override(language):
            bodies.append(render_to_string("intake/mailbox/receipt.txt", context).strip())
    with translation.override("fr"):
        subject = _("Nous avons reçu votre message")
    queue_mail(
        actor=_worker(mail.organisation_id),
        purpose=Purpose.ANSWER,
        key=f"receipt:{organisation.pk}:{mail.raw_sha256[:40]}",
        recipient=letter.sender,
        sender=organisation.notice_email,
        subject=subject,
        body="\n\n— — —\n\n".join(bodies) + "\n",
        in_reply_to=letter.message_id if letter.message_id.startswith("<") and len(letter.message_id) <= 200 else "",
        is_private=True,
        now=now,
    )
    mail.acknowledged_at = now
    mail.save(update_fields=["acknowledged_at"])


def _may_be_answered(address: str) -> bool:
    return len(address) <= 254 and bool(_ORDINARY_ADDRESS.fullmatch(address))


_ORDINARY_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)


# --- what a person does --------------------------------------------------------------------------------------


def make_report(*, actor: Actor, mail: IncomingMail, addresses: Sequence[str], now: datetime) -> Report:
    """Make a report of a letter that lay in the tray, with the addresses a person read in it.

    Raises:
        NotAllowed: this is for who triages.
        NotALetterOfThis: no address was given, or the letter is no longer kept.
        Conflict: somebody settled it meanwhile.
    """
    with transaction.atomic():
        mail = _waiting(actor, mail)
        if not [address for address in addresses if address.strip()]:
            raise NotALetterOfThis(N_("Écrivez au moins une adresse."))
        letter = letter_of(mail) or Letter()
        _report(mail, letter, addresses, is_abuse=False, acknowledge=True, now=now, actor=actor)
        _settle(actor, mail, "report", now)
        report: Report = Report.objects.of(actor.organisation_id).get(pk=mail.report_id)
        return report


def call_it_an_answer(*, actor: Actor, mail: IncomingMail, references: Sequence[str], now: datetime) -> None:
    """Say which notices a letter of the tray answers; the follow-up takes it from there.

    Raises:
        NotALetterOfThis: none was given, or that is no reference of a notice.
    """
    given = list(dict.fromkeys(one.strip().upper() for one in references if one.strip()))
    if not given or not all(NOTICE_REF.fullmatch(one) for one in given):
        raise NotALetterOfThis(N_("Une référence de notification ressemble à N-7K3M-Q2XA."))
    with transaction.atomic():
        mail = _waiting(actor, mail)
        reference = " ".join(given)
        mail.kind, mail.reference = MailKind.ANSWER.value, reference
        mail.save(update_fields=["kind", "reference"])
        record(Event.MAIL_SETTLED, actor=actor, now=now, data={"mail": mail.pk, "as": "answer", "reference": reference})


def set_aside(*, actor: Actor, mail: IncomingMail, why: str, now: datetime) -> None:
    """Say that a letter of the tray is nothing to work on; it stays kept."""
    if why not in WHY_ASIDE:
        raise NotALetterOfThis(N_("Choisissez une raison."))
    with transaction.atomic():
        _settle(actor, _waiting(actor, mail), why, now)


WHY_ASIDE = {
    "not-a-report": N_("ce n’est pas un signalement"),
    "advertising": N_("publicité ou courrier indésirable"),
    "automatic": N_("réponse automatique sans intérêt"),
    "twice": N_("déjà signalé"),
    "answered": N_("traité autrement"),
}


def _waiting(actor: Actor, mail: IncomingMail) -> IncomingMail:
    require(actor, Action.TRIAGE_CASE, mail.organisation_id)
    fresh: IncomingMail = IncomingMail.objects.of(actor.organisation_id).select_for_update().get(pk=mail.pk)
    if fresh.kind != MailKind.TRAY or fresh.settled_at:
        raise Conflict(N_("Ce courriel n’attend plus : quelqu’un s’en est occupé."))
    return fresh


def _settle(actor: Actor, mail: IncomingMail, as_what: str, now: datetime) -> None:
    mail.settled_at, mail.settled_by, mail.settled_as = now, actor.name, as_what
    mail.save(update_fields=["settled_at", "settled_by", "settled_as"])
    record(Event.MAIL_SETTLED, actor=actor, now=now, data={"mail": mail.pk, "as": as_what})


# --- for the follow-up ---------------------------------------------------------------------------------------


def answer_joined(mail: IncomingMail, *, now: datetime, settled_as: str = "answer") -> None:
    """Note that an answer has joined its notices. Runs in the transaction in which it joins."""
    mail.settled_at, mail.settled_by, mail.settled_as = now, "worker", settled_as
    mail.save(update_fields=["settled_at", "settled_by", "settled_as"])


def answer_of_nothing(mail: IncomingMail, *, reason: Reason = Reason.NO_SUCH_NOTICE, now: datetime) -> None:
    """Put an answer in the tray that joins no notice. Runs in the caller's transaction."""
    mail.kind, mail.reason = MailKind.TRAY.value, reason.value
    mail.save(update_fields=["kind", "reason"])
    record(
        Event.MAIL_TO_TRAY, actor=_worker(mail.organisation_id), now=now, data={"mail": mail.pk, "reason": mail.reason}
    )


# --- facts ---------------------------------------------------------------------------------------------------


def house_of(organisation: Organisation) -> House:
    """Return what must not be taken for a report."""
    sites = {urlsplit(address).hostname or "" for address in (settings.VIGIE_URL, organisation.website)}
    own = {organisation.notice_email.lower(), settings.DEFAULT_FROM_EMAIL.lower()}
    return House(addresses=frozenset(own), sites=frozenset(sites - {""}))


def _is_from_a_recipient(organisation: Organisation, letter: Letter, now: datetime) -> bool:
    return bool(letter.sender) and (
        is_a_recipient(organisation.pk, letter.sender) or bool(suggested_notices(organisation, letter, now=now))
    )


def suggested_notices(organisation: Organisation, letter: Letter, *, now: datetime) -> tuple[MayAnswer, ...]:
    """Return the notices that a letter may answer by what it speaks of and who writes, for a person to confirm."""
    addresses = addresses_of(letter, house=house_of(organisation))
    return may_answer(organisation.pk, sender=letter.sender, addresses=addresses, now=now)


def suggested_addresses(mail: IncomingMail, letter: Letter) -> tuple[str, ...]:
    """Return the addresses found in a letter of the tray, for a person to correct."""
    return addresses_of(letter, house=house_of(mail.organisation))


def _sent(organisation: Organisation, letter: Letter) -> dict[str, str]:
    named = [one for one in letter.message_ids() if len(one) <= 200][:200]
    mails = (
        OutgoingMail.objects.of(organisation)
        .filter(message_id__in=named)
        .values_list("message_id", "purpose", "reference")
    )
    carries = {Purpose.NOTICE.value, Purpose.REMINDER.value}
    return {
        message_id: reference if purpose in carries and NOTICE_REF.fullmatch(reference) else ""
        for message_id, purpose, reference in mails
    }


def _points_to_child_abuse(letter: Letter, found: Sorted) -> bool:
    words = [text for one in letter.all_letters() for text in (one.subject, one.text)]
    return points_to_child_abuse("", [*words, *found.addresses, *(one.name for one in letter.all_enclosures())])


def _bytes_of(arrival: Arrival) -> bytes:
    return arrival.raw if arrival.raw is not None else arrival.headers


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _body(raw: bytes) -> bytes:
    whole = raw.replace(b"\r\n", b"\n")
    return whole.partition(b"\n\n")[2]


def _worker(organisation_id: int) -> Actor:
    return Actor(name="worker", organisation_id=organisation_id)
