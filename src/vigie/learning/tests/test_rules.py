"""Terms, shares and labels, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from vigie.casefile.rules.events import Event
from vigie.detection.terms import Lexicon
from vigie.learning.rules.arithmetic import change, precision
from vigie.learning.rules.labels import Label, decisions_of
from vigie.learning.rules.terms import Does, Standing, TermState, combined, does, name_of
from vigie.learning.tests.builders import INSULT, OPINION, make_term

DAY = date(2026, 11, 26)
DELIVERED = Lexicon("livré", "fr", (make_term("golem").term, make_term("zinzolin").term))


def words(*own: TermState, today: date = DAY) -> list[str]:
    return [term.term for term in combined(DELIVERED, own, version="1", today=today).terms]


def test_own_terms_come_before_the_delivered_ones_and_replace_those_of_their_name() -> None:
    assert words() == ["golem", "zinzolin"]
    assert words(make_term("zorglub")) == ["zorglub", "golem", "zinzolin"]
    assert words(make_term("Gölem")) == ["Gölem", "zinzolin"]
    assert combined(DELIVERED, [], version="own1.2", today=DAY).version == "livré+own1.2"


@pytest.mark.parametrize(
    ("own", "left"),
    [
        (make_term("golem", standing=Standing.ENDED), ["golem", "zinzolin"]),
        (make_term("golem", standing=Standing.MUTED), ["zinzolin"]),
        (make_term("zorglub", until=DAY), ["zorglub", "golem", "zinzolin"]),
        (make_term("zorglub", until=DAY - timedelta(days=1)), ["golem", "zinzolin"]),
    ],
)
def test_what_is_over_or_muted_counts_no_more(own: TermState, left: list[str]) -> None:
    assert words(own) == left


def test_a_term_is_written_and_read_back_whole() -> None:
    term = make_term("zorglub", since=DAY, until=DAY, beside=("golem",), unless=("Prague",), examples=("Un essai.",))
    assert TermState.from_json(term.as_json()) == term


def test_writings_of_one_word_have_one_name() -> None:
    assert name_of("  Été  Fleuri ") == name_of("ete fleuri")


def test_a_change_is_called_by_what_it_does() -> None:
    assert does(None, make_term()) is Does.ADDED
    assert does(make_term(), make_term(standing=Standing.MUTED)) is Does.ENDED
    assert does(make_term(standing=Standing.ENDED), make_term()) is Does.CHANGED


def test_a_share_has_its_interval_and_none_under_five() -> None:
    few, some = precision(4, 4), precision(8, 10)
    assert (few.value, few.low, few.high) == (None, None, None)
    assert some.value == 0.8
    assert (some.low, some.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert precision(0, 5).low == 0.0


def test_a_share_that_moved_is_sure_only_when_its_interval_leaves_nothing_out() -> None:
    # The first example of Newcombe (1998): 56/70 and 48/80, difference 0.2, interval 0.0524 to 0.3339.
    moved = change(precision(48, 80), precision(56, 70))
    assert moved.value == pytest.approx(0.2)
    assert (moved.low, moved.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))
    assert moved.is_sure
    assert not change(precision(5, 10), precision(6, 10)).is_sure
    assert change(precision(1, 2), precision(6, 10)).value is None


# --- labels --------------------------------------------------------------------------------------------------

AT = datetime(2026, 11, 1, tzinfo=UTC)


def qualified(content: str, ground: str) -> tuple[str, dict[str, str]]:
    return Event.QUALIFIED.value, {"content": content, "ground": ground}


DECLINED = (Event.DECLINED.value, {"reason": OPINION})
REOPENED = (Event.READING_REOPENED.value, {})


def withdrawn(content: str, ground: str) -> tuple[str, dict[str, str]]:
    return Event.LIMITATION_COUNTED.value, {"content": content, "withdrawn": ground}


@pytest.mark.parametrize(
    ("entries", "of_contents", "of_all"),
    [
        ([qualified("a", INSULT)], {"a": Label.HATEFUL}, None),
        ([qualified("a", "revenge-porn")], {"a": Label.SILENT}, None),
        ([qualified("a", "revenge-porn"), qualified("a", INSULT)], {"a": Label.HATEFUL}, None),
        ([qualified("a", INSULT), qualified("b", INSULT), withdrawn("a", INSULT)], {"b": Label.HATEFUL}, None),
        ([qualified("a", INSULT), REOPENED], {}, None),
        ([DECLINED], {}, Label.LAWFUL),
        ([DECLINED, REOPENED, qualified("a", INSULT)], {"a": Label.HATEFUL}, None),
        ([(Event.DECLINED.value, {"reason": "not-illegal-time-barred"})], {}, Label.SILENT),
    ],
)
def test_what_stands_after_all_entries_is_what_is_learnt(
    entries: list[tuple[str, dict[str, str]]], of_contents: dict[str, Label], of_all: Label | None
) -> None:
    stands = decisions_of((seq, event, data, AT) for seq, (event, data) in enumerate(entries, 1))
    assert {content: one.label for content, one in stands.of_contents.items()} == of_contents
    assert (stands.of_all.label if stands.of_all else None) is of_all
