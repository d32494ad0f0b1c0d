"""The pages that follow a notice: what is due, reading an answer, looking again."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import PlatformSays
from vigie.followup import actions
from vigie.followup.models import Check, Reminder, Reply
from vigie.followup.tests.builders import hear, sent_notice
from vigie.followup.tests.test_actions import THERE, Eyes, follow, look_all
from vigie.followup.web.views import _kind_words
from vigie.intake.models import Message, ReportCase
from vigie.intake.tests.builders import receive
from vigie.notice.models import Notice
from vigie.notice.rules.outcomes import Outcome
from vigie.notice.tests.cases import NOW

DAY = timedelta(days=1)


def test_an_answer_is_read_with_the_suggestion_preselected_and_the_person_told(cast):
    notice = sent_notice(cast.bruno)
    with transaction.atomic():
        told = receive(cast.public).report
        ReportCase.objects.create(organisation_id=cast.veille.pk, report=told, case=notice.case)
        record(Event.REPORT_JOINED, actor=cast.worker, now=NOW, case=notice.case, data={"report": told.pk})
    reply = hear(notice, "Bonjour,\n\nAprès examen, nous avons retiré ce contenu.\n<b>La modération</b>")
    browser = cast.bruno.browser()
    due = browser.get("/bureau/suites/").content.decode()
    assert f"/bureau/reponses/{reply.pk}/" in due
    assert "contenu retiré" in due
    page = browser.get(f"/bureau/reponses/{reply.pk}/").content.decode()
    assert "<q>Après examen, nous avons retiré ce contenu.</q>" in page
    assert 'value="content-removed"' in page
    assert page.count("checked") == 2  # the outcome suggested, and «tell»
    assert "&lt;b&gt;La modération&lt;/b&gt;" in page
    sent = browser.post(
        f"/bureau/reponses/{reply.pk}/",
        {"outcome": "content-removed", "words": "nous avons retiré", "tell": "on", "message": "C’est retiré. Merci."},
    )
    assert sent.headers["Location"] == f"/bureau/dossiers/{notice.case.ref}/"
    reply.refresh_from_db()
    assert (reply.outcome, reply.read_by) == ("content-removed", cast.bruno.member)
    assert Case.objects.of(cast.veille).get(pk=notice.case_id).platform_says == PlatformSays.REMOVED
    assert Message.objects.of(cast.veille).get().text == "C’est retiré. Merci."
    shown = browser.get(f"/bureau/dossiers/{notice.case.ref}/").content.decode()
    assert "contenu retiré" in shown


def test_a_text_of_ours_follows_the_outcome_that_was_chosen(cast):
    notice = sent_notice(cast.bruno)
    with transaction.atomic():
        told = receive(cast.public).report
        ReportCase.objects.create(organisation_id=cast.veille.pk, report=told, case=notice.case)
    reply = hear(notice, "Après examen, nous avons retiré ce contenu.")
    suggested = _kind_words(Outcome.CONTENT_REMOVED)
    cast.bruno.browser().post(
        f"/bureau/reponses/{reply.pk}/", {"outcome": "no-violation", "tell": "on", "message": suggested}
    )
    assert Message.objects.of(cast.veille).get().text == _kind_words(Outcome.NO_VIOLATION)


def test_reading_without_telling_writes_to_nobody(cast):
    notice = sent_notice(cast.bruno)
    reply = hear(notice, "We found no violation.")
    cast.bruno.browser().post(f"/bureau/reponses/{reply.pk}/", {"outcome": "no-violation", "message": "Un texte."})
    assert not Message.objects.of(cast.veille).exists()


def test_receipts_are_noted_by_one_button(cast):
    hear(sent_notice(cast.bruno), "We have received your notice.")
    browser = cast.bruno.browser()
    assert 'data-key="a"' in browser.get("/bureau/suites/").content.decode()
    browser.post("/bureau/suites/accuses")
    assert Reply.objects.of(cast.veille).get().outcome == "acknowledgement-only"


def test_more_than_a_page_of_what_waits_can_all_be_reached(cast, monkeypatch):
    monkeypatch.setattr("vigie.followup.web.views.SHOWN", 1)
    one, two = (hear(sent_notice(cast.bruno), "We have removed it.", key=key) for key in ("one", "two"))
    hear(sent_notice(cast.bruno), "We have received your notice.")
    first, second = (cast.bruno.browser().get(f"/bureau/suites/?page={page}") for page in (1, 2))
    assert [row["reply"] for row in first.context["replies"]] == [one]
    assert [row["reply"] for row in second.context["replies"]] == [two]
    assert 'rel="next" href="?page=2"' in first.content.decode()
    assert 'rel="next"' not in second.content.decode()
    assert second.context["receipts"] == 1  # of all the pages, as its button notes all
    assert "Aucune plateforme" not in second.content.decode()


def test_a_late_platform_is_reminded_in_two_presses(cast):
    notice = sent_notice(cast.bruno)
    follow()
    actions.raise_reminders(NOW + DAY)
    browser = cast.bruno.browser()
    assert "aucun accusé de réception" in browser.get("/bureau/suites/").content.decode()
    row = Reminder.objects.of(cast.veille).get(state="due")
    shown = browser.post(f"/bureau/suites/relances/{row.pk}/preparer", follow=True)
    reminder = Notice.objects.of(cast.veille).get(reminder_of=notice)
    assert notice.ref in shown.content.decode()
    browser.post(f"/bureau/dossiers/{notice.case.ref}/notification/{reminder.ref}/envoyer")
    reminder.refresh_from_db()
    assert reminder.mail.purpose == "reminder"
    assert reminder.mail.in_reply_to == notice.mail.message_id


def test_a_silence_is_settled_by_hand(cast):
    sent_notice(cast.bruno)
    follow()
    actions.raise_reminders(NOW + DAY)
    row = Reminder.objects.of(cast.veille).get(state="due")
    cast.bruno.browser().post(f"/bureau/suites/relances/{row.pk}/regler")
    row.refresh_from_db()
    assert row.state == "settled"


def test_looking_now_and_what_was_seen_stand_on_the_case(cast):
    notice = sent_notice(cast.bruno)
    address = f"/bureau/dossiers/{notice.case.ref}/"
    browser = cast.bruno.browser()
    browser.post(address + "controler")
    assert "Contrôle en cours" in browser.get(address).content.decode()
    look_all(Eyes(THERE), timezone.now())
    assert "la page et ses mots sont là" in browser.get(address).content.decode()
    assert Check.objects.of(cast.veille).get().status == 200


def test_an_answer_that_came_another_way_is_written_down(cast):
    notice = sent_notice(cast.bruno)
    address = f"/bureau/dossiers/{notice.case.ref}/notification/{notice.ref}/reponse/"
    browser = cast.bruno.browser()
    assert 'name="form_key"' in browser.get(address).content.decode()
    given = {"received_at": "2026-11-20T10:30", "text": "Nous avons retiré ce contenu.", "form_key": "k" * 32}
    for _ in range(2):  # a double click
        browser.post(address, given)
    reply = Reply.objects.of(cast.veille).get()
    assert (reply.suggested_outcome, reply.mail) == ("content-removed", None)


def test_another_association_and_a_jurist_read_no_answer(cast):
    notice = sent_notice(cast.bruno)
    reply = hear(notice, "We have removed it.")
    assert cast.dario.browser().get(f"/bureau/reponses/{reply.pk}/").status_code == 404
    assert cast.judith.browser().get(f"/bureau/reponses/{reply.pk}/").status_code == 403
    assert f"/bureau/reponses/{reply.pk}/" not in cast.dario.browser().get("/bureau/suites/").content.decode()
