"""The pages of the room, through their addresses and without a script."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from vigie.casefile.models import Case, Content
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.state import Stage
from vigie.casefile.tests.builders import make_case
from vigie.intake.rules.values import Door
from vigie.intake.tests.builders import received_and_filed
from vigie.organisations.tests.cast import Cast
from vigie.qualification.models import Decline, Qualification, SecondOpinion
from vigie.qualification.queries import decline_of, open_opinion, standing_readings

from .builders import INCITEMENT, INSULT, VERSION, all_no, all_yes, ground

TEXT = "Encore eux. Les Arabes sont des parasites, espèces de bougnoules."
PUBLISHED = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def case(cast: Cast) -> Case:
    return make_case(cast.veille.pk, text=TEXT, published_at=PUBLISHED)


@pytest.fixture
def bruno(cast: Cast) -> Client:
    return cast.bruno.browser()


def content_of(case: Case) -> Content:
    return contents_of(case)[0]


def address(case: Case, rest: str = "qualifier/") -> str:
    return f"/bureau/dossiers/{case.ref}/{rest}"


def answered(ground_id: str = INSULT, **changes: object) -> dict[str, object]:
    one = ground(ground_id)
    given: dict[str, object] = dict.fromkeys(all_yes(one), "yes")
    given |= dict.fromkeys(all_no(one), "no")
    return {"fondement": ground_id, "mots": ["parasites"], "faire": "qualifier", **given, **changes}


def page(response) -> str:
    return response.content.decode()


def test_the_ground_is_chosen_and_its_questions_asked_from_what_the_text_shows(bruno: Client, case: Case) -> None:
    shown = page(bruno.get(address(case)))
    assert 'name="fondement" value="insult-public-origin-religion"' in shown
    for question in ground(INSULT).elements:
        assert question.text.fr in shown.replace("&#x27;", "'")
    assert not re.search(r'type="radio"[^>]*checked', shown)


def test_what_follows_in_law_is_shown_with_its_source_and_its_verification(bruno: Client, case: Case) -> None:
    shown = page(bruno.get(address(case)))
    for words in (
        "1\u00a0an d’emprisonnement et 45\u00a0000\u00a0€ d’amende",
        "Prescription le 1 novembre 2027",
        "Loi 29 juillet 1881, art. 65-3",
        "le maintien en ligne ne la renouvelle pas",
        "lu dans une source secondaire seulement",
        "catalogue du 2026-11-20",
    ):
        assert words in shown


def test_slurs_are_not_in_the_page_until_asked_for(bruno: Client, case: Case) -> None:
    assert "bougnoules" not in page(bruno.get(address(case)))
    assert "bougnoules" in page(bruno.get(address(case) + "?mots=1"))


def test_a_masked_word_is_quoted_by_its_place_and_stays_masked(bruno: Client, case: Case) -> None:
    start = TEXT.index("bougnoules")
    sent = answered(mots=[""], passage=[f"{start}-{start + len('bougnoules')}"])
    assert bruno.post(address(case), sent).status_code == 302
    assert standing_readings(case)[content_of(case).pk].quotes[0].text == "bougnoules"
    assert "bougnoules" not in page(bruno.get(address(case)))
    assert "bougnoules" not in page(bruno.get(address(case, "")))


def test_a_clear_case_is_qualified_in_one_sending_and_leads_to_the_notice(bruno: Client, case: Case) -> None:
    answer = bruno.post(address(case), answered())
    assert answer.status_code == 302
    assert answer["Location"] in {f"/bureau/dossiers/{case.ref}/notification/", f"/bureau/dossiers/{case.ref}/"}
    case.refresh_from_db()
    assert case.stage == Stage.QUALIFIED
    card = page(bruno.get(address(case, "")))
    assert "Injure publique à raison de l’origine" in card
    assert "retenu" in card
    assert "Prescription le 1 novembre 2027" in card


def test_words_that_are_not_in_the_content_are_refused_and_nothing_is_lost(bruno: Client, case: Case) -> None:
    answer = bruno.post(address(case), answered(mots=["parasite infâme"], explication="Une phrase."))
    shown = page(answer)
    assert answer.status_code == 422
    assert "copiez-les exactement" in shown
    assert "parasite infâme" in shown
    assert "Une phrase." in shown
    assert shown.count('value="yes" data-answer="o" checked') == len(ground(INSULT).elements)
    assert not Qualification.objects.of(case.organisation_id).exists()


def test_the_whole_text_can_be_quoted_with_one_box(bruno: Client, case: Case) -> None:
    bruno.post(address(case), answered(mots=[""], tout="1"))
    assert standing_readings(case)[content_of(case).pk].quotes[0].text == TEXT


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"e4": ""}, "Il reste à répondre"),
        ({"e4": "no"}, "Ce fondement ne tient pas"),
        ({"e4": "doubtful"}, "Un doute subsiste"),
        ({"x1": "yes"}, "Un doute subsiste"),
        ({"x1": "perhaps"}, "Il reste à répondre"),
        ({"mots": [""]}, "Indiquez les mots concernés"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_presumed(bruno: Client, case: Case, changes, sentence) -> None:
    answer = bruno.post(address(case), answered(**changes))
    assert answer.status_code == 422
    assert sentence in page(answer)
    case.refresh_from_db()
    assert case.stage == Stage.NEW


def test_yes_to_all_answers_in_the_page_and_saves_nothing(bruno: Client, case: Case) -> None:
    answer = bruno.post(address(case), {"fondement": "threat-condition", "faire": "tout-oui", "mots": ["parasites"]})
    shown = page(answer)
    assert shown.count('value="yes" data-answer="o" checked') == 2  # the third only informs
    assert "parasites" in shown
    assert not Qualification.objects.of(case.organisation_id).exists()
    answer = bruno.post(address(case), {"fondement": INSULT, "faire": "aucune-exclusion"})
    assert page(answer).count('value="no" data-answer="n" checked') == len(ground(INSULT).excluders)


def test_a_draft_is_kept_and_found_again(bruno: Client, case: Case) -> None:
    bruno.post(address(case), {"fondement": INCITEMENT, "faire": "enregistrer", "e1": "yes", "mots": ["parasites"]})
    shown = page(bruno.get(address(case)))
    assert f'name="fondement" value="{INCITEMENT}"' in shown
    assert shown.count('data-answer="o" checked') == 1
    assert 'name="passage" value="32-41" checked' in shown


def test_the_plain_questions_lead_to_a_ground_with_its_reasons(bruno: Client, case: Case) -> None:
    shown = page(bruno.get(address(case) + "?acte=threatens-death&vise=person&public=oui&motif=religion"))
    assert 'name="fondement" value="threat-death"' in shown
    assert "une menace de mort" in shown
    assert "17 ou 112" in shown
    assert "Aggravation possible" in page(
        bruno.post(address(case), answered("threat-death", critere=["religion"], e1=""))
    )


def test_a_state_as_target_leads_to_a_reason_to_decline(bruno: Client, case: Case) -> None:
    shown = page(bruno.get(address(case) + "?acte=insults&vise=state&motif=nation"))
    assert "ecarter/?raison=not-illegal-state-criticism" in shown


def test_nothing_known_asks_the_plain_questions(bruno: Client, cast: Cast) -> None:
    plain = make_case(cast.veille.pk, text="Bonjour à tous.")
    shown = page(bruno.get(address(plain)))
    assert "Rien n’indique de fondement" in shown
    assert "<details open>" in shown


def test_a_criterion_alone_chooses_no_ground(bruno: Client, cast: Cast) -> None:
    asked = make_case(cast.veille.pk, text="Que pensent les musulmans de ce film ?")
    shown = page(bruno.get(address(asked)))
    assert "seul un critère protégé se lit : religion" in shown
    assert "Rien ne dit ce que font ces mots" in shown
    assert 'name="fondement" value=' not in shown
    assert 'id="reading"' in page(bruno.get(address(asked) + "?fondement=insult-public-origin-religion"))


def test_a_plain_insult_leads_to_the_reason_to_decline(bruno: Client, cast: Cast) -> None:
    plain = make_case(cast.veille.pk, text="Espèce de navet, tu es un abruti.")
    assert "ecarter/?raison=not-illegal-simple-insult" in page(bruno.get(address(plain)))


@pytest.mark.parametrize("wrong", ["outrage-en-ligne-struck-down", "aggravation-132-76", "not-illegal-opinion", "x"])
def test_what_is_no_ground_has_no_page_to_qualify_under(bruno: Client, case: Case, wrong: str) -> None:
    assert bruno.get(address(case) + f"?fondement={wrong}").status_code == 404
    assert bruno.post(address(case), {"fondement": wrong, "faire": "qualifier"}).status_code == 404


def test_a_doubt_is_asked_of_the_jurist_who_answers_on_their_page(cast: Cast, bruno: Client, case: Case) -> None:
    bruno.post(address(case), answered(e4="doubtful", faire="avis", question="Vise-t-il un groupe ?"))
    assert open_opinion(case).qualification.ground_id == INSULT
    judith = cast.judith.browser()
    shown = page(judith.get(address(case, "second-avis/")))
    assert "Doute" in shown
    assert "parasites" in shown
    assert "bougnoules" not in shown
    assert judith.post(address(case, "second-avis/"), {"verdict": ""}).status_code == 422
    judith.post(address(case, "second-avis/"), {"verdict": "upheld", "texte": "Oui, un groupe."})
    assert SecondOpinion.objects.of(cast.veille).get().verdict == "upheld"
    assert bruno.post(address(case), answered(e4="doubtful")).status_code == 302
    case.refresh_from_db()
    assert case.stage == Stage.QUALIFIED
    assert "Oui, un groupe." in page(bruno.get(address(case, "")))


def test_a_moderator_has_no_page_to_answer_as_a_jurist(bruno: Client, case: Case) -> None:
    bruno.post(address(case, "second-avis/demander"))
    assert bruno.get(address(case, "second-avis/")).status_code == 403


def test_declining_prepares_a_kind_answer_that_a_person_amends(cast: Cast, bruno: Client) -> None:
    _, [case] = received_and_filed(cast.public, nonce="un formulaire")
    chosen = page(bruno.get(address(case, "ecarter/") + "?raison=not-illegal-simple-insult"))
    assert "trois mois" in chosen
    assert "Police ou gendarmerie" in chosen
    bruno.post(
        address(case, "ecarter/"), {"raison": "not-illegal-simple-insult", "reponse": "Bonjour, merci.", "note": "n"}
    )
    case.refresh_from_db()
    declined = decline_of(case)
    assert (declined.reason_id, declined.answer, declined.catalogue_version) == (
        "not-illegal-simple-insult", "Bonjour, merci.", VERSION,
    )  # fmt: skip
    case.refresh_from_db()
    assert case.stage == Stage.DECLINED
    assert "Non retenu" in page(bruno.get(address(case, "")))


def test_where_nobody_waits_for_an_answer_none_is_asked_for(bruno: Client, case: Case) -> None:
    assert "Personne n’attend de réponse" in page(bruno.get(address(case, "ecarter/") + "?raison=not-illegal-opinion"))


def test_a_line_of_a_file_is_nobody_who_waits_for_an_answer(cast: Cast, bruno: Client) -> None:
    _, [case] = received_and_filed(cast.public, door=Door.IMPORT, source_key="fichier:1", wants_receipt=False)
    question = address(case, "ecarter/") + "?raison=not-illegal-opinion"
    assert "Personne n’attend de réponse" in page(bruno.get(question))
    received_and_filed(cast.public, nonce="un formulaire")
    assert "à 1 personne." in page(bruno.get(question))


def test_whoever_wrote_in_english_is_answered_in_english(cast: Cast, bruno: Client) -> None:
    _, [case] = received_and_filed(cast.public, language="en", nonce="a form")
    assert "thank you for taking the time" in page(bruno.get(address(case, "ecarter/") + "?raison=not-illegal-opinion"))


def test_a_reason_better_read_by_two_says_so(bruno: Client, case: Case) -> None:
    shown = page(bruno.get(address(case, "ecarter/") + "?raison=not-illegal-state-criticism"))
    assert "Demander d’abord un second avis" in shown


def test_declining_without_a_reason_of_the_catalogue_is_refused(bruno: Client, case: Case) -> None:
    assert bruno.post(address(case, "ecarter/"), {"raison": INSULT}).status_code == 400
    assert bruno.post(address(case, "ecarter/"), {"raison": ""}).status_code == 404
    assert not Decline.objects.of(case.organisation_id).exists()


def test_a_reading_can_be_taken_up_again_and_a_ground_given_up(bruno: Client, case: Case) -> None:
    bruno.post(address(case), answered())
    bruno.post(address(case, "qualifier/reprendre"))
    case.refresh_from_db()
    assert case.stage == Stage.TRIAGE
    kept = Qualification.objects.of(case.organisation_id).get()
    bruno.post(address(case, f"qualifier/{kept.pk}/abandonner"))
    assert 'class="reading"' not in page(bruno.get(address(case, "")))


def test_an_unknown_publication_is_asked_for_and_counted_in_paris_time(bruno: Client, cast: Cast) -> None:
    case = make_case(cast.veille.pk, text=TEXT)
    shown = page(bruno.get(address(case)))
    assert "Prescription : date inconnue" in shown
    bruno.post(address(case, "qualifier/publication"), {"publie": "2026-07-15T00:30", "fondement": INSULT})
    content = content_of(case)
    content.refresh_from_db()
    assert content.published_at == datetime(2026, 7, 14, 22, 30, tzinfo=UTC)
    assert "Prescription le 15 juillet 2027" in page(bruno.get(address(case)))
    assert bruno.post(address(case, "qualifier/publication"), {"publie": "hier"}).status_code == 400


def test_what_somebody_else_holds_is_not_touched_and_what_was_answered_stays(
    cast: Cast, bruno: Client, case: Case
) -> None:
    bruno.post(address(case), answered(faire="enregistrer"))
    answer = cast.chloe.browser().post(address(case), answered(explication="Les mots visent un groupe."))
    assert answer.status_code == 409
    assert "Bruno tient ce dossier" in page(answer)
    assert "Les mots visent un groupe." in page(answer)
    assert not standing_readings(case)
    declined = cast.chloe.browser().post(
        address(case, "ecarter/"), {"raison": "not-illegal-opinion", "reponse": "Bonjour, voici.", "note": "À revoir."}
    )
    assert declined.status_code == 409
    assert "Bruno tient ce dossier" in page(declined)
    assert "À revoir." in page(declined)
    assert decline_of(case) is None


@pytest.mark.parametrize("rest", ["qualifier/", "ecarter/"])
def test_nobody_is_let_answer_questions_about_a_case_that_another_holds(
    cast: Cast, bruno: Client, case: Case, rest: str
) -> None:
    bruno.post(address(case), answered(faire="enregistrer"))
    led = cast.chloe.browser().get(address(case, rest), follow=True)
    assert led.request["PATH_INFO"] == f"/bureau/dossiers/{case.ref}/"
    assert "Bruno tient ce dossier : vous pouvez le lire, pas le qualifier." in page(led)
    assert bruno.get(address(case, rest)).status_code == 200


@pytest.mark.parametrize("rest", ["qualifier/", "ecarter/", "second-avis/"])
def test_another_association_cannot_tell_that_the_case_exists(cast: Cast, case: Case, rest: str) -> None:
    dario = cast.dario.browser()
    hidden = dario.get(address(case, rest)).status_code
    assert hidden == dario.get(f"/bureau/dossiers/D-0000-0000/{rest}").status_code
    assert hidden in {403, 404}


@pytest.mark.parametrize("who", ["victor", "anatole", "adele"])
def test_who_may_not_qualify_has_no_page(cast: Cast, case: Case, who: str) -> None:
    assert getattr(cast, who).browser().get(address(case)).status_code == 403


def test_several_contents_are_read_one_after_the_other(cast: Cast, bruno: Client, case: Case) -> None:
    from django.db import transaction

    from vigie.casefile.actions import add_content

    second = content_of(make_case(cast.veille.pk, text="Dehors les Arabes !"))
    with transaction.atomic():
        add_content(actor=cast.bruno.actor, case=case, content=second, now=PUBLISHED)
    answer = bruno.post(address(case), answered(contenu=str(content_of(case).pk)))
    assert answer["Location"].endswith(f"?contenu={second.pk}")
    assert "Dehors" in page(bruno.get(answer["Location"]))
    other = content_of(make_case(cast.veille.pk))
    assert bruno.get(address(case) + f"?contenu={other.pk}").status_code == 404


def test_an_entry_of_the_catalogue_is_shown_whole_with_its_sources(bruno: Client) -> None:
    shown = page(bruno.get(f"/bureau/droit/{VERSION}/{INCITEMENT}/"))
    assert "https://www.legirel.cnrs.fr" in shown
    assert "Ce qui l’exclurait" in shown
    assert "ne peut pas fonder" in page(bruno.get(f"/bureau/droit/{VERSION}/outrage-en-ligne-struck-down/"))
    assert bruno.get("/bureau/droit/2001-01-01/x/").status_code == 404


def test_the_pages_speak_english_when_asked(bruno: Client, case: Case) -> None:
    shown = page(bruno.get(address(case) + "?lang=en"))
    assert ground(INSULT).elements[0].text.en in shown
    assert "Retenir ce fondement" not in shown
    assert "Limitation" in shown


def test_an_address_cannot_put_words_into_the_page(bruno: Client, case: Case) -> None:
    answer = bruno.post(address(case), answered(mots=["<script>alert(1)</script>"], explication='"><script>x'))
    assert "<script>alert" not in page(answer)
    assert '"><script>x' not in page(answer)


def test_a_ground_is_found_by_words_of_its_title_without_a_script(bruno: Client, case: Case) -> None:
    shown = page(bruno.get(address(case), {"chercher": "DOXX"}))
    assert "(doxxing)</h2>" in shown
    shown = page(bruno.get(address(case), {"chercher": "apologie"}))
    assert 'data-key="2"' in shown
    assert shown.count('data-key="1"') == 1
    assert "Aucun fondement en vigueur" in page(bruno.get(address(case), {"chercher": "zzz", "fondement": INSULT}))
    assert page(bruno.get(address(case), {"chercher": "   "})).count("Aucun fondement en vigueur") == 0


def test_leaving_for_a_search_keeps_what_was_ticked(bruno: Client, case: Case) -> None:
    sent = bruno.post(address(case), answered(faire="enregistrer", **{"puis-chercher": "apol & terr"}))
    assert sent.headers["Location"].endswith("&chercher=apol+%26+terr")
    assert Qualification.objects.of(case.organisation_id).count() == 1
