"""Letters as they leave, compared whole with texts read and agreed by a person.

To accept a new wording: write the text that the failure shows into tests/golden, after reading it aloud.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.notice.rules.letter import compose, moment_text
from vigie.qualification.rules.assessment import Answer
from vigie.qualification.rules.quotes import find_quote

from .builders import INCITEMENT, INSULT, TEXT, claim, content, draft, notifier

GOLDEN = Path(__file__).parent / "golden"


def one_insult():
    return draft()


def a_trusted_flagger_and_several_contents():
    call = "Dehors les Zorglubs, à coups de bâton !"
    return draft(
        content(),
        content(
            key="x:2222",
            urls=("https://x.com/compte_invente/status/2222", "https://x.com/i/status/2222"),
            quotes=(find_quote(TEXT, "parasites"),),
            captured_at=None,
            manifest_sha256="",
        ),
        content(
            key="x:3333",
            urls=("https://x.com/compte_invente/status/3333",),
            text=call,
            quotes=(find_quote(call, call),),
            claims=(
                claim(INCITEMENT, explanation="Les mots « dehors » et « à coups de bâton » sont un appel direct."),
            ),
            published_at=None,
        ),
        notifier=notifier(is_trusted_flagger=True, expertise=frozenset({"press-hate", "threats"})),
    )


def a_picture_that_discloses_an_address():
    return draft(
        content(
            claims=(claim("doxxing"),),
            media_description="Photographie d’une façade avec un plan d’accès et l’appel « rendez-lui visite ».",
            text="12 rue Inventée",
            quotes=(find_quote("12 rue Inventée", "12 rue Inventée"),),
        )
    )


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "make", [one_insult, a_trusted_flagger_and_several_contents, a_picture_that_discloses_an_address]
)
def test_the_letter_is_the_one_agreed(make, language):
    letter = compose(make(), language)
    written = f"{letter.subject}\n\n{letter.body_text}"
    golden = GOLDEN / f"{make.__name__}.{language}.txt"
    assert written == golden.read_text(encoding="utf-8"), written


def test_everything_article_16_asks_is_in_the_letter():
    body = compose(one_insult(), "fr").body_text
    for part in (
        "https://x.com/compte_invente/status/1234567890",
        "Les Zorglubs sont des parasites",
        "art. 33, al. 3",
        "Il comporte une expression outrageante",
        "Association Veille solidaire",
        "signalements@veille.example",
        "de bonne foi",
        "exactes et complètes",
        "N-7K3M-Q2XA",
        "droit français",
    ):
        assert part in body


def test_priority_is_claimed_only_with_the_status_and_within_the_expertise():
    def letter(**changes):
        return compose(draft(notifier=notifier(**changes)), "fr").body_text

    assert "signaleur de confiance" in letter(is_trusted_flagger=True, expertise=frozenset({"press-hate"}))
    assert "signaleur de confiance" not in letter(is_trusted_flagger=True, expertise=frozenset({"terrorism"}))
    assert "signaleur de confiance" not in letter(is_trusted_flagger=False, expertise=frozenset({"press-hate"}))


def test_only_what_was_answered_is_said():
    answers = {**claim(INSULT).answers, "e3": Answer.DOUBTFUL}
    body = compose(draft(content(claims=(claim(INSULT, answers=answers),))), "fr").body_text
    assert "Il vise une personne ou un groupe." not in body
    unexamined = compose(draft(content(claims=(claim(INSULT, excluder_answers={}),))), "fr").body_text
    assert "Le contexte a été examiné" not in unexamined


def test_manifest_is_said_only_of_a_ground_that_typically_is():
    body = compose(draft(content(claims=(claim("defamation-public-origin-religion"),))), "fr").body_text
    assert "manifeste" not in body


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        (
            datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
            "1er décembre 2026 à 00 h 30, heure de Paris (2026-11-30 23:30 UTC)",
            "1 December 2026 at 00:30 Paris time (2026-11-30 23:30 UTC)",
        ),
        (
            datetime(2026, 7, 14, 12, 0, tzinfo=UTC),
            "14 juillet 2026 à 14 h 00, heure de Paris (2026-07-14 12:00 UTC)",
            "14 July 2026 at 14:00 Paris time (2026-07-14 12:00 UTC)",
        ),
    ],
)
def test_moments_say_both_clocks(moment, french, english):
    assert (moment_text(moment, "fr"), moment_text(moment, "en")) == (french, english)
