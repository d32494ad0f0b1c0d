"""Taking, giving back, many at once, and back again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from vigie.casefile.journal import record, replayed
from vigie.casefile.models import Case, JournalEntry
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger, Stage
from vigie.casefile.tests.builders import make_case
from vigie.core.errors import NotAllowed, NotFound, UnusableInput
from vigie.organisations.tests.cast import Cast
from vigie.triage import actions, marks
from vigie.triage.marks import mark_new_texts
from vigie.triage.models import BulkAction
from vigie.triage.queries import near_cases, other_cases
from vigie.triage.rules import moves
from vigie.triage.rules.filters import Filter
from vigie.triage.rules.moves import Kind, Move

NOW = timezone.now()
CLOSE = Move(Kind.CLOSE, reason=ClosingReason.DUPLICATE)


def again(case: Case) -> Case:
    return Case.objects.of(case.organisation_id).get(pk=case.pk)


def claim(cast: Cast, case: Case) -> None:
    actions.move_case(actor=cast.bruno.actor, ref=case.ref, move=Move(Kind.CLAIM), now=NOW)


def test_taking_a_case_says_so_in_the_journal_and_nobody_else_can_take_it(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    claim(cast, case)
    assert again(case).holder_id == cast.bruno.member.pk
    assert again(case).stage == Stage.TRIAGE
    with pytest.raises(moves.HeldByAnother, match="Bruno tient ce dossier"):
        actions.open_for_work(actor=cast.judith.actor, ref=case.ref, now=NOW)
    events = JournalEntry.objects.of(cast.veille).filter(case=case).values_list("event", flat=True)
    assert list(events) == [Event.CASE_OPENED, Event.CASE_CLAIMED]


def test_opening_ones_own_case_again_writes_nothing(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    actions.open_for_work(actor=cast.bruno.actor, ref=case.ref, now=NOW)
    before = JournalEntry.objects.of(cast.veille).count()
    actions.open_for_work(actor=cast.bruno.actor, ref=case.ref, now=NOW)
    assert JournalEntry.objects.of(cast.veille).count() == before


def test_work_needs_its_holder(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    with pytest.raises(moves.HeldByNobody):
        actions.require_holder(cast.bruno.actor, case)
    claim(cast, case)
    actions.require_holder(cast.bruno.actor, again(case))
    with pytest.raises(moves.HeldByAnother, match="Bruno"):
        actions.require_holder(cast.chloe.actor, again(case))


def test_another_association_cannot_move_the_case_nor_learn_that_it_exists(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    for move in (Move(Kind.CLAIM), CLOSE):
        with pytest.raises(NotFound, match="n’existe pas"):
            actions.move_case(actor=cast.dario.actor, ref=case.ref, move=move, now=NOW)
    assert again(case).holder_id is None
    assert actions.plan_bulk(actor=cast.dario.actor, refs=[case.ref], move=CLOSE) == []
    assert actions.apply_bulk(actor=cast.dario.actor, refs=[case.ref], move=CLOSE, now=NOW).done == []


def test_only_who_leads_assigns_and_only_to_somebody_who_may_hold(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    to_bruno = Move(Kind.ASSIGN, to=cast.bruno.member.pk)
    with pytest.raises(NotAllowed):
        actions.move_case(actor=cast.bruno.actor, ref=case.ref, move=to_bruno, now=NOW)
    for nobody in (cast.victor.member.pk, cast.dario.member.pk, None):
        with pytest.raises(UnusableInput, match="Choisissez à qui"):
            actions.move_case(actor=cast.chloe.actor, ref=case.ref, move=Move(Kind.ASSIGN, to=nobody), now=NOW)
    actions.move_case(actor=cast.chloe.actor, ref=case.ref, move=to_bruno, now=NOW)
    assert again(case).holder_id == cast.bruno.member.pk


def test_the_next_case_is_the_most_urgent_one_that_nobody_holds(cast: Cast) -> None:
    old = make_case(cast.veille.pk, now=NOW - timedelta(days=3))
    dated = make_case(cast.veille.pk, limitation_on="2027-01-01")
    urgent = make_case(cast.veille.pk, danger=1)
    make_case(cast.rive.pk, danger=3)
    took = [actions.next_case(actor=actor, wanted=Filter(), now=NOW) for actor in
            (cast.bruno.actor, cast.chloe.actor, cast.bruno.actor, cast.bruno.actor)]  # fmt: skip
    assert took == [urgent, dated, old, None]
    assert again(dated).holder_id == cast.chloe.member.pk


def test_a_claim_left_lying_goes_back_to_the_queue(cast: Cast, settings: object) -> None:
    idle, busy = make_case(cast.veille.pk), make_case(cast.veille.pk)
    for case in (idle, busy):
        claim(cast, case)
    with transaction.atomic():
        record(Event.READING_SAVED, actor=cast.bruno.actor, now=NOW + timedelta(hours=5), case=busy)
    later = NOW + timedelta(hours=9)
    assert actions.release_lapsed(organisation_id=cast.veille.pk, now=later) == 1
    assert again(idle).holder_id is None
    assert again(busy).holder_id == cast.bruno.member.pk
    assert again(idle).stage == Stage.TRIAGE


def test_a_lapsed_claim_does_not_keep_others_out_when_the_worker_is_late(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    claim(cast, case)
    actions.open_for_work(actor=cast.chloe.actor, ref=case.ref, now=NOW + timedelta(hours=9))
    assert again(case).holder_id == cast.chloe.member.pk


def test_a_bulk_action_says_first_what_it_will_do_and_then_does_that(cast: Cast) -> None:
    free, brunos = make_case(cast.veille.pk), make_case(cast.veille.pk)
    claim(cast, brunos)
    refs = [free.ref, brunos.ref, "D-0000-0000"]
    plan = {one.case.ref: one.refusal for one in actions.plan_bulk(actor=cast.chloe.actor, refs=refs, move=CLOSE)}
    assert plan[free.ref] is None
    assert "Bruno tient ce dossier" in str(plan[brunos.ref])
    outcome = actions.apply_bulk(actor=cast.chloe.actor, refs=refs, move=CLOSE, now=NOW)
    assert outcome.done == [free]
    assert [case for case, _ in outcome.refused] == [brunos]
    assert again(free).stage == Stage.CLOSED
    assert again(brunos).stage == Stage.TRIAGE


def test_an_undo_puts_back_what_was_and_leaves_alone_what_changed_since(cast: Cast) -> None:
    held, moved = make_case(cast.veille.pk), make_case(cast.veille.pk)
    claim(cast, held)
    bulk = actions.apply_bulk(actor=cast.bruno.actor, refs=[held.ref, moved.ref], move=CLOSE, now=NOW).bulk
    assert bulk is not None
    actions.move_case(actor=cast.chloe.actor, ref=moved.ref, move=Move(Kind.REOPEN), now=NOW)
    outcome = actions.undo_bulk(actor=cast.bruno.actor, bulk_id=bulk.pk, now=NOW + timedelta(minutes=1))
    assert outcome.done == [held]
    assert [str(why) for _, why in outcome.refused] == ["Le dossier a changé depuis\u00a0: il reste comme il est."]
    back = again(held)
    assert (back.stage, back.holder_id, back.closed_at) == (Stage.TRIAGE, cast.bruno.member.pk, None)
    assert back.in_queue
    assert replayed(back) == back.state()
    with pytest.raises(moves.AlreadyUndone):
        actions.undo_bulk(actor=cast.bruno.actor, bulk_id=bulk.pk, now=NOW)


def test_an_undo_is_for_who_did_it_and_for_ten_minutes(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    move = Move(Kind.SET_DANGER, danger=Danger.HIGH)
    bulk = actions.apply_bulk(actor=cast.bruno.actor, refs=[case.ref], move=move, now=NOW).bulk
    assert bulk is not None
    for stranger in (cast.chloe.actor, cast.dario.actor):
        with pytest.raises(NotFound):
            actions.undo_bulk(actor=stranger, bulk_id=bulk.pk, now=NOW)
    with pytest.raises(moves.TooLate):
        actions.undo_bulk(actor=cast.bruno.actor, bulk_id=bulk.pk, now=NOW + timedelta(minutes=11))
    assert again(case).danger == Danger.HIGH


def test_a_bulk_action_has_a_size_somebody_can_read_through(cast: Cast) -> None:
    with pytest.raises(moves.TooMany):
        actions.plan_bulk(actor=cast.bruno.actor, refs=[f"D-{n}" for n in range(201)], move=CLOSE)
    with pytest.raises(UnusableInput, match="Choisissez d’abord"):
        actions.apply_bulk(actor=cast.bruno.actor, refs=[], move=CLOSE, now=NOW)
    assert not BulkAction.objects.of(cast.veille).exists()


def test_a_move_that_lacks_what_it_needs_is_not_done(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    for kind, sentence in ((Kind.CLOSE, "pourquoi clore"), (Kind.SET_DANGER, "une urgence")):
        with pytest.raises(UnusableInput, match=sentence):
            actions.move_case(actor=cast.bruno.actor, ref=case.ref, move=Move(kind), now=NOW)


def test_near_texts_and_earlier_cases_are_found_within_the_association_only(cast: Cast) -> None:
    text = "Rentrez tous chez vous demain matin à la première heure"
    first = make_case(cast.veille.pk, text=text, url="https://forum.example/a")
    near = make_case(cast.veille.pk, text=text.upper() + " !!!")
    make_case(cast.veille.pk, text="Bonne journée à tout le monde ici et ailleurs")
    make_case(cast.rive.pk, text=text)
    same = make_case(cast.veille.pk, url="https://forum.example/a")
    while mark_new_texts(organisation_id=cast.veille.pk) or mark_new_texts(organisation_id=cast.rive.pk):
        pass
    found = near_cases(near)
    assert {one.case for one in found} == {first, same}
    assert found[0].percent == 100
    assert other_cases(first) == [same]


def test_a_text_that_cannot_be_marked_keeps_no_other_from_being_found(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "ces gens-là devraient repartir chez eux par le premier bateau"
    make_case(cast.veille.pk, text="celui-ci trébuche sur une erreur de notre programme ici même")
    near, far = make_case(cast.veille.pk, text=text), make_case(cast.veille.pk, text=text.upper() + " !!!")
    right = marks.marks_of

    def wrong(words: str) -> list[int]:
        if "trébuche" in words:
            raise ValueError(words)
        return right(words)

    monkeypatch.setattr(marks, "marks_of", wrong)
    while mark_new_texts(organisation_id=cast.veille.pk):
        pass
    assert [one.case for one in near_cases(near)] == [far]
