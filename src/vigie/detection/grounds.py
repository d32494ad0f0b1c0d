"""Which grounds of the catalogue a hint points at: where to look first, no more.

Source: `grounds.fr`, loi du 29 juillet 1881, art. 24 al. 5, 7 and 8, art. 24 bis, art. 33 al. 3 and 4; Code pénal,
art. 222-17.
"""

from __future__ import annotations

from collections.abc import Iterable

from .hints import HateKind, Kind, Match, Target, Use

_ORIGIN_OR_RELIGION = frozenset(
    {
        Target.JEWS, Target.MUSLIMS, Target.ARABS, Target.BLACK_PEOPLE, Target.ASIANS, Target.ROMA, Target.MIGRANTS,
        Target.OTHER_ORIGINS,
    }
)  # fmt: skip
_SEX_ORIENTATION_OR_DISABILITY = frozenset({Target.WOMEN, Target.LGBT, Target.DISABLED_PEOPLE})
_INSULTING = frozenset({HateKind.INSULT, HateKind.CONTEMPT, HateKind.DEHUMANISATION})


def ground_of(kind: Kind, target: Target) -> str | None:
    """Return the id of the ground to look at first for a term, or None where kind and target point at none."""
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
    """Return the grounds of the terms that are meant as they look, each once, in the order they appear."""
    pointed = (
        ground_of(match.kind, match.target) for match in matches if match.use is Use.PLAIN and not match.needs_context
    )
    return tuple(dict.fromkeys(ground for ground in pointed if ground))


def grounds_of_kind(kind: HateKind, targets: Iterable[Target]) -> tuple[str, ...]:
    """Return the grounds that what a text does, and to whom, points at; each once."""
    aimed = set(targets)
    found: list[str] = []
    if kind is HateKind.DENIAL:
        return ("holocaust-denial", "apologia-crimes") if Target.JEWS in aimed else ("genocide-denial-other",)
    if kind is HateKind.THREAT:
        found.append("threat-death")
    for family, name in (
        (_ORIGIN_OR_RELIGION, "origin-religion"),
        (_SEX_ORIENTATION_OR_DISABILITY, "sex-orientation-disability"),
    ):
        if aimed & family:
            if kind in _INSULTING:
                found.append(f"insult-public-{name}")
            if kind is not HateKind.INSULT:
                found.append(f"provocation-hatred-{name}")
    return tuple(found)
