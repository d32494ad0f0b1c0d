"""Importing a file at the desk, through its addresses."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from vigie.casefile.models import Case
from vigie.intake.doors.files import web
from vigie.intake.doors.files.models import ColumnMap, ImportJob
from vigie.intake.doors.files.tasks import work_on_imports
from vigie.intake.doors.files.tests.test_imports import FOUR, a_file, address
from vigie.organisations.tests.cast import Cast


def uploaded(browser: Client, content: bytes = FOUR, name: str = "veille.csv") -> tuple[str, Any]:
    answer = browser.post("/bureau/import/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    page = answer.headers["Location"]
    return page, browser.get(page)


def text(answer: Any) -> str:
    return answer.content.decode()  # type: ignore[no-any-return]


def test_columns_that_nothing_reads_are_named_before_anything_is_imported(cast: Cast) -> None:
    browser = cast.bruno.browser()
    _, shown = uploaded(browser, a_file((address(1), "Une phrase"), header="adresse,ce qui est dit"))
    assert "Aucune colonne n’est lue pour" in text(shown)
    assert "« ce qui est dit »" in text(shown)
    assert '<details class="card" id="columns" open>' in text(shown)
    _, bare = uploaded(browser, address(2).encode(), "liste.csv")
    assert "Aucune colonne n’est lue pour" not in text(bare)


def test_a_small_file_is_looked_through_at_once_and_imported_when_approved(cast: Cast) -> None:
    browser = cast.bruno.browser()
    page, shown = uploaded(browser)
    assert "Ce que cet import ferait" in text(shown)
    assert "Lignes qui seraient refusées" in text(shown)
    assert not Case.objects.of(cast.veille).exists()
    browser.post(page, {"do": "import"})
    assert "En attente" in text(browser.get(page))
    work_on_imports(timezone.now())
    done = text(browser.get(page))
    assert "Ce que cet import a fait" in done
    assert Case.objects.of(cast.veille).count() == 2
    assert "veille.csv" in text(browser.get("/bureau/import/"))
    told = browser.get(f"{page}compte-rendu.csv")
    lines = told.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "ligne,résultat,dossier,champ,pourquoi"
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["2", "nouveau dossier"], ["3", "nouveau dossier"], ["4", "refusé"], ["5", "rejoint un dossier"],
    ]  # fmt: skip


def test_a_large_file_is_the_worker_s_and_the_page_follows_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "READ_AT_ONCE_BYTES", 10)
    browser = cast.bruno.browser()
    page, shown = uploaded(browser)
    assert "hx-get" in text(shown)
    assert "Lecture en cours" in text(shown)
    part = browser.get(page, headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    work_on_imports(timezone.now())
    assert browser.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "Ce que cet import ferait" in text(browser.get(page))


def test_the_words_of_the_first_lines_are_masked_until_asked_for(cast: Cast) -> None:
    browser = cast.bruno.browser()
    page, shown = uploaded(browser, a_file((address(1), "sale bougnoule")))
    assert "bougnoule" not in text(shown)
    assert "bougnoule" in text(browser.get(f"{page}?mots=1"))


def test_columns_are_chosen_and_saved_for_the_next_file(cast: Cast) -> None:
    browser = cast.bruno.browser()
    strange = a_file((address(1), "un", "12/01/2026"), header="a,b,c")
    page, shown = uploaded(browser, strange)
    assert "Aucune colonne n’est choisie" in text(shown)
    chosen = {
        "do": "map",
        "address": "a",
        "text": "b",
        "published_at": "c",
        "time_zone": "Europe/Paris",
        "day_first": "no",
    }
    assert browser.post(page, chosen | {"address": ""}).status_code == 422
    browser.post(page, chosen | {"save_as": "Notre outil"})
    shown = browser.get(page)
    assert "01/12/2026 00:00" in text(shown)
    assert "Notre outil" in text(shown)
    assert ColumnMap.objects.of(cast.veille).get().name == "Notre outil"
    _page, again = uploaded(browser, strange + b"\n")
    assert "01/12/2026 00:00" in text(again)


def test_a_number_of_x_stands_in_for_a_missing_address(cast: Cast) -> None:
    browser = cast.bruno.browser()
    content = a_file(("https://t.me/a/1", "", "un"), ("", "1790000000000000001", "deux"), header="lien,numéro,mots")
    page, _shown = uploaded(browser, content)
    browser.post(
        page,
        {"do": "map", "address": "lien", "x_number": "numéro", "text": "mots", "time_zone": "UTC", "day_first": "yes"},
    )
    shown = text(browser.get(page))
    assert "/status/1790000000000000001" in shown
    assert "Lignes qui seraient refusées" not in shown


def test_a_file_that_cannot_be_read_says_why_and_can_be_given_up(cast: Cast) -> None:
    browser = cast.bruno.browser()
    page, shown = uploaded(browser, b"%PDF-1.7", "rapport.pdf")
    assert "rapport.pdf n’est pas un tableau" in text(shown)
    browser.post(page, {"do": "drop"})
    assert ImportJob.objects.of(cast.veille).get().state == "dropped"
    assert browser.post("/bureau/import/", {"file": SimpleUploadedFile("vide.csv", b"")}).status_code == 422


def test_a_formula_in_a_stranger_s_file_stays_words_in_the_report(cast: Cast) -> None:
    browser = cast.bruno.browser()
    page, _shown = uploaded(browser, a_file((address(1), "x", "=cmd()"), header="adresse,texte,=date"))
    browser.post(
        page, {"do": "map", "address": "adresse", "published_at": "=date", "time_zone": "UTC", "day_first": "yes"}
    )
    browser.post(page, {"do": "import"})
    work_on_imports(timezone.now())
    told = browser.get(f"{page}compte-rendu.csv").content.decode("utf-8-sig")
    assert ",'=date," in told


def test_imports_are_for_who_may_import_and_for_this_association(cast: Cast) -> None:
    page, _shown = uploaded(cast.bruno.browser())
    for person in (cast.victor, cast.judith, cast.adele):
        assert person.browser().get("/bureau/import/").status_code == 403
        assert person.browser().get(page).status_code == 403
    for address_ in (page, f"{page}compte-rendu.csv"):
        assert cast.dario.browser().get(address_).status_code == 404
    assert "veille.csv" not in text(cast.dario.browser().get("/bureau/import/"))
    assert cast.anatole.browser().get(page).status_code == 200
