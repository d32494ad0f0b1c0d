"""Plain signs in a text of what it may do and whom it may aim at: a place to begin reading, never a verdict.

A short list in French and English, each match with its place, so that a person sees why a ground is put first.
It knows neither irony nor quotation, and no slur: those are `vigie.detection`’s. It only saves a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .suggestion import Act, Facts, Target


@dataclass(frozen=True, slots=True)
class Cue:
    """One sign found: where it stands and what it points to."""

    start: int
    end: int
    act: Act | None = None
    criterion: str | None = None


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


_ACTS: tuple[tuple[Act, re.Pattern[str]], ...] = (
    (
        Act.THREATENS_DEATH,
        _any(r"(?:je|on) (?:vais|va) (?:te|vous|les?|la) (?:tuer|crever|buter|égorger)", r"t(?:u|['’]) ?es mort",
             r"(?:i|we)(?:['’]| wi)ll kill (?:you|them)"),
    ),
    (
        Act.CALLS_CRIME,
        _any(r"(?:tuez|brûlez|exterminez|frappez|égorgez|violez)(?:[- ]les)?",
             r"il faut (?:les|tous les) (?:tuer|brûler|exterminer|éliminer|frapper)", r"mort aux \w+",
             r"(?:kill|burn|exterminate) (?:them|all)"),
    ),
    (
        Act.CALLS,
        _any(r"dehors(?:,)? les \w+", r"(?:les )?\w+ dehors", r"il faut (?:les|tous les) (?:virer|chasser|expulser)",
             r"(?:chassez|virez|boycottez)[- ]les", r"foutez[- ]les dehors", r"throw them out", r"\w+ out now"),
    ),
    (Act.DENIES, _any(r"(?:la )?shoah (?:est|n['’]est|n['’]a) \w+", r"chambres? à gaz", r"holohoax")),
    (Act.PRAISES_CRIME, _any(r"hitler (?:avait|a|was) (?:raison|eu raison|right)", r"hitler n['’]a pas fini",
                             r"heil hitler", r"sieg heil")),
    (Act.PRAISES_TERROR, _any(r"(?:vive|gloire à|bravo à|merci) (?:daech|daesh|l['’]état islamique|merah|coulibaly)")),
    (Act.DISCLOSES, _any(r"(?:il|elle|ils) habite(?:nt)? (?:au|à|rue)", r"voici son (?:adresse|numéro)",
                         r"here is (?:his|her|their) address")),
    (
        Act.INSULTS,
        _any(r"parasites?", r"vermines?", r"rats?", r"cafards?", r"sous[- ]hommes?", r"sous[- ]race", r"racailles?",
             r"(?<!argent )(?<!linge )sales? \w+", r"(?<!une )espèces? d(?:e |['’])\w+",
             r"connarde?s?", r"connasses?", r"ordure",
             r"abrutie?s?", r"crétine?s?", r"encul[ée]e?s?", r"fils de pute", r"salope?s?", r"salauds?",
             r"vermin", r"scum", r"subhumans?"),
    ),
)  # fmt: skip
_CRITERIA: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("religion", _any(r"juifs?", r"juives?", r"musulmane?s?", r"chrétiene?s?", r"catholiques?", r"islam\w*",
                      r"jews?", r"jewish", r"muslims?")),
    ("origin", _any(r"arabes?", r"noire?s?", r"africaine?s?", r"maghr[ée]bine?s?", r"asiatiques?", r"roms?",
                    r"gitane?s?", r"tziganes?", r"immigrée?s?", r"migrants?", r"étrangers?",
                    r"blacks?", r"arabs?")),
    ("sexual-orientation", _any(r"homosexuele?l?e?s?", r"gays?", r"lesbiennes?",
                                r"gouines?", r"lgbt\w*")),
    ("gender-identity", _any(r"trans", r"transgenres?", r"transsexuele?l?e?s?")),
    ("sex", _any(r"femmes?", r"gonzesses?", r"women")),
    ("disability", _any(r"handicapée?s?", r"autistes?", r"trisomiques?")),
)  # fmt: skip


def cues_in(text: str) -> tuple[Cue, ...]:
    """Return the signs found in a text, in their order."""
    found = [Cue(match.start(), match.end(), act=act) for act, sign in _ACTS for match in sign.finditer(text)]
    found += [
        Cue(match.start(), match.end(), criterion=criterion)
        for criterion, sign in _CRITERIA
        for match in sign.finditer(text)
    ]
    return tuple(sorted(found, key=lambda cue: (cue.start, cue.end)))


def facts_of(cues: Iterable[Cue], *, is_public: bool | None = None) -> Facts:
    """Return what the signs say of a content. Who is aimed at stays unknown: a word cannot tell."""
    found = list(cues)
    return Facts(
        acts=frozenset(cue.act for cue in found if cue.act is not None),
        is_public=is_public,
        criteria=frozenset(cue.criterion for cue in found if cue.criterion is not None),
        target=None,
    )


def joined(*facts: Facts) -> Facts:
    """Return several sources taken together; the first that knows of a thing is believed."""
    acts: frozenset[Act] = frozenset().union(*(one.acts for one in facts))
    criteria: frozenset[str] = frozenset().union(*(one.criteria for one in facts))
    is_public = next((one.is_public for one in facts if one.is_public is not None), None)
    target: Target | None = next((one.target for one in facts if one.target is not None), None)
    return Facts(acts=acts, is_public=is_public, target=target, criteria=criteria)
