"""Which grounds of the catalogue a term points at, by its kind and target alone: where to look first, no more."""

from __future__ import annotations

from collections.abc import Iterable

from .hints import Kind, Match, Target

_ORIGIN_OR_RELIGION = frozenset(
    {
        Target.JEWS, Target.MUSLIMS, Target.ARABS, Target.BLACK_PEOPLE, Target.ASIANS, Target.ROMA, Target.MIGRANTS,
        Target.OTHER_ORIGINS,
    }
)  # fmt: skip
_SEX_ORIENTATION_OR_DISABILITY = frozenset({Target.WOMEN, Target.LGBT, Target.DISABLED_PEOPLE})


def ground_of(kind: Kind, target: Target) -> str | None:
    """Return the id of the ground to look at first, or None where kind and target point at none.

    Source: `grounds.fr`, loi du 29 juillet 1881, art. 24 al. 5, 7 and 8, art. 33 al. 3 and 4.
    """
    if target is Target.NEO_NAZI:
        return "apologia-crimes"
    if target in _ORIGIN_OR_RELIGION:
        return "insult-public-origin-religion" if kind is Kind.SLUR else "provocation-hatred-origin-religion"
    if target in _SEX_ORIENTATION_OR_DISABILITY:
        if kind is Kind.SLUR:
            return "insult-public-sex-orientation-disability"
        return "provocation-hatred-sex-orientation-disability"
    return None


def grounds_of(matches: Iterable[Match]) -> tuple[str, ...]:
    """Return the grounds of the terms that need no context, each once, in the order they appear."""
    pointed = (ground_of(match.kind, match.target) for match in matches if not match.needs_context)
    return tuple(dict.fromkeys(ground for ground in pointed if ground))
