"""What is online, what a letter says, when silence is late: by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vigie.casefile.rules.state import Online
from vigie.followup.rules.online import (
    Glance,
    Look,
    check_times,
    confirm_at,
    glance_of,
    looks_to_confirm,
    of_the_case,
    what_is_online,
)
from vigie.followup.rules.reminders import CameBack, ReminderReason, Standing, due_times, reminder_standing
from vigie.followup.rules.replies import ReplyKind, classify_reply, own_words
from vigie.notice.rules.outcomes import Outcome

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("look", "platform", "seen"),
    [
        (Look(200, has_words=True), "web", Glance.PRESENT),
        (Look(200, has_words=None), "web", Glance.PRESENT),
        (Look(200, has_words=False), "web", Glance.CHANGED),
        (Look(200, has_words=False), "x", Glance.BLIND),
        (Look(200, has_words=True, text="Ce compte a été suspendu, dit le message."), "web", Glance.PRESENT),
        (Look(410), "agora", Glance.REMOVED),
        (Look(410), "mastodon", Glance.SUSPENDED),
        (Look(404), "web", Glance.GONE),
        (Look(404, title="Publication supprimée par son auteur"), "agora", Glance.DELETED),
        (Look(404, text="This post was deleted by its author."), "web", Glance.DELETED),
        (Look(404, text="Ce contenu a été retiré par la modération"), "web", Glance.REMOVED),
        (Look(404, text="La modération d’Agora a retiré cette publication."), "web", Glance.REMOVED),
        (Look(403, title="Compte suspendu"), "agora", Glance.SUSPENDED),
        (Look(200, marks=frozenset({"not_available"}), text="Account suspended"), "x", Glance.SUSPENDED),
        (
            Look(200, marks=frozenset({"not_available"}), text="This video has been removed for violating YouTube's terms"),
            "youtube",
            Glance.REMOVED,
        ),
        (Look(200, marks=frozenset({"not_available"})), "web", Glance.GONE),
        (Look(200, marks=frozenset({"login_wall"})), "facebook", Glance.LOGIN),
        (Look(401), "web", Glance.LOGIN),
        (Look(403, marks=frozenset({"login_wall"})), "web", Glance.LOGIN),
        (Look(403), "web", Glance.FAILED),
        (Look(451), "web", Glance.WITHHELD),
        (Look(200, text="This content is not available in your country"), "web", Glance.WITHHELD),
        (Look(429), "web", Glance.FAILED),
        (Look(503, text="Ce contenu a été retiré par la modération"), "web", Glance.FAILED),
        (Look(None, failure="time_limit"), "web", Glance.FAILED),
    ],
)  # fmt: skip
def test_what_one_look_saw(look, platform, seen):
    assert glance_of(look, platform=platform) is seen


P, C, R, D, S, G, F, L, W, B = (
    Glance.PRESENT, Glance.CHANGED, Glance.REMOVED, Glance.DELETED, Glance.SUSPENDED, Glance.GONE, Glance.FAILED,
    Glance.LOGIN, Glance.WITHHELD, Glance.BLIND,
)  # fmt: skip


@pytest.mark.parametrize(
    ("glances", "online"),
    [
        ([], Online.NOT_CHECKED),
        ([P], Online.PRESENT),
        ([P, R], Online.NOT_DETERMINED),
        ([P, R, R], Online.NOT_DETERMINED),
        ([P, R, R, R], Online.REMOVED_BY_PLATFORM),
        ([G, G, G], Online.UNAVAILABLE_FROM_HERE),
        ([G, G, D], Online.DELETED_BY_AUTHOR),
        ([S, G, G], Online.ACCOUNT_SUSPENDED),
        ([P, D, F, D, F, D], Online.DELETED_BY_AUTHOR),
        ([R, R, R, F], Online.REMOVED_BY_PLATFORM),
        ([R, R, R, P], Online.PRESENT),
        ([P, F], Online.NOT_DETERMINED),
        ([F, F, F], Online.NOT_DETERMINED),
        ([P, C], Online.EDITED),
        ([C, C], Online.PRESENT),
        ([P, L], Online.BEHIND_LOGIN),
        ([P, W], Online.UNAVAILABLE_FROM_HERE),
        ([B], Online.NOT_DETERMINED),
        ([R, R, P, R], Online.NOT_DETERMINED),
    ],
)
def test_what_is_online_after_several_looks(glances, online):
    assert what_is_online(glances) is online


@pytest.mark.parametrize(
    ("glances", "missing", "after"),
    [
        ([P], 0, None),
        ([P, R], 2, timedelta(seconds=20)),
        ([P, R, R], 1, timedelta(minutes=1)),
        ([P, G], 2, timedelta(minutes=10)),
        ([G, G], 1, timedelta(hours=1)),
        ([R, R, R], 0, None),
    ],
)
def test_a_first_look_that_finds_it_gone_is_confirmed(glances, missing, after):
    assert looks_to_confirm(glances) == missing
    assert confirm_at(glances, NOW) == (NOW + after if after else None)


def test_looks_are_due_at_one_hour_a_day_three_seven_and_thirty():
    hours = [(due - NOW).total_seconds() / 3600 for due in check_times(NOW).values()]
    assert hours == [1, 24, 72, 168, 720]


def test_a_case_is_gone_only_when_all_its_contents_are():
    assert of_the_case([Online.REMOVED_BY_PLATFORM, Online.PRESENT]) is Online.PRESENT
    assert of_the_case([Online.REMOVED_BY_PLATFORM, Online.DELETED_BY_AUTHOR]) is Online.REMOVED_BY_PLATFORM
    assert of_the_case([]) is Online.NOT_CHECKED


@pytest.mark.parametrize(
    ("text", "kind", "outcome"),
    [
        ("Nous avons bien reçu votre notification. Nous l’examinerons et vous ferons part de notre décision.", "receipt", Outcome.ACKNOWLEDGEMENT_ONLY),
        ("Thank you for your report. If it violates our rules, we will remove it.", "receipt", Outcome.ACKNOWLEDGEMENT_ONLY),
        ("We have received your notice. We will review it without undue delay.", "receipt", Outcome.ACKNOWLEDGEMENT_ONLY),
        ("Après examen, nous avons retiré ce contenu, car il enfreint la loi.", "decision", Outcome.CONTENT_REMOVED),
        ("After review, we have removed this content because it breaks the law.", "decision", Outcome.CONTENT_REMOVED),
        ("We've removed the post you reported.", "decision", Outcome.CONTENT_REMOVED),
        ("After review, we found no violation of the law. This content stays online.", "decision", Outcome.NO_VIOLATION),
        ("Nous n’avons pas constaté d’infraction à nos règles. Ce contenu reste en ligne.", "decision", Outcome.NO_VIOLATION),
        ("The content has not been removed as it doesn't go against our Community Standards.", "decision", Outcome.NO_VIOLATION),
        ("Nous avons suspendu ce compte.", "decision", Outcome.ACCOUNT_REMOVED),
        ("The account has been suspended.", "decision", Outcome.ACCOUNT_REMOVED),
        ("We have restricted access to this content in France.", "decision", Outcome.GEO_RESTRICTION),
        ("Ce contenu n’était déjà plus accessible.", "decision", Outcome.ALREADY_REMOVED),
        ("We found no content at this address (URL not found).", "decision", Outcome.URL_NOT_FOUND),
        ("Nous ne pouvons pas nous prononcer : il manque l’adresse exacte.", "question", Outcome.MISSING_INFORMATION),
        ("Pourriez-vous préciser les mots concernés ?", "question", Outcome.MISSING_INFORMATION),
        ("Your message could not be delivered.", "bounce", Outcome.NOT_RECORDED),
        ("Bonjour, ceci est une lettre.", "unclear", None),
        ("We removed the first post. We found no violation in the second.", "decision", None),
    ],
)  # fmt: skip
def test_what_a_letter_seems_to_say(text, kind, outcome):
    found = classify_reply("", text)
    assert (found.kind, found.outcome) == (ReplyKind(kind), outcome)
    if outcome:
        assert found.sentence in " ".join(text.split())


def test_what_they_quote_of_our_letter_is_not_what_they_say():
    body = "Nous avons bien reçu votre message.\n\nLe 20 nov. 2026 à 10:00, Veille a écrit :\n> nous avons retiré\nretiré par nous"
    assert own_words(body).strip() == "Nous avons bien reçu votre message."
    assert classify_reply("Re: contenu retiré", body).kind is ReplyKind.RECEIPT


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_letters_of_agora_are_understood(language):
    from agora.letters import _PHRASES
    from agora.rules import Outcome as Theirs

    expected = {
        Theirs.REMOVED: Outcome.CONTENT_REMOVED,
        Theirs.ACCOUNT_SUSPENDED: Outcome.ACCOUNT_REMOVED,
        Theirs.REFUSED: Outcome.NO_VIOLATION,
        Theirs.NOT_FOUND: Outcome.URL_NOT_FOUND,
        Theirs.ALREADY_GONE: Outcome.ALREADY_REMOVED,
        Theirs.MISSING_INFORMATION: Outcome.MISSING_INFORMATION,
    }
    for theirs, phrase in _PHRASES[language].items():
        assert classify_reply("", phrase).outcome is expected[theirs], phrase


def test_silence_is_late_after_a_day_then_after_the_platforms_delay():
    due = due_times(NOW, decision_within=timedelta(days=3))
    assert due == {
        ReminderReason.NO_RECEIPT: NOW + timedelta(hours=24), ReminderReason.NO_DECISION: NOW + timedelta(days=3),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "came_back", "standing"),
    [
        ("no-receipt", CameBack(), Standing.DUE),
        ("no-receipt", CameBack(has_reply=True, has_unread=True), Standing.SETTLED),
        ("no-decision", CameBack(has_reply=True), Standing.DUE),
        ("no-decision", CameBack(has_reply=True, has_unread=True), Standing.WAIT),
        ("no-decision", CameBack(has_reply=True, is_decided=True), Standing.SETTLED),
        ("no-receipt", CameBack(is_decided=True), Standing.SETTLED),
    ],
)
def test_what_ends_a_silence(reason, came_back, standing):
    assert reminder_standing(ReminderReason(reason), came_back) is standing
