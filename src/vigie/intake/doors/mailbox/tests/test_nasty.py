"""Whatever arrives ends as a report, as an answer or before a person, once, with its bytes kept; none stops the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from vigie.casefile.journal import first_break
from vigie.intake.actions import file_report
from vigie.intake.doors.mailbox import actions
from vigie.intake.doors.mailbox.accounts import Account
from vigie.intake.doors.mailbox.evidence import read_kept_letter
from vigie.intake.doors.mailbox.letter import Letter, read_letter
from vigie.intake.doors.mailbox.maildir import MaildirAccount
from vigie.intake.doors.mailbox.models import IncomingMail
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.doors.mailbox.sorting import MailKind, Reason
from vigie.intake.doors.mailbox.tasks import read_mailboxes
from vigie.intake.doors.mailbox.tests.builders import POST, a_letter, raw_letter
from vigie.intake.doors.mailbox.tests.mail_server import MailServer
from vigie.intake.doors.mailbox.tests.nasty import NASTY, Nasty
from vigie.intake.models import Report
from vigie.organisations.tests.cast import Cast
from vigie.outbox.models import OutgoingMail

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
IDS = [one.name for one in NASTY]


def ordinary(number: int) -> bytes:
    return a_letter(f"Bonjour : {POST}9{number}", message_id=f"<ordinary-{number}@courriel.example>").as_bytes()


def read_all(account: Account) -> None:
    with override_settings(VIGIE_MAILBOXES={"VEILLE_SOLIDAIRE": account}):
        while read_mailboxes(NOW):
            pass


def files_in(folder: Path) -> list[Path]:
    return [file for name in ("new", "cur") for file in (folder / name).iterdir()]


# --- the parser ----------------------------------------------------------------------------------------------


def strings_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from strings_of(getattr(value, one.name))
    elif isinstance(value, (tuple, frozenset)):
        for inner in value:
            yield from strings_of(inner)


def assert_can_be_kept(letter: Letter) -> None:
    for words in strings_of(letter):
        assert "\x00" not in words
        words.encode()
    for one in letter.all_letters():
        assert len(one.sender) <= 320
        assert "\n" not in one.sender + one.sender_name + one.subject + one.message_id
        assert all(len(enclosure.name) <= 200 for enclosure in one.enclosures)


@pytest.mark.parametrize("nasty", NASTY, ids=IDS)
def test_the_words_of_any_letter_can_be_kept(nasty: Nasty) -> None:
    assert_can_be_kept(read_letter(nasty.raw))


CHARSETS = st.sampled_from(
    ["utf-8", "utf-7", "utf-16", "iso-8859-1", "iso-2022-jp", "unicode_escape", "undefined", "idna", "zlib", "\x00", ""]
)
BYTES = st.one_of(
    st.binary(max_size=80), st.sampled_from([b"\x00", b"+2AA-", b"\\ud800", b"\xed\xa0\x80", POST.encode()])
)
NAMES = st.sampled_from(
    ["From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Precedence",
     "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Delivered-To", "Return-Path", "X\x00"]
)  # fmt: skip
VALUES = st.one_of(
    BYTES,
    st.builds(lambda charset, words: f"=?{charset}?q?".encode() + words + b"?=", CHARSETS, BYTES),
    st.builds(lambda charset: f"text/plain; charset={charset}".encode(), CHARSETS),
    st.sampled_from(
        [b"multipart/mixed; boundary=b", b"multipart/report; boundary=b", b"message/rfc822", b"message/delivery-status",
         b"text/html", b"text/plain; format=flowed", b"attachment; filename*=utf-8''%00%ed%a0%80", b"base64",
         b"quoted-printable", b"a@b.example", b'"' * 30, b"(" * 30, b"Mon, 01 Jan 0001 00:00:00 +1400"]
    ),
)  # fmt: skip
HEADS = st.lists(st.builds(lambda name, value: name.encode() + b": " + value, NAMES, VALUES), max_size=6)
BODIES = st.lists(
    st.one_of(BYTES, st.sampled_from([b"\r\n--b\r\n", b"\r\n--b--\r\n", b"\r\n\r\n", b"<p>", b"Action: failed\r\n"])),
    max_size=8,
)
LETTERS = st.builds(lambda head, body: b"\r\n".join([*head, b"", b"".join(body)]), HEADS, BODIES)


@given(LETTERS)
@example(raw_letter(b"From: =?unicode_escape?q?=5Cud800?= <a@b.example>", body=POST))
@settings(max_examples=400, deadline=None)
def test_whatever_the_bytes_their_words_can_be_kept(raw: bytes) -> None:
    assert_can_be_kept(read_letter(raw))


# --- the door ------------------------------------------------------------------------------------------------


def assert_each_ended_once(cast: Cast, *, letters: list[bytes]) -> None:
    mails = list(IncomingMail.objects.of(cast.veille))
    assert sorted(read_kept_letter(mail.kept_sha256) for mail in mails) == sorted(letters)
    for mail in mails:
        assert (mail.report is not None) == (mail.kind == MailKind.REPORT)
        assert bool(mail.reason) == (mail.kind == MailKind.TRAY)
    assert first_break(cast.veille.pk) is None


def test_no_letter_in_a_maildir_stops_the_next(cast: Cast, tmp_path: Path) -> None:
    letters = []
    (tmp_path / "new").mkdir()
    for number, nasty in enumerate(NASTY):
        for name, raw in ((f"{number:03d}-a", nasty.raw), (f"{number:03d}-b", ordinary(number))):
            (tmp_path / "new" / name).write_bytes(raw)
            letters.append(raw)
    read_all(MaildirAccount(tmp_path))
    assert files_in(tmp_path) == []
    assert_each_ended_once(cast, letters=letters)
    for nasty in NASTY:
        mail = IncomingMail.objects.of(cast.veille).get(raw_sha256=actions._digest(nasty.raw))
        assert mail.kind == nasty.kind, nasty.name
        assert nasty.reason is None or mail.reason == nasty.reason, nasty.name
    for report in Report.objects.of(cast.veille):
        assert file_report(report, NOW)
    # Copies, whole, and under another name: nothing changes.
    before = (IncomingMail.objects.of(cast.veille).count(), Report.objects.of(cast.veille).count())
    for number, nasty in enumerate(NASTY):
        (tmp_path / "new" / f"copy-{number}").write_bytes(nasty.raw)
    read_all(MaildirAccount(tmp_path))
    assert files_in(tmp_path) == []
    assert (IncomingMail.objects.of(cast.veille).count(), Report.objects.of(cast.veille).count()) == before


@pytest.mark.mailserver
def test_no_letter_on_a_mail_server_stops_the_next(cast: Cast, mail_server: MailServer) -> None:
    for number, nasty in enumerate(NASTY):
        mail_server.deliver(nasty.raw)
        mail_server.deliver(ordinary(number))
    read_all(mail_server.account())
    assert mail_server.count("INBOX") == 0
    assert mail_server.count("Traites") + mail_server.count("A-trier") == 2 * len(NASTY)
    # The server itself puts another byte for NUL and ends lines its own way: each letter is still one.
    assert IncomingMail.objects.of(cast.veille).count() == 2 * len(NASTY)
    for number in range(len(NASTY)):
        assert IncomingMail.objects.of(cast.veille).get(message_id=f"<ordinary-{number}@courriel.example>").report
    assert first_break(cast.veille.pk) is None


def test_a_machine_is_never_answered_and_makes_no_report(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    machines = [one for one in NASTY if one.reason is Reason.AUTOMATIC or one.kind is MailKind.ANSWER]
    for number, nasty in enumerate(machines):
        (tmp_path / "new" / str(number)).write_bytes(nasty.raw)
    read_all(MaildirAccount(tmp_path))
    assert len(machines) >= 4
    assert not OutgoingMail.objects.of(cast.veille).exists()
    assert not Report.objects.of(cast.veille).exists()


def test_a_letter_our_program_stumbles_over_goes_to_a_person_and_the_next_is_read(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumbles(letter: Letter, **facts: object) -> object:
        if letter.subject == "fatal":
            raise ValueError("secret words of the letter")
        return sort_letter(letter, **facts)  # type: ignore[arg-type]

    sort_letter = actions.sort_letter
    monkeypatch.setattr(actions, "sort_letter", stumbles)
    (tmp_path / "new").mkdir()
    fatal = a_letter(subject="fatal").as_bytes()
    (tmp_path / "new" / "1").write_bytes(fatal)
    (tmp_path / "new" / "2").write_bytes(ordinary(2))
    read_all(MaildirAccount(tmp_path))
    mail = IncomingMail.objects.of(cast.veille).get(kind=MailKind.TRAY)
    assert (mail.reason, read_kept_letter(mail.kept_sha256)) == (Reason.UNREADABLE, fatal)
    assert Report.objects.of(cast.veille).count() == 1
    assert "secret words" not in caplog.text
    assert cast.bruno.browser().get(f"/bureau/courrier/{mail.pk}/").status_code == 200


def test_an_attachment_of_fifty_megabytes_is_told_and_left_or_taken_where_it_may(cast: Cast, tmp_path: Path) -> None:
    message = a_letter()
    message.add_attachment(b"\x00" * 50 * 1024 * 1024, maintype="application", subtype="zip", filename="tout.zip")
    raw = message.as_bytes()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(raw)
    (tmp_path / "new" / "2").write_bytes(ordinary(2))
    read_all(MaildirAccount(tmp_path))
    mail = IncomingMail.objects.of(cast.veille).get(kind=MailKind.TRAY)
    assert (mail.reason, mail.size, mail.kept_sha256) == (Reason.TOO_BIG, len(raw), "")
    assert (tmp_path / ".A-trier" / "cur" / "1").stat().st_size == len(raw)
    assert Report.objects.of(cast.veille).count() == 1
    with override_settings(VIGIE_MAILBOX_MAX_BYTES=80 * 1024 * 1024):
        (tmp_path / ".A-trier" / "cur" / "1").rename(tmp_path / "new" / "1")
        read_all(MaildirAccount(tmp_path))
    report = Report.objects.of(cast.veille).get(addresses=[POST])
    assert "tout.zip" in report.description


@given(LETTERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_bytes_the_database_keeps_the_letter(cast: Cast, raw: bytes) -> None:
    arrival = Arrival("1", len(raw), raw)
    mail = actions.take_in(organisation=cast.veille, arrival=arrival, now=NOW)
    assert mail.kept_sha256 == "" or read_kept_letter(mail.kept_sha256) == raw or mail.message_id
    assert actions.take_in(organisation=cast.veille, arrival=arrival, now=NOW) == mail
    assert mail.kind != MailKind.REPORT or mail.report
