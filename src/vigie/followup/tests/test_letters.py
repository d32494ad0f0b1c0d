"""What comes by mail after a notice: answers with or without a reference, letters brought back, absences."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from vigie.casefile.files import path_of
from vigie.casefile.journal import first_break, replayed
from vigie.casefile.models import Case, Content
from vigie.casefile.rules.state import Sending
from vigie.followup import actions, queries
from vigie.followup.models import Check, Reminder, ReminderState, Reply
from vigie.followup.rules.replies import ReplyKind
from vigie.followup.tests.builders import sent_notice
from vigie.intake.doors.mailbox.actions import call_it_an_answer, suggested_notices, take_in
from vigie.intake.doors.mailbox.models import IncomingMail
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.doors.mailbox.queries import letter_of
from vigie.intake.doors.mailbox.tests.builders import a_letter, raw_letter
from vigie.intake.models import Report
from vigie.notice.actions import draft_notices, note_sent_by_hand, send_again
from vigie.notice.models import Notice, NoticeState
from vigie.notice.rules.outcomes import Outcome
from vigie.notice.tests.cases import NOW, make_content, qualified_case
from vigie.organisations.tests.cast import Person
from vigie.outbox.actions import _settle
from vigie.outbox.models import Fate, OutgoingMail
from vigie.platforms.resolve import resolve

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def real_content(person: Person, **given: str) -> Content:
    """A content under the key by which letters find it again."""
    content = make_content(person, **given)
    content.key = resolve(content.url).key
    content.save(update_fields=["key"])
    return content


def a_draft(person: Person, *contents: Content) -> list[Notice]:
    case = qualified_case(person, contents=list(contents) or [real_content(person)])
    return draft_notices(actor=person.actor, case=case, language="fr", now=NOW)


@pytest.fixture
def notice(cast) -> Notice:
    sent = sent_notice(cast.bruno, notice=a_draft(cast.bruno)[0])
    plan(NOW)
    return sent


def plan(now: datetime) -> None:
    while actions.plan_followup(now):
        pass


def arrives(cast, message: EmailMessage | bytes, *, now: datetime = NOW + HOUR) -> IncomingMail:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    mail = take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=now)
    while actions.join_waiting_answer(now):
        pass
    mail.refresh_from_db()
    return mail


def theirs(notice: Notice, local: str = "no-reply@support") -> str:
    domain = notice.recipient.rpartition("@")[2]
    return f"{local}.{domain}" if "@" in local else f"{local}@{domain}"


def again(notice: Notice) -> Notice:
    return Notice.objects.of(notice.organisation_id).select_related("mail", "case").get(pk=notice.pk)


def suggested(mail: IncomingMail, *, now: datetime = NOW + HOUR) -> list[str]:
    letter = letter_of(mail)
    assert letter is not None
    return [one.reference for one in suggested_notices(mail.organisation, letter, now=now)]


# --- without a reference -------------------------------------------------------------------------------------


def test_an_answer_that_names_the_address_alone_waits_for_a_person_with_its_notice_suggested(cast, notice):
    url = notice.about()[0].url
    mail = arrives(cast, a_letter(f"We have removed {url}.", sender=theirs(notice), subject="Your request"))
    assert (mail.kind, mail.reason) == ("tray", "from-a-recipient")
    assert not Report.objects.of(cast.veille).exists()
    assert not OutgoingMail.objects.of(cast.veille).filter(purpose="answer").exists()
    assert not Reply.objects.of(cast.veille).exists(), "a suggestion joins nothing"
    assert suggested(mail) == [notice.ref]
    browser = cast.bruno.browser()
    page = f"/bureau/courrier/{mail.pk}/"
    assert notice.ref in browser.get(page).content.decode()
    assert browser.post(page, {"do": "answer", "answer-reference": ""}).status_code == 422
    assert (
        browser.post(page, {"do": "answer", "answer-suggested": notice.ref, "answer-reference": ""}).status_code == 302
    )
    while actions.join_waiting_answer(NOW + 2 * HOUR):
        pass
    reply = Reply.objects.of(cast.veille).get()
    assert (reply.notice, reply.suggested_outcome) == (notice, Outcome.CONTENT_REMOVED)


def test_a_letter_about_several_addresses_gets_a_suggestion_for_each_and_joins_each(cast):
    drafts = a_draft(cast.bruno, real_content(cast.bruno), real_content(cast.bruno))
    notices = [sent_notice(cast.bruno, notice=one) for one in drafts]
    plan(NOW)
    urls = [about.url for one in notices for about in one.about()]
    assert len(urls) == 2
    mail = arrives(cast, a_letter("No violation found.\n" + "\n".join(urls), sender=theirs(notices[0])))
    assert sorted(set(suggested(mail))) == sorted(one.ref for one in notices)
    call_it_an_answer(actor=cast.bruno.actor, mail=mail, references=[one.ref for one in notices], now=NOW + HOUR)
    while actions.join_waiting_answer(NOW + HOUR):
        pass
    assert {reply.notice_id for reply in Reply.objects.of(cast.veille)} == {one.pk for one in notices}


def test_a_letter_that_cites_several_references_joins_each(cast):
    first, second = sent_notice(cast.bruno), sent_notice(cast.bruno)
    mail = arrives(cast, a_letter(f"Done for {first.ref} and {second.ref}.", sender=theirs(first)))
    assert mail.settled_as == "answer"
    assert {reply.notice_id for reply in Reply.objects.of(cast.veille)} == {first.pk, second.pk}


def test_somebody_else_who_names_the_same_address_reports_it(cast, notice):
    url = notice.about()[0].url
    mail = arrives(cast, a_letter(f"Regardez : {url}", sender="quelqu-un@gmail.com"))
    assert mail.kind == "report"


def test_a_platform_without_a_known_address_in_its_letter_makes_no_report(cast, notice):
    mail = arrives(cast, a_letter("See https://aide.exemple.example/regles", sender=theirs(notice)))
    assert (mail.kind, mail.reason, suggested(mail)) == ("tray", "from-a-recipient", [])


def test_six_months_later_nothing_is_suggested(cast, notice):
    url = notice.about()[0].url
    later = NOW + timedelta(days=190)
    mail = arrives(cast, a_letter(f"{url}", sender=theirs(notice)), now=later)
    assert (mail.kind, suggested(mail, now=later)) == ("tray", [])


def test_the_answer_to_what_was_sent_by_hand_is_suggested_too(cast):
    content = real_content(
        cast.bruno, platform="tiktok", url="https://www.tiktok.com/@compte.exemple/video/73000000000000001"
    )
    case = qualified_case(cast.bruno, contents=[content])
    drafted = draft_notices(actor=cast.bruno.actor, case=case, language="fr", now=NOW)[0]
    note_sent_by_hand(actor=cast.bruno.actor, notice=drafted, sent_at=NOW, now=NOW)
    mail = arrives(cast, a_letter(f"About {content.url}", sender="no-reply@support.tiktok.com"))
    assert (mail.kind, suggested(mail)) == ("tray", [drafted.ref])
    other = arrives(cast, a_letter(f"Voir {content.url}", sender="amina@courriel.example"))
    assert other.kind == "report"


def test_an_answer_our_program_stumbles_over_goes_to_a_person_and_the_next_joins(cast, notice, monkeypatch, caplog):
    def stumbles(subject: str, body: str, **more: object) -> object:
        if "fatal" in body:
            raise ValueError("secret words of the letter")
        return classify_reply(subject, body)

    classify_reply = actions.classify_reply
    monkeypatch.setattr(actions, "classify_reply", stumbles)
    first = arrives(cast, a_letter(f"fatal {notice.ref}", message_id="<1@c.example>"))
    assert (first.kind, first.reason) == ("tray", "unreadable")
    assert "secret" not in caplog.text
    arrives(cast, a_letter(f"We have removed it. {notice.ref}", message_id="<2@c.example>"))
    assert Reply.objects.of(cast.veille).get().suggested_outcome == Outcome.CONTENT_REMOVED


def test_an_answer_whose_file_is_lost_is_joined_all_the_same_and_its_page_opens(cast, notice):
    raw = a_letter(f"We have removed it. {notice.ref}").as_bytes()
    mail = take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=NOW)
    path_of(mail.kept_sha256).unlink()
    while actions.join_waiting_answer(NOW):
        pass
    reply = Reply.objects.of(cast.veille).get()
    assert (reply.text, reply.suggested_kind) == ("", ReplyKind.UNCLEAR)
    assert cast.bruno.browser().get(f"/bureau/reponses/{reply.pk}/").status_code == 200


# --- letters brought back ------------------------------------------------------------------------------------


def delivery_report(notice: Notice, *, action: str = "failed", number: int = 1) -> bytes:
    assert notice.mail is not None
    return raw_letter(
        "From: MAILER-DAEMON@mx.telegram.example", "To: signalements@veille.example", "Subject: Undelivered Mail",
        f"Message-ID: <dsn{number}@mx.telegram.example>", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        body=(
            "--b\r\nContent-Type: text/plain\r\n\r\nThank you for your report, we have removed nothing.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.telegram.example\r\n\r\n"
            f"Final-Recipient: rfc822; {notice.recipient}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {notice.mail.message_id.lower()}\r\n\r\n--b--\r\n"
        ),
    )  # fmt: skip


def test_a_notice_that_a_server_brings_back_is_not_delivered_and_no_answer(cast, notice):
    mail = arrives(cast, delivery_report(notice))
    assert (mail.kind, mail.settled_as, mail.reference) == ("answer", "returned", notice.ref)
    assert not Reply.objects.of(cast.veille).exists()
    returned = again(notice)
    assert (returned.state, returned.case.sending) == (NoticeState.FAILED, Sending.FAILED)
    assert replayed(returned.case).sending is Sending.FAILED
    assert first_break(cast.veille.pk) is None
    page = cast.bruno.browser().get("/bureau/envois/").content.decode()
    assert "550 no such user" in page
    assert not Reminder.objects.of(cast.veille).filter(state__in=[ReminderState.WAITING, ReminderState.DUE]).exists()
    assert not actions.raise_reminders(NOW + 30 * DAY)
    arrives(cast, delivery_report(notice, number=2))
    assert again(notice).state is NoticeState.FAILED
    assert not Reply.objects.of(cast.veille).exists()


def test_what_was_brought_back_and_sent_again_is_followed_from_the_new_sending(cast, notice):
    arrives(cast, delivery_report(notice))
    returned = again(notice)
    assert returned.mail is not None
    send_again(actor=cast.bruno.actor, mail=returned.mail, now=NOW + 2 * HOUR)
    _settle(OutgoingMail.objects.of(cast.veille).get(pk=returned.mail.pk), Fate.SENT, now=NOW + 2 * HOUR)
    plan(NOW + 2 * HOUR)
    due = Check.objects.of(cast.veille).filter(notice=notice).order_by("due_at").values_list("due_at", flat=True)
    assert [moment - NOW - 2 * HOUR for moment in due] == [HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY]
    assert Reminder.objects.of(cast.veille).filter(state=ReminderState.WAITING).count() == 2


def test_a_delay_of_delivery_is_no_receipt_and_no_failure(cast, notice):
    arrives(cast, delivery_report(notice, action="delayed"))
    assert again(notice).state is NoticeState.SENT
    assert Reply.objects.of(cast.veille).get().suggested_kind == ReplyKind.AUTOMATIC
    assert actions.raise_reminders(NOW + DAY)
    assert [row.reason for row in queries.reminders_due(cast.bruno.actor)] == ["no-receipt"]


def test_an_absence_is_no_decision_and_no_receipt(cast, notice):
    message = a_letter(
        "Bonjour, je suis absente jusqu’au 30. Cette boîte n’est pas surveillée.", sender=theirs(notice, "nadia"),
        subject=f"Réponse automatique : {notice.subject}", Auto_Submitted="auto-replied",
    )  # fmt: skip
    arrives(cast, message)
    reply = Reply.objects.of(cast.veille).get()
    assert (reply.suggested_kind, reply.suggested_outcome) == (ReplyKind.AUTOMATIC, Outcome.NOT_RECORDED)
    actions.read_receipts(actor=cast.bruno.actor, now=NOW + HOUR)
    assert actions.raise_reminders(NOW + DAY)
    browser = cast.bruno.browser()
    page = browser.get(f"/bureau/reponses/{reply.pk}/").content.decode()
    assert "rien à retenir" in page
    browser.post(f"/bureau/reponses/{reply.pk}/", {"outcome": "not-recorded"})
    reply.refresh_from_db()
    assert reply.outcome == Outcome.NOT_RECORDED
    assert actions.came_back_for(notice) == actions.CameBack()
    assert Case.objects.of(cast.veille).get(pk=notice.case_id).platform_says == "nothing"


def test_a_person_says_that_a_letter_without_a_report_was_a_return(cast, notice):
    message = a_letter(
        f"Your message {notice.ref} could not be delivered.", sender="postmaster@mx.telegram.example", subject="Failure"
    )
    arrives(cast, message)
    reply = Reply.objects.of(cast.veille).get()
    assert (reply.suggested_kind, again(notice).state) == (ReplyKind.BOUNCE, NoticeState.SENT)
    actions.read_reply(actor=cast.bruno.actor, reply=reply, outcome=Outcome.NOT_RECORDED, now=NOW + HOUR)
    assert again(notice).state is NoticeState.FAILED
    assert first_break(cast.veille.pk) is None
