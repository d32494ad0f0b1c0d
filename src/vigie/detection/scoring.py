"""From matches to a score, by a scheme anyone can redo by hand.

Each different term found counts once, with the weight below; the score is the chance that at least one of them is
meant as it looks, were they independent: 1 - (1 - w1)(1 - w2)…

| the term | weight |
|---|---|
| a slur that needs no context | 0.55 |
| a slogan that needs no context | 0.55 |
| a coded word that needs no context | 0.45 |
| a number that needs no context | 0.35 |
| any term that needs context | 0.08 |

An unverified term counts four fifths of that. Terms that need context never lift a text above 0.25 by themselves,
and no lexicon lifts one above 0.90: it does not know who is quoted, who is mocked, who speaks of himself.

This is *not yet* the calibrated probability of the contract: it orders and explains. `benchmarks/detection.py`
prints what share of the texts in each band were in fact found hateful by people.

Source: house rule; the orders of magnitude follow `benchmarks/detection.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from .hints import Kind, Match, SourceStatus

FIRM = {Kind.SLUR: 0.55, Kind.SLOGAN: 0.55, Kind.CODED: 0.45, Kind.NUMBER: 0.35}
IN_CONTEXT = 0.08
UNVERIFIED_SHARE = 0.8
MOST_WITHOUT_A_FIRM_TERM = 0.25
MOST = 0.90


def weight(match: Match) -> float:
    """Return what one term counts."""
    full = IN_CONTEXT if match.needs_context else FIRM[match.kind]
    return full * (UNVERIFIED_SHARE if match.source_status is SourceStatus.UNVERIFIED else 1)


def score(matches: Iterable[Match]) -> float:
    """Return the score of a text in [0, 1], from the terms found in it."""
    by_term = {match.term: match for match in matches}
    doubt = 1.0
    for match in by_term.values():
        doubt *= 1 - weight(match)
    is_firm = any(not match.needs_context for match in by_term.values())
    return round(min(1 - doubt, MOST if is_firm else MOST_WITHOUT_A_FIRM_TERM), 4)
