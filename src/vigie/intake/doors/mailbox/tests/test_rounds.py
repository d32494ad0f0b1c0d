"""Rounds over a real mail server: once, whatever happens to the mailbox, and said plainly when it cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from vigie.intake.doors.mailbox.accounts import Account
from vigie.intake.doors.mailbox.maildir import MaildirAccount
from vigie.intake.doors.mailbox.models import IncomingMail, MailboxFault
from vigie.intake.doors.mailbox.tasks import read_mailboxes
from vigie.intake.doors.mailbox.tests.builders import POST, a_letter
from vigie.intake.doors.mailbox.tests.mail_server import MailServer, between
from vigie.intake.models import Report
from vigie.organisations.tests.cast import Cast
from vigie.outbox.models import OutgoingMail

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def a_round(account: Account, *, now: datetime = NOW) -> bool:
    with override_settings(VIGIE_MAILBOXES={"VEILLE_SOLIDAIRE": account}):
        return read_mailboxes(now)


def letters(number: int) -> list[bytes]:
    return [a_letter(f"{POST}{n}", message_id=f"<{n}@c.example>").as_bytes() for n in range(number)]


def kept(cast: Cast) -> tuple[int, int, int]:
    return (
        IncomingMail.objects.of(cast.veille).count(),
        Report.objects.of(cast.veille).count(),
        OutgoingMail.objects.of(cast.veille).count(),
    )


@pytest.mark.mailserver
def test_copied_put_back_or_numbered_anew_a_letter_stays_one(cast: Cast, mail_server: MailServer) -> None:
    (raw,) = letters(1)
    mail_server.deliver(raw)
    mail_server.deliver(raw)
    a_round(mail_server.account())
    assert (mail_server.count("INBOX"), mail_server.count("Traites"), kept(cast)) == (0, 2, (1, 1, 1))
    with mail_server.session() as client:
        client.select("Traites")
        client.copy("1:*", "INBOX")
    assert mail_server.count("INBOX") == 2
    with mail_server.session() as client:
        before = client.status("INBOX", "(UIDVALIDITY)")[1]
    # The server loses its numbers: every letter has another one from now on.
    (mail_server.folder / "mail" / "veille" / "dovecot-uidlist").unlink()
    for index in (mail_server.folder / "mail" / "veille").glob("dovecot.index*"):
        index.unlink()
    a_round(mail_server.account())
    with mail_server.session() as client:
        assert client.status("INBOX", "(UIDVALIDITY)")[1] != before
    assert (mail_server.count("INBOX"), kept(cast)) == (0, (1, 1, 1))


@pytest.mark.mailserver
@pytest.mark.parametrize("stage", [b"LOGIN", b"FETCH", b"BODY.PEEK", b"MOVE"])
def test_a_line_cut_in_the_middle_loses_and_doubles_nothing(cast: Cast, mail_server: MailServer, stage: bytes) -> None:
    seen = 0

    def cut_the_second(piece: bytes) -> None:
        nonlocal seen
        seen += stage in piece
        if stage in piece and (seen == 2 or stage in {b"LOGIN", b"FETCH"}) and not cut:
            cut.append(piece)
            raise OSError("the line is cut")

    cut: list[bytes] = []
    for raw in letters(3):
        mail_server.deliver(raw)
    with between(mail_server.port, cut_the_second) as port:
        account = replace(mail_server.account(), port=port)
        assert not a_round(account)
        assert cut
        assert MailboxFault.objects.of(cast.veille).get().why == "silent"
        while a_round(account):
            pass
    assert not MailboxFault.objects.of(cast.veille).exists()
    assert (mail_server.count("INBOX"), mail_server.count("Traites"), kept(cast)) == (0, 3, (3, 3, 1))


@pytest.mark.mailserver
def test_a_refused_password_is_said_in_one_sentence_and_other_mailboxes_are_read(
    cast: Cast, mail_server: MailServer, tmp_path
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(letters(1)[0])
    wrong = mail_server.account(password="autre-secret")
    # The one that fails comes first.
    accounts = {"AUTRE_RIVE": wrong, "VEILLE_SOLIDAIRE": MaildirAccount(tmp_path)}
    with override_settings(VIGIE_MAILBOXES=accounts):
        assert read_mailboxes(NOW)
        assert not read_mailboxes(NOW + timedelta(hours=1))
    assert Report.objects.of(cast.veille).count() == 1
    assert MailboxFault.objects.of(cast.rive).get().since == NOW
    sentence = "refuse le mot de passe : aucun courriel n’est lu depuis le"
    assert sentence in cast.dario.browser().get("/bureau/").content.decode()
    assert sentence not in cast.bruno.browser().get("/bureau/").content.decode()
    with override_settings(VIGIE_MAILBOXES={"AUTRE_RIVE": mail_server.account()}):
        read_mailboxes(NOW + timedelta(hours=2))
    assert sentence not in cast.dario.browser().get("/bureau/").content.decode()


@pytest.mark.mailserver
def test_letters_that_cannot_be_moved_are_taken_in_all_the_same(cast: Cast, mail_server: MailServer) -> None:
    for raw in letters(3):
        mail_server.deliver(raw)
    # A file stands where the folder should be made.
    (mail_server.folder / "mail" / "veille" / ".Traites").write_text("")
    assert not a_round(mail_server.account())
    assert kept(cast) == (3, 3, 1)
    assert MailboxFault.objects.of(cast.veille).get().why == "folder"
    (mail_server.folder / "mail" / "veille" / ".Traites").unlink()
    assert a_round(mail_server.account())
    assert (mail_server.count("INBOX"), mail_server.count("Traites"), kept(cast)) == (0, 3, (3, 3, 1))
