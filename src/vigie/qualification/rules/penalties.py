"""What the law provides at most, in words, and the aggravations worth looking at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .values import Bilingual, Catalogue, Ground, Status

_CATEGORIES_EN = {
    "délit": "délit (intermediate offence)",
    "contravention de 5e classe": "contravention of the 5th class (petty offence)",
    "crime": "crime",
}
# C. pén., art. 132-76 and 132-77: the maximum in months, and what it becomes.
_RAISED_MONTHS = {60: 84, 84: 120, 120: 180}
_DOUBLED_UP_TO_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Aggravation:
    """An aggravating circumstance that may add to a ground; a person decides whether it does."""

    ground: Ground
    criteria: tuple[str, ...]
    prison_months_max: int


def penalty_text(ground: Ground, language: str) -> str:
    """Return the most the law provides for `ground`, in one plain sentence; empty when it provides none.

    Source: the entry's `penalty`, at the verification level the entry shows.
    """
    penalty = ground.penalty
    if penalty is None or penalty.category == "aggravation":
        return ""
    french = language.lower().startswith("fr")
    parts = []
    if penalty.prison_months_max:
        parts.append(_prison(penalty.prison_months_max, french=french))
    if penalty.fine_eur_max:
        parts.append(_fine(penalty.fine_eur_max, french=french))
    category = penalty.category if french else _CATEGORIES_EN.get(penalty.category, penalty.category)
    joined = (" et " if french else " and ").join(parts)
    return f"{joined} ({category})" if joined else category


def raised_maximum(prison_months_max: int) -> int | None:
    """Return the maximum once a discriminatory motive aggravates it; None where the scale is silent.

    Source: C. pén., art. 132-76 (read, loi 2017-86, art. 171) and 132-77 (same scale, full text not read).
    """
    if 0 < prison_months_max <= _DOUBLED_UP_TO_MONTHS:
        return prison_months_max * 2
    return _RAISED_MONTHS.get(prison_months_max)


def suggest_aggravations(ground: Ground, criteria: Iterable[str], catalogue: Catalogue) -> tuple[Aggravation, ...]:
    """Return the general aggravations that could add to `ground` for these criteria.

    None where the motive is already an element of the offence, for a contravention, or for a fine alone.

    Source: C. pén., art. 132-76 («un crime ou un délit»; excludes 222-13, 225-1, 432-7 C. pén., 24 al. 7,
    32 al. 2, 33 al. 3 loi 1881) and 132-77; exclusions in each entry's `excluded_grounds`.
    """
    penalty = ground.penalty
    if not ground.can_stand_alone or penalty is None or penalty.category not in {"délit", "crime"}:
        return ()
    raised = raised_maximum(penalty.prison_months_max or 0)
    if raised is None:
        return ()
    chosen = set(criteria)
    found = []
    for aggravation in catalogue.having(Status.AGGRAVATING):
        shared = tuple(c for c in aggravation.protected_criteria if c in chosen)
        if shared and ground.id not in aggravation.excluded_grounds:
            found.append(Aggravation(aggravation, shared, raised))
    return tuple(found)


def duration_text(months: int) -> Bilingual:
    """Return a number of months in words, in whole years where it is one."""
    if months % 12 == 0:
        years = months // 12
        return Bilingual(f"{years}\u00a0an{'s' if years > 1 else ''}", f"{years} year{'s' if years > 1 else ''}")
    return Bilingual(f"{months}\u00a0mois", f"{months} month{'s' if months > 1 else ''}")


def _prison(months: int, *, french: bool) -> str:
    duration = duration_text(months)
    if not french:
        return f"{duration.en} in prison"
    return f"{duration.fr} d’emprisonnement"


def _fine(euros: int, *, french: bool) -> str:
    if french:
        return f"{euros:,}".replace(",", "\u00a0") + "\u00a0€ d’amende"
    return f"a fine of €{euros:,}"
