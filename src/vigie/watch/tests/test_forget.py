"""What is forgotten, when: and no column still holds it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone

from vigie.organisations.tests.cast import Cast
from vigie.watch import actions
from vigie.watch.forget import erase_forbidden, export, forget_what_is_old
from vigie.watch.models import Lesson, Sighting, Watch, Wave
from vigie.watch.rules.values import DismissReason
from vigie.watch.tests.builders import TEXT, give, make_post, make_source, make_watch

AUTHOR = "compte-incarnat"


def places_of(*needles: str) -> set[str]:
    """Return the columns of the whole database in which a word still stands, journal included."""
    found = set()
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        for table in tables & set(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    said = json.dumps(value, default=str, ensure_ascii=False)
                    if any(needle in said for needle in needles):
                        found.add(f"{table}.{column}")
    return found


def forget(now: datetime) -> None:
    while forget_what_is_old(now):
        pass


def fill(cast: Cast, **asked: Any) -> Watch:
    source = make_source(cast.anatole.actor)
    watch = make_watch(cast.anatole.actor, source, **asked)
    give(source, [make_post(author=AUTHOR), make_post(f"{TEXT} encore, @{AUTHOR} le dit", author=AUTHOR)])
    return watch


def test_authors_go_after_a_day_and_everything_after_the_days_that_were_set(cast: Cast) -> None:
    fill(cast, terms=("planète",))
    now = timezone.now()
    assert "watch_sighting.author" in places_of(AUTHOR)
    forget(now + timedelta(hours=23))
    assert "watch_sighting.author" in places_of(AUTHOR)
    forget(now + timedelta(hours=25))
    assert "watch_sighting.author" not in places_of(AUTHOR)
    assert "watch_sighting.text" in places_of("zinzolins")
    forget(now + timedelta(days=6, hours=23))
    assert "watch_sighting.text" in places_of("zinzolins")
    forget(now + timedelta(days=7, hours=1))
    assert places_of("zinzolins", AUTHOR) == set()
    assert not Wave.objects.of(cast.veille).exists()


def test_an_association_may_forget_sooner(cast: Cast) -> None:
    fill(cast, terms=("planète",))
    actions.keep_days(actor=cast.anatole.actor, days=2, now=timezone.now())
    forget(timezone.now() + timedelta(days=2, hours=1))
    assert places_of("zinzolins", AUTHOR) == set()


def test_a_watch_of_accounts_keeps_its_authors_until_its_date_and_not_a_day_longer(cast: Cast) -> None:
    watch = fill(cast, accounts=(AUTHOR,))
    now = timezone.now()
    Watch.objects.of(cast.veille).update(accounts_until=(now + timedelta(days=3)).date())
    forget(now + timedelta(days=2))
    assert "watch_sighting.author" in places_of(AUTHOR)
    forget(now + timedelta(days=4))
    assert not {"watch_sighting.author", "watch_watch.question"} & places_of(AUTHOR)
    watch.refresh_from_db()
    assert (watch.accounts_reason, watch.accounts_until) == ("", None)


def test_what_was_dismissed_is_forgotten_too_and_its_example_names_nobody(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    give(source, [make_post(f"@{AUTHOR} {TEXT} https://forum.example/{AUTHOR}", author=AUTHOR)])
    actions.dismiss(
        actor=cast.bruno.actor, wave=Wave.objects.of(cast.veille).get(), reason=DismissReason.QUOTED, now=timezone.now()
    )
    forget(timezone.now() + timedelta(days=8))
    assert places_of(AUTHOR) == set()
    lesson = Lesson.objects.of(cast.veille).get()
    assert (lesson.label, lesson.reason) == ("dismiss", "quoted")
    assert "zinzolins" in lesson.text


def test_what_a_person_confirmed_to_be_child_abuse_goes_at_once(cast: Cast) -> None:
    from vigie.casefile.keys import hidden_key
    from vigie.casefile.models import Content

    fill(cast, terms=("planète",))
    one = Sighting.objects.of(cast.veille).earliest("pk")
    Content.objects.create(
        organisation_id=cast.veille.pk, key=hidden_key(one.key), platform="web", kind="page", url="", never_fetch=True,
        forbidden_at=timezone.now(), created_at=timezone.now(),
    )  # fmt: skip
    assert erase_forbidden()
    assert not Sighting.objects.of(cast.veille).filter(key=one.key).exists()
    assert "watch_wave.text" not in places_of("zinzolins")
    assert not erase_forbidden()


def test_whoever_is_behind_an_account_gets_what_is_held_of_it(cast: Cast) -> None:
    fill(cast, terms=("planète",))
    assert [row["author"] for row in export(f"@{AUTHOR.upper()}", cast.veille.pk)] == [AUTHOR, AUTHOR]
    assert export(AUTHOR, cast.rive.pk) == []
