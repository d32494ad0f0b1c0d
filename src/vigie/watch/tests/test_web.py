"""The pages of the watch, as people use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from vigie.casefile.models import Case
from vigie.organisations.tests.cast import Cast
from vigie.watch.models import Campaign, Lesson, Sighting, Source, Watch, Wave
from vigie.watch.rules.values import Does
from vigie.watch.tests.builders import TEXT, give, make_post, make_source, make_watch, make_wave


def test_an_analyst_adds_a_feed_and_writes_a_watch_without_code(cast: Cast) -> None:
    browser = cast.anatole.browser()
    given = {"name": "Un blog", "address": "https://blog.example/flux.xml"}
    assert browser.post(reverse("source-new", args=["rss"]), given).status_code == 302
    source = Source.objects.of(cast.veille).get()
    asked = {
        "name": "Zorglubs", "sources": [source.pk], "terms": "zinzolins\nun mot codé", "targets": ["women"],
        "least_score": "20", "languages": ["fr"], "does": "propose",
    }  # fmt: skip
    assert browser.post(reverse("watch-new"), asked).status_code == 302
    watch = Watch.objects.of(cast.veille).get()
    assert watch.asked().terms == ("zinzolins", "un mot codé")
    assert (watch.asked().least_score, watch.does, watch.sources_asked()) == (0.2, "propose", [source])
    page = browser.get(reverse("watch", args=[watch.pk])).content.decode()
    assert "un mot codé" in page
    assert browser.post(reverse("watch", args=[watch.pk]), {**asked, "terms": "autre"}).status_code == 302
    watch.refresh_from_db()
    assert (watch.version, watch.asked().terms) == (2, ("autre",))


def test_what_it_would_have_found_yesterday_is_shown_and_nothing_is_saved(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source, terms=("introuvable",))
    give(source, [make_post(f"Le mot tapinois numéro {n}") for n in range(3)] + [make_post("Sans rien")])
    old = timezone.now() - timedelta(days=2)
    give(source, [make_post("Le mot tapinois, trop vieux")], now=old)
    asked = {"name": "Essai", "sources": [source.pk], "terms": "tapinois", "does": "show", "essai": "1"}
    page = cast.anatole.browser().post(reverse("watch-new"), asked).content.decode()
    assert "3 publications sur les 4 gardées" in page
    assert "numéro 2" in page
    assert Watch.objects.of(cast.veille).count() == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "sans cela tout répondrait"),
        ({"accounts": "@compte"}, "motif écrit"),
        ({"accounts": "@compte", "accounts_reason": "Menaces"}, "motif écrit"),
        ({"accounts": "@compte", "accounts_reason": "Menaces", "accounts_until": "2090-01-01"}, "motif écrit"),
    ],
)
def test_a_watch_that_may_not_be_is_refused_with_its_sentence(cast: Cast, asked: dict[str, str], said: str) -> None:
    answer = cast.anatole.browser().post(reverse("watch-new"), {"name": "Essai", "does": "show", **asked})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Watch.objects.of(cast.veille).exists()


def test_the_wall_says_why_how_fast_and_how_far(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source, name="Zorglubs", terms=("zinzolins",))
    give(source, [make_post(reach=40), make_post(f"{TEXT} !", reach=2), make_post("Zinzolins mdr")])
    page = cast.bruno.browser().get(reverse("wall")).content.decode()
    assert "contient « zinzolins »" in page
    assert "2 publications, 2 dans la dernière heure, portée d’au plus 42" in page
    assert "portée inconnue" in page
    assert page.index("2 publications, 2") < page.index("portée inconnue")  # what spreads stands first


def test_a_proposed_one_stands_first(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    make_watch(cast.anatole.actor, source, terms=("seul",), does=Does.PROPOSE)
    give(source, [make_post(), make_post(f"{TEXT} !"), make_post("Un message seul et sans copie du tout")])
    page = cast.bruno.browser().get(reverse("wall")).content.decode()
    assert page.index("dossier proposé") < page.index("Zorglubs")


def test_a_slur_is_masked_in_the_text_the_reason_and_the_dry_run(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source, terms=("bougnoule",))
    give(source, [make_post("Message inventé avec le mot bougnoule dedans, voilà")])
    browser = cast.bruno.browser()
    wave = Wave.objects.of(cast.veille).get()
    for address in (reverse("wall"), reverse("wave", args=[wave.pk]), reverse("watches")):
        assert "bougnoule" not in browser.get(address).content.decode(), address
    assert "bougnoule" in browser.get(f"{reverse('wall')}?mots=1").content.decode()


def test_a_moderator_makes_a_case_dismisses_and_takes_back(cast: Cast) -> None:
    first = make_wave(cast.anatole.actor)
    second = make_wave(cast.anatole.actor, [make_post("Autre message avec zinzolins mais bien différent du premier")])
    browser = cast.bruno.browser()
    assert browser.post(reverse("sighting-case", args=[first.wave_id])).status_code == 302
    assert browser.post(reverse("dismiss-sighting", args=[second.wave_id]), {"motif": "quoted"}).status_code == 302
    page = browser.get(reverse("wall")).content.decode()
    assert Case.objects.of(cast.veille).get().ref in page
    assert "Rien n’attend" in page
    assert sorted(Lesson.objects.of(cast.veille).values_list("label", "reason")) == [
        ("case", ""),
        ("dismiss", "quoted"),
    ]
    decision = Lesson.objects.of(cast.veille).get(label="dismiss").decision_id
    assert browser.post(reverse("undo-sighting", args=[decision])).status_code == 302
    assert Sighting.objects.of(cast.veille).get(wave=second.wave_id).state == "waiting"


def test_a_dismissal_without_a_reason_is_refused(cast: Cast) -> None:
    wave = make_wave(cast.anatole.actor)
    answer = cast.bruno.browser().post(reverse("dismiss-sighting", args=[wave.wave_id]))
    assert "Dites pourquoi" in answer.content.decode()
    assert Sighting.objects.of(cast.veille).get().state == "waiting"


def test_watches_and_sources_are_paused_and_resumed(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    watch = make_watch(cast.anatole.actor, source)
    browser = cast.anatole.browser()
    browser.post(reverse("watch-state", args=[watch.pk]), {"pause": "1"})
    browser.post(reverse("source-state", args=[source.pk]), {"pause": "1"})
    watch.refresh_from_db(), source.refresh_from_db()
    assert (watch.state, source.state) == ("paused", "paused")
    browser.post(reverse("watch-state", args=[watch.pk]), {"reprise": "1"})
    browser.post(reverse("source-state", args=[source.pk]), {"reprise": "1"})
    watch.refresh_from_db(), source.refresh_from_db()
    assert (watch.state, source.state) == ("active", "active")


def test_how_long_sightings_are_kept_is_set_here(cast: Cast) -> None:
    browser = cast.anatole.browser()
    browser.post(reverse("watches"), {"jours": "3"})
    assert "après 3 jours" in browser.get(reverse("watches")).content.decode()
    assert cast.bruno.browser().post(reverse("watches"), {"jours": "30"}).status_code == 403
    assert "De 1 à 30 jours" in browser.post(reverse("watches"), {"jours": "99"}).content.decode()


def test_the_wall_returns_to_its_own_pages_only(cast: Cast) -> None:
    wave = make_wave(cast.anatole.actor)
    browser = cast.bruno.browser()
    given = {"motif": "spam", "retour": "//ailleurs.example/bureau/veille/"}
    assert browser.post(reverse("dismiss-sighting", args=[wave.wave_id]), given)["Location"] == reverse("wall")


def test_campaigns_are_the_associations_own(cast: Cast) -> None:
    theirs = Campaign.objects.create(organisation_id=cast.rive.pk, name="À eux", starts_on="2026-11-01")
    source = make_source(cast.anatole.actor)
    watch = make_watch(cast.anatole.actor, source)
    asked = {"name": watch.name, "sources": [source.pk], "terms": "x", "does": "show", "campaign": str(theirs.pk)}
    assert cast.anatole.browser().post(reverse("watch", args=[watch.pk]), asked).status_code == 422
