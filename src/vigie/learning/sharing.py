"""Examples given out: to the association itself for measuring, to others only with its consent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.errors import Refusal
from vigie.core.words import N_
from vigie.learning.models import Example, LearningSettings
from vigie.learning.rules.labels import Label
from vigie.organisations.rules.policy import Action, Actor, require

_CALLED = re.compile(r"https?://\S+|www\.\S+|@[\w.-]+|\b[\w.+-]+@[\w-]+\.[\w.]+")


class NoConsent(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Cette association n’a pas accepté de partager ses exemples (Réglages)."))


def shares_examples(organisation_id: int) -> bool:
    """Say whether the association agreed that its examples train others' detectors; no until somebody says yes."""
    return bool(LearningSettings.objects.of(organisation_id).values_list("shares_examples", flat=True).first())


def set_sharing(*, actor: Actor, shares: bool, now: datetime) -> None:
    """Agree that examples are given to others, or agree no more."""
    require(actor, Action.MANAGE_SETTINGS, actor.organisation_id)
    with transaction.atomic():
        if shares_examples(actor.organisation_id) == shares:
            return
        LearningSettings.objects.of(actor.organisation_id).update_or_create(
            organisation_id=actor.organisation_id, defaults={"shares_examples": shares}
        )
        record(Event.SETTINGS_CHANGED, actor=actor, now=now, data={"settings": ["shares_examples"], "shares": shares})


def labelled(organisation_id: int, *, for_others: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the examples as `vigie detection evaluate` reads them, the earliest first; what says nothing is left out.

    Names called and addresses are taken out of every text. What is said to be child abuse is never among them.

    Raises:
        NoConsent: they are asked for others, and the association has not agreed.
    """
    if for_others and not shares_examples(organisation_id):
        raise NoConsent
    rows = (
        Example.objects.of(organisation_id)
        .filter(content__never_fetch=False, content__forbidden_at=None, case__referral="")
        .exclude(label=Label.SILENT.value)
        .exclude(content__text="")
        .select_related("content")
        .order_by("seq", "pk")
    )
    for row in rows.iterator(chunk_size=500):
        one = {
            "text": _CALLED.sub("[…]", row.content.text),
            "label": int(row.label == Label.HATEFUL),
            "lang": row.content.language[:2],
            "targets": row.targets,
            "platform": row.content.platform,
            "month": row.decided_at.strftime("%Y-%m"),
            "grounds": row.grounds,
            "reason": row.reason,
            "score": row.score,
            "detector": row.detector_version,
        }
        if for_others:
            del one["score"], one["detector"]
        yield one
