"""Decisions become examples: once each, with the score of that moment, and gone with their content."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from vigie.casefile.actions import add_content
from vigie.casefile.journal import record
from vigie.casefile.models import Content
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.casefile.tests.builders import make_case
from vigie.learning import tasks
from vigie.learning.examples import pull
from vigie.learning.models import Example
from vigie.learning.tests.builders import INSULT, OPINION, decide, decided, pull_all
from vigie.organisations.rules.policy import Actor
from vigie.organisations.tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_each_decision_is_an_example_with_the_score_and_version_of_that_moment(cast: Cast) -> None:
    decided(cast.veille.pk, "Les youpins dehors, message inventé", ground=INSULT)
    decided(cast.veille.pk, "Je n’aime pas cette loi", reason=OPINION)
    pull_all(cast.veille.pk)
    hateful, lawful = Example.objects.of(cast.veille).order_by("seq")
    assert (hateful.label, hateful.grounds, hateful.reason) == ("hateful", [INSULT], "")
    assert (lawful.label, lawful.grounds, lawful.reason) == ("lawful", [], OPINION)
    assert hateful.score > lawful.score
    assert hateful.targets == ["jews"]
    assert hateful.detector_version
    assert not Example.objects.of(cast.rive).exists()


def test_pulling_again_changes_nothing_and_goes_on_where_it_was(cast: Cast) -> None:
    decided(cast.veille.pk, "Un message inventé", ground=INSULT)
    pull_all(cast.veille.pk)
    before = list(Example.objects.of(cast.veille).values())
    assert not pull(cast.veille.pk)
    decided(cast.veille.pk, "Un autre", reason=OPINION)
    pull_all(cast.veille.pk)
    assert list(Example.objects.of(cast.veille).order_by("pk").values())[:1] == before


def test_a_decision_taken_back_teaches_no_more(cast: Cast) -> None:
    case = decided(cast.veille.pk, "Un message inventé", reason=OPINION)
    pull_all(cast.veille.pk)
    with transaction.atomic():
        record(Event.READING_REOPENED, actor=cast.bruno.actor, now=timezone.now(), case=case, data={})
    pull_all(cast.veille.pk)
    assert not Example.objects.of(cast.veille).exists()
    decide(case, ground=INSULT)
    pull_all(cast.veille.pk)
    assert Example.objects.of(cast.veille).get().label == "hateful"


def test_a_text_that_nobody_knows_has_no_score(cast: Cast) -> None:
    decided(cast.veille.pk, "", ground=INSULT)
    pull_all(cast.veille.pk)
    assert Example.objects.of(cast.veille).get().score is None


def test_what_turns_out_to_be_child_abuse_teaches_nothing(cast: Cast) -> None:
    case = decided(cast.veille.pk, "Un message inventé", ground=INSULT)
    kept = decided(cast.veille.pk, "Un autre message inventé", ground=INSULT)
    pull_all(cast.veille.pk)
    Content.objects.of(cast.veille).filter(pk=contents_of(case)[0].pk).update(forbidden_at=timezone.now())
    assert tasks.erase_forbidden(timezone.now())
    assert not tasks.erase_forbidden(timezone.now())
    assert Example.objects.of(cast.veille).get().case_id == kept.pk


def test_a_case_set_aside_is_not_read_until_a_person_lifts_it(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text="Un message inventé")
    other = make_case(cast.veille.pk, text="Un autre contenu du même dossier")
    with transaction.atomic():
        add_content(actor=cast.bruno.actor, case=case, content=contents_of(other)[0], now=timezone.now())
        record(Event.CONTENT_NEVER_FETCH, actor=cast.worker, now=timezone.now(), case=case, data={"danger": 0})
    decide(case, reason=OPINION)
    pull_all(cast.veille.pk)
    assert not Example.objects.of(cast.veille).exists()
    with transaction.atomic():
        record(Event.REFERRAL_LIFTED, actor=cast.chloe.actor, now=timezone.now(), case=case, data={})
    pull_all(cast.veille.pk)
    assert Example.objects.of(cast.veille).count() == 2


def test_who_decided_is_kept_nowhere_in_an_example(cast: Cast) -> None:
    actor = Actor(name="member:1", organisation_id=cast.veille.pk)
    assert actor.name
    decided(cast.veille.pk, "Un message inventé", ground=INSULT)
    pull_all(cast.veille.pk)
    assert "member" not in str(Example.objects.of(cast.veille).values())
