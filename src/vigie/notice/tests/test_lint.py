"""What may not leave, and what is worth a second look. Each refusal is shown beside the notice that passes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from vigie.notice.rules import lint as lint_module
from vigie.notice.rules.draft import Addressee
from vigie.notice.rules.letter import compose
from vigie.notice.rules.lint import Circumstances, Reporter, lint, may_leave
from vigie.qualification.rules.assessment import Answer
from vigie.qualification.rules.quotes import Quote

from .builders import BOOK, INCITEMENT, INSULT, NOW, URL, checked, claim, content, draft, notifier

AMINA = Reporter(
    names=("Amina Belkacem-Test",),
    emails=("amina@exemple.example",),
    phones=("06 12 34 56 78",),
    handles=("@amina_essai",),
    receipt_codes=("1234567890123456",),
    told=("Je suis la gardienne du foyer et tout le monde me connaît dans la rue des Lilas.",),
)


def blocking(found):
    return {rule for rule, finding in found.items() if finding.is_blocking}


def test_a_whole_notice_may_leave():
    found = checked(draft(), AMINA)
    assert blocking(found) == set()
    assert may_leave(found.values())


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"urls": ()}, "no-address"),
        ({"urls": ("/status/12",)}, "address-not-exact"),
        ({"urls": ("x.com/compte/status/12",)}, "address-not-exact"),
        ({"urls": ("https://x.com/a b",)}, "address-not-exact"),
        ({"urls": ("https://x.com/",)}, "address-too-wide"),
        ({"urls": ("https://x.com/compte_invente",)}, "address-too-wide"),
        ({"urls": ("https://www.tiktok.com/@compte.invente",)}, "address-too-wide"),
        ({"urls": ("https://instance.example/@compte",)}, "address-too-wide"),
        ({"urls": (URL, "https://www.facebook.com/compte.invente")}, "address-too-wide"),
        ({"urls": ("https://t.co/AbCd",)}, "address-shortened"),
        ({"quotes": ()}, "no-words"),
        ({"quotes": (), "text": ""}, "no-words"),
        ({"quotes": (Quote(0, 5, "Toute"),)}, "words-not-captured"),
        ({"text": ""}, "words-not-captured"),
        ({"claims": ()}, "no-ground"),
        ({"claims": (claim("outrage-en-ligne-struck-down"),)}, "not-a-ground"),
        ({"claims": (claim("aggravation-132-76"),)}, "not-a-ground"),
        ({"claims": (claim("not-illegal-opinion"),)}, "not-a-ground"),
        ({"claims": (claim("csam-referral"),)}, "referral-only"),
        ({"claims": (claim(answers={}),)}, "reason-missing"),
        ({"claims": (claim(answers={**claim().answers, "e4": Answer.NO}),)}, "reason-missing"),
        ({"claims": (claim(excluder_answers={}),)}, "reason-missing"),
        ({"claims": (claim(answers={**claim().answers, "e4": Answer.DOUBTFUL}),)}, "doubt"),
        ({"claims": (claim(excluder_answers={**claim().excluder_answers, "x1": Answer.YES}),)}, "doubt"),
        ({"claims": (claim("doxxing"),)}, "not-described"),
        ({"claims": (claim(explanation="Voir [préciser]."),)}, "placeholder"),
        ({"claims": (claim(explanation="Voir {ground}."),)}, "placeholder"),
        ({"claims": (claim(explanation="Le compte XXX récidive."),)}, "placeholder"),
        ({"claims": (claim(explanation="Contexte à compléter."),)}, "placeholder"),
    ],
)
def test_a_content_is_refused_for_the_reason_claimed_and_for_no_other(changes, rule):
    assert blocking(checked(draft(content(**changes)))) == {rule}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"notifier": notifier(name=" ")}, "notifier-name"),
        ({"notifier": notifier(email="")}, "notifier-email"),
        ({"notifier": notifier(email="signalements")}, "notifier-email"),
        ({"reference": ""}, "reference"),
        ({"in_good_faith": False}, "good-faith"),
        ({"assessed_by_person": False}, "human-author"),
        ({"contents": ()}, "no-content"),
    ],
)
def test_a_notice_without_what_the_law_asks_of_its_sender_is_refused(changes, rule):
    assert blocking(checked(replace(draft(), **changes))) == {rule}


@pytest.mark.parametrize(
    "explanation", ["Voir <la date>.", "Posté le .......... par le compte.", "Posté le …… par le compte."]
)
def test_a_gap_is_seen_however_it_is_marked(explanation):
    assert blocking(checked(draft(content(claims=(claim(explanation=explanation),))))) == {"placeholder"}


def test_words_left_out_of_a_sentence_are_no_gap():
    for mark in ("[…]", "[...]", "[ … ]"):
        one = draft(content(claims=(claim(explanation=f"Il faut lire « les Zorglubs {mark} dehors »."),)))
        assert blocking(checked(one)) == set()


@pytest.mark.parametrize("known", ["AMINA BELKACEM", "amina belkacem", "Amina Bélkacem", "Belkacem"])
@pytest.mark.parametrize("written", ["Selon Belkacem, le compte récidive.", "Selon BELKACEM, le compte récidive."])
def test_a_name_is_recognised_however_the_person_typed_it(known, written):
    one = draft(content(claims=(claim(explanation=written),)))
    assert "reporter-name" in blocking(checked(one, Reporter(names=(known,))))


def test_a_first_name_that_is_a_word_too_is_no_name_in_small_letters():
    one = draft(content(claims=(claim(explanation="La menace est claire et directe."),)))
    assert blocking(checked(one, Reporter(names=("Claire Dupré",)))) == set()


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("On peut écrire à gardienne.lilas@personne.example.", "reporter-email"),
        ("Joindre le +33 6 98 76 54 32.", "reporter-phone"),
        ("Joindre le 0033 6 98 76 54 32.", "reporter-phone"),
        ("Joindre le 06.98.76.54.32.", "reporter-phone"),
        ("La victime, Salima, est voisine.", "reporter-name"),
    ],
)
def test_what_the_person_told_of_themselves_in_free_text_does_not_leave(written, rule):
    told = "Je m’appelle Salima Exemple, appelez le 06 98 76 54 32 ou gardienne.lilas@personne.example, vite."
    one = draft(content(claims=(claim(explanation=written),)))
    assert rule in blocking(checked(one, Reporter(told=(told,))))
    assert blocking(checked(draft(), Reporter(told=(told,)))) == set()


def test_words_typed_in_french_are_pointed_out_in_an_english_letter():
    one = draft(content(claims=(claim(explanation="« dehors » est un appel."),)))
    assert "typed-language" in checked(one, language="en")
    assert "typed-language" not in checked(one)
    assert "typed-language" not in checked(draft(), language="en")


def test_quoted_words_may_hold_what_a_draft_may_not():
    text = "Les [Zorglubs] sont des {parasites} XXX, à compléter"
    found = checked(draft(content(text=text, quotes=(Quote(0, len(text), text),))))
    assert "placeholder" not in found


def test_a_picture_without_words_may_leave_when_it_is_described():
    found = checked(draft(content(text="", quotes=(), media_description="Un dessin animalise les Zorglubs.")))
    assert blocking(found) == set()


def test_an_account_may_be_notified_but_is_asked_about():
    found = checked(draft(content(kind="account", urls=("https://x.com/compte_invente",))))
    assert blocking(found) == set()
    assert "account-notified" in found


def test_a_doubt_that_a_jurist_settled_may_leave():
    doubtful = claim(answers={**claim().answers, "e4": Answer.DOUBTFUL}, settled_by_jurist=True)
    assert blocking(checked(draft(content(claims=(doubtful,))))) == set()


def test_a_jurist_cannot_settle_a_refuted_element():
    refuted = claim(answers={**claim().answers, "e4": Answer.NO}, settled_by_jurist=True)
    assert blocking(checked(draft(content(claims=(refuted,))))) == {"reason-missing"}


def test_a_ground_the_newer_catalogue_no_longer_holds_is_refused():
    def with_catalogue(**changes):
        newer = replace(BOOK, **{"version": "2027-02-01", **changes})
        one = draft()
        return {f.rule_id: f for f in lint(one, compose(one, "fr"), Circumstances(newer, NOW))}

    gone = {name: ground for name, ground in BOOK.grounds.items() if name != INSULT}
    repealed = {**BOOK.grounds, INSULT: replace(BOOK.ground(INSULT), valid_to=date(2026, 11, 20))}
    assert blocking(with_catalogue(grounds=gone)) == {"out-of-force"}
    assert blocking(with_catalogue(grounds=repealed)) == {"out-of-force"}
    still_there = with_catalogue()
    assert blocking(still_there) == set()
    assert "older-catalogue" in still_there


def test_words_published_before_the_law_are_refused():
    sexual = claim("deepfake-sexual")
    before = NOW.replace(year=2024, month=5, day=22)
    made = {"claims": (sexual,), "text": "", "quotes": (), "media_description": "Un montage."}
    assert "not-yet-in-force" in blocking(checked(draft(content(published_at=before, **made))))
    after = before + timedelta(days=2)
    assert blocking(checked(draft(content(published_at=after, **made)))) == set()


@pytest.mark.parametrize(
    ("leak", "rule"),
    [
        ("Signalé par Amina Belkacem-Test.", "reporter-name"),
        ("Signalé par BELKACEM-TEST Amina.", "reporter-name"),
        ("Amina nous l’a dit.", "reporter-name"),
        ("Écrire à amina@EXEMPLE.example.", "reporter-email"),
        ("Tél. 0612345678.", "reporter-phone"),
        ("Tél. +33 6 12 34 56 78.", "reporter-phone"),
        ("Voir aussi amina_essai.", "reporter-handle"),
        ("Suivi 1234 5678 9012 3456.", "reporter-receipt"),
        ("La personne est la gardienne du foyer et tout le monde la connaît.", "reporter-words"),
    ],
)
@pytest.mark.parametrize("where", ["explanation", "media_description"])
def test_nothing_of_the_person_who_reported_may_leave(leak, rule, where):
    post = content(claims=(claim(explanation=leak),)) if where == "explanation" else content(media_description=leak)
    assert blocking(checked(draft(post), AMINA)) == {rule}
    assert blocking(checked(draft(post))) == set()


def test_what_was_typed_into_the_letter_itself_is_read_too():
    letter = compose(draft(), "fr")
    typed = replace(letter, body_text=letter.body_text + "Amina pourra en témoigner.\n")
    found = lint(draft(), typed, Circumstances(BOOK, NOW, (AMINA,)))
    assert [finding.rule_id for finding in found if finding.is_blocking] == ["reporter-name"]


def test_the_same_is_found_whatever_the_language_of_the_letter():
    post = content(claims=(claim(explanation="As Amina Belkacem-Test said."),))
    assert "reporter-name" in blocking(checked(draft(post), AMINA, language="en"))


def test_the_words_of_the_content_or_of_the_law_are_not_the_reporters_though_they_copied_them():
    copied = Reporter(
        told=(
            "On lit : Les Zorglubs sont des parasites, voilà ce qu’ils sont.",
            "C’est une injure publique à raison de l’origine, ethnie, nation, prétendue race ou religion",
        )
    )
    assert blocking(checked(draft(), copied)) == set()


def test_a_common_word_that_is_also_a_first_name_does_not_stop_a_notice():
    claire = Reporter(names=("Claire", "Paris"))
    post = content(claims=(claim(explanation="L’insulte est claire."),))
    assert blocking(checked(draft(post), claire)) == set()


def test_a_name_within_the_quoted_words_is_pointed_out_and_a_person_decides():
    text = "Amina Belkacem-Test et les Zorglubs sont des parasites"
    found = checked(draft(content(text=text, quotes=(Quote(0, len(text), text),))), AMINA)
    assert blocking(found) == set()
    assert "reporter-name-quoted" in found


def test_the_associations_own_address_is_not_a_leak_when_one_of_its_members_reported():
    member = Reporter(emails=("signalements@veille.example",), names=("Veille solidaire",))
    assert blocking(checked(draft(), member)) == set()


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (draft(content(claims=(claim(INCITEMENT),))), "say-which-call"),
        (draft(content(claims=(claim("nazi-insignia"),))), "symbol-as-image"),
        (draft(content(claims=(claim("threat-death"),))), "pharos-first"),
        (draft(content(claims=(claim("defamation-public-origin-religion"),))), "rarely-manifest"),
        (draft(content(claims=(claim("defamation-public-origin-religion"),))), "law-not-read"),
        (draft(content(claims=(claim(), claim(INCITEMENT, explanation="« dehors »")))), "several-grounds"),
        (draft(content(published_at=NOW - timedelta(days=400))), "time-barred"),
        (draft(content(captured_at=None)), "no-capture"),
        (draft(content(claims=(claim(criteria=()),))), "no-criterion"),
        (draft(content(claims=(claim(explanation="mot " * 1600),))), "long"),
        (draft(addressee=Addressee("X", languages=("en",))), "language"),
        (draft(addressee=Addressee("X", max_characters=500)), "longer-than-channel"),
        (
            draft(notifier=notifier(is_trusted_flagger=True, expertise=frozenset({"terrorism"}))),
            "outside-expertise",
        ),
    ],
)
def test_what_is_worth_a_second_look_is_said_and_stops_nothing(one, rule):
    found = checked(one)
    assert rule in found
    assert not found[rule].is_blocking
    assert found[rule].sentence.fr
    assert found[rule].sentence.en
    assert found[rule].source


def test_a_ground_unreviewed_for_more_than_a_year_is_pointed_out():
    assert "law-not-reviewed" not in checked(draft())
    assert "law-not-reviewed" in checked(draft(), now=NOW + timedelta(days=370))


def test_among_several_contents_the_finding_says_which():
    found = checked(draft(content(), content(key="x:2", urls=("https://x.com/a/status/2",), quotes=())))
    assert found["no-words"].sentence.fr.startswith("Contenu n° 2\u00a0: ")
    assert found["no-words"].sentence.en.startswith("Content 2: ")


def test_blocking_findings_come_first():
    one = draft(content(quotes=(), captured_at=None))
    found = lint(one, compose(one, "fr"), Circumstances(BOOK, NOW))
    assert [finding.is_blocking for finding in found] == sorted(
        (finding.is_blocking for finding in found), reverse=True
    )


def test_every_rule_has_its_place_in_the_documentation():
    page = (Path(__file__).parents[4] / "docs" / "reference" / "law.md").read_text(encoding="utf-8")
    source = Path(lint_module.__file__).read_text(encoding="utf-8")
    rules = set(re.findall(r'_(?:block|advise|leak)\(\s*"([a-z-]+)"', source))
    assert len(rules) > 35
    assert [rule for rule in sorted(rules) if f"`{rule}`" not in page and not rule.startswith("reporter-")] == []
