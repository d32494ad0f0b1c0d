"""The mail of Agora and of the demonstration: one SMTP server, Maildir folders, one postman.

Mail to `…@agora.example` becomes a notice. Mail to any other domain is delivered into
`DIR/mail/<domain>/<local part>`, plus-addresses into the folder of their base, so that Vigie can
read its answers there. Nothing is answered 250 before it is on the disk.
"""

from __future__ import annotations

import asyncio
import logging
import mailbox
import os
import re
import smtplib
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from agora import rules
from agora.letters import MAILBOX
from agora.store import Letter, NewNotice, Store

_log = logging.getLogger(__name__)

DOMAIN = "agora.example"
MAX_MESSAGE_BYTES = 25_000_000

# Seconds before each new attempt. After the last one the letter is shown as failed on /moderation.
_RETRY_AFTER_SECONDS = (1, 2, 5, 15, 60, 300, 1800)
_SMTP_TIMEOUT_SECONDS = 10

# Both become folder names: nothing that could climb out of DIR/mail may pass.
_LOCAL_PART = re.compile(r"[a-z0-9_=-][a-z0-9._=-]{0,63}(\+[a-z0-9._=+-]{0,63})?", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE)


class MailServer:
    """An SMTP server on a socket that is already bound, running in a thread of its own."""

    def __init__(self, listening: socket.socket, *, accept: Callable[[str, list[str], bytes], None]) -> None:
        self._socket = listening
        self._accept = accept
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="agora-smtp", daemon=True)
        # What a test makes the server say instead of taking the message, for example "451 4.7.1 later".
        self.forced_answer: str | None = None

    def start(self) -> None:
        ready = threading.Event()
        self._loop.call_soon(ready.set)
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=1)

    def _run(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(loop.create_server(self._session, sock=self._socket))
        try:
            loop.run_forever()
        finally:
            server.close()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    def _session(self) -> SMTP:
        return SMTP(
            self,
            hostname=DOMAIN,
            ident="Agora (demonstration)",
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            loop=self._loop,
        )

    # Called by aiosmtpd; the names are its own.

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        local_part, _, domain = address.rpartition("@")
        if not (_LOCAL_PART.fullmatch(local_part) and _DOMAIN.fullmatch(domain)):
            return "553 5.1.3 This address cannot be delivered to"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.forced_answer:
            return self.forced_answer
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            # In a thread, since it waits for the disk: other sessions go on meanwhile.
            await asyncio.to_thread(
                self._accept, (envelope.mail_from or "").strip("<>"), list(envelope.rcpt_tos), content
            )
        except (OSError, sqlite3.Error):
            _log.exception("a message could not be stored; the sender is asked to try again")
            return "451 4.3.0 Could not be stored, please try again"
        return "250 OK"


def deliver(folder: Path, *, sender: str, recipient: str, content: bytes) -> None:
    """Put a message into the Maildir of its recipient; it is on the disk when this returns."""
    local_part, _, domain = recipient.lower().rpartition("@")
    path = folder / domain / local_part.partition("+")[0]
    if not path.is_dir():
        _make_maildir(path)
    with closing(mailbox.Maildir(path, create=False)) as maildir:
        # Lines end as they do in any Maildir, not as on the wire.
        maildir.add(f"Return-Path: <{sender}>\nDelivered-To: {recipient}\n".encode() + content.replace(b"\r\n", b"\n"))
    # `Maildir.add` syncs the file; its name in the folder must be synced too.
    for directory in (path / "new", path, path.parent):
        _sync_directory(directory)


def _make_maildir(path: Path) -> None:
    """Make a Maildir that no reader ever sees half made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".") as aside:
        mailbox.Maildir(Path(aside) / "made", create=True).close()
        try:
            (Path(aside) / "made").rename(path)
        except OSError:
            if not path.is_dir():  # else another message to the same person came first
                raise


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_notice(content: bytes, *, envelope_sender: str, hosts: frozenset[str]) -> tuple[NewNotice, tuple[str, ...]]:
    """Return what a received message says, and the Message-IDs that it answers."""
    message = message_from_bytes(content, policy=default)
    body = _body(message)
    subject = _header(message, "Subject")
    sender = parseaddr(_header(message, "From"))[1] or envelope_sender
    new = NewNotice(
        door="mail",
        sender=sender,
        answer_to=_answer_to(message, sender=sender, envelope_sender=envelope_sender),
        subject=subject,
        language=rules.language_of(f"{subject}\n{body}", declared=_header(message, "Content-Language")),
        addresses=rules.addresses_in(f"{subject}\n{body}", hosts=hosts),
        body=body,
        message_id=_header(message, "Message-ID"),
        raw=content,
    )
    thread = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}".split()
    return new, tuple(dict.fromkeys(thread))


def _header(message: EmailMessage, name: str) -> str:
    """Return a header in one line, or nothing when it is missing or cannot be read."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (MessageError, ValueError, IndexError, AttributeError):
        # The standard parser stumbles on some malformed headers; the raw message is kept anyway.
        return ""


def _answer_to(message: EmailMessage, *, sender: str, envelope_sender: str) -> str:
    """Return whom to answer, or nothing: a bounce, an automatic reply and Agora itself get no answer."""
    if not envelope_sender or _header(message, "Auto-Submitted").lower().startswith("auto-replied"):
        return ""
    address = parseaddr(_header(message, "Reply-To"))[1] or sender
    local_part, _, domain = address.rpartition("@")
    if not (_LOCAL_PART.fullmatch(local_part) and _DOMAIN.fullmatch(domain)) or domain.lower() == DOMAIN:
        return ""
    return address


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        text = raw.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        text = raw.decode("latin-1")
    return _text_of_html(text) if part.get_content_subtype() == "html" else text


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.extend(f" {value} " for name, value in attrs if name == "href" and value)


def _text_of_html(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return " ".join(parser.pieces)


def send_due_letters(store: Store, *, relay: tuple[str, int], now: Callable[[], datetime]) -> int:
    """Hand the letters that are due to the relay; return how many were tried.

    A crash between the relay's 250 and our row sends a letter again, under the same Message-ID.
    """
    due = store.letters_due(now())
    for letter in due:
        error, permanent = _send(letter, relay=relay)
        with store.writing(now()) as writing:
            if error is None:
                writing.letter_is_sent(letter)
                continue
            give_up = permanent or letter.attempts >= len(_RETRY_AFTER_SECONDS)
            again = None if give_up else now().timestamp() + _RETRY_AFTER_SECONDS[letter.attempts]
            writing.letter_has_failed(letter, error=error, next_attempt=again)
    return len(due)


def _send(letter: Letter, *, relay: tuple[str, int]) -> tuple[str | None, bool]:
    """Return what went wrong, if anything, and whether trying again is useless."""
    try:
        with smtplib.SMTP(*relay, local_hostname=DOMAIN, timeout=_SMTP_TIMEOUT_SECONDS) as client:
            client.sendmail(MAILBOX, [letter.recipient], letter.raw)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, reason = refusal.recipients[letter.recipient]
        return f"{code} {_text(reason)}", code >= 500
    except smtplib.SMTPResponseException as refusal:
        return f"{refusal.smtp_code} {_text(refusal.smtp_error)}", refusal.smtp_code >= 500
    except (OSError, smtplib.SMTPException) as failure:
        return f"{type(failure).__name__}: {failure}", False
    return None, False


def _text(answer: Any) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
