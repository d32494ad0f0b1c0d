"""What a report becomes: received once, kept safely, sorted into cases."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from vigie.casefile import files
from vigie.casefile.actions import add_content, keep_content, open_case
from vigie.casefile.journal import first_break, record, replayed
from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.queries import access_case
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger
from vigie.core.errors import NotFound
from vigie.intake.actions import answer_reporter, file_next, file_report, lift_referral, settle_referral
from vigie.intake.models import Attachment, Identity, Report
from vigie.intake.queries import conversation, reports_of_case, set_aside_of
from vigie.intake.rules.values import About, Contact, Door, MessageKind, Post, ReferralBody, ReportState, Upload
from vigie.intake.tests.builders import ADDRESS, NOW, png, receive, received_and_filed
from vigie.intake.uploads import UnusableFile
from vigie.organisations.tests.cast import Cast
from vigie.outbox.models import OutgoingMail

pytestmark = pytest.mark.django_db


def events(cast: Cast) -> list[str]:
    return list(JournalEntry.objects.of(cast.veille).values_list("event", flat=True))


def test_a_report_becomes_a_case_in_the_queue(cast: Cast) -> None:
    received, [case] = received_and_filed(cast.public, "x.com/essai/status/1234567890123456789?s=20")
    assert case.in_queue
    assert case.reports_count == 1
    assert [content.key for content in Content.objects.of(cast.veille)] == ["x:post:1234567890123456789"]
    assert Report.objects.of(cast.veille).get().state == ReportState.FILED
    assert events(cast) == ["report.received", "case.opened", "report.joined"]
    assert received.is_new


def test_forty_reports_of_one_content_are_one_case_with_forty_reports(cast: Cast) -> None:
    ways = ["https://x.com/essai/status/{}", "https://mobile.twitter.com/essai/status/{}?s=20", "x.com/i/web/status/{}"]
    for number in range(40):
        receive(cast.public, ways[number % 3].format("1234567890123456789"), description=f"essai {number}")
    while file_next(NOW):
        pass
    case = Case.objects.of(cast.veille).get()
    assert case.reports_count == 40
    assert first_break(cast.veille.pk) is None


def test_filing_twice_changes_nothing(cast: Cast) -> None:
    received, cases = received_and_filed(cast.public)
    assert file_report(received.report, NOW) == cases
    assert cases[0].reports_count == Case.objects.of(cast.veille).get().reports_count == 1


def test_each_content_has_its_case_and_each_only_once(cast: Cast) -> None:
    _, cases = received_and_filed(cast.public, ADDRESS, "https://agora.example/p/1", "https://agora.example/p/1#")
    assert len(cases) == 2


def test_the_same_form_twice_is_one_report_with_one_code(cast: Cast) -> None:
    first, second = (receive(cast.public, nonce="n" * 32, description="essai") for _ in range(2))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.report == second.report
    assert first.receipt_code == second.receipt_code
    assert len(first.receipt_code or "") == 16


def test_a_form_reached_again_by_back_and_changed_is_a_new_report(cast: Cast) -> None:
    first = receive(cast.public, nonce="n" * 32, description="essai")
    second = receive(cast.public, nonce="n" * 32, description="autre chose")
    assert second.is_new
    assert first.receipt_code != second.receipt_code


def test_a_door_that_knows_its_own_gives_the_same_report_back(cast: Cast) -> None:
    first = receive(cast.public, door=Door.MAIL, source_key="mail:1@essai.example", now=NOW)
    second = receive(cast.public, door=Door.MAIL, source_key="mail:1@essai.example", now=NOW + timedelta(hours=1))
    assert (second.is_new, second.report, second.receipt_code) == (False, first.report, first.receipt_code)


def test_two_associations_may_receive_the_same_mail(cast: Cast) -> None:
    assert receive(cast.public, source_key="mail:1").is_new
    assert receive(cast.dario.actor, source_key="mail:1").is_new


def test_the_code_is_nowhere_in_the_database(cast: Cast) -> None:
    received = receive(cast.public, nonce="n" * 32)
    assert received.receipt_code
    assert received.receipt_code not in str(list(Report.objects.of(cast.veille).values()))


def test_a_file_is_kept_under_its_digest(cast: Cast) -> None:
    received = receive(cast.public, attachments=[Upload("écran.png", png())])
    kept = Attachment.objects.of(cast.veille).get(report=received.report)
    assert kept.media_type == "image/png"
    assert files.read(kept.sha256) == png()


@pytest.mark.parametrize(
    "upload",
    [Upload("a.png", b""), Upload("a.png", b"<html><script>1</script>"), Upload("a.png", png() + b"0" * 10_485_760)],
)
def test_a_file_that_is_not_taken_leaves_nothing(cast: Cast, upload: Upload) -> None:
    with pytest.raises(UnusableFile):
        receive(cast.public, attachments=[Upload("b.png", png("red")), upload])
    assert not Report.objects.of(cast.veille).exists()


def test_a_report_without_a_readable_address_still_has_a_case(cast: Cast) -> None:
    received, [case] = received_and_filed(cast.public, "sur twitter hier soir")
    assert received.report.addresses == ["sur twitter hier soir"]
    assert case.in_queue


def test_what_a_partner_knows_of_a_post_comes_with_it(cast: Cast) -> None:
    published_at = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    post = Post(url=ADDRESS, text="Texte d’essai", account="essai", published_at=published_at, language="fr")
    received_and_filed(cast.public, door=Door.IMPORT, posts=[post])
    content = Content.objects.of(cast.veille).get()
    assert (content.text, content.text_from, content.published_at) == ("Texte d’essai", "import", published_at)


@pytest.mark.parametrize(
    ("event", "days", "joins"),
    [
        (Event.DECLINED, 29, True),
        (Event.DECLINED, 31, False),
        (Event.CASE_CLOSED, 29, True),
        (Event.CASE_CLOSED, 31, False),
    ],
)
def test_a_settled_case_is_joined_for_thirty_days(cast: Cast, event: Event, days: int, joins: bool) -> None:
    _, [case] = received_and_filed(cast.public)
    record(event, actor=cast.bruno.actor, now=NOW, case=case)
    _, [second] = received_and_filed(cast.public, now=NOW + timedelta(days=days))
    assert (second == case) is joins


def test_who_reports_what_was_just_declined_gets_the_same_answer_and_is_told(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public)
    with transaction.atomic():
        record(Event.DECLINED, actor=cast.bruno.actor, now=NOW, case=case)
        answer_reporter(actor=cast.bruno.actor, case=case, text="Notre réponse.", now=NOW, kind=MessageKind.DECISION)
    contact = Contact(email="amina@essai.example")
    later, _ = received_and_filed(cast.public, contact=contact, description="autre", now=NOW + timedelta(days=2))
    assert [message.text for message in conversation(later.report)] == ["Notre réponse."]
    assert OutgoingMail.objects.of(cast.veille).get().purpose == "answer"


def test_an_open_case_is_joined_rather_than_a_declined_one(cast: Cast) -> None:
    _, [old] = received_and_filed(cast.public)
    record(Event.DECLINED, actor=cast.bruno.actor, now=NOW, case=old)
    content = Content.objects.of(cast.veille).get()
    again = open_case(actor=cast.bruno.actor, content=content, door="desk", now=NOW - timedelta(days=1))
    assert received_and_filed(cast.public)[1] == [again]


def test_two_contents_of_one_case_are_joined_once(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public, ADDRESS)
    with transaction.atomic():
        other = keep_content(
            organisation_id=cast.veille.pk, key="web:agora.example/p/1", platform="web", kind="page",
            url="https://agora.example/p/1", now=NOW,
        )  # fmt: skip
        add_content(actor=cast.bruno.actor, case=case, content=other, now=NOW)
    _, cases = received_and_filed(cast.public, ADDRESS, "https://agora.example/p/1")
    assert cases == [case]
    case.refresh_from_db()
    assert case.reports_count == 2


def test_one_that_stumbles_does_not_hold_the_others_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = (
        receive(cast.public, "https://a.example/1").report,
        receive(cast.public, "https://b.example/2").report,
    )
    Report.across_associations.filter(pk=broken.pk).update(posts=[{"published_at": "jamais"}])
    file_next(NOW)
    assert Report.across_associations.get(pk=fine.pk).state == ReportState.FILED
    assert Report.across_associations.get(pk=broken.pk).not_before > NOW


# --- child abuse ---------------------------------------------------------------------------------------------


def test_child_abuse_keeps_the_address_alone(cast: Cast) -> None:
    received, [case] = received_and_filed(
        cast.public, description="images pédophiles", contact=Contact(name="Amina", email="amina@essai.example"),
        attachments=[Upload("écran.png", png("blue"))], role="witness", nonce="n" * 32,
    )  # fmt: skip
    report = Report.objects.of(cast.veille).get()
    assert (report.description, report.role, report.state) == ("", "", ReportState.REFERRED)
    assert not Identity.objects.of(cast.veille).exists()
    assert not Attachment.objects.of(cast.veille).exists()
    assert not files.path_of(hashlib.sha256(png("blue")).hexdigest()).exists()
    content = Content.objects.of(cast.veille).get()
    assert content.never_fetch
    assert case.danger > 0
    assert received.receipt_code


def test_the_journal_never_holds_the_address_of_child_abuse(cast: Cast) -> None:
    received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    assert "1234567890123456789" not in str(list(JournalEntry.objects.of(cast.veille).values_list("data", flat=True)))


def test_whoever_may_decide_hears_once_by_mail_that_a_case_needs_them_today_and_no_word_of_it(cast: Cast) -> None:
    def told() -> list[OutgoingMail]:
        return list(OutgoingMail.objects.of(cast.veille).filter(purpose="alert").order_by("pk"))

    _, [case] = received_and_filed(cast.public, description="injure", posts=[Post(url=ADDRESS, text="Mots.")])
    assert told() == []
    received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    assert {mail.recipient for mail in told()} == {cast.bruno.member.email, cast.chloe.member.email}
    assert len(told()) == 2
    for mail in told():
        assert case.ref in mail.body
        said = f"{mail.subject} {mail.body}".lower()
        assert not [word for word in ("x.com", "1234567890", "injure", "mots", "enfant", "227-23") if word in said]
    assert not OutgoingMail.objects.of(cast.rive).exists()

    # Others that come within the hour wait with it at the head of the queue: strangers fill nobody's mailbox.
    other = "https://x.com/essai/status/1234567890123456780"
    received_and_filed(cast.public, other, about=About.CHILD_ABUSE.value, now=NOW + timedelta(minutes=59))
    assert len(told()) == 2
    later = "https://x.com/essai/status/1234567890123456781"
    received_and_filed(cast.public, later, about=About.CHILD_ABUSE.value, now=NOW + timedelta(minutes=61))
    assert len(told()) == 4

    # Lifted and said again, it needs them again.
    case.refresh_from_db()
    lift_referral(actor=cast.chloe.actor, case=case, now=NOW + timedelta(hours=3))
    received_and_filed(cast.public, about=About.CHILD_ABUSE.value, now=NOW + timedelta(hours=4))
    assert [case.ref in mail.body for mail in told()[4:]] == [True, True]


def test_an_address_that_a_person_confirmed_stays_referred(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    settle_referral(actor=cast.bruno.actor, case=case, body=ReferralBody.PHAROS, now=NOW)
    received, _ = received_and_filed(cast.public, description="injure", attachments=[Upload("e.png", png("green"))])
    report = Report.objects.of(cast.veille).get(pk=received.report.pk)
    assert (report.state, report.description) == (ReportState.REFERRED, "")
    assert not Attachment.objects.of(cast.veille).exists()
    assert Content.objects.of(cast.veille).get().never_fetch


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_whoever_says_child_abuse_of_an_address_first_takes_the_words_of_no_later_report(
    cast: Cast, is_confirmed: bool
) -> None:
    _, [case] = received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    received, [second] = received_and_filed(
        cast.public, description="injure", attachments=[Upload("e.png", png("green"))],
        contact=Contact(name="Amina", email="amina@essai.example"), nonce="n" * 32,
    )  # fmt: skip
    assert second == case
    assert second.referral == "waiting"
    assert all(seen.is_hidden and not seen.attachments for seen in reports_of_case(cast.bruno.actor, second))
    with pytest.raises(NotFound):
        access_case(cast.bruno.actor, case.ref)
    waits = set_aside_of(cast.bruno.actor, second)
    assert waits is not None
    assert waits.reports == 1

    if is_confirmed:
        settle_referral(actor=cast.bruno.actor, case=second, body=ReferralBody.PHAROS, now=NOW)
    else:
        lift_referral(actor=cast.chloe.actor, case=second, now=NOW)
    report = Report.objects.of(cast.veille).get(pk=received.report.pk)
    kept = Attachment.objects.of(cast.veille).exists(), Identity.objects.of(cast.veille).exists()
    if is_confirmed:
        assert (report.state, report.description, report.addresses, kept) == ("purged", "", [], (False, False))
    else:
        assert (report.state, report.description, kept) == ("filed", "injure", (True, True))
        shown = reports_of_case(cast.bruno.actor, access_case(cast.bruno.actor, case.ref))
        assert (shown[0].report, shown[0].is_hidden, len(shown[0].attachments)) == (report, False, 1)


def test_a_content_under_way_is_set_aside_once_somebody_says_child_abuse_and_comes_back_when_lifted(cast: Cast) -> None:
    url = ADDRESS
    received, [case] = received_and_filed(cast.public, description="injure", posts=[Post(url=url, text="Mots.")])
    _, [same] = received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    assert same == case
    content = Content.objects.of(cast.veille).get()
    assert (content.never_fetch, content.text, content.forbidden_at) == (True, "Mots.", None)
    same.refresh_from_db()
    assert (same.referral, same.danger, same.in_queue) == ("waiting", Danger.IMMINENT, True)
    lift_referral(actor=cast.chloe.actor, case=same, now=NOW)
    same.refresh_from_db()
    assert (same.referral, same.danger, replayed(same)) == ("", case.danger, same.state())
    assert not Content.objects.of(cast.veille).get().never_fetch
    assert Report.objects.of(cast.veille).get(pk=received.report.pk).description == "injure"


def test_a_closed_case_comes_back_to_the_queue_when_somebody_says_child_abuse(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public)
    with transaction.atomic():
        record(Event.CASE_CLOSED, actor=cast.bruno.actor, now=NOW, case=case, data={"reason": "done"})
    received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    case.refresh_from_db()
    assert (case.stage, case.in_queue) == ("closed", True)


def test_of_several_contents_handled_together_the_others_go_on(cast: Cast) -> None:
    received, [case] = received_and_filed(cast.public, description="injure")
    with transaction.atomic():
        other = keep_content(
            organisation_id=cast.veille.pk, key="web:agora.example/p/1", platform="web", kind="page",
            url="https://agora.example/p/1", text="Autres mots.", now=NOW,
        )  # fmt: skip
        add_content(actor=cast.bruno.actor, case=case, content=other, now=NOW)
    about_other, _ = received_and_filed(cast.public, "https://agora.example/p/1", description="autre injure")
    received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    case.refresh_from_db()
    assert case.referral == "waiting"
    settle_referral(actor=cast.bruno.actor, case=case, body=ReferralBody.PHAROS, now=NOW)
    case.refresh_from_db()
    assert (case.referral, case.stage, case.danger) == ("", "new", 0)
    assert replayed(case) == case.state()
    other.refresh_from_db()
    assert (other.text, other.never_fetch) == ("Autres mots.", False)
    words = {one.pk: one.description for one in Report.objects.of(cast.veille)}
    assert (words[received.report.pk], words[about_other.report.pk]) == ("", "autre injure")


def test_words_that_come_while_a_content_is_set_aside_are_hidden_with_the_others(cast: Cast) -> None:
    received_and_filed(cast.public)
    received_and_filed(cast.public, about=About.CHILD_ABUSE.value)
    later, [case] = received_and_filed(cast.public, description="injure", posts=[Post(url=ADDRESS, text="Mots.")])
    assert Report.objects.of(cast.veille).get(pk=later.report.pk).description == "injure"
    assert Content.objects.of(cast.veille).get().text == ""
    assert cast.chloe.browser().get(f"/bureau/dossiers/{case.ref}/?mots=1").content.decode().count("injure") == 0


def test_without_an_address_nothing_of_child_abuse_is_kept(cast: Cast) -> None:
    received, cases = received_and_filed(cast.public, addresses=[], description="pédopornographie")
    assert cases == []
    assert Report.objects.of(cast.veille).get(pk=received.report.pk).state == ReportState.PURGED


# --- floods --------------------------------------------------------------------------------------------------


def test_in_a_flood_reports_without_proof_wait_for_a_person_and_proven_ones_pass(cast: Cast, settings: object) -> None:
    settings.VIGIE_UNPROVEN_PER_MINUTE = 2  # type: ignore[attr-defined]
    states = [receive(cast.public).report.state for _ in range(4)]
    assert states == ["received", "received", "held", "held"]
    assert receive(cast.public, proof="p").report.state == "received"
    assert receive(cast.public, now=NOW + timedelta(seconds=61)).report.state == "received"


def test_a_proof_is_spent_once(cast: Cast) -> None:
    assert not receive(cast.public, proof="p").report.unproven
    assert receive(cast.public, proof="p").report.unproven
