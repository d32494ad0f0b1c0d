"""Words that rise, against what, and how surely; those put away stay away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from vigie.casefile.models import JournalEntry
from vigie.learning.models import EmergingVerdict
from vigie.learning.rules.emerging import Doubt, Said, emerging, phrases_of
from vigie.learning.signs import digest_of
from vigie.learning.tests.builders import INSULT, OPINION, decided, pull_all
from vigie.organisations.tests.cast import Cast

PLACES = ["marché", "gare", "école", "mairie", "stade", "plage", "rue", "parc", "pont", "port"]


def said(text: str, number: int, *, group: int | None = None) -> Said:
    return Said(number, text, number if group is None else group)


NEW = [said(f"Toujours ces zorglubs près de la {place}", n) for n, place in enumerate(PLACES)]
OLD = [said(f"Toujours des travaux près de la {place}", 100 + n) for n, place in enumerate(PLACES * 4)]


def test_what_rises_is_told_and_what_is_everywhere_is_not() -> None:
    found = emerging(NEW, OLD)
    assert found.rising[0].phrase == "zorglubs"
    assert (found.rising[0].lately, found.rising[0].background) == (10, 0)
    assert found.rising[0].doubt in {Doubt.STRONG, Doubt.CLEAR}
    assert "pres" not in {one.phrase for one in found.rising}
    assert found.by_chance >= 1


def test_a_raid_of_one_sentence_is_one_text() -> None:
    copies = [said("Toujours ces zorglubs près de la gare", n, group=-1) for n in range(50)]
    found = emerging([*copies, *NEW[:7]], OLD)
    assert [one.lately for one in found.rising if one.phrase == "zorglubs"] == [8]
    assert found.lately == 8


def test_too_few_texts_say_nothing() -> None:
    assert emerging(NEW[:4], OLD).rising == ()
    assert emerging(NEW, []).rising == ()


def test_what_the_lexicon_knows_is_no_news() -> None:
    assert "zorglubs" not in {one.phrase for one in emerging(NEW, OLD, known={"zorglubs"}).rising}


def test_a_text_gives_words_pairs_emoji_and_hashtags_but_nobodys_name() -> None:
    found = phrases_of("@amina voit des Zorglubs 🐍 ! Le #GrandZorglub arrive : https://x.example/zorglub")
    assert {"zorglubs", "🐍", "#grandzorglub", "zorglubs 🐍", "#grandzorglub arrive"} <= set(found)
    assert not {"amina", "le", "example", "zorglub"} & set(found)
    assert found["zorglubs"] == "Zorglubs"


# Texts that say nearly the same count as one: these do not.
TEXTS = [
    "Le zorglub du troisième ne mérite pas de vivre ici, qu’il parte loin",
    "Hier encore un zorglub a pris la place des honnêtes gens à la poste",
    "Ma voisine dit que chaque zorglub devrait porter un signe, elle a raison",
    "Pas un seul zorglub dans mon école, voilà mon programme pour demain",
    "Quand je vois passer un zorglub sur le trottoir je change de côté",
    "Un bon zorglub reste chez lui et se tait, c’est tout ce qu’on demande",
    "On sait bien que le zorglub vend nos enfants et empoisonne les puits",
]
BACKGROUND = [
    "La mairie ouvre une piscine neuve derrière le stade en septembre prochain",
    "Je ne suis pas d’accord avec cette réforme des retraites, elle va trop loin",
    "Quel match hier soir, deux buts dans les arrêts de jeu et un poteau rentrant",
    "Le prix du beurre augmente encore, bientôt la brioche sera un luxe royal",
    "Un orage a coupé le courant pendant la nuit dans toute la vallée haute",
    "Elle a repris ses études à quarante ans et vient de finir sa licence",
    "Cette religion me paraît absurde comme toutes les autres d’ailleurs",
    "Le train de huit heures est supprimé une fois sur deux cette semaine",
    "Mon chat dort sur le clavier et écrit mieux que certains éditorialistes",
    "Les travaux du pont dureront deux ans selon le conseil départemental",
    "Il critique le gouvernement tous les matins à la radio depuis dix ans",
    "Recette du dimanche avec trois œufs, du sucre, et beaucoup de patience",
]


@pytest.fixture
def decisions(cast: Cast) -> Cast:
    now = timezone.now()
    for text in TEXTS:
        decided(cast.veille.pk, text, ground=INSULT, now=now)
    for text in BACKGROUND:
        decided(cast.veille.pk, text, reason=OPINION, now=now - timedelta(days=3))
    pull_all(cast.veille.pk)
    return cast


@pytest.mark.django_db
def test_an_analyst_takes_a_word_that_rises_into_the_form(decisions: Cast) -> None:
    browser = decisions.anatole.browser()
    page = browser.get(reverse("emerging")).content.decode()
    assert "zorglub" in page
    key = digest_of(decisions.veille.pk, "zorglub")
    answer = browser.post(reverse("emerging-settle", args=[key]), {"faire": "prendre"}, follow=True)
    assert 'value="zorglub"' in answer.content.decode()


@pytest.mark.django_db
def test_a_word_put_away_stays_away_and_is_kept_nowhere(decisions: Cast) -> None:
    browser, key = decisions.anatole.browser(), digest_of(decisions.veille.pk, "zorglub")
    browser.post(reverse("emerging-settle", args=[key]), {"faire": "ecarter"})
    page = browser.get(reverse("emerging")).content.decode()
    assert f"{key}" not in page
    assert "Écartés : 1" in page
    assert "zorglub" not in str(EmergingVerdict.objects.of(decisions.veille).values())
    assert "zorglub" not in str(JournalEntry.objects.of(decisions.veille).get(event="lexicon.emerging-settled").data)
    browser.post(reverse("emerging-settle", args=[key]), {"faire": "retour"})
    assert key in browser.get(reverse("emerging")).content.decode()


@pytest.mark.django_db
def test_a_word_that_waits_comes_back_by_itself(decisions: Cast) -> None:
    browser, key = decisions.anatole.browser(), digest_of(decisions.veille.pk, "zorglub")
    browser.post(reverse("emerging-settle", args=[key]), {"faire": "attendre"})
    assert key not in browser.get(reverse("emerging")).content.decode()
    EmergingVerdict.objects.of(decisions.veille).update(until=timezone.now().date())
    assert key in browser.get(reverse("emerging")).content.decode()


@pytest.mark.django_db
def test_who_does_not_keep_the_lexicon_reads_and_settles_nothing(decisions: Cast) -> None:
    browser, key = decisions.bruno.browser(), digest_of(decisions.veille.pk, "zorglub")
    assert browser.get(reverse("emerging")).status_code == 200
    assert browser.post(reverse("emerging-settle", args=[key]), {"faire": "ecarter"}).status_code == 403
    assert not EmergingVerdict.objects.of(decisions.veille).exists()
