"""Figures stay those of the journal, however they were remembered."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils.timezone import get_current_timezone

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.casefile.tests.builders import make_case
from vigie.insight import queries
from vigie.insight.rules.tables import Choice, Tally, counted, totals
from vigie.organisations.tests.cast import Cast, Person


def shown(person: Person) -> tuple[int, ...]:
    return totals(counted(queries.tally(person.actor, get_current_timezone()), Choice()))


def happens(cast: Cast, case: Case, event: Event, **data: object) -> None:
    with transaction.atomic():
        record(event, actor=cast.bruno.actor, now=case.opened_at, case=case, data=data)


@pytest.mark.parametrize("most_told_anew", [5000, 0])
def test_what_happened_since_is_counted_as_if_all_were_read_anew(
    cast: Cast, most_told_anew: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_TOLD_ANEW", most_told_anew)
    first, second = make_case(cast.veille.pk), make_case(cast.veille.pk)
    happens(cast, first, Event.QUALIFIED, ground="insult-public-origin-religion")
    assert shown(cast.bruno)[1:5] == (2, 1, 1, 0)
    happens(cast, first, Event.READING_REOPENED)
    happens(cast, first, Event.DECLINED, reason="opinion")
    happens(cast, second, Event.REPORT_JOINED, report=1)
    third = make_case(cast.veille.pk)
    assert shown(cast.bruno)[:5] == (1, 3, 1, 0, 1)
    assert [one.ref for one in queries.facts(cast.bruno.actor)] == [first.ref, second.ref, third.ref]
    anew = Tally.of(queries.facts(cast.bruno.actor), get_current_timezone())
    assert shown(cast.bruno) == totals(counted(anew, Choice()))


def test_what_is_remembered_of_one_association_is_never_shown_to_another(cast: Cast) -> None:
    make_case(cast.veille.pk)
    assert (shown(cast.bruno)[1], shown(cast.dario)[1]) == (1, 0)
    make_case(cast.rive.pk)
    assert (shown(cast.bruno)[1], shown(cast.dario)[1]) == (1, 1)
    assert not {one.ref for one in queries.facts(cast.bruno.actor)} & {
        one.ref for one in queries.facts(cast.dario.actor)
    }
