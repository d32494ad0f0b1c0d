"""Examples given out: to measure at home, to others only by consent, and never with names or addresses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from vigie.__main__ import main
from vigie.casefile.models import Content, JournalEntry
from vigie.learning.sharing import labelled, set_sharing, shares_examples
from vigie.learning.tests.builders import INSULT, OPINION, decided
from vigie.organisations.tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_examples_are_what_evaluate_reads(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decided(
        cast.veille.pk,
        "@amina est une youpine, voir https://x.example/1 (message inventé)",
        ground=INSULT,
        language="fr",
    )
    decided(cast.veille.pk, "Je n’aime pas cette loi", reason=OPINION)
    decided(cast.veille.pk, "Une photo volée", ground="revenge-porn")
    decided(cast.rive.pk, "Un message d’ailleurs", ground=INSULT)
    assert main(["detection", "examples", "--organisation", "veille-solidaire"]) == 0
    out = capsys.readouterr().out
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["label"], row["lang"], row["platform"]) for row in rows] == [(1, "fr", "web"), (0, "", "web")]
    assert "amina" not in out
    assert "x.example" not in out
    (tmp_path / "d.ndjson").write_text(out, encoding="utf-8")
    assert main(["detection", "evaluate", str(tmp_path / "d.ndjson")]) == 0
    assert "2 texts" in capsys.readouterr().out


def test_nothing_is_given_to_others_without_a_yes(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    decided(cast.veille.pk, "Un message inventé", ground=INSULT)
    ask = ["detection", "examples", "--organisation", "veille-solidaire", "--for-others"]
    assert main(ask) == 1
    assert capsys.readouterr().out == ""
    cast.adele.browser().post(reverse("share-examples"), {"partage": "on"})
    assert shares_examples(cast.veille.pk)
    assert not shares_examples(cast.rive.pk)
    assert main(ask) == 0
    assert "score" not in capsys.readouterr().out
    set_sharing(actor=cast.adele.actor, shares=False, now=timezone.now())
    assert main(ask) == 1
    changes = JournalEntry.objects.of(cast.veille).filter(event="settings.changed").order_by("seq")
    assert [entry.data["shares"] for entry in changes] == [True, False]


def test_what_somebody_calls_child_abuse_is_not_given_out(cast: Cast) -> None:
    decided(cast.veille.pk, "Un message inventé", ground=INSULT)
    main(["detection", "examples", "--organisation", "veille-solidaire"])
    assert len(list(labelled(cast.veille.pk))) == 1
    Content.objects.of(cast.veille).update(never_fetch=True)
    assert not list(labelled(cast.veille.pk))


def test_an_unknown_association_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detection", "examples", "--organisation", "inconnue"]) == 2
    assert "inconnue" in capsys.readouterr().err
