"""What `vigie doctor` says of the mailbox and of the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import override_settings

from vigie.evidence.means import Means
from vigie.intake.doors.mailbox.tests.mail_server import DOVECOT, dovecot
from vigie.site import doctor
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


def test_a_browser_that_nothing_can_drive_is_said_to_be_missing_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = tmp_path / "driver"
    driver.write_text("#!/bin/sh\necho 'libatomic.so.1: cannot open shared object file' >&2\nexit 127\n")
    driver.chmod(0o755)
    monkeypatch.setattr(doctor, "compute_driver_executable", lambda: (str(driver), ""))
    found = doctor._browser(Means(chromium="/bin/true"))
    assert found.standing is Standing.MISSING
    assert "apt-get install libatomic1" in found.sentence
