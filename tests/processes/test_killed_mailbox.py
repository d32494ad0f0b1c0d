"""The worker is killed while it takes letters in: each is one report, and is moved in the end."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest

from tests.processes.house import PATIENCE_SECONDS, a_house, kill, wait_for
from vigie.intake.doors.mailbox.tests.builders import a_letter
from vigie.intake.doors.mailbox.tests.mail_server import DOVECOT, PASSWORD, between, dovecot

pytestmark = pytest.mark.processes

AN_ASSOCIATION = """
from vigie.organisations.models import Organisation
Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
"""


@pytest.mark.mailserver
@pytest.mark.parametrize("stage", [b"BODY.PEEK", b"MOVE"])
def test_a_worker_killed_while_taking_in_a_letter_makes_one_report_of_it(tmp_path: Path, stage: bytes) -> None:
    if not DOVECOT.exists():
        pytest.skip("Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    reached, killed = threading.Event(), threading.Event()

    def stop_here(piece: bytes) -> None:
        if stage in piece and not reached.is_set():
            reached.set()
            killed.wait(PATIENCE_SECONDS)
            raise OSError("killed before the server heard of it")

    with dovecot() as server, between(server.port, stop_here) as port:
        server.put(a_letter().as_bytes())
        address = f"imap://veille:{PASSWORD}@127.0.0.1:{port}/INBOX?security=none"
        with a_house(tmp_path, VIGIE_MAILBOX=address, VIGIE_MAILBOX_EVERY="1") as house:
            house.run(AN_ASSOCIATION)
            first = house.start("worker")
            assert reached.wait(PATIENCE_SECONDS)
            kill(first)
            killed.set()
            assert server.count("INBOX") == 1
            assert house.value("SELECT count(*) FROM intake_report") == (1 if stage == b"MOVE" else 0)
            house.start("worker")
            wait_for(lambda: server.count("Traites") == 1, what="the letter is moved")
            wait_for(lambda: house.value("SELECT count(*) FROM casefile_case") == 1, what="the report is filed")
            assert server.count("INBOX") == 0
            assert house.value("SELECT count(*) FROM intake_report") == 1
            assert house.value("SELECT count(*) FROM intake_incomingmail") == 1
            assert house.value("SELECT count(*) FROM outbox_outgoingmail") == 1


def test_a_worker_killed_again_and_again_over_a_maildir_makes_one_report_of_each_letter(tmp_path: Path) -> None:
    letters, drawn = 60, random.Random(20261125)
    box = tmp_path / "boite"
    (box / "new").mkdir(parents=True)

    def deliver(number: int) -> None:
        # As a mail server delivers: written aside, then there at once.
        raw = a_letter(f"https://x.com/a/status/{10**18 + number}", message_id=f"<{number}@c.example>").as_bytes()
        (box / f"{number}.part").write_bytes(raw)
        os.rename(box / f"{number}.part", box / "new" / f"{number}.essai")

    def moved() -> int:
        folder = box / ".Traites" / "cur"
        return len(list(folder.iterdir())) if folder.exists() else 0

    with a_house(tmp_path / "data", VIGIE_MAILBOX=f"maildir://{box}", VIGIE_MAILBOX_EVERY="1") as house:
        house.run(AN_ASSOCIATION)
        kills = 0
        for number in range(letters):
            deliver(number)
        while moved() < letters and kills < 8:
            before, worker = moved(), house.start("worker")
            # In the midst of it: some letters moved, one of them perhaps kept and not moved yet.
            wait_for(lambda before=before: moved() > before, what="a letter is moved")
            time.sleep(drawn.uniform(0, 0.05))
            kill(worker)
            kills += 1
        assert kills > 1
        deliver(0)  # and one of them is put back by hand
        os.rename(box / "new" / "0.essai", box / "cur" / "remise.essai:2,S")
        house.start("worker")
        wait_for(lambda: moved() == letters + 1, what="every letter is moved")
        wait_for(lambda: house.value("SELECT count(*) FROM casefile_case") == letters, what="every report is filed")
        assert [len(list((box / name).iterdir())) for name in ("new", "cur")] == [0, 0]
        for table in ("intake_report", "intake_incomingmail", "casefile_case"):
            assert house.value(f"SELECT count(*) FROM {table}") == letters
        assert house.value("SELECT count(*) FROM outbox_outgoingmail") == 1  # one receipt a day
        assert house.start("journal", "verify").wait(60) == 0
