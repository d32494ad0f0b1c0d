"""What a letter becomes in the house: once, whatever happens, and never lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import override_settings

from vigie.casefile.files import path_of
from vigie.casefile.journal import first_break
from vigie.casefile.models import Case, JournalEntry
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, NotAllowed
from vigie.intake import actions as intake
from vigie.intake.actions.referral import refer_filed
from vigie.intake.doors.mailbox import queries
from vigie.intake.doors.mailbox.actions import (
    NotALetterOfThis,
    answer_joined,
    answer_of_nothing,
    call_it_an_answer,
    make_report,
    set_aside,
    take_in,
)  # fmt: skip
from vigie.intake.doors.mailbox.evidence import read_kept_letter
from vigie.intake.doors.mailbox.forget import erase_old_letters
from vigie.intake.doors.mailbox.maildir import MaildirAccount
from vigie.intake.doors.mailbox.models import IncomingMail
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.doors.mailbox.tasks import read_mailboxes
from vigie.intake.doors.mailbox.tests.builders import (
    AMINA,
    OTHER_POST,
    OURS,
    PNG,
    POST,
    REFERENCE,
    a_bounce,
    a_letter,
    raw_letter,
)  # fmt: skip
from vigie.intake.forget import erase_identity, export
from vigie.intake.models import Attachment, Identity, Report
from vigie.intake.rules.values import ReportState
from vigie.intake.tests.builders import png
from vigie.organisations.tests.cast import Cast
from vigie.outbox.actions import message_of
from vigie.outbox.models import OutgoingMail

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def taken_in(cast: Cast, letter: EmailMessage | bytes, *, now: datetime = NOW) -> IncomingMail:
    raw = letter if isinstance(letter, bytes) else letter.as_bytes()
    return take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=now)


def events(cast: Cast) -> list[str]:
    return list(JournalEntry.objects.of(cast.veille).order_by("seq").values_list("event", flat=True))


def test_a_letter_becomes_a_report_with_its_files_and_a_receipt(cast: Cast) -> None:
    message = a_letter(f"Bonjour,\n{POST}\net {OTHER_POST}", subject="Insultes")
    message.add_attachment(png(), maintype="image", subtype="png", filename="capture.png")
    message.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="dossier.zip")
    mail = taken_in(cast, message)
    report = Report.objects.of(cast.veille).get()
    assert mail.report == report
    assert (report.door, report.addresses) == ("mail", [POST, OTHER_POST])
    assert report.description.startswith("Insultes\n\nBonjour,")
    assert "dossier.zip" in report.description
    assert [one.name for one in Attachment.objects.of(cast.veille)] == ["capture.png"]
    assert Identity.objects.of(cast.veille).get().has_email
    assert len(intake.file_report(report, NOW)) == 2
    answer = OutgoingMail.objects.of(cast.veille).get()
    written = message_of(answer)
    assert written["To"] == AMINA
    assert written["Auto-Submitted"] == "auto-generated"
    assert written["In-Reply-To"] == "<a1@courriel.example>"
    assert "/suivi" in written.get_content()
    assert "your report" in written.get_content()
    assert first_break(cast.veille.pk) is None


def test_neither_the_row_nor_the_journal_says_who_wrote(cast: Cast) -> None:
    mail = taken_in(cast, a_letter())
    row = str(vars(mail))
    journal = str(list(JournalEntry.objects.of(cast.veille).values_list("data", flat=True)))
    assert AMINA not in row + journal
    assert "Amina" not in row + journal


def test_nobody_at_the_desk_reads_in_the_receipt_who_wrote_or_the_code(cast: Cast) -> None:
    taken_in(cast, a_letter())
    receipt = OutgoingMail.objects.of(cast.veille).get()
    OutgoingMail.objects.of(cast.veille).update(fate="failed", settled_at=NOW)
    page = cast.bruno.browser().get("/bureau/envois/").content.decode()
    code = re.search(r"(?:\d{4} ){3}\d{4}", message_of(receipt).get_content())
    assert code is not None
    for secret in (AMINA, code[0]):
        assert secret not in page + str(vars(receipt))


def test_the_letter_is_kept_whole_and_sealed(cast: Cast) -> None:
    message = a_letter()
    mail = taken_in(cast, message)
    assert AMINA.encode() not in path_of(mail.kept_sha256).read_bytes()
    assert read_kept_letter(mail.kept_sha256) == message.as_bytes()


def test_the_same_letter_twice_changes_nothing(cast: Cast) -> None:
    first = taken_in(cast, a_letter())
    before = events(cast)
    again = taken_in(cast, a_letter(), now=NOW + timedelta(days=3))
    by_an_alias = taken_in(cast, a_letter(Delivered_To="autre@veille.example", Received="from x by y"))
    assert first == again == by_an_alias
    assert events(cast) == before
    assert Report.objects.of(cast.veille).count() == OutgoingMail.objects.of(cast.veille).count() == 1


def test_a_letter_cannot_hide_another_by_its_message_id(cast: Cast) -> None:
    taken_in(cast, a_letter())
    taken_in(cast, a_letter(OTHER_POST))
    assert Report.objects.of(cast.veille).count() == 2


def test_two_associations_may_receive_the_same_letter(cast: Cast) -> None:
    raw = a_letter().as_bytes()
    for organisation in (cast.veille, cast.rive):
        take_in(organisation=organisation, arrival=Arrival("1", len(raw), raw), now=NOW)
    assert Report.objects.of(cast.veille).count() == Report.objects.of(cast.rive).count() == 1


def test_a_person_gets_one_receipt_a_day(cast: Cast) -> None:
    for number, hours in enumerate((0, 1, 23, 25)):
        taken_in(
            cast, a_letter(f"{POST}{number}", message_id=f"<{number}@c.example>"), now=NOW + timedelta(hours=hours)
        )
    assert Report.objects.of(cast.veille).count() == 4
    assert OutgoingMail.objects.of(cast.veille).count() == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"List_Id": "<l.example>"},
        {"Precedence": "bulk"},
        {"sender": "no-reply@service.example"},
        {"sender": "pas d’adresse"},
    ],
)
def test_nobody_is_answered_where_no_person_waits(cast: Cast, headers: dict[str, str]) -> None:
    taken_in(cast, a_letter(**headers))  # type: ignore[arg-type]
    assert Report.objects.of(cast.veille).count() == 1
    assert not OutgoingMail.objects.of(cast.veille).exists()


def test_an_answer_waits_for_the_follow_up_and_is_no_report(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("We removed it.", subject=f"Re: {REFERENCE}", sender="dsa@plateforme.example"))
    assert list(queries.answers_waiting(cast.veille.pk)) == [mail]
    assert not Report.objects.of(cast.veille).exists()
    assert not OutgoingMail.objects.of(cast.veille).exists()
    answer_joined(mail, now=NOW)
    assert not queries.answers_waiting(cast.veille.pk).exists()


def test_an_answer_to_no_notice_goes_to_the_tray(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("Ok", subject=f"Re: {REFERENCE}"))
    answer_of_nothing(mail, now=NOW)
    assert list(queries.waiting_for_a_person(cast.bruno.actor)) == [mail]


def test_the_answer_to_a_receipt_is_known_and_shown_to_a_person(cast: Cast) -> None:
    taken_in(cast, a_letter())
    receipt = OutgoingMail.objects.of(cast.veille).get()
    mail = taken_in(cast, a_letter("Merci", message_id="<a2@c.example>", In_Reply_To=receipt.message_id))
    assert (mail.kind, mail.reason) == ("tray", "to-our-mail")
    bounced = a_letter("x", message_id=receipt.message_id)
    assert taken_in(cast, a_bounce(bounced)).kind == "tray"


def test_child_abuse_leaves_the_address_alone(cast: Cast) -> None:
    message = a_letter(f"Des images d’enfants nus sont échangées ici : {POST}", subject="urgent")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
    mail = taken_in(cast, message)
    report = Report.objects.of(cast.veille).get()
    assert (report.state, report.description) == (ReportState.REFERRED, "")
    assert (mail.kept_sha256, mail.subject) == ("", "")
    assert not Identity.objects.of(cast.veille).exists()
    assert not Attachment.objects.of(cast.veille).exists()
    told = message_of(OutgoingMail.objects.of(cast.veille).get()).get_content()
    assert "pointdecontact.net" in told
    assert taken_in(cast, message) == mail


def test_child_abuse_without_an_address_is_left_in_the_mailbox(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("pédopornographie dans un groupe privé", subject="urgent"))
    assert (mail.kind, mail.reason, mail.kept_sha256, mail.subject) == ("tray", "child-abuse", "", "")


# --- the tray ------------------------------------------------------------------------------------------------


def test_a_person_makes_a_report_of_what_lay_in_the_tray(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("On m’insulte sur un forum"))
    report = make_report(actor=cast.bruno.actor, mail=mail, addresses=[POST], now=NOW)
    assert report.addresses == [POST]
    assert report.description.endswith("On m’insulte sur un forum")
    assert Identity.objects.of(cast.veille).exists()
    assert OutgoingMail.objects.of(cast.veille).count() == 1
    assert events(cast)[-1] == Event.MAIL_SETTLED
    with pytest.raises(Conflict):
        make_report(actor=cast.bruno.actor, mail=mail, addresses=[POST], now=NOW)


def test_a_person_says_which_notice_a_letter_answers(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("Votre demande a été traitée"))
    with pytest.raises(NotALetterOfThis):
        call_it_an_answer(actor=cast.bruno.actor, mail=mail, references=["dossier 12"], now=NOW)
    call_it_an_answer(actor=cast.bruno.actor, mail=mail, references=[f" {REFERENCE.lower()} "], now=NOW)
    assert queries.answers_waiting(cast.veille.pk).get().reference == REFERENCE


def test_a_letter_is_set_aside_with_a_reason_and_stays_kept(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("Achetez nos montres"))
    with pytest.raises(NotALetterOfThis):
        set_aside(actor=cast.bruno.actor, mail=mail, why="parce que", now=NOW)
    set_aside(actor=cast.bruno.actor, mail=mail, why="advertising", now=NOW)
    mail.refresh_from_db()
    assert (mail.settled_as, mail.settled_by) == ("advertising", cast.bruno.actor.name)
    assert read_kept_letter(mail.kept_sha256)
    assert not queries.waiting_for_a_person(cast.bruno.actor).exists()


def test_the_tray_is_closed_to_who_sees_no_case_and_to_other_associations(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("On m’insulte"))
    for person in (cast.victor, cast.adele, cast.anatole):
        with pytest.raises(NotAllowed):
            set_aside(actor=person.actor, mail=mail, why="advertising", now=NOW)
    with pytest.raises(NotAllowed):
        set_aside(actor=cast.dario.actor, mail=mail, why="advertising", now=NOW)
    assert not queries.waiting_for_a_person(cast.dario.actor).exists()


# --- the round -----------------------------------------------------------------------------------------------


def put(box: Path, name: str, raw: bytes) -> None:
    (box / "new").mkdir(parents=True, exist_ok=True)
    (box / "new" / name).write_bytes(raw)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def test_a_round_takes_in_each_association_s_mailbox_and_a_dead_one_holds_no_other_back(
    cast: Cast, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "fichier").write_text("")
    put(tmp_path / "veille", "1", a_letter().as_bytes())
    put(tmp_path / "veille", "2", a_letter("Sans adresse", message_id="<2@c.example>").as_bytes())
    accounts = {
        "AUTRE_RIVE": MaildirAccount(tmp_path / "fichier"),
        "VEILLE_SOLIDAIRE": MaildirAccount(tmp_path / "veille"),
    }
    with override_settings(VIGIE_MAILBOXES=accounts):
        assert read_mailboxes(NOW)
        assert not read_mailboxes(NOW)
    assert "autre-rive" in caplog.text
    assert (names(tmp_path / "veille/.Traites/cur"), names(tmp_path / "veille/.A-trier/cur")) == (["1"], ["2"])
    assert Case.objects.of(cast.veille).count() == 0  # sorting into cases is another chore
    assert Report.objects.of(cast.veille).count() == 1


def test_the_mailbox_without_a_name_is_the_public_association_s(cast: Cast, tmp_path: Path) -> None:
    put(tmp_path, "1", a_letter().as_bytes())
    with override_settings(VIGIE_MAILBOXES={"": MaildirAccount(tmp_path)}, VIGIE_PUBLIC_ORGANISATION="autre-rive"):
        read_mailboxes(NOW)
    assert Report.objects.of(cast.rive).count() == 1


def test_a_letter_that_is_too_big_stays_in_the_mailbox_and_is_told(cast: Cast, tmp_path: Path) -> None:
    put(tmp_path, "1", a_letter(f"{POST}\n" + "x" * 5000, subject="Gros").as_bytes())
    with override_settings(VIGIE_MAILBOXES={"": MaildirAccount(tmp_path)}, VIGIE_MAILBOX_MAX_BYTES=2000):
        read_mailboxes(NOW)
    mail = queries.waiting_for_a_person(cast.bruno.actor).get()
    assert (mail.reason, mail.subject, mail.kept_sha256) == ("too-big", "Gros", "")
    assert names(tmp_path / ".A-trier/cur") == ["1"]
    assert make_report(actor=cast.bruno.actor, mail=mail, addresses=[POST], now=NOW).addresses == [POST]


def test_hostile_bytes_end_in_the_tray(cast: Cast) -> None:
    for raw in (b"", b"\x00" * 2000, raw_letter(f"To: {OURS}", "Content-Type: multipart/mixed", body=b"\xff\xfe")):
        assert taken_in(cast, raw).kind == "tray"


# --- forgetting ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_letter_is_erased_with_who_wrote_it_and_the_report_stays(cast: Cast) -> None:
    mail = taken_in(cast, a_letter())
    report = Report.objects.of(cast.veille).get()
    assert AMINA in export(report)["letters"][0]
    assert erase_identity(cast.worker, report, NOW)
    assert not erase_identity(cast.worker, report, NOW)
    mail.refresh_from_db()
    kept = mail.kept_sha256
    assert (kept, mail.subject, mail.sender_digest) == ("", "", "")
    assert export(report)["letters"] == []
    assert Report.objects.of(cast.veille).get() == report
    assert taken_in(cast, a_letter()) == mail, "what is erased is still known, and not taken in again"


@pytest.mark.django_db(transaction=True)
def test_letters_are_erased_when_their_time_is_over_and_their_files_with_them(cast: Cast) -> None:
    mail = taken_in(cast, a_letter("Bonjour"))
    path = path_of(mail.kept_sha256)
    assert not erase_old_letters(NOW + timedelta(days=364))
    assert path.exists()
    assert erase_old_letters(NOW + timedelta(days=366))
    assert not erase_old_letters(NOW + timedelta(days=366))
    assert not path.exists()


@pytest.mark.django_db(transaction=True)
def test_the_letter_of_a_report_that_became_a_referral_goes_at_once(cast: Cast) -> None:
    mail = taken_in(cast, a_letter())
    refer_filed(cast.worker, Report.objects.of(cast.veille).get(), NOW)
    assert erase_old_letters(NOW)
    assert not path_of(mail.kept_sha256).exists()
