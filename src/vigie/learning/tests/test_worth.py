"""What hints are worth: shares with their doubt, and «n.d.» where nothing can be said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from vigie.learning.actions import save_term
from vigie.learning.rules.worth import Judged, bands, calibration, disagreements, drift, worth_of_terms
from vigie.learning.tests.builders import INSULT, OPINION, decided, make_term, pull_all
from vigie.organisations.tests.cast import Cast

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def some(number: int, *, hateful: bool, score: float | None = 0.9, days: int = 1, version: str = "1") -> list[Judged]:
    return [Judged(place, hateful, score, version, NOW - timedelta(days=days)) for place in range(number)]


def test_a_term_has_its_share_and_how_it_moved() -> None:
    texts = [
        *some(9, hateful=True, days=40),
        *some(1, hateful=False, days=40),
        *some(2, hateful=True),
        *some(8, hateful=False),
    ]
    [one, few] = worth_of_terms({"zorglub": texts, "ganelin": some(2, hateful=True)}, now=NOW)
    assert (one.name, one.all.part, one.all.whole, one.lately.value) == ("zorglub", 11, 20, 0.2)
    assert one.moved.value == pytest.approx(-0.7)
    assert one.moved.is_sure
    assert (few.all.value, few.moved.value) == (None, None)


def test_bands_are_told_for_each_version_the_latest_first() -> None:
    found = bands(
        [
            *some(6, hateful=True, score=1.0, version="2"),
            *some(5, hateful=False, score=0.1, days=9),
            *some(3, hateful=True, score=None),
        ]
    )
    assert [(one.version, one.low, one.upheld.whole) for one in found if one.upheld.whole] == [
        ("2", 0.8, 6),
        ("1", 0.0, 5),
    ]
    assert next(one for one in found if one.low == 0.4).upheld.value is None


def test_drift_is_unknown_until_both_months_have_five_decisions() -> None:
    assert drift(some(9, hateful=True), now=NOW).moved.value is None
    assert drift([*some(9, hateful=True), *some(9, hateful=True, days=45)], now=NOW).moved.value == 0.0


def test_a_detector_that_says_what_people_say_has_no_gap() -> None:
    right = [*some(25, hateful=True, score=1.0), *some(25, hateful=False, score=0.0)]
    wrong = [*some(25, hateful=False, score=1.0), *some(25, hateful=True, score=0.0)]
    assert calibration(right)[1] == 0.0
    assert calibration(wrong)[1] == 1.0
    assert calibration(right[:40])[1] is None


def test_disagreements_are_the_strongest_on_both_sides() -> None:
    alarms, missed = disagreements([
        *some(1, hateful=False, score=0.6), *some(1, hateful=False, score=0.99), *some(1, hateful=True, score=0.02),
        *some(1, hateful=True, score=0.99),
    ])  # fmt: skip
    assert [one.score for one in alarms] == [0.99, 0.6]
    assert [one.score for one in missed] == [0.02]


@pytest.mark.django_db
def test_the_page_tells_a_terms_share_and_leads_to_cases_who_may_see_them(cast: Cast) -> None:
    save_term(actor=cast.anatole.actor, state=make_term(), now=timezone.now())
    for number in range(5):
        decided(cast.veille.pk, f"Encore un zorglub, le numéro {number}", ground=INSULT)
    case = decided(cast.veille.pk, "Le zorglub youpin, message inventé", reason=OPINION)
    decided(cast.veille.pk, "Un ganelin", ground="revenge-porn")
    pull_all(cast.veille.pk)
    page = cast.bruno.browser().get(reverse("hints-worth")).content.decode()
    assert "zorglub" in page
    assert "83 %" in page  # five of six
    assert "6 décisions" in page
    assert "1 autre ne dit rien" in page
    assert case.ref in page
    assert "youpin" not in page
    page = cast.anatole.browser().get(reverse("hints-worth")).content.decode()
    assert case.ref not in page  # an analyst sees no case
    picture = cast.anatole.browser().get(reverse("calibration-picture"))
    assert picture.content.startswith(b"<svg")


@pytest.mark.django_db
def test_what_cannot_be_said_is_nd_and_never_zero(cast: Cast) -> None:
    decided(cast.veille.pk, "Les youpins dehors, message inventé", ground=INSULT)
    pull_all(cast.veille.pk)
    page = cast.anatole.browser().get(reverse("hints-worth")).content.decode()
    assert "n.d." in page
    assert "0 %" not in page.replace("50 %", "").replace("70 %", "")
