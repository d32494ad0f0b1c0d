"""Two workers beside each other, or a button pressed several times at once: each notice leaves once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.processes.house import PATIENCE_SECONDS, a_house, pausing_smtp_server, stop, wait_for

pytestmark = pytest.mark.processes

NOTICES = 15
QUEUE_MANY = f"""
from django.db import transaction
from django.utils import timezone
from vigie.casefile.actions import keep_content, open_case
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Actor
from vigie.outbox.actions import queue_mail
from vigie.outbox.rules import Purpose
now = timezone.now()
o = Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
actor = Actor(name="member:1", organisation_id=o.pk)
for number in range({NOTICES}):
    with transaction.atomic():
        content = keep_content(organisation_id=o.pk, key=f"web:{{number}}", platform="web", kind="page",
                               url=f"https://forum.example/{{number}}", now=now)
        case = open_case(actor=actor, content=content, door="form", now=now)
        queue_mail(actor=actor, purpose=Purpose.NOTICE, key=f"notice:N-AAAA-{{number:04d}}",
                   recipient="moderation@forum.example", sender="signalements@veille.example",
                   subject=f"essai {{number}}", body="essai", now=now, case=case, reference=f"N-AAAA-{{number:04d}}")
"""


def test_two_workers_send_each_notice_once(tmp_path: Path) -> None:
    with pausing_smtp_server() as server:
        settings = {"VIGIE_SMTP_PORT": str(server.port), "VIGIE_SMTP_SECURITY": "none", "VIGIE_LEASE_SECONDS": "60"}
        with a_house(tmp_path, **settings) as house:
            house.run(QUEUE_MANY)
            workers = [house.worker() for _ in range(2)]
            sent = "SELECT count(*) FROM outbox_outgoingmail WHERE fate = 'sent'"
            wait_for(lambda: house.value(sent) == NOTICES, what="all sent")
            assert [stop(worker) for worker in workers] == [0, 0]
            ids = Counter(_message_id(text) for text in server.texts)
            assert len(ids) == NOTICES
            assert set(ids.values()) == {1}


DRAFT_ONE = """
from vigie.notice.actions import draft_notices
from vigie.notice.tests.cases import NOW, qualified_case
from vigie.organisations.tests.cast import make_cast
cast = make_cast()
print(draft_notices(actor=cast.bruno.actor, case=qualified_case(cast.bruno), now=NOW)[0].pk)
"""
SEND_IT = """
from django.utils import timezone
from vigie.notice.actions import send_notice
from vigie.notice.models import Notice
from vigie.organisations.models import Membership
bruno = Membership.objects.get(member__display_name="Bruno").actor()
notice = Notice.objects.of(bruno.organisation_id).get()
send_notice(actor=bruno, notice=notice, now=timezone.now())
"""


def test_a_button_pressed_four_times_at_once_writes_one_mail(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        house.run(DRAFT_ONE)
        for process in [house.start_python(SEND_IT) for _ in range(4)]:
            assert process.wait(PATIENCE_SECONDS) == 0
        assert house.value("SELECT count(*) FROM outbox_outgoingmail") == 1
        assert house.value("SELECT count(*) FROM casefile_journalentry WHERE event = 'notice.queued'") == 1


def _message_id(text: str) -> str:
    return next(line for line in text.splitlines() if line.lower().startswith("message-id:"))
