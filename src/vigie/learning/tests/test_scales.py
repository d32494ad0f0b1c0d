"""A scale fitted to decisions: proposed only from many, judged on what it never saw, taken, and undone."""

from __future__ import annotations

import math
import random
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from vigie.casefile.models import JournalEntry
from vigie.detection.detectors import default_detector
from vigie.learning import scales
from vigie.learning.detectors import detector_of
from vigie.learning.models import Calibration
from vigie.learning.rules.calibration import LEAST, Scale, proposed
from vigie.learning.scales import NothingToTake, go_back, name_of_scale, proposal_of, take_scale
from vigie.organisations.tests.cast import Cast


def decisions(number: int, *, slope: float = 1.0, shift: float = 0.0) -> list[tuple[float, bool]]:
    """Return decisions that follow a known scale."""
    chance = random.Random(7)
    scores = [round(chance.uniform(0.02, 0.98), 4) for _ in range(number)]
    return [
        (score, chance.random() < 1 / (1 + math.exp(-(slope * math.log(score / (1 - score)) + shift))))
        for score in scores
    ]


def test_few_decisions_propose_nothing() -> None:
    assert proposed(decisions(LEAST - 1)) is None
    assert proposed([(0.9, True)] * 500) is None  # of one answer alone nothing is learnt


def test_decisions_on_another_scale_are_found_out_and_surely_better() -> None:
    found = proposed(decisions(1600, slope=0.6, shift=1.2))
    assert found is not None
    assert (found.scale.slope, found.scale.shift) == (pytest.approx(0.6, abs=0.12), pytest.approx(1.2, abs=0.2))
    assert (found.fitted_on, found.held_back) == (1200, 400)
    assert found.is_better
    assert found.gap.after < found.gap.before


def test_where_the_score_is_right_already_nothing_is_said_to_be_better() -> None:
    found = proposed(decisions(1600))
    assert found is not None
    assert not found.is_better


def test_a_scale_keeps_the_order_and_the_silence_of_a_text_without_words() -> None:
    scale = Scale(0.6, 1.2)
    moved = [scale.of(score) for score in (0.1, 0.5, 0.9, 1.0)]
    assert moved == sorted(moved)
    assert scale.of(0.0) == 0.0
    assert Scale().of(0.37) == 0.37


@pytest.fixture
def proposing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """A house with sixteen hundred decisions, without writing them."""
    monkeypatch.setattr(scales, "_decisions", lambda _organisation: decisions(1600, slope=0.6, shift=1.2))
    scales._proposed.cache_clear()
    yield cast
    scales._proposed.cache_clear()


@pytest.mark.django_db
def test_an_analyst_takes_a_scale_and_goes_back_in_one_step(proposing: Cast) -> None:
    actor, here, text = proposing.anatole.actor, proposing.veille.pk, "Les youpins dehors, message inventé"
    plain = default_detector().read(text).score
    found, number = proposal_of(actor, now=timezone.now())
    assert found is not None
    assert number == 1600
    take_scale(actor=actor, seen=name_of_scale(found.scale), now=timezone.now())
    assert detector_of(here).read(text).score == found.scale.of(plain)
    assert detector_of(here).version.endswith("~scale1")
    assert next(detector_of(here).read_many([(text, None)])).detector_version.endswith("~scale1")
    assert detector_of(proposing.rive.pk).read(text).score == plain
    go_back(actor=actor, now=timezone.now())
    assert detector_of(here).read(text).score == plain
    go_back(actor=actor, now=timezone.now())
    assert detector_of(here).read(text).score == found.scale.of(plain)
    assert JournalEntry.objects.of(here).filter(event="lexicon.detector-scaled").count() == 3


@pytest.mark.django_db
def test_a_proposal_that_was_not_seen_is_not_taken(proposing: Cast) -> None:
    with pytest.raises(NothingToTake):
        take_scale(actor=proposing.anatole.actor, seen="1/0", now=timezone.now())
    assert not Calibration.objects.of(proposing.veille).exists()


@pytest.mark.django_db
def test_the_page_compares_and_only_an_analyst_takes(proposing: Cast) -> None:
    page = proposing.bruno.browser().get(reverse("score-scale")).content.decode()
    assert "1200 décisions" in page.replace("\u202f", "").replace("\xa0", "")
    assert "Prendre cette échelle" not in page
    browser = proposing.anatole.browser()
    page = browser.get(reverse("score-scale")).content.decode()
    given = {"echelle": page.split('name="echelle" value="')[1].split('"')[0]}
    assert proposing.bruno.browser().post(reverse("score-scale"), given).status_code == 403
    browser.post(reverse("score-scale"), given)
    assert "votre échelle n° 1" in browser.get(reverse("score-scale")).content.decode()
    browser.post(reverse("score-scale"), {"retour": "1"})
    assert "l’échelle livrée avec Vigie" in browser.get(reverse("score-scale")).content.decode()


@pytest.mark.django_db
def test_without_decisions_the_page_says_how_many_are_missing(cast: Cast) -> None:
    page = cast.anatole.browser().get(reverse("score-scale")).content.decode()
    assert "Rien n’est proposé" in page
    assert timezone.now() - timedelta(days=1)
