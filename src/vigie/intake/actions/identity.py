"""Look at who reported: for a lead, for a stated purpose, and the journal says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.intake import vault
from vigie.intake.models import Identity, Report
from vigie.intake.rules.values import Contact, OpeningPurpose
from vigie.organisations.rules.policy import Action, Actor, require


def open_identity(
    actor: Actor, report: Report, purpose: OpeningPurpose, *, now: datetime, case: Case | None = None
) -> Contact:
    """Return who reported.

    Raises:
        NotAllowed: this is for a lead.
        NotFound: nobody left a name, or it was erased.
    """
    require(actor, Action.OPEN_IDENTITY, report.organisation_id)
    with transaction.atomic():
        identity = Identity.objects.of(actor.organisation_id).filter(report=report, erased_at=None).first()
        if identity is None:
            raise NotFound(N_("Cette personne n’a pas laissé de coordonnées, ou elles ont été effacées."))
        record(
            Event.IDENTITY_OPENED, actor=actor, now=now, case=case,
            data={"report": report.pk, "purpose": purpose.value},
        )  # fmt: skip
        return vault.unseal(identity.sealed, report_id=report.pk)
