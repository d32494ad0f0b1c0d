"""Figures stay those of the journal, however they were remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
from django.db import transaction
from django.utils.timezone import get_current_timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.casefile.tests.builders import make_case
from vigie.insight import actions, queries
from vigie.insight.models import KeptFacts, KeptTally
from vigie.insight.rules.definitions import DELAYS, FIGURES, Figure, Occurrence
from vigie.insight.rules.facts import CaseFacts
from vigie.insight.rules.tables import (
    NOTIFIED,
    Choice,
    Tally,
    answered,
    count_of,
    counted,
    delays,
    ended_and_open,
    occurrences,
    totals,
)
from vigie.insight.tests.test_properties import START, events, happening
from vigie.organisations.tests.cast import Cast, Person

ZONE = get_current_timezone()
LATER = START + timedelta(days=90)
OPENED = next(figure for figure in FIGURES if figure.id == "opened")


def shown(person: Person) -> tuple[int, ...]:
    return totals(counted(queries.tally(person.actor, ZONE), Choice()))


def happens(cast: Cast, case: Case, event: Event, **data: object) -> None:
    with transaction.atomic():
        record(event, actor=cast.bruno.actor, now=case.opened_at, case=case, data=data)


def keep(pieces: int = 1000) -> None:
    """Let the worker keep what it can, or some pieces of it before it is killed."""
    for _ in range(pieces):
        if not actions.keep_figures():
            return


def start_anew() -> None:
    """Forget what this process remembers, as one that starts knows nothing."""
    queries._kept.clear()


def throw_away() -> None:
    KeptFacts.across_associations.all().delete()
    KeptTally.objects.all().delete()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    start_anew()
    monkeypatch.setattr(actions, "CASES_AT_ONCE", 2)
    monkeypatch.setattr(actions, "ENTRIES_AT_ONCE", 5)
    monkeypatch.setattr(queries, "CASES_AT_ONCE", 2)
    monkeypatch.setattr(queries, "FAR_BEHIND", 6)


def tables_of(tally: Tally) -> tuple[Any, ...]:
    everything = Choice()
    return (
        counted(tally, everything), answered(tally, everything, LATER), delays(tally, everything), tally.places()
    )  # fmt: skip


def by_moment(found: Iterable[Occurrence]) -> list[Occurrence]:
    return sorted(found, key=lambda one: (one.at, one.case.ref))


def as_if_read_anew(person: Person) -> list[CaseFacts]:
    organisation = person.actor.organisation_id
    return [case for _pk, case in queries.facts_at(organisation, queries.head_of(organisation).seq)]


# Of what happens in the properties, each way to choose a part: one for each figure and delay in turn.
CHOICES = [
    Choice(platform="agora"), Choice(ground="insult", door="mail"), Choice(since="2026-11", until="2026-11"),
    Choice(until="2026-10"),
]  # fmt: skip


def facts(person: Person) -> list[CaseFacts]:
    return [one.case for one in queries.latest(person.actor, OPENED, Choice(), most=100)]


def assert_right(person: Person) -> None:
    anew = as_if_read_anew(person)
    tally = queries.tally(person.actor, ZONE)
    for what, choice in zip((*FIGURES, *DELAYS), cycle(CHOICES), strict=False):
        everything = list(occurrences(what, anew, Choice(), ZONE))
        assert by_moment(queries.latest(person.actor, what, Choice(), most=100)) == by_moment(everything)
        chosen = list(occurrences(what, anew, choice, ZONE))
        few = queries.latest(person.actor, what, choice, most=2)
        assert [one.at for one in few] == sorted((one.at for one in chosen), reverse=True)[:2]
        if isinstance(what, Figure):
            assert count_of(tally, what, choice) == len(chosen)
        else:
            open_now = sum(one.until is None for one in chosen)
            assert ended_and_open(tally, what, choice) == (len(chosen) - open_now, open_now)
    assert tables_of(tally) == tables_of(Tally.of(anew, ZONE))


steps = st.one_of(
    st.tuples(st.integers(0, 4), events),
    st.tuples(st.integers(0, 4), events),
    st.tuples(st.integers(0, 4), events),
    st.sampled_from([(keep, ()), (keep, (1,)), (keep, (2,)), (start_anew, ()), (throw_away, ()), (assert_right, ())]),
)


@given(st.lists(steps, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_kept_or_lost_meanwhile_figures_are_those_of_the_journal(cast: Cast, steps: list[Any]) -> None:
    """The worker runs, or is killed between two pieces; processes start; what was kept is thrown away."""
    with transaction.atomic():
        start_anew()
        cases: dict[int, Case] = {}
        for first, second in steps:
            if first is assert_right:
                assert_right(cast.bruno)
            elif callable(first):
                first(*second)
            else:
                if first not in cases:
                    cases[first] = make_case(cast.veille.pk, now=START)
                for one in happening(*second):
                    data = {"platform_says": "received", **one.data}  # of the case's row; figures do not read it
                    record(Event(one.event), actor=cast.bruno.actor, now=one.at, case=cases[first], data=data)
        assert_right(cast.bruno)
        start_anew()
        assert_right(cast.bruno)
        keep()
        start_anew()
        assert_right(cast.bruno)
        transaction.set_rollback(True)


def test_what_is_kept_is_read_by_a_process_that_starts(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    keep()
    KeptTally.objects.filter(pk=cast.veille.pk).update(tally=Tally(ZONE).as_data())
    assert shown(cast.bruno)[1] == 0  # it believes what is kept
    KeptTally.objects.update(definitions="others")
    start_anew()
    assert shown(cast.bruno)[1] == 1  # but not what was counted under other definitions
    keep()
    start_anew()
    assert shown(cast.bruno)[1] == 1
    assert [one.ref for one in facts(cast.bruno)] == [case.ref]


def test_what_another_journal_added_up_to_is_not_believed(cast: Cast) -> None:
    make_case(cast.veille.pk)
    keep()
    KeptTally.objects.filter(pk=cast.veille.pk).update(digest="of another", tally=Tally(ZONE).as_data())
    assert_right(cast.bruno)
    keep()
    assert KeptTally.objects.get(pk=cast.veille.pk).digest == queries.head_of(cast.veille.pk).digest
    start_anew()
    assert_right(cast.bruno)


def test_a_worker_that_was_slower_changes_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two count the same piece; the first goes on, and more happens before the second writes."""
    case = make_case(cast.veille.pk)
    keep()
    happens(cast, case, Event.REPORT_JOINED, report=1)
    write: Callable[..., None] = actions._write

    def write_late(*given: Any, **changes: Any) -> None:
        monkeypatch.setattr(actions, "_write", write)
        keep()
        happens(cast, case, Event.REPORT_JOINED, report=2)
        keep()
        write(*given, **changes)

    monkeypatch.setattr(actions, "_write", write_late)
    keep()
    start_anew()
    assert shown(cast.bruno)[0] == 2
    assert_right(cast.bruno)


