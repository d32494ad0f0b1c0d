"""The page of a case: what it shows, what it masks, who may see it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from vigie.casefile.queries import contents_of
from vigie.casefile.tests.builders import make_case
from vigie.organisations.tests.cast import Cast


def test_the_page_shows_the_content_its_four_states_and_its_journal(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text="Bonjour à tous.", account="@exemple")
    page = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/").content.decode()
    for words in ("Bonjour à tous.", "@exemple", "nouveau", "aucune notification", "pas encore contrôlé", "rien"):
        assert words in page
    assert "Le dossier a été ouvert." in page


def test_in_english_too_the_day_comes_before_the_month(cast: Cast) -> None:
    case = make_case(cast.veille.pk, published_at=datetime(2026, 4, 3, 21, 5, tzinfo=UTC))
    page = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/", headers={"accept-language": "en"}).content.decode()
    assert "3 April 2026, 23:05" in page
    assert re.search(r">\d\d/\d\d/\d{4} \d\d:\d\d</time>", page)  # the journal: no a.m., no p.m.


def test_a_page_left_open_too_long_says_so_and_changes_nothing(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    browser = cast.bruno.browser()
    browser.handler.enforce_csrf_checks = True
    answer = browser.post(f"/bureau/dossiers/{case.ref}/ouvrir/", {"csrfmiddlewaretoken": "a" * 64})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Cette page a expiré" in page
    assert "Revenir à la file" in page
    case.refresh_from_db()
    assert case.holder_id is None


def test_words_are_masked_until_asked_for(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text="Espèce de sale pute.")
    browser = cast.bruno.browser()
    assert "pute" not in browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "Espèce de sale pute." in browser.get(f"/bureau/dossiers/{case.ref}/?mots=1").content.decode()


def test_the_address_of_a_content_is_never_a_link_on_the_page(cast: Cast) -> None:
    case = make_case(cast.veille.pk, url="https://forum.example/fil")
    browser = cast.bruno.browser()
    assert 'href="https://forum.example/fil"' not in browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    content = contents_of(case)[0]
    out = browser.get(f"/bureau/dossiers/{case.ref}/contenus/{content.pk}/sortie/").content.decode()
    assert 'rel="noopener noreferrer nofollow"' in out


def test_a_refusal_keeps_the_desk_around_it_and_leads_back_to_the_case(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    cast.chloe.browser().post(f"/bureau/dossiers/{case.ref}/ouvrir/")
    answer = cast.bruno.browser().post(f"/bureau/dossiers/{case.ref}/etat/rendre/")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f'<a href="/bureau/dossiers/{case.ref}/">Revenir au dossier' in page
    assert "Se déconnecter" in page
    hidden = cast.dario.browser().get(f"/bureau/dossiers/{case.ref}/")
    assert hidden.status_code == 404
    assert "Revenir au dossier" not in hidden.content.decode()
    assert "Se déconnecter" in cast.bruno.browser().get("/bureau/rien/du/tout/").content.decode()


def test_what_may_be_child_abuse_has_no_way_out(cast: Cast) -> None:
    case = make_case(cast.veille.pk, never_fetch=True)
    content = contents_of(case)[0]
    answer = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/contenus/{content.pk}/sortie/")
    assert answer.status_code == 404


def test_another_association_cannot_tell_that_the_case_exists(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    dario = cast.dario.browser()
    hidden = dario.get(f"/bureau/dossiers/{case.ref}/")
    absent = dario.get("/bureau/dossiers/D-0000-0000/")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    token = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub(b"", hidden.content) == token.sub(b"", absent.content)


def test_the_administrator_has_no_look_into_cases(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    assert cast.adele.browser().get(f"/bureau/dossiers/{case.ref}/").status_code == 403


def test_an_address_that_no_database_reads_is_refused_in_words(cast: Cast) -> None:
    browser = cast.chloe.browser()
    for address in ("/bureau/dossiers/D%00/", "/bureau/?plateforme=%00", "/%00/"):
        assert browser.get(address).status_code == 400
