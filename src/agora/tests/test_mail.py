import smtplib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from agora.rules import Outcome
from agora.testing import running_agora
from agora.tests.builders import ANSWERS_TO, SENDER, notice, quoting, send


def test_a_notice_is_confirmed_then_decided_and_the_post_removed(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        message = notice(quoting(agora, "4101"))
        send(agora, message)
        receipt, decision = agora.wait_for_mail(ANSWERS_TO, count=2)
        received = agora.notices()[0]

        assert receipt["Subject"] == f"[{received.reference}] Accusé de réception — Re: Notification VIG-2026-0012"
        assert receipt["In-Reply-To"] == message["Message-ID"]
        assert message["Message-ID"] in receipt["References"]
        assert receipt["To"] == ANSWERS_TO
        assert receipt["Auto-Submitted"] == "auto-replied"
        assert receipt["Content-Language"] == "fr"
        assert decision["Subject"].startswith(f"[{received.reference}] Décision\xa0: contenu retiré — Re: ")
        assert decision["In-Reply-To"] == message["Message-ID"]
        assert "Décision\xa0: contenu retiré\n" in decision.get_content()
        assert "moyen automatisé" in decision.get_content()
        assert received.outcomes == {agora.address_of(agora.post("4101")): Outcome.REMOVED}
        assert agora.post("4101").state == "removed"


@pytest.mark.parametrize(
    ("body", "phrase"),
    [
        ("{url}/@rempart_du_val/posts/4101 est illicite", "Décision\xa0: informations manquantes"),
        ("{url}/@gazette/posts/4021 « sale Arabe »", "Décision\xa0: aucune infraction constatée"),
        ("{url}/@gazette/posts/999 « sale Arabe »", "Décision\xa0: adresse introuvable"),
        ("{url}/@gazette/posts/4101 « sale Arabe »", "Décision\xa0: adresse introuvable"),
        ("quelque part on a écrit « sale Arabe »", "Décision\xa0: informations manquantes"),
        ("{url}/@meute_404 : « Ici on chasse les Valdoriens »", "Décision\xa0: compte suspendu"),
        ("{url}/@meute_404/posts/4113 : « VALDORIENS DEHORS »", "Décision\xa0: contenu retiré"),
        ("{url}/@gazette « Les nouvelles du Parvis »", "Décision\xa0: aucune infraction constatée"),
    ],
)
def test_each_notice_gets_the_decision_it_deserves(tmp_path: Path, body: str, phrase: str) -> None:
    with running_agora(tmp_path) as agora:
        send(agora, notice(body.format(url=agora.url)))
        assert phrase in agora.wait_for_mail(ANSWERS_TO, count=2)[1].get_content()


def test_an_english_notice_is_answered_in_english(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        send(agora, notice(f"We notify you of {agora.url}/@rempart_du_val/posts/4115, “filthy Valdorians”."))
        receipt, decision = agora.wait_for_mail(ANSWERS_TO, count=2)
        assert "Confirmation of receipt" in receipt["Subject"]
        assert "Decision: content removed" in decision["Subject"]
        assert "taken by automated means" in decision.get_content()


def test_a_raid_is_notified_at_once_and_decided_address_by_address(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        raid = [agora.post(post_id) for post_id in ("4109", "4110", "4111", "4033")]
        addresses = "\n".join(map(agora.address_of, raid))
        send(agora, notice(f"{addresses}\n« on viendra tous les jours jusqu’à ce que tu partes »"))
        decision = agora.wait_for_mail(ANSWERS_TO, count=2)[1]
        assert "plusieurs contenus" in decision["Subject"]
        assert decision.get_content().count("Décision\xa0: contenu retiré") == 3
        assert decision.get_content().count("Décision\xa0: aucune infraction constatée") == 1


def test_a_complaint_that_adds_the_quotation_turns_the_decision(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        send(agora, notice(f"{agora.url}/@rempart_du_val/posts/4101 est illicite"))
        first = agora.wait_for_mail(ANSWERS_TO, count=2)[1]
        send(agora, notice("Les mots sont « sale Arabe ».", In_Reply_To=first["Message-ID"]))
        second = agora.wait_for_mail(ANSWERS_TO, count=3)[2]
        assert len(agora.notices()) == 1
        assert "réexaminé" in second.get_content()
        assert "Décision\xa0: contenu retiré" in second.get_content()


def test_a_reminder_joins_its_notice_by_the_reference_in_its_subject(tmp_path: Path) -> None:
    with running_agora(tmp_path, manual=True) as agora:
        send(agora, notice(quoting(agora, "4101")))
        reference = agora.wait_for_notice().reference
        send(agora, notice("Sans nouvelles de vous…", subject=f"Relance [{reference}]"))
        agora.wait_for_mail(ANSWERS_TO)
        (joined,) = agora.notices()
        assert len(joined.messages) == 2


def test_a_post_that_waits_for_a_person_is_left_to_a_person(tmp_path: Path) -> None:
    with running_agora(tmp_path, manual=True) as agora:
        send(agora, notice(quoting(agora, "4101")))
        agora.wait_for_mail(ANSWERS_TO)
        received = agora.wait_for_notice()
        assert received.decision_due is None
        agora.ask(received, "Quel est le lien avec la loi française ?")
        agora.refuse(received, note="Propos tenus dans un débat.")
        messages = agora.wait_for_mail(ANSWERS_TO, count=3)
        assert "lien avec la loi française" in messages[1].get_content()
        assert "Question sur votre notification" in messages[1]["Subject"]
        assert "Propos tenus dans un débat." in messages[2].get_content()
        assert "prise par une personne" in messages[2].get_content()
        assert agora.post("4101").is_online


def test_a_refusal_by_a_person_puts_back_what_was_removed(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        send(agora, notice(quoting(agora, "4101")))
        agora.wait_for_mail(ANSWERS_TO, count=2)
        agora.refuse(agora.notices()[0])
        assert agora.post("4101").is_online


def test_a_person_quicker_than_the_receipt_sends_the_receipt_first_and_once(tmp_path: Path) -> None:
    with running_agora(tmp_path, receipt_after=60, decision_after=60) as agora:
        send(agora, notice(quoting(agora, "4101")))
        agora.refuse(agora.wait_for_notice())
        receipt, decision = agora.wait_for_mail(ANSWERS_TO, count=2)
        assert "Accusé de réception" in receipt["Subject"]
        assert "aucune infraction constatée" in decision["Subject"]
        [decided] = agora.notices()
        assert (decided.receipt_due, decided.decision_due) == (None, None)
        assert len(agora.letters()) == 2


def test_silence_writes_no_letter(tmp_path: Path) -> None:
    with running_agora(tmp_path, receipt_after=60, decision_after=60) as agora:
        send(agora, notice(quoting(agora, "4101")))
        agora.stay_silent(agora.wait_for_notice())
        [silent] = agora.notices()
        assert (silent.receipt_due, silent.decision_due) == (None, None)
        assert agora.letters() == []
        assert agora.post("4101").is_online


def test_without_reply_to_the_sender_is_answered(tmp_path: Path) -> None:
    with running_agora(tmp_path, manual=True) as agora:
        send(agora, notice("bonjour", Reply_To=""))
        assert agora.wait_for_mail(SENDER)[0]["To"] == SENDER


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({}, ""),
        ({"Auto_Submitted": "auto-replied"}, SENDER),
        ({"Reply_To": "moderation@agora.example"}, SENDER),
        ({"Reply_To": "../../etc@veilleurs.example"}, SENDER),
    ],
)
def test_machines_do_not_write_to_each_other_for_ever(tmp_path: Path, headers: dict[str, str], sender: str) -> None:
    with running_agora(tmp_path) as agora:
        send(agora, notice("bonjour", **headers), sender=sender)
        received = agora.wait_for_notice()
        assert (received.answer_to, received.receipt_due, received.decision_due) == ("", None, None)


def test_a_notice_that_declares_itself_automatic_is_still_answered(tmp_path: Path) -> None:
    with running_agora(tmp_path, manual=True) as agora:
        send(agora, notice("bonjour", Auto_Submitted="auto-generated"))
        assert agora.wait_for_mail(ANSWERS_TO)


def test_html_mail_and_odd_encodings_are_read(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        message = notice("")
        link = agora.address_of(agora.post("4101"))
        message.set_content(f'<p>Voir <a href="{link}">ici</a> : «&nbsp;sale Arabe&nbsp;»</p>', subtype="html")
        send(agora, message)
        assert "contenu retiré" in agora.wait_for_mail(ANSWERS_TO, count=2)[1]["Subject"]


def test_a_malformed_message_is_kept_as_it_came(tmp_path: Path) -> None:
    raw = (
        b"From: @@\xff\r\nSubject: =?utf-8?b?broken\r\nReply-To: ,;<\r\n"
        b"Content-Type: text/plain; charset=nope\r\n\r\n\xe9\xff"
    )
    with running_agora(tmp_path) as agora:
        with smtplib.SMTP(agora.smtp_host, agora.smtp_port, timeout=30) as client:
            client.sendmail(SENDER, ["moderation@agora.example"], raw)
        assert agora.wait_for_notice().messages[0].raw.startswith(raw)


def test_mail_to_others_lands_in_their_maildir_with_its_plus_address(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        message = notice("Bonjour Amina", To="Amina+suivi@Exemple.test")
        send(agora, message)
        (raw,) = agora.raw_mail_of("amina@exemple.test")
        delivered = message_from_bytes(raw, policy=default)
        assert delivered["Delivered-To"] == "Amina+suivi@Exemple.test"
        assert delivered["Return-Path"] == f"<{SENDER}>"
        assert list((tmp_path / "mail" / "exemple.test" / "amina" / "new").iterdir())
        assert agora.notices() == []


@pytest.mark.parametrize(
    "recipient",
    ["../x@a.example", ".hidden@a.example", "a/b@a.example", "x@..", "x@a..b", "x@../up", "x", "x@a_b/c"],
)
def test_an_address_that_could_leave_the_folder_is_refused(tmp_path: Path, recipient: str) -> None:
    with (
        running_agora(tmp_path) as agora,
        smtplib.SMTP(agora.smtp_host, agora.smtp_port, timeout=30) as client,
    ):
        client.helo("veilleurs.example")
        client.mail(SENDER)
        code, _ = client.rcpt(recipient)
        assert 500 <= code < 600


def test_a_message_that_cannot_be_stored_is_not_accepted(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        (tmp_path / "mail").write_text("not a folder")
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            send(agora, notice("bonjour", To="amina@exemple.test"))
        assert refusal.value.smtp_code == 451


def test_a_test_may_make_the_server_refuse(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        agora.answer_smtp_with("451 4.7.1 later")
        with pytest.raises(smtplib.SMTPDataError, match="later"):
            send(agora, notice("bonjour"))
        assert agora.notices() == []


def test_a_letter_waits_for_a_relay_that_is_down_and_leaves_when_it_is_back(tmp_path: Path) -> None:
    with running_agora(tmp_path / "relay") as relay:
        relay.answer_smtp_with("451 4.7.1 later")
        with running_agora(tmp_path / "agora", manual=True, relay=(relay.smtp_host, relay.smtp_port)) as agora:
            send(agora, notice("bonjour"))
            while not any(letter.attempts for letter in agora.letters()):
                agora.wait_for_notice()
            (letter,) = agora.letters()
            assert letter.last_error.startswith("451")
            assert letter.next_attempt is not None
            relay.answer_smtp_with(None)
            (delivered,) = relay.wait_for_mail(ANSWERS_TO)
            assert delivered["Message-ID"] == letter.message_id


def test_a_letter_refused_for_good_is_not_tried_again(tmp_path: Path) -> None:
    with running_agora(tmp_path / "relay") as relay:
        relay.answer_smtp_with("550 5.1.1 nobody here")
        with running_agora(tmp_path / "agora", manual=True, relay=(relay.smtp_host, relay.smtp_port)) as agora:
            send(agora, notice("bonjour"))
            while not any(letter.attempts for letter in agora.letters()):
                agora.wait_for_notice()
            (letter,) = agora.letters()
            assert (letter.next_attempt, letter.sent_at) == (None, None)
            assert "nobody here" in letter.last_error
