"""The thinking of the queue, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.state import CaseState, Danger, Referral, Sending, Stage
from vigie.triage.rules import moves, nearness
from vigie.triage.rules.filters import Filter, Held, UnreadableFilter
from vigie.triage.rules.moves import Kind, Move, Mover

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BRUNO, CHLOE = 1, 2
BRUNO_MOVES = Mover(BRUNO, may_assign=False)
CHLOE_MOVES = Mover(CHLOE, may_assign=True)
FREE = CaseState(stage=Stage.TRIAGE)
BRUNOS = CaseState(stage=Stage.TRIAGE, holder_id=BRUNO)
CHLOES = CaseState(stage=Stage.TRIAGE, holder_id=CHLOE)
CLOSED = CaseState(stage=Stage.CLOSED)
SET_ASIDE = CaseState(stage=Stage.CLOSED, referral=Referral.WAITING)
CLOSE = Move(Kind.CLOSE, reason=ClosingReason.GONE)


@pytest.mark.parametrize(
    ("filter_", "address"),
    [
        (Filter(), ""),
        (Filter(stage=Stage.NEW), "etape=new"),
        (Filter(danger=Danger.HIGH, held=Held.NOBODY), "danger=1&tenu=personne"),
        (Filter(platform="x", door="form", second_opinion=True), "plateforme=x&porte=form&avis=1"),
        (Filter(within_days=30), "prescription=30"),
        (Filter(search="https://x.com/a/status/1?s=20"), "q=https%3A%2F%2Fx.com%2Fa%2Fstatus%2F1%3Fs%3D20"),
    ],
)
def test_a_filter_is_an_address_and_an_address_a_filter(filter_: Filter, address: str) -> None:
    assert filter_.query() == address
    pairs = dict(pair.split("=", 1) for pair in address.split("&") if pair)
    if "q" not in pairs:
        assert Filter.read(pairs) == filter_


@pytest.mark.parametrize(
    "query", [{"etape": "perdu"}, {"danger": "9"}, {"danger": "-1"}, {"tenu": "x"}, {"prescription": "²"}]
)
def test_a_filter_that_is_not_known_is_refused_instead_of_showing_everything(query: dict[str, str]) -> None:
    with pytest.raises(UnreadableFilter, match="n’est pas connu"):
        Filter.read(query)


@pytest.mark.parametrize(
    ("move", "state", "mover", "refusal"),
    [
        (Move(Kind.CLAIM), FREE, BRUNO_MOVES, None),
        (Move(Kind.CLAIM), SET_ASIDE, BRUNO_MOVES, moves.CaseIsSetAside),
        (Move(Kind.REOPEN), SET_ASIDE, CHLOE_MOVES, moves.CaseIsSetAside),
        (Move(Kind.CLAIM), BRUNOS, BRUNO_MOVES, moves.AlreadySo),
        (Move(Kind.CLAIM), CHLOES, BRUNO_MOVES, moves.HeldByAnother),
        (Move(Kind.CLAIM), CLOSED, BRUNO_MOVES, moves.CaseIsClosed),
        (Move(Kind.RELEASE), BRUNOS, BRUNO_MOVES, None),
        (Move(Kind.RELEASE), FREE, BRUNO_MOVES, moves.AlreadySo),
        (Move(Kind.RELEASE), CHLOES, BRUNO_MOVES, moves.HeldByAnother),
        (Move(Kind.RELEASE), BRUNOS, CHLOE_MOVES, None),
        (Move(Kind.ASSIGN, to=BRUNO), CHLOES, CHLOE_MOVES, None),
        (Move(Kind.ASSIGN, to=BRUNO), BRUNOS, CHLOE_MOVES, moves.AlreadySo),
        (Move(Kind.ASSIGN), FREE, CHLOE_MOVES, None),
        (Move(Kind.SET_DANGER, danger=Danger.HIGH), FREE, BRUNO_MOVES, None),
        (Move(Kind.SET_DANGER, danger=Danger.STANDARD), FREE, BRUNO_MOVES, moves.AlreadySo),
        (Move(Kind.SET_DANGER, danger=Danger.HIGH), CHLOES, BRUNO_MOVES, moves.HeldByAnother),
        (CLOSE, BRUNOS, BRUNO_MOVES, None),
        (CLOSE, BRUNOS, CHLOE_MOVES, moves.HeldByAnother),
        (CLOSE, CLOSED, BRUNO_MOVES, moves.CaseIsClosed),
        (CLOSE, CaseState(sending=Sending.UNKNOWN), BRUNO_MOVES, moves.NoticeOnItsWay),
        (CLOSE, CaseState(sending=Sending.QUEUED), BRUNO_MOVES, moves.NoticeOnItsWay),
        (Move(Kind.REOPEN), CLOSED, BRUNO_MOVES, None),
        (Move(Kind.REOPEN), CaseState(stage=Stage.DECLINED), BRUNO_MOVES, None),
        (Move(Kind.REOPEN), FREE, BRUNO_MOVES, moves.CaseIsOpen),
    ],
)
def test_who_may_do_what(move: Move, state: CaseState, mover: Mover, refusal: type[Exception] | None) -> None:
    if refusal is None:
        moves.check(move, state, mover, holder="Chloé")
        return
    with pytest.raises(refusal):
        moves.check(move, state, mover, holder="Chloé")


def test_a_conflict_names_who_holds_the_case() -> None:
    with pytest.raises(moves.HeldByAnother, match="Chloé tient ce dossier"):
        moves.check_work(CHLOES, BRUNO_MOVES, holder="Chloé")
    with pytest.raises(moves.HeldByNobody, match="Prenez d’abord"):
        moves.check_work(FREE, BRUNO_MOVES, holder="")
    moves.check_work(BRUNOS, BRUNO_MOVES, holder="Bruno")


def test_a_program_holds_nothing() -> None:
    with pytest.raises(moves.HeldByNobody):
        moves.check_work(FREE, Mover(None, may_assign=False), holder="")


@pytest.mark.parametrize(
    ("held_hours_ago", "acted_hours_ago", "lapsed"),
    [(7, None, False), (8, None, True), (20, 1, False), (20, 9, True)],
)
def test_a_claim_is_over_when_its_holder_did_nothing_for_so_long(
    held_hours_ago: int, acted_hours_ago: int | None, lapsed: bool
) -> None:
    assert lapsed == moves.has_lapsed(
        held_since=NOW - timedelta(hours=held_hours_ago),
        last_act=None if acted_hours_ago is None else NOW - timedelta(hours=acted_hours_ago),
        now=NOW,
        claims_last=timedelta(hours=8),
    )


def test_an_undo_comes_once_and_within_ten_minutes() -> None:
    moves.check_undo(made_at=NOW, undone_at=None, now=NOW + timedelta(minutes=10))
    with pytest.raises(moves.TooLate):
        moves.check_undo(made_at=NOW, undone_at=None, now=NOW + timedelta(minutes=10, seconds=1))
    with pytest.raises(moves.AlreadyUndone):
        moves.check_undo(made_at=NOW, undone_at=NOW, now=NOW)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Rentrez tous chez vous demain matin", "RENTREZ TOUS CHEZ VOUS demain matin !!! https://x.com/a", True),
        ("Rentrez tous chez vous demain matin", "rentrez touuuus chez vous demain matin, tous", True),
        ("Rentrez tous chez vous demain matin", "Bonne journée à tout le monde ici", False),
        ("", "", False),
    ],
)
def test_texts_that_differ_only_by_what_copies_change_are_near(one: str, other: str, near: bool) -> None:
    words = [frozenset(nearness.words_of(text)) for text in (one, other)]
    assert (nearness.resemblance(*words) >= nearness.NEAR) is near


def test_the_same_words_leave_the_same_marks_and_short_texts_none() -> None:
    marks = nearness.marks_of("Rentrez tous chez vous")
    assert marks == nearness.marks_of("rentrez TOUS chez  vous !")
    assert all(-(1 << 63) <= mark < 1 << 63 for mark in marks)
    assert nearness.marks_of("Bonjour") == []
