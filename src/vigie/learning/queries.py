"""Questions about what an association's detector knows, and what a change would do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from vigie.casefile.models import Content
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.detection.detectors import default_detector
from vigie.detection.terms import Term
from vigie.learning.detectors import calibration_of, detector_of, own_states, reader_with
from vigie.learning.models import Example, OwnTerm, TermVersion
from vigie.learning.rules.labels import Label
from vigie.learning.rules.terms import Standing, TermState, name_of
from vigie.learning.rules.trial import Past, Trial, tried
from vigie.organisations.rules.policy import Action, Actor, require

TRIED_MOST = 10_000
"""Contents read for one trial, the latest first: about two seconds."""
DAYS = 30
DAYS_MOST = 366

__all__ = ["detector_of"]


@dataclass(frozen=True)
class Listed:
    """One line of the lexicon: an own term, or a delivered one."""

    state: TermState
    own: OwnTerm | None = None
    is_replaced: bool = False
    """Delivered, and one of the association's own counts in its place, or it is muted."""


def own_terms(actor: Actor, search: str = "") -> list[Listed]:
    """Return the association's terms that hold all the words looked for, by name."""
    require(actor, Action.SEE_LEXICON, actor.organisation_id)
    found = [Listed(term.state(), term) for term in OwnTerm.objects.of(actor.organisation_id)]
    return [one for one in found if _holds(one.state.term, search)]


def delivered_terms(actor: Actor, search: str = "") -> list[Listed]:
    """Return the terms delivered with Vigie (or of `VIGIE_LEXICON`), by name, and which are replaced here."""
    require(actor, Action.SEE_LEXICON, actor.organisation_id)
    today = timezone.localdate()
    states = own_states(actor.organisation_id)
    replaced = {one.name for one in states if one.counts_on(today) or one.standing is Standing.MUTED}
    terms = sorted(default_detector().lexicon.terms, key=lambda term: name_of(term.term))
    return [
        Listed(TermState(term), is_replaced=name_of(term.term) in replaced) for term in terms if _holds(term, search)
    ]


def _holds(term: Term, search: str) -> bool:
    words = name_of(" ".join([*term.writings, term.sense]))
    return all(word in words for word in name_of(search).split())


def access_term(actor: Actor, pk: int) -> OwnTerm:
    """Return a term of the association's own lexicon.

    Raises:
        NotFound: there is none, or it is another association's.
    """
    require(actor, Action.SEE_LEXICON, actor.organisation_id)
    term: OwnTerm | None = OwnTerm.objects.of(actor.organisation_id).filter(pk=pk).first()
    if term is None:
        raise NotFound(N_("Ce terme n’est pas dans votre lexique."))
    return term


def versions_of(actor: Actor, term: OwnTerm) -> list[TermVersion]:
    """Return what a term was, the latest first."""
    require(actor, Action.SEE_LEXICON, term.organisation_id)
    rows = TermVersion.objects.of(actor.organisation_id).filter(term=term)
    return list(rows.select_related("member").order_by("-number"))


def delivered_key(term: Term) -> str:
    """Return what an address calls a delivered term: no slur stands in an address."""
    return hashlib.sha256(name_of(term.term).encode()).hexdigest()[:16]


def delivered_term(key: str) -> Term | None:
    """Return the delivered term of that key."""
    return next((term for term in default_detector().lexicon.terms if delivered_key(term) == key), None)


# --- what a change would do ----------------------------------------------------------------------------------


def pasts(organisation_id: int, *, since: datetime, most: int = TRIED_MOST) -> list[Past]:
    """Return the texts the association got to know since then, the latest first, with what it decided of each.

    What somebody says is child abuse is never among them.
    """
    rows = list(
        Content.objects.of(organisation_id)
        .filter(created_at__gte=since, never_fetch=False)
        .exclude(text="")
        .order_by("-created_at", "-pk")
        .values_list("pk", "text", "language")[:most]
    )
    labels = labels_of(organisation_id, [pk for pk, _text, _language in rows])
    return [Past(pk, text, language[:2] or None, labels.get(pk)) for pk, text, language in rows]


def labels_of(organisation_id: int, contents: Sequence[int]) -> dict[int, Label]:
    """Return the latest decision on each of these contents."""
    wanted = set(contents)
    rows = Example.objects.of(organisation_id).order_by("seq").values_list("content", "label")
    return {content: Label(label) for content, label in rows if content in wanted}


def trial_of(
    actor: Actor, state: TermState, *, term: OwnTerm | None = None, now: datetime, days: int = DAYS
) -> tuple[Trial, bool]:
    """Return what saving this term would do to the texts of the last days, and whether they were too many to read all.

    Nothing is written.
    """
    require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    here = actor.organisation_id
    others = [one.state() for one in OwnTerm.objects.of(here).exclude(pk=term.pk if term else None)]
    after = reader_with([*others, state], "essai", timezone.localdate(), calibration_of(here))
    known = pasts(here, since=now - timedelta(days=days), most=TRIED_MOST + 1)
    names = {state.name, *([term.name] if term else [])}
    found = tried(known[:TRIED_MOST], detector_of(here), after, sorted(names))
    return found, len(known) > TRIED_MOST
