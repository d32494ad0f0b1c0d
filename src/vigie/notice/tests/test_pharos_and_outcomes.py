"""The sheet for PHAROS, and the shared vocabulary of answers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vigie.casefile.rules.state import PlatformSays
from vigie.notice.rules.outcomes import ERROR_REASONS, MEANINGS, ErrorReason, Outcome, meaning_of
from vigie.notice.rules.pharos import goes_to_pharos_first, pharos_sheets, pharos_takes
from vigie.qualification.tests.builders import same_path

from .builders import BOOK, claim, content, draft


def sheet_values(one):
    return [
        {field.name.fr: field.value for field in sheet.fields} for sheet in pharos_sheets(one, BOOK.pharos_categories)
    ]


def test_one_sheet_for_each_address_with_the_fields_of_the_portal():
    one = draft(content(urls=("https://x.com/a/status/1", "https://x.com/i/status/1")))
    sheets = sheet_values(one)
    assert [sheet["Adresse (URL)"] for sheet in sheets] == ["https://x.com/a/status/1", "https://x.com/i/status/1"]
    assert sheets[0]["Catégorie"] == "Discrimination, incitation à la haine raciale"
    assert sheets[0]["Date et heure de publication"].startswith("1er novembre 2026 à 23 h 05")
    assert sheets[0]["Lieu"] == "X (x.com)"
    assert "« Les Zorglubs sont des parasites »" in sheets[0]["Commentaire"]
    assert "N-7K3M-Q2XA" in sheets[0]["Commentaire"]


def test_an_unknown_publication_is_said_to_be_unknown():
    assert sheet_values(draft(content(published_at=None)))[0]["Date et heure de publication"] == "non connue"


def test_the_gravest_category_is_chosen():
    one = draft(content(claims=(claim(), claim("threat-death"))))
    assert sheet_values(one)[0]["Catégorie"] == "Menaces ou incitation à la violence"


def test_what_pharos_does_not_take_has_no_sheet():
    simple = content(claims=(claim("insult-public-simple"),))
    assert not pharos_takes(simple)
    assert sheet_values(draft(simple)) == []


def test_a_sheet_about_child_abuse_describes_and_quotes_nothing():
    comment = sheet_values(draft(content(claims=(claim("csam-referral"),))))[0]["Commentaire"]
    assert "Zorglubs" not in comment
    assert "sans consultation" in comment


def test_a_sheet_never_repeats_words_that_must_be_withheld():
    comment = sheet_values(draft(content(claims=(claim("doxxing"),), media_description="Une façade.")))[0][
        "Commentaire"
    ]
    assert "Zorglubs" not in comment
    assert "Une façade." in comment


@pytest.mark.parametrize(
    ("ground_id", "first"),
    [
        ("threat-death", True),
        ("terrorism-apology-provocation", True),
        ("provocation-crimes-offences", True),
        ("insult-public-origin-religion", False),
        ("provocation-hatred-origin-religion", False),
    ],
)
def test_grave_matters_go_to_pharos_before_the_platform(ground_id, first):
    assert goes_to_pharos_first(BOOK.ground(ground_id)) is first


def test_every_outcome_and_every_error_reason_is_named_in_both_languages():
    assert set(MEANINGS) == set(Outcome)
    assert set(ERROR_REASONS) == set(ErrorReason)
    assert all(meaning.label.fr and meaning.label.en for meaning in MEANINGS.values())


def test_only_a_content_or_account_taken_down_counts_as_removed():
    removed = {outcome for outcome in Outcome if meaning_of(outcome).is_removal}
    assert removed == {Outcome.ACCOUNT_REMOVED, Outcome.CONTENT_REMOVED, Outcome.LIVE_SUSPENDED}
    assert all(meaning_of(outcome).is_decision for outcome in removed)


def test_silence_and_not_recorded_are_two_things_and_neither_is_a_receipt():
    for outcome in (Outcome.NO_ANSWER, Outcome.NOT_RECORDED):
        meaning = meaning_of(outcome)
        assert (meaning.is_receipt, meaning.is_decision, meaning.says) == (False, False, PlatformSays.NOTHING)
    assert meaning_of(Outcome.NO_ANSWER).label != meaning_of(Outcome.NOT_RECORDED).label


def test_an_acknowledgement_is_a_receipt_and_no_decision():
    meaning = meaning_of(Outcome.ACKNOWLEDGEMENT_ONLY)
    assert (meaning.is_receipt, meaning.is_decision, meaning.says) == (True, False, PlatformSays.RECEIVED)


def test_the_rules_need_no_framework():
    code = (
        "import sys, vigie.notice.rules.lint, vigie.notice.rules.outcomes;"
        "sys.exit(any(name.split('.')[0] in {'django', 'yaml'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, env=same_path()).returncode == 0
