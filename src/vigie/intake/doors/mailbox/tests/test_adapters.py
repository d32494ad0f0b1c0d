"""Both adapters keep the port's promises: nothing moves until it is asked, and the bytes are the very bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.ports import free_port

from vigie.core.errors import BadSetting
from vigie.intake.doors.mailbox.accounts import account_of, read_accounts
from vigie.intake.doors.mailbox.imap import ImapAccount
from vigie.intake.doors.mailbox.maildir import MaildirAccount
from vigie.intake.doors.mailbox.ports import MailboxUnavailable, Why
from vigie.intake.doors.mailbox.tests.builders import a_letter
from vigie.intake.doors.mailbox.tests.mail_server import MailServer

RAW = a_letter("Été : https://x.com/a/status/1").as_bytes()


@pytest.mark.mailserver
def test_imap_gives_the_very_bytes_and_marks_nothing_as_read(mail_server: MailServer) -> None:
    mail_server.put(RAW)
    with mail_server.account().open() as box:
        arrivals = list(box.new_messages(at_most=10, max_bytes=10_000))
    assert [arrival.raw for arrival in arrivals] == [RAW]
    assert mail_server.count("INBOX", criterion="UNSEEN") == 1


@pytest.mark.mailserver
def test_imap_moves_what_is_done_and_what_a_person_must_see(mail_server: MailServer) -> None:
    for number in range(3):
        mail_server.put(a_letter(f"n° {number}").as_bytes())
    with mail_server.account().open() as box:
        first, second, _third = box.new_messages(at_most=10, max_bytes=10_000)
        box.done(first.uid)
        box.tray(second.uid)
    assert [mail_server.count(name) for name in ("INBOX", "Traites", "A-trier")] == [1, 1, 1]


@pytest.mark.mailserver
def test_imap_puts_its_folders_where_the_server_wants_them(mail_server_below_inbox: MailServer) -> None:
    mail_server_below_inbox.put(RAW)
    with mail_server_below_inbox.account().open() as box:
        for arrival in box.new_messages(at_most=10, max_bytes=10_000):
            box.done(arrival.uid)
    assert mail_server_below_inbox.count("INBOX.Traites") == 1


@pytest.mark.mailserver
def test_imap_fetches_only_the_headers_of_a_letter_that_is_too_big(mail_server: MailServer) -> None:
    mail_server.put(a_letter("x" * 5000, subject="Très gros").as_bytes())
    with mail_server.account().open() as box:
        (arrival,) = box.new_messages(at_most=10, max_bytes=2000)
    assert arrival.raw is None
    assert arrival.size > 5000
    assert b"Message-ID: <a1@courriel.example>" in arrival.headers


@pytest.mark.mailserver
def test_an_empty_imap_mailbox_has_no_news(mail_server: MailServer) -> None:
    with mail_server.account().open() as box:
        assert list(box.new_messages(at_most=10, max_bytes=2000)) == []


@pytest.mark.mailserver
def test_a_wrong_password_and_a_dead_server_are_said_without_the_password(mail_server: MailServer) -> None:
    with pytest.raises(MailboxUnavailable) as refused, mail_server.account(password="autre-secret").open():
        pass
    assert "autre-secret" not in str(refused.value)
    assert str(refused.value).endswith("refuses the user 'veille' or the password")
    assert refused.value.why is Why.PASSWORD
    with pytest.raises(MailboxUnavailable) as missing, replace(mail_server.account(), folder="Absent").open():
        pass
    assert missing.value.why is Why.FOLDER
    with pytest.raises(MailboxUnavailable), ImapAccount("127.0.0.1", free_port(), "a", "b", security="none").open():
        pass


def test_maildir_gives_the_letters_oldest_first_and_moves_them(tmp_path: Path) -> None:
    account = MaildirAccount(tmp_path / "boite")
    with account.open() as box:
        assert list(box.new_messages(at_most=10, max_bytes=9999)) == []
    for number in range(3):
        (tmp_path / "boite" / "new" / f"{number}.local").write_bytes(RAW + b"%d" % number)
    with account.open() as box:
        arrivals = list(box.new_messages(at_most=10, max_bytes=9999))
        assert [arrival.raw for arrival in arrivals] == [RAW + b"%d" % number for number in range(3)]
        box.done(arrivals[0].uid)
        box.tray(arrivals[1].uid)
        assert [arrival.uid for arrival in box.new_messages(at_most=10, max_bytes=9999)] == [arrivals[2].uid]
        (big,) = box.new_messages(at_most=10, max_bytes=10)
        assert (big.raw, big.headers[:5]) == (None, RAW[:5])
    assert (tmp_path / "boite" / ".Traites" / "cur" / "0.local").read_bytes() == RAW + b"0"
    assert (tmp_path / "boite" / ".A-trier" / "cur" / "1.local").exists()


def test_two_letters_of_one_name_are_both_kept(tmp_path: Path) -> None:
    for text in (b"un", b"deux"):
        with MaildirAccount(tmp_path).open() as box:
            (tmp_path / "new" / "lettre.eml").write_bytes(text)
            for arrival in box.new_messages(at_most=10, max_bytes=9999):
                box.tray(arrival.uid)
    assert {file.read_bytes() for file in (tmp_path / ".A-trier" / "cur").iterdir()} == {b"un", b"deux"}


def test_a_letter_that_somebody_moved_meanwhile_stops_nothing(tmp_path: Path) -> None:
    with MaildirAccount(tmp_path).open() as box:
        for name in "ab":
            (tmp_path / "new" / name).write_bytes(RAW)
        arrivals = box.new_messages(at_most=10, max_bytes=9999)
        first = next(arrivals)
        for name in "ab":
            (tmp_path / "new" / name).unlink()
        assert list(arrivals) == []
        box.done(first.uid)


def test_a_maildir_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    with pytest.raises(MailboxUnavailable), MaildirAccount(tmp_path / "fichier").open():
        pass


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("maildir:///srv/boite", MaildirAccount(Path("/srv/boite"))),
        (
            "imap://signalements%40asso.example:p%3Aw@imap.asso.example",
            ImapAccount("imap.asso.example", 993, "signalements@asso.example", "p:w"),
        ),
        (
            "imap://u:p@h.example:1143/Entrants?security=none",
            ImapAccount("h.example", 1143, "u", "p", folder="Entrants", security="none"),
        ),
        ("imap://u:p@h.example?security=starttls", ImapAccount("h.example", 143, "u", "p", security="starttls")),
    ],
)
def test_the_setting_is_read(address: str, expected: object) -> None:
    assert read_accounts({"VIGIE_MAILBOX": address, "VIGIE_MAILBOX_EVERY": "10"}) == {"": expected}


def test_each_association_has_its_own_mailbox() -> None:
    accounts = read_accounts({"VIGIE_MAILBOX": "maildir:///public", "VIGIE_MAILBOX_AUTRE_RIVE": "maildir:///rive"})
    assert account_of("autre-rive", is_public=False, accounts=accounts) == MaildirAccount(Path("/rive"))
    assert account_of("veille-solidaire", is_public=True, accounts=accounts) == MaildirAccount(Path("/public"))
    assert account_of("troisieme", is_public=False, accounts=accounts) is None
    assert read_accounts({"VIGIE_MAILBOX": ""}) == {}


@pytest.mark.parametrize(
    "address",
    ["pop3://u:secret@h.example", "imap://h.example", "maildir://", "imap://u:secret@h.example?security=ssl",
     "imap://u:secret@h.example:port", "secret"],
)  # fmt: skip
def test_a_setting_that_cannot_be_read_stops_the_start_and_betrays_no_password(address: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_accounts({"VIGIE_MAILBOX_AUTRE_RIVE": address})
    assert "secret" not in str(refused.value)
    assert "VIGIE_MAILBOX_AUTRE_RIVE" in str(refused.value)
