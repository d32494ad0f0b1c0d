"""How many letters of a full mailbox are taken in a second, from a real Dovecot to reports with their receipts.

Beside it, in the same run, the least it can take: the same letters fetched and moved by the same connection, and nothing kept.
"""

from __future__ import annotations

import io
import json
import tempfile
import time
from pathlib import Path

from PIL import Image
from tests.processes.house import a_house

from benchmarks.report import Report
from vigie.intake.doors.mailbox.tests.builders import a_letter
from vigie.intake.doors.mailbox.tests.mail_server import DOVECOT, PASSWORD, MailServer, dovecot

LETTERS = 2_000
AN_ASSOCIATION = """
from vigie.organisations.models import Organisation
Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
"""
READ = """
import json, resource, time
from django.utils import timezone
from vigie.intake.doors.mailbox.tasks import read_mailboxes
from vigie.intake.models import Report
began, busy = time.perf_counter(), time.process_time()
while read_mailboxes(timezone.now()):
    pass
print(json.dumps({
    "seconds": time.perf_counter() - began, "processor": time.process_time() - busy,
    "reports": Report.across_associations.count(), "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def run(report: Report) -> None:
    number = LETTERS // 10 if report.is_quick else LETTERS
    for name, server in report.databases.items():
        report.begin(f"A mailbox of {number:,} letters, one in five with a picture, {name}")
        if not DOVECOT.exists():
            report.note("left out: Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
            return
        with dovecot() as post:
            fill(post, number)
            bare = fetched_and_moved(post, number)
            address = f"imap://veille:{PASSWORD}@127.0.0.1:{post.port}/INBOX?security=none"
            with (
                tempfile.TemporaryDirectory(prefix="vigie-bench-") as data,
                a_house(Path(data), server=server, VIGIE_MAILBOX=address) as house,
            ):
                house.run(AN_ASSOCIATION)
                found = json.loads(house.run(READ))
            assert found["reports"] == number == post.count("Traites"), "every letter is one report, and moved"
            report.figure(
                "letters taken in", number / found["seconds"], "a second", of=number / bare, reference="fetch and move"
            )
            report.figure("of one processor", number / found["processor"], "for each second it worked")
            report.figure("peak memory", found["memory"], "MB")


def fill(post: MailServer, number: int) -> None:
    """Leave the same letters to two people: one whom the desk reads, and one as the reference."""
    for count in range(number):
        letter = a_letter(
            f"Bonjour,\n\nvoici : https://x.com/compte/status/{1790000000000000000 + count}\n", subject=f"Signalement {count}",
            sender=f"Une personne <personne{count}@courriel.example>", message_id=f"<{count}@courriel.example>",
        )  # fmt: skip
        if count % 5 == 0:
            letter.add_attachment(picture(), maintype="image", subtype="png", filename="capture.png")
        for name in ("veille", "temoin"):
            post.deliver(letter.as_bytes(), name=name)


def picture() -> bytes:
    written = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(written, "PNG")
    return written.getvalue()


def fetched_and_moved(post: MailServer, number: int) -> float:
    began = time.perf_counter()
    with post.account("temoin").open() as box:
        for arrival in box.new_messages(at_most=number, max_bytes=10**7):
            box.done(arrival.uid)
    return time.perf_counter() - began
