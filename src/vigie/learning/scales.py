"""A scale of scores is proposed from an association's own decisions, taken or refused by an analyst, and undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict
from vigie.core.words import N_
from vigie.learning.actions import locked_lexicon, touch
from vigie.learning.detectors import PLAIN, calibration_of, own_states, reader_with
from vigie.learning.models import Calibration, LexiconState
from vigie.learning.rules.calibration import Figure, Proposal, Scale, proposed
from vigie.learning.rules.labels import Label
from vigie.learning.worth import READ_MOST, YEAR, Stamp, examples_of, stamp_of
from vigie.organisations.rules.policy import Action, Actor, require


class NothingToTake(Conflict):
    def __init__(self) -> None:
        super().__init__(
            N_("Rien n’est proposé, ou d’autres décisions sont venues entre-temps : relisez la comparaison.")
        )


def proposal_of(actor: Actor, *, now: datetime) -> tuple[Proposal | None, int]:
    """Return the scale that the year's decisions propose (None: too few of them), and how many there are."""
    require(actor, Action.SEE_LEXICON, actor.organisation_id)
    here = actor.organisation_id
    version = LexiconState.objects.of(here).values_list("version", "changed_at").first()
    return _proposed(here, stamp_of(here), version, now.date().isoformat())


@lru_cache(maxsize=8)
def _proposed(organisation_id: int, _stamp: Stamp, _version: Any, _day: str) -> tuple[Proposal | None, int]:
    decisions = _decisions(organisation_id)
    return proposed(decisions), len(decisions)


def _decisions(organisation_id: int) -> Sequence[tuple[float, bool]]:
    """Return today's score without any scale, and what people said, the earliest first."""
    rows = list(
        examples_of(organisation_id, since=timezone.now() - YEAR)
        .exclude(label=Label.SILENT.value)
        .values_list("label", "content__text", "content__language")[:READ_MOST]
    )[::-1]
    plain = reader_with(own_states(organisation_id), f"own{organisation_id}", timezone.localdate())
    hints = plain.read_many((text, language[:2] or None) for _label, text, language in rows)
    return [(hint.score, label == Label.HATEFUL) for (label, *_rest), hint in zip(rows, hints, strict=True)]


def take_scale(*, actor: Actor, seen: str, now: datetime) -> Calibration:
    """Put the association's scores on the proposed scale.

    Args:
        seen: the proposal that was on the screen, as `name_of_scale` writes it.

    Raises:
        NothingToTake: another one is proposed by now, or none.
    """
    require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    found, _number = proposal_of(actor, now=now)
    if found is None or name_of_scale(found.scale) != seen:
        raise NothingToTake
    figures = {"held_back": found.held_back, "surprise": _kept(found.surprise), "gap": _kept(found.gap)}
    return _write(actor, found.scale, found.fitted_on, figures, now)


def go_back(*, actor: Actor, now: datetime) -> Calibration:
    """Bring back the scale before the last change; again, and the change is back."""
    require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    standing = list(Calibration.objects.of(actor.organisation_id).order_by("-number")[:2])
    if not standing:
        raise NothingToTake
    before = standing[1] if len(standing) > 1 else None
    if before is None:
        return _write(actor, PLAIN, 0, {}, now)
    return _write(actor, before.scale(), before.fitted_on, before.figures, now)


def name_of_scale(scale: Scale) -> str:
    return f"{scale.slope}/{scale.shift}"


def _kept(one: Figure) -> dict[str, float]:
    return {"before": one.before, "after": one.after, "low": one.low, "high": one.high}


def _write(actor: Actor, scale: Scale, fitted_on: int, figures: dict[str, Any], now: datetime) -> Calibration:
    here = actor.organisation_id
    with transaction.atomic():
        lexicon = locked_lexicon(here, now)
        latest = calibration_of(here)
        kept: Calibration = Calibration.objects.create(
            organisation_id=here, number=latest.number + 1 if latest else 1, slope=scale.slope, shift=scale.shift,
            fitted_on=fitted_on, figures=figures, at=now, member_id=actor.member_id,
            model=reader_with([], "0", timezone.localdate()).version[:160],
        )  # fmt: skip
        touch(lexicon, now)
        record(
            Event.DETECTOR_SCALED, actor=actor, now=now,
            data={"scale": kept.number, "slope": scale.slope, "shift": scale.shift, "fitted_on": fitted_on, "lexicon": lexicon.version},
        )  # fmt: skip
    return kept
