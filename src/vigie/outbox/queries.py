"""What waits for a person: messages whose fate is not known, or that could not leave."""

from __future__ import annotations

from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Fate


def waiting_for_a_person(actor: Actor) -> OwnedQuerySet:
    """Return the messages of unknown fate and those that failed, oldest first."""
    require(actor, Action.SEE_CASE, actor.organisation_id)
    doubtful = [Fate.UNKNOWN, Fate.FAILED]
    return OutgoingMail.objects.of(actor.organisation_id).filter(fate__in=doubtful).order_by("settled_at")


def mails_of_reference(organisation_id: int, reference: str) -> OwnedQuerySet:
    """Return the messages that carry a notice, latest first."""
    return OutgoingMail.objects.of(organisation_id).filter(reference=reference).order_by("-queued_at")
