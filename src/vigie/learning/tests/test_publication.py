"""The published list: only what is public, dated, signed, and what changed since a day."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from vigie.learning.actions import restore_previous, save_term
from vigie.learning.models import TermVersion
from vigie.learning.rules.terms import Standing
from vigie.learning.tests.builders import make_term
from vigie.organisations.tests.cast import Cast

pytestmark = pytest.mark.django_db
EXAMPLE = "Une phrase reprise d’un dossier"


def given(path: str) -> bytes:
    answer = Client().get(path)
    assert answer.status_code == 200, path
    assert not answer.cookies
    return answer.content


def words(path: str) -> list[tuple[str, str]]:
    return [(one.get("term", ""), one["change"]) for one in json.loads(given(path))["terms"]]


def test_only_what_an_analyst_marked_public_is_there_and_no_example(cast: Cast) -> None:
    actor, now = cast.anatole.actor, timezone.now()
    save_term(actor=actor, state=make_term("zorglub", is_public=True, examples=(EXAMPLE,), beside=("nez",)), now=now)
    save_term(actor=actor, state=make_term("ganelin"), now=now)
    save_term(actor=actor, state=make_term("malandrin", is_public=True, standing=Standing.ENDED), now=now)
    assert words("/lexique.json") == [("zorglub", "added")]
    for path in ("/lexique", "/lexique.csv", "/lexique.json"):
        said = given(path).decode()
        assert "zorglub" in said
        assert not [hidden for hidden in ("ganelin", "malandrin", EXAMPLE, "nez", "Anatole") if hidden in said], path
    assert json.loads(given("/lexique.json"))["dated"] == timezone.localdate().isoformat()


def test_what_changed_since_a_day_is_told_and_what_was_taken_out_loses_its_word(cast: Cast) -> None:
    actor, now = cast.anatole.actor, timezone.now()
    today = timezone.localdate()
    for word in ("zorglub", "ganelin", "malandrin"):
        save_term(actor=actor, state=make_term(word, is_public=True), now=now)
    TermVersion.objects.of(cast.veille).update(at=now - timedelta(days=9))
    assert words(f"/lexique.json?depuis={today}") == []
    one, two, _three = (version.term for version in TermVersion.objects.of(cast.veille).order_by("term__name"))
    save_term(actor=actor, state=make_term("ganelin", is_public=True, sense="Autre sens"), term=one, now=now)
    save_term(actor=actor, state=make_term("malandrin"), term=two, now=now)
    save_term(actor=actor, state=make_term("iznogoud", is_public=True), now=now)
    assert sorted(words(f"/lexique.json?depuis={today}")) == [
        ("", "removed"),
        ("ganelin", "changed"),
        ("iznogoud", "added"),
    ]
    assert "malandrin" not in given(f"/lexique?depuis={today}").decode()
    restore_previous(actor=actor, term=two, now=now)
    assert sorted(words(f"/lexique.json?depuis={today}")) == [("ganelin", "changed"), ("iznogoud", "added")]


def test_anybody_verifies_a_file_with_the_key_beside_it_and_a_changed_byte_is_seen(cast: Cast, tmp_path: Path) -> None:
    save_term(actor=cast.anatole.actor, state=make_term(is_public=True), now=timezone.now())
    (tmp_path / "cle.pem").write_bytes(given("/lexique-cle.pem"))
    for name in ("json", "csv"):
        (tmp_path / "list").write_bytes(given(f"/lexique.{name}"))
        (tmp_path / "sig").write_bytes(given(f"/lexique.{name}.sig"))
        verify = [
            "openssl",
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "cle.pem",
            "-rawin",
            "-in",
            "list",
            "-sigfile",
            "sig",
        ]
        assert subprocess.run(verify, cwd=tmp_path, check=False, capture_output=True).returncode == 0
        (tmp_path / "list").write_bytes(given(f"/lexique.{name}").replace(b"zorglub", b"zorglup"))
        assert subprocess.run(verify, cwd=tmp_path, check=False, capture_output=True).returncode != 0


def test_a_date_that_is_none_is_refused_in_words() -> None:
    answer = Client().get("/lexique.json?depuis=hier")
    assert answer.status_code in {400, 422}
    assert "2026-11-26" in answer.content.decode()


def test_an_empty_list_says_so(cast: Cast) -> None:
    assert "Rien n’est encore publié" in given("/lexique").decode()
    assert json.loads(given("/lexique.json")) == {
        "dated": None,
        "format": "vigie-lexicon-1",
        "since": None,
        "terms": [],
    }
