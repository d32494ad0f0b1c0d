"""The pages of the queue, through their addresses."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from vigie.casefile.models import Case
from vigie.casefile.rules.state import Danger, Stage
from vigie.casefile.tests.builders import make_case
from vigie.organisations.tests.cast import Cast
from vigie.triage import queries
from vigie.triage.models import SavedFilter
from vigie.triage.rules.filters import Filter, Held

TODAY = date(2026, 11, 20)


def refs(cast: Cast, wanted: Filter, **more: str) -> list[str]:
    page = queries.queue(cast.bruno.actor, wanted, today=TODAY, **more)  # type: ignore[arg-type]
    return [item.case.ref for item in page.items]


def test_the_order_is_danger_then_limitation_then_age(cast: Cast) -> None:
    now = timezone.now()
    young = make_case(cast.veille.pk, now=now)
    old = make_case(cast.veille.pk, now=now - timedelta(days=2))
    late = make_case(cast.veille.pk, limitation_on="2027-06-01")
    soon = make_case(cast.veille.pk, limitation_on="2026-12-01")
    danger = make_case(cast.veille.pk, danger=2)
    assert refs(cast, Filter()) == [case.ref for case in (danger, soon, late, old, young)]


def test_pages_follow_each_other_without_losing_or_repeating_a_case(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    now = timezone.now()
    for n in range(10):
        limitation = "2027-01-01" if n % 3 == 0 else None
        make_case(cast.veille.pk, danger=n % 2, limitation_on=limitation, now=now - timedelta(days=n // 4))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = queries.queue(cast.bruno.actor, Filter(), today=TODAY, after=after)
        seen += [item.case.ref for item in page.items]
        after = page.after
    everything = queries.in_order(Case.objects.of(cast.veille))
    assert seen == [case.ref for case in everything]


def test_each_filter_lets_through_what_it_says(cast: Cast) -> None:
    plain = make_case(cast.veille.pk)
    urgent = make_case(cast.veille.pk, danger=1)
    soon = make_case(cast.veille.pk, limitation_on="2026-12-01", platform="x")
    mine, theirs, closed = make_case(cast.veille.pk), make_case(cast.veille.pk), make_case(cast.veille.pk)
    for case, person in ((mine, cast.bruno), (theirs, cast.chloe)):
        assert person.browser().post(f"/bureau/dossiers/{case.ref}/ouvrir/").status_code == 302
    answer = cast.bruno.browser().post(f"/bureau/dossiers/{closed.ref}/etat/clore/", {"raison": "gone"})
    assert answer.status_code == 302
    for wanted, expected in (
        (Filter(danger=Danger.HIGH), {urgent}),
        (Filter(within_days=30), {soon}),
        (Filter(platform="x"), {soon}),
        (Filter(held=Held.ME), {mine}),
        (Filter(held=Held.OTHERS), {theirs}),
        (Filter(held=Held.NOBODY), {plain, urgent, soon}),
        (Filter(stage=Stage.TRIAGE), {mine, theirs}),
        (Filter(stage=Stage.CLOSED), {closed}),
        (Filter(door="mail"), set()),
        (Filter(second_opinion=True), set()),
    ):
        assert set(refs(cast, wanted)) == {case.ref for case in expected}, wanted


def test_opening_takes_the_case_and_a_colleague_is_told_who_holds_it(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    bruno, chloe = cast.bruno.browser(), cast.chloe.browser()
    assert f"/bureau/dossiers/{case.ref}/ouvrir/" in bruno.get("/bureau/").content.decode()
    answer = bruno.post(f"/bureau/dossiers/{case.ref}/ouvrir/", {"file": "danger=1"})
    assert answer["Location"] == f"/bureau/dossiers/{case.ref}/?file=danger%3D1"
    page = chloe.get("/bureau/").content.decode()
    assert "tenu par Bruno" in page
    assert "/ouvrir/" not in page
    read = chloe.post(f"/bureau/dossiers/{case.ref}/ouvrir/", follow=True)
    assert read.request["PATH_INFO"] == f"/bureau/dossiers/{case.ref}/"
    assert "Bruno tient ce dossier. Demandez-lui de le rendre" in read.content.decode()
    assert "Prendre ce dossier" not in read.content.decode()


def test_looking_at_a_case_does_not_take_it(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    page = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "Prendre ce dossier" in page
    case.refresh_from_db()
    assert case.holder_id is None


def test_pasting_any_form_of_an_address_leads_to_its_case(cast: Cast) -> None:
    case = make_case(cast.veille.pk, url="https://forum.example/fil/12")
    Case.objects.of(cast.veille).filter(pk=case.pk).update(in_queue=False, stage="closed")
    browser = cast.bruno.browser()
    for typed in ("https://forum.example/fil/12", "  https://forum.example/fil/12?utm_source=x ", case.ref.lower()):
        assert browser.get("/bureau/", {"q": typed})["Location"] == f"/bureau/dossiers/{case.ref}/"
    assert "Aucun dossier ne porte" in browser.get("/bureau/", {"q": "https://forum.example/9"}).content.decode()
    assert cast.dario.browser().get("/bureau/", {"q": case.ref}).status_code == 200


def test_another_associations_queue_shows_nothing_of_ours(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text="Un texte à nous")
    dario = cast.dario.browser()
    page = dario.get("/bureau/").content.decode()
    assert case.ref not in page
    assert "Un texte à nous" not in page
    assert dario.post(f"/bureau/dossiers/{case.ref}/ouvrir/").status_code == 404


def test_words_of_the_list_are_masked_and_cannot_be_uncovered_there(cast: Cast) -> None:
    make_case(cast.veille.pk, text="Espèce de sale pute")
    page = cast.bruno.browser().get("/bureau/?mots=1").content.decode()
    assert "Espèce de" in page
    assert "pute" not in page


def test_a_bulk_action_goes_through_a_review_and_can_be_undone_from_the_queue(cast: Cast) -> None:
    one, other = make_case(cast.veille.pk), make_case(cast.veille.pk)
    browser = cast.bruno.browser()
    chosen = {"ref": [one.ref, other.ref], "action": "clore", "file": "danger=0"}
    review = browser.post("/bureau/lot/", chosen).content.decode()
    assert "2 dossiers vont changer" in review
    assert Case.objects.of(cast.veille).filter(stage="closed").count() == 0
    assert browser.post("/bureau/lot/faire/", {**chosen, "raison": "gone"}).status_code == 302
    queue = browser.get("/bureau/").content.decode()
    assert "2 dossiers modifiés" in queue
    undo = re.search(r'action="(/bureau/lot/\d+/annuler/)"', queue)
    assert undo is not None
    after = browser.post(undo[1], follow=True).content.decode()
    assert "2 dossiers sont redevenus comme avant." in after
    assert one.ref in after


def test_a_review_shows_what_the_cases_are_about_masked(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text="Espèce de sale pute, va-t’en du fil")
    review = cast.bruno.browser().post("/bureau/lot/", {"ref": case.ref, "action": "clore"}).content.decode()
    assert "va-t’en du fil" in review
    assert "pute" not in review


def test_a_bulk_action_without_a_case_stays_in_the_queue_and_says_what_to_do(cast: Cast) -> None:
    make_case(cast.veille.pk)
    answer = cast.bruno.browser().post("/bureau/lot/", {"action": "clore", "file": "danger=0"}, follow=True)
    assert answer.request["PATH_INFO"] == "/bureau/"
    assert "Choisissez d’abord des dossiers" in answer.content.decode()


def test_a_saved_filter_is_ones_own_unless_shared_by_who_leads(cast: Cast) -> None:
    bruno, chloe, judith = cast.bruno.browser(), cast.chloe.browser(), cast.judith.browser()
    bruno.post("/bureau/filtres/", {"nom": "Urgent", "file": "danger=1"})
    chloe.post("/bureau/filtres/", {"nom": "À dater", "file": "prescription=30", "partage": "1"})
    assert bruno.post("/bureau/filtres/", {"nom": "x", "file": "", "partage": "1"}).status_code == 403
    assert 'href="/bureau/?danger=1"' in bruno.get("/bureau/").content.decode()
    page = judith.get("/bureau/").content.decode()
    assert 'href="/bureau/?prescription=30"' in page
    assert "Urgent" not in page
    shared = SavedFilter.objects.of(cast.veille).get(name="À dater")
    assert bruno.post(f"/bureau/filtres/{shared.pk}/supprimer/").status_code == 403
    own = SavedFilter.objects.of(cast.veille).get(name="Urgent")
    assert chloe.post(f"/bureau/filtres/{own.pk}/supprimer/").status_code == 404
    assert bruno.post(f"/bureau/filtres/{own.pk}/supprimer/").status_code == 302


def test_single_keys_stay_off_for_who_switched_them_off(cast: Cast) -> None:
    browser = cast.bruno.browser()
    assert 'data-single-keys="on"' in browser.get("/bureau/").content.decode()
    browser.post("/bureau/touches/", {"touches": "non"})
    assert 'data-single-keys="off"' in browser.get("/bureau/").content.decode()
    assert 'data-single-keys="on"' in cast.chloe.browser().get("/bureau/").content.decode()


@pytest.mark.parametrize("name", ["victor", "anatole", "adele"])
def test_who_sees_no_case_gets_a_page_of_their_own_work(cast: Cast, name: str) -> None:
    case = make_case(cast.veille.pk)
    page = getattr(cast, name).browser().get("/bureau/").content.decode()
    assert "Bonjour" in page
    assert case.ref not in page


def test_a_page_of_the_queue_asks_the_same_few_questions_however_long_it_is(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(30):
        make_case(cast.veille.pk, danger=n % 3)
    browser = cast.bruno.browser()
    with django_assert_max_num_queries(17):
        browser.get("/bureau/")


def test_who_sees_no_case_may_still_read_the_keys_and_switch_them_off(cast: Cast) -> None:
    victor = cast.victor.browser()
    assert victor.get("/bureau/touches/").status_code == 200
    assert victor.post("/bureau/touches/", {"touches": "non"}).status_code == 302
    assert 'data-single-keys="off"' in victor.get("/bureau/").content.decode()


def test_a_filter_whose_name_no_database_takes_is_refused_in_words(cast: Cast) -> None:
    page = cast.bruno.browser().post("/bureau/filtres/", {"nom": "À\x00 dater"})
    assert page.status_code == 400
    assert not SavedFilter.objects.of(cast.veille).exists()
