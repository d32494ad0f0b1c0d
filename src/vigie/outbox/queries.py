"""What waits for a person: messages whose fate is not known, or that could not leave."""

from __future__ import annotations

from vigie.casefile.models import Case
from vigie.casefile.rules.state import Sending
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Fate, Purpose


def waiting_for_a_person(actor: Actor) -> OwnedQuerySet:
    """Return the messages of unknown fate and those that failed, oldest first."""
    require(actor, Action.SEE_CASE, actor.organisation_id)
    doubtful = [Fate.UNKNOWN, Fate.FAILED]
    return OutgoingMail.objects.of(actor.organisation_id).filter(fate__in=doubtful).order_by("settled_at")


def mails_of_reference(organisation_id: int, reference: str) -> OwnedQuerySet:
    """Return the messages that carry a notice, latest first."""
    return OutgoingMail.objects.of(organisation_id).filter(reference=reference).order_by("-queued_at")


def mail_of_message_id(organisation_id: int, message_id: str) -> OutgoingMail | None:
    """Return the notice or reminder that left under a Message-ID; some servers put those in small letters."""
    sent = OutgoingMail.objects.of(organisation_id).filter(purpose__in=[Purpose.NOTICE, Purpose.REMINDER])
    found: OutgoingMail | None = sent.filter(message_id__iexact=message_id).first() if message_id else None
    return found


# What a notice still needs, the gravest first: somebody's look, patience, somebody's decision.
_IN_BALANCE = [
    (Sending.UNKNOWN, [Fate.UNKNOWN]),
    (Sending.QUEUED, [Fate.QUEUED, Fate.TAKEN, Fate.LEAVING]),
    (Sending.FAILED, [Fate.FAILED]),
]


def in_balance(case: Case | None, *, beside: OutgoingMail | None = None) -> Sending | None:
    """Return where the sending of a case stands as long as one of its notices needs watching; else None.

    Args:
        beside: a mail that is left out: the one that something is just happening to.
    """
    if case is None:
        return None
    mails = OutgoingMail.objects.of(case.organisation_id).filter(case=case, purpose=Purpose.NOTICE)
    if beside is not None:
        mails = mails.exclude(pk=beside.pk)
    fates = set(mails.values_list("fate", flat=True))
    return next((sending for sending, signs in _IN_BALANCE if fates & set(signs)), None)


def graver(one: Sending, other: Sending | None) -> Sending | None:
    """Return `other` when it needs watching more than `one` does; None when `one` may be said."""
    order = [sending for sending, _signs in _IN_BALANCE]
    if other is None or (one in order and order.index(one) <= order.index(other)):
        return None
    return other
