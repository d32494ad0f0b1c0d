"""What `vigie doctor` says of the mailbox."""

from __future__ import annotations

import pytest
from django.test import override_settings

from vigie.intake.doors.mailbox.tests.mail_server import DOVECOT, dovecot
from vigie.site.doctor import Standing, _mail_in


@pytest.mark.mailserver
def test_a_refused_password_is_one_sentence_that_names_the_setting() -> None:
    if not DOVECOT.exists():
        pytest.skip("Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    with dovecot() as server:
        with override_settings(VIGIE_MAILBOXES={"AUTRE_RIVE": server.account(password="autre-secret")}):
            (refused,) = _mail_in()
        with override_settings(VIGIE_MAILBOXES={"AUTRE_RIVE": server.account()}):
            (opens,) = _mail_in()
    sentence = f"127.0.0.1:{server.port} refuses the user 'veille' or the password: correct VIGIE_MAILBOX_AUTRE_RIVE."
    assert (refused.standing, refused.sentence) == (Standing.MISSING, sentence)
    assert opens.standing is Standing.GOOD
