"""A real mail server for the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vigie.intake.doors.mailbox.tests.mail_server import DOVECOT, MailServer, dovecot


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real IMAP server, empty."""
    if not DOVECOT.exists():
        pytest.skip("Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    with dovecot() as server:
        yield server


@pytest.fixture
def mail_server_below_inbox() -> Iterator[MailServer]:
    """A real IMAP server that keeps every folder under `INBOX.`, as many providers do."""
    if not DOVECOT.exists():
        pytest.skip("Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    with dovecot(separator=".", prefix="INBOX.") as server:
        yield server
