"""The wall reads with the lexicon of its association."""

from __future__ import annotations

from django.utils import timezone

from vigie.detection.hints import Kind, SourceStatus, Target
from vigie.detection.terms import Term
from vigie.learning.actions import save_term
from vigie.learning.rules.terms import TermState
from vigie.organisations.tests.cast import Cast
from vigie.watch.models import Sighting
from vigie.watch.tests.builders import give, make_post, make_source, make_watch


def test_a_word_of_the_associations_own_lexicon_is_seen_at_once(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source, terms=(), targets=("roma",))
    text = "Message inventé sur les ganelins du quartier, et rien de plus"
    give(source, [make_post(text, url="https://forum.example/ganelin/1")])
    assert not Sighting.objects.of(cast.veille).exists()
    word = Term(
        term="ganelin", variants=(), kind=Kind.CODED, target=Target.ROMA, sense="Code inventé", needs_context=False,
        source_status=SourceStatus.UNVERIFIED,
    )  # fmt: skip
    save_term(actor=cast.anatole.actor, state=TermState(word), now=timezone.now())
    give(source, [make_post(text, url="https://forum.example/ganelin/2")])
    one = Sighting.objects.of(cast.veille).get()
    assert f"+own{cast.veille.pk}.1" in one.detector_version
