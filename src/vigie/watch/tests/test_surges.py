"""A rise at the desk: called, shown with the posts that carry it, made one campaign, put away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from vigie.casefile.models import JournalEntry
from vigie.casefile.tests.builders import make_case
from vigie.organisations.tests.cast import Cast
from vigie.watch import surges
from vigie.watch.models import Campaign, Surge, Tally, Watch
from vigie.watch.tests.builders import give, make_post, make_source, make_watch

RAID = "Message inventé de la vague, avec le mot zinzolins dedans et rien d’autre, numéro"


@pytest.fixture
def raided(cast: Cast) -> Watch:
    """A watch that has found two posts an hour for three weeks, and forty of one wave in the last ten minutes."""
    source = make_source(cast.anatole.actor)
    watch = make_watch(cast.anatole.actor, source, name="Zorglubs")
    now = timezone.now()
    Watch.objects.of(cast.veille).update(changed_at=now - timedelta(weeks=3))
    hour = now.replace(minute=0, second=0, microsecond=0)
    Tally.across_associations.bulk_create(
        [
            Tally(
                organisation_id=cast.veille.pk, watch=watch, at=hour - n * timedelta(hours=1), minutes=60, kind=kind, name=name,
                count=2,
            )
            for n in range(2, 24 * 20)
            for kind, name in (("all", ""), ("term", "zinzolins"), ("source", str(source.pk)))
        ]
    )  # fmt: skip
    posts = [make_post(f"{RAID} {n}", published_at=now - timedelta(seconds=14 * n)) for n in range(40)]
    give(source, posts, now=now)
    return watch


def test_a_rise_is_called_once_and_stands_as_one_banner(cast: Cast, raided: Watch) -> None:
    now = timezone.now()
    assert surges.call_surges(now)
    assert not surges.call_surges(now + timedelta(minutes=1))
    assert sorted(Surge.objects.of(cast.veille).values_list("kind", flat=True)) == ["all", "source", "term"]
    assert JournalEntry.objects.of(cast.veille).filter(event="watch.surge-called").count() == 3
    page = cast.bruno.browser().get(reverse("wall")).content.decode()
    assert page.count("Mode afflux") == 1
    assert "« zinzolins » (Zorglubs)" in page
    assert "Monte aussi" in page
    assert "Mode afflux" in cast.bruno.browser().get(reverse("desk")).content.decode()
    assert "Mode afflux" not in cast.judith.browser().get(reverse("desk")).content.decode()


def test_the_surge_mode_regroups_by_wave_and_makes_one_campaign(cast: Cast, raided: Watch) -> None:
    surges.call_surges(timezone.now())
    surge = Surge.objects.of(cast.veille).get(kind="term")
    assert abs(surge.onset_at - (timezone.now() - timedelta(seconds=14 * 40))) < timedelta(minutes=2)
    address = reverse("surge", args=[surge.pk])
    page = cast.bruno.browser().get(address).content.decode()
    assert "1 vague, 40 publications" in page
    assert "Ouvrir la campagne" not in page  # a moderator proposes none
    cast.chloe.browser().post(address, {"campagne": "1", "nom": "Afflux d’essai"})
    campaign = Campaign.objects.of(cast.veille).get()
    raided.refresh_from_db()
    assert (campaign.name, raided.campaign) == ("Afflux d’essai", campaign)
    cast.bruno.browser().post(address, {"vu": "1"})
    assert "Mode afflux" not in cast.bruno.browser().get(reverse("wall")).content.decode()


def test_it_is_over_by_itself(cast: Cast, raided: Watch) -> None:
    now = timezone.now()
    surges.call_surges(now)
    surges.call_surges(now + timedelta(minutes=20))
    assert not Surge.objects.of(cast.veille).filter(over_at__isnull=False).exists()
    surges.call_surges(now + timedelta(minutes=45))
    assert not Surge.objects.of(cast.veille).filter(over_at=None).exists()


def test_a_watch_that_was_just_changed_is_learned_first(cast: Cast, raided: Watch) -> None:
    Watch.objects.of(cast.veille).update(changed_at=timezone.now() - timedelta(hours=5))
    assert not surges.call_surges(timezone.now())


def test_what_a_new_source_had_from_before_is_no_rise(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    give(source, [make_post(published_at=timezone.now() - timedelta(days=3, minutes=n)) for n in range(30)])
    assert not Tally.objects.of(cast.veille).exists()


def test_minutes_become_hours_once(cast: Cast, raided: Watch) -> None:
    def in_all(minutes: int) -> int:
        rows = Tally.objects.of(cast.veille).filter(
            kind="all", minutes=minutes, at__gt=timezone.now() - timedelta(hours=1, minutes=59)
        )
        return sum(rows.values_list("count", flat=True))

    later = timezone.now() + timedelta(hours=3)
    assert in_all(1) == 40
    before = in_all(60)
    surges.fold_counts(later)
    surges.fold_counts(later)
    assert in_all(60) - before == 40
    surges.fold_counts(later + timedelta(days=2))
    assert in_all(1) == 0


def test_nothing_of_a_rise_is_another_associations(cast: Cast, raided: Watch) -> None:
    surges.call_surges(timezone.now())
    surge = Surge.objects.of(cast.veille).first()
    assert surge is not None
    assert cast.dario.browser().get(reverse("surge", args=[surge.pk])).status_code == 404
    assert "Mode afflux" not in cast.dario.browser().get(reverse("wall")).content.decode()


def test_the_queue_is_regrouped_by_wave_whichever_door_a_case_came_by(cast: Cast, raided: Watch) -> None:
    surges.call_surges(timezone.now())
    same = make_case(cast.veille.pk, text=f"{RAID} 7, reçu par le formulaire")
    twins = [
        make_case(cast.veille.pk, text="Un tout autre message que deux personnes ont reçu ce matin même")
        for _ in range(2)
    ]
    alone = make_case(cast.veille.pk, text="Encore un message, seul de son espèce et sans copie connue")
    address = reverse("surge", args=[Surge.objects.of(cast.veille).get(kind="term").pk])
    page = cast.bruno.browser().get(address).content.decode()
    assert page.index(same.ref) < page.index("Arrivés par ailleurs") < page.index(twins[0].ref)
    assert twins[1].ref in page
    assert alone.ref not in page
    assert same.ref not in cast.anatole.browser().get(address).content.decode()  # an analyst sees no case
