"""While a page of the desk is drawn, the slurs of its association's own lexicon are masked like the delivered ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from django.http import HttpRequest, HttpResponse

from vigie.casefile.web.masking import OwnWords, masking_also
from vigie.detection.hints import Kind
from vigie.learning.detectors import detector_of, own_states
from vigie.organisations.rules.policy import Actor


class OwnWordsMasked:
    """Stands behind the gate: whoever is not signed in meets what is delivered alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None:
            return self.get_response(request)
        with masking_also(cache(lambda: own_words(actor.organisation_id))):
            return self.get_response(request)


def own_words(organisation_id: int) -> OwnWords | None:
    """Return what masks an association's own slurs; None when it has none."""
    if not any(state.term.kind is Kind.SLUR for state in own_states(organisation_id)):
        return None
    detector = detector_of(organisation_id)

    def find(text: str) -> Iterable[tuple[int, int]]:
        return [(match.start, match.end) for match in detector.find(text) if match.kind is Kind.SLUR]

    return OwnWords(detector.version, find)
