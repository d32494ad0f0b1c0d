"""Hand a message to the association's mail server by SMTP, signed with DKIM when a key is set."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path

from vigie.outbox.rules import FateUnknown, SendFailed

SIGNED_HEADERS = [
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"mime-version",
    b"content-type",
]


@dataclass(frozen=True)
class SmtpServer:
    """Where mail leaves the house.

    `security` is `none`, `starttls` or `tls`; `timeout_seconds` bounds each answer of the server.
    """

    host: str
    port: int
    security: str = "starttls"
    username: str = ""
    password: str = ""
    timeout_seconds: int = 30
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key_file: str = ""


class SmtpTransport:
    """A `Transport` over one SMTP server, a connection for each message."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    def send(self, message: EmailMessage, *, before_handover: Callable[[], None]) -> str:
        wire = self._signed(message.as_bytes(policy=WIRE))
        sender = message["From"].addresses[0].addr_spec
        recipient = message["To"].addresses[0].addr_spec
        connection = self._envelope(sender, recipient)
        try:
            before_handover()
            return self._hand_over(connection, wire)
        finally:
            connection.close()

    def connect(self) -> smtplib.SMTP:
        """Return an open connection, logged in where that is asked.

        Raises:
            SendFailed: the server does not answer, or refuses us.
        """
        server = self.server
        kind = smtplib.SMTP_SSL if server.security == "tls" else smtplib.SMTP
        try:
            connection = kind(server.host, server.port, timeout=server.timeout_seconds)
        except (OSError, smtplib.SMTPException) as fault:
            raise SendFailed(f"{server.host}:{server.port} does not answer: {fault}", permanent=False) from fault
        try:
            if server.security == "starttls":
                connection.starttls()
            if server.username:
                connection.login(server.username, server.password)
            connection.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as fault:
            connection.close()
            raise SendFailed(f"{server.host}:{server.port}: {fault}", permanent=False) from fault
        return connection

    def _envelope(self, sender: str, recipient: str) -> smtplib.SMTP:
        """Connect, and come to the point where the server waits for the text."""
        connection = self.connect()
        try:
            self._agreed(connection.mail(sender), "sender")
            self._agreed(connection.rcpt(recipient), "recipient")
            self._agreed(connection.docmd("DATA"), "text")
        except SendFailed:
            connection.close()
            raise
        except (OSError, smtplib.SMTPException) as fault:
            connection.close()
            raise SendFailed(f"{self.server.host}:{self.server.port}: {fault}", permanent=False) from fault
        return connection

    @staticmethod
    def _agreed(answer: tuple[int, bytes], what: str) -> None:
        code, words = answer
        if code >= 400:
            # RFC 5321 §4.2.1: 5xx is final, 4xx may pass.
            raise SendFailed(f"{what} refused: {code} {words.decode(errors='replace')}", permanent=code >= 500)

    def _hand_over(self, connection: smtplib.SMTP, wire: bytes) -> str:
        try:
            connection.send(smtplib._quote_periods(wire) + b".\r\n")  # type: ignore[attr-defined]
            code, words = connection.getreply()
        except (OSError, smtplib.SMTPException) as fault:
            raise FateUnknown(f"the line dropped after the text was handed over: {fault}") from fault
        self._agreed((code, words), "text")
        return f"{code} {words.decode(errors='replace')}"

    def _signed(self, wire: bytes) -> bytes:
        server = self.server
        if not server.dkim_key_file:
            return wire
        import dkim  # here: it brings a whole DNS library, and most associations' relays sign for them

        signature: bytes = dkim.sign(
            wire,
            selector=server.dkim_selector.encode(),
            domain=server.dkim_domain.encode(),
            privkey=Path(server.dkim_key_file).read_bytes(),
            include_headers=SIGNED_HEADERS,
        )
        return signature + wire
