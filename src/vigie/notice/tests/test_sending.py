"""Notices leave through a real SMTP server, which takes them, refuses them, or drops the line."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP as WIRE
from email.policy import default
from pathlib import Path

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from vigie.casefile.models import Case
from vigie.casefile.rules.state import Sending
from vigie.notice import actions, queries
from vigie.notice.models import Notice, NoticeState
from vigie.notice.tests.cases import NOW, WORDS, qualified_case
from vigie.outbox.actions import deliver_one, retry_failed, settle_unknown
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import WAITS
from vigie.outbox.transports.smtp.transport import SmtpServer, SmtpTransport


class Platform:
    """A platform's mail server. `answer` is what it says to a text; `drops` hangs up instead."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.texts = 0
        self.recipient_answer = "250 OK"
        self.answer = "250 OK"
        self.drops = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.texts += 1
        if self.drops:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(envelope.content)
        return self.answer


@pytest.fixture
def platform() -> Iterator[tuple[Platform, SmtpTransport]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Platform()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, SmtpTransport(SmtpServer("127.0.0.1", port, security="none", timeout_seconds=5))
    finally:
        controller.stop()


def queued(cast) -> Notice:
    notice = actions.draft_notices(actor=cast.bruno.actor, case=qualified_case(cast.bruno), language="fr", now=NOW)[0]
    return actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)


def state(notice: Notice) -> NoticeState:
    return Notice.across_associations.get(pk=notice.pk).state


def sending(notice: Notice) -> str:
    return Case.across_associations.get(pk=notice.case_id).sending


def test_what_arrives_is_what_was_shown(cast, platform):
    server, transport = platform
    notice = queued(cast)
    shown = queries.as_it_leaves(notice)
    assert deliver_one(transport, NOW)
    arrived = message_from_bytes(server.taken[0], policy=default)
    for header in ("From", "To", "Subject", "Message-ID", "Reply-To"):
        assert arrived[header] == shown[header]
    assert arrived.get_content().replace("\r\n", "\n") == shown.get_content() == notice.body
    assert WORDS in arrived.get_content()
    assert state(notice) is NoticeState.SENT
    assert sending(notice) == Sending.SENT
    assert not deliver_one(transport, NOW)


def test_every_byte_that_arrives_was_shown_as_it_leaves(cast, platform):
    server, transport = platform
    notice = queued(cast)
    shown = queries.as_it_leaves(notice).as_bytes(policy=WIRE)
    deliver_one(transport, NOW)
    assert server.taken == [shown]


def test_a_server_that_asks_to_come_back_later_gets_it_later(cast, platform):
    server, transport = platform
    notice = queued(cast)
    server.answer = "451 4.7.1 later"
    assert deliver_one(transport, NOW)
    assert state(notice) is NoticeState.QUEUED
    assert not deliver_one(transport, NOW)
    server.answer = "250 OK"
    mail = OutgoingMail.objects.of(cast.veille).get()
    assert mail.not_before >= NOW + WAITS[0]
    assert deliver_one(transport, mail.not_before + timedelta(seconds=1))
    assert state(notice) is NoticeState.SENT
    assert len(server.taken) == 1


@pytest.mark.parametrize("where", ["recipient", "text"])
def test_a_server_that_refuses_for_good_is_not_asked_again_by_itself(cast, platform, where):
    server, transport = platform
    notice = queued(cast)
    setattr(server, "recipient_answer" if where == "recipient" else "answer", "550 5.1.1 no such mailbox")
    deliver_one(transport, NOW)
    assert state(notice) is NoticeState.FAILED
    assert sending(notice) == Sending.FAILED
    mail = queries.undelivered(cast.bruno.actor)[0]
    assert "550" in mail.last_error
    assert not deliver_one(transport, NOW + timedelta(days=30))
    server.recipient_answer = server.answer = "250 OK"
    retry_failed(actor=cast.bruno.actor, mail=mail, now=NOW)
    deliver_one(transport, NOW)
    assert state(notice) is NoticeState.SENT
    assert len(server.taken) == 1


def test_a_line_that_drops_after_the_text_leaves_it_unknown_and_never_sent_again_by_itself(cast, platform):
    server, transport = platform
    notice = queued(cast)
    server.drops = True
    deliver_one(transport, NOW)
    assert state(notice) is NoticeState.UNKNOWN
    assert sending(notice) == Sending.UNKNOWN
    server.drops = False
    assert not deliver_one(transport, NOW + timedelta(days=30))
    assert server.texts == 1
    with pytest.raises(actions.AlreadyNotified):
        actions.draft_notices(actor=cast.bruno.actor, case=notice.case, now=NOW)
    mail = queries.undelivered(cast.bruno.actor)[0]
    settle_unknown(actor=cast.chloe.actor, mail=mail, it_left=False, now=NOW)
    deliver_one(transport, NOW)
    assert state(notice) is NoticeState.SENT
    assert len(server.taken) == 1


def test_a_server_that_is_not_there_is_tried_again(cast):
    notice = queued(cast)
    nobody = SmtpTransport(SmtpServer("127.0.0.1", 1, security="none", timeout_seconds=1))
    deliver_one(nobody, NOW)
    assert state(notice) is NoticeState.QUEUED


def test_with_a_key_the_notice_is_signed_and_a_changed_letter_is_noticed(cast, platform, tmp_path: Path):
    server, transport = platform
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = tmp_path / "dkim.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    signing = SmtpTransport(
        SmtpServer(
            transport.server.host, transport.server.port, security="none", dkim_domain="veille.example",
            dkim_selector="vigie", dkim_key_file=str(pem),
        )
    )  # fmt: skip
    shown = queries.as_it_leaves(queued(cast)).as_bytes(policy=WIRE)
    deliver_one(signing, NOW)
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    assert dkim.verify(server.taken[0], dnsfunc=dns)
    assert server.taken[0].endswith(shown)  # the signature stands before what was shown, and changes nothing of it
    assert asked == [b"vigie._domainkey.veille.example."]
    assert not dkim.verify(server.taken[0].replace(WORDS.encode(), b"autre chose"), dnsfunc=dns)