def test_what_happened_since_is_counted_as_if_all_were_read_anew(cast: Cast) -> None:
    first, second = make_case(cast.veille.pk), make_case(cast.veille.pk)
    happens(cast, first, Event.QUALIFIED, ground="insult-public-origin-religion")
    assert shown(cast.bruno)[1:5] == (2, 1, 1, 0)
    happens(cast, first, Event.READING_REOPENED)
    happens(cast, first, Event.DECLINED, reason="opinion")
    happens(cast, second, Event.REPORT_JOINED, report=1)
    third = make_case(cast.veille.pk)
    assert shown(cast.bruno)[:5] == (1, 3, 1, 0, 1)
    assert {one.ref for one in facts(cast.bruno)} == {first.ref, second.ref, third.ref}
    assert_right(cast.bruno)


def test_what_happened_in_a_month_stands_behind_it_though_it_happened_again_later(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    for reference, month in (("N-AAAA-AAAA", "03"), ("N-BBBB-BBBB", "06")):
        sent_at = f"2026-{month}-10T12:00:00+00:00"
        happens(cast, case, Event.NOTICE_SENT_BY_HAND, reference=reference, sent_at=sent_at)
    keep()
    found = queries.latest(cast.bruno.actor, NOTIFIED, Choice(since="2026-03", until="2026-03"), most=10)
    assert [one.notice and one.notice.reference for one in found] == ["N-AAAA-AAAA"]


@pytest.mark.parametrize("kept", [False, True])
def test_what_is_remembered_of_one_association_is_never_shown_to_another(cast: Cast, kept: bool) -> None:
    make_case(cast.veille.pk)
    if kept:
        keep()
    assert (shown(cast.bruno)[1], shown(cast.dario)[1]) == (1, 0)
    make_case(cast.rive.pk)
    if kept:
        keep()
        start_anew()
    assert (shown(cast.bruno)[1], shown(cast.dario)[1]) == (1, 1)
    assert not {one.ref for one in facts(cast.bruno)} & {one.ref for one in facts(cast.dario)}
