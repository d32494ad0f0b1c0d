"""A sighting becomes a case by the way of every report, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from vigie.casefile.journal import record, replayed
from vigie.casefile.models import Case
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, NotAllowed, NotFound
from vigie.intake.actions import file_report, receive_report
from vigie.intake.doors.watch.actions import make_case, undo
from vigie.intake.rules.values import Door
from vigie.organisations.tests.cast import Cast
from vigie.watch.models import Lesson, Sighting, Wave
from vigie.watch.tests.builders import TEXT, make_post, make_wave


def wave_of(cast: Cast, number: int = 1) -> Wave:
    posts = [make_post(f"{TEXT} {'!' * n}", author=f"compte{n}", reach=n, language="fr") for n in range(number)]
    wave = make_wave(cast.anatole.actor, posts).wave
    assert wave is not None
    return wave


def states(cast: Cast) -> set[str]:
    return set(Sighting.objects.of(cast.veille).values_list("state", flat=True))


def test_one_key_makes_one_case_of_a_wave_with_all_its_posts_to_be_captured(cast: Cast) -> None:
    wave = wave_of(cast, 3)
    made = make_case(actor=cast.bruno.actor, wave=wave, now=timezone.now())
    case = Case.objects.of(cast.veille).get()
    contents = contents_of(case)
    assert (case.door, case.reports_count, len(contents), made.contents) == ("watch", 1, 3, 3)
    assert contents[0].account == "compte2"  # the widest reach opens it
    assert all(content.text.startswith(TEXT) for content in contents)
    assert replayed(case) == case.state()
    assert states(cast) == {"cased"}
    assert Lesson.objects.of(cast.veille).get().label == "case"


def test_a_post_that_was_reported_already_joins_its_case(cast: Cast) -> None:
    wave = wave_of(cast)
    url = Sighting.objects.of(cast.veille).get().url
    report = receive_report(
        actor=cast.public, door=Door.FORM, addresses=[url], nonce="n" * 24, now=timezone.now() - timedelta(hours=1)
    )
    [case] = file_report(report.report, timezone.now() - timedelta(hours=1))
    made = make_case(actor=cast.bruno.actor, wave=wave, now=timezone.now())
    assert made.case == case
    assert not made.decision.is_new_case
    undo(actor=cast.bruno.actor, decision=made.decision, now=timezone.now())
    case.refresh_from_db()
    assert case.stage == "new"  # it was there before, and stays
    assert states(cast) == {"waiting"}


def test_a_large_wave_is_a_case_of_twenty_posts_and_says_what_is_left_out(cast: Cast) -> None:
    made = make_case(actor=cast.bruno.actor, wave=wave_of(cast, 23), now=timezone.now())
    assert (made.contents, made.left_out, states(cast)) == (20, 3, {"cased"})


def test_pressing_twice_makes_one_case(cast: Cast) -> None:
    wave = wave_of(cast)
    make_case(actor=cast.bruno.actor, wave=wave, now=timezone.now())
    with pytest.raises(Conflict):
        make_case(actor=cast.chloe.actor, wave=wave, now=timezone.now())
    assert Case.objects.of(cast.veille).count() == 1


def test_undone_the_case_is_closed_and_made_again_it_is_open(cast: Cast) -> None:
    wave = wave_of(cast, 2)
    made = make_case(actor=cast.bruno.actor, wave=wave, now=timezone.now())
    undo(actor=cast.bruno.actor, decision=made.decision, now=timezone.now())
    made.case.refresh_from_db()
    assert (made.case.stage, states(cast)) == ("closed", {"waiting"})
    assert not Lesson.objects.of(cast.veille).exists()
    again = make_case(actor=cast.bruno.actor, wave=wave, now=timezone.now())
    assert (again.case, again.case.stage) == (made.case, "triage")
    assert replayed(again.case) == again.case.state()


def test_a_case_somebody_works_on_is_not_taken_back(cast: Cast) -> None:
    made = make_case(actor=cast.bruno.actor, wave=wave_of(cast), now=timezone.now())
    with transaction.atomic():
        data = {"holder": cast.chloe.member.pk}
        record(Event.CASE_CLAIMED, actor=cast.chloe.actor, now=timezone.now(), case=made.case, data=data)
    with pytest.raises(Conflict):
        undo(actor=cast.bruno.actor, decision=made.decision, now=timezone.now())
    assert states(cast) == {"cased"}


def test_only_ones_own_decision_is_undone_and_only_for_a_while(cast: Cast) -> None:
    made = make_case(actor=cast.bruno.actor, wave=wave_of(cast), now=timezone.now())
    with pytest.raises(NotFound):
        undo(actor=cast.chloe.actor, decision=made.decision, now=timezone.now())
    with pytest.raises(Conflict):
        undo(actor=cast.bruno.actor, decision=made.decision, now=timezone.now() + timedelta(minutes=11))


def test_an_analyst_decides_of_no_sighting_and_a_stranger_of_none_either(cast: Cast) -> None:
    wave = wave_of(cast)
    for person in (cast.anatole, cast.dario, cast.judith):
        with pytest.raises(NotAllowed):
            make_case(actor=person.actor, wave=wave, now=timezone.now())
    assert states(cast) == {"waiting"}
