"""The worker is killed at every step of handing a message over: none is lost, none leaves twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.processes.house import PATIENCE_SECONDS, House, a_house, kill, pausing_smtp_server, stop, wait_for

pytestmark = pytest.mark.processes

QUEUE_ONE_NOTICE = """
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
with transaction.atomic():
    content = keep_content(organisation_id=o.pk, key="web:https://forum.example/1", platform="web", kind="page",
                           url="https://forum.example/1", now=now)
    case = open_case(actor=actor, content=content, door="form", now=now)
    queue_mail(actor=actor, purpose=Purpose.NOTICE, key="notice:N-AAAA-BBBB", recipient="moderation@forum.example",
               sender="signalements@veille.example", subject="[N-AAAA-BBBB] essai", body="essai", now=now, case=case,
               reference="N-AAAA-BBBB")
"""
FATE = "SELECT fate FROM outbox_outgoingmail"


def seeded(house: House) -> None:
    house.run(QUEUE_ONE_NOTICE)


@pytest.mark.parametrize(
    ("stage", "fates"),
    [
        ("connect", {"sent"}),
        ("MAIL", {"sent"}),
        ("RCPT", {"sent"}),
        ("DATA", {"sent"}),
        ("text", {"unknown"}),
        ("accepted", {"unknown", "sent"}),
    ],
)
def test_a_worker_killed_while_handing_over_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, stage: str, fates: set[str]
) -> None:
    with pausing_smtp_server() as server:
        settings = {"VIGIE_SMTP_PORT": str(server.port), "VIGIE_SMTP_SECURITY": "none"}
        with a_house(tmp_path, **settings) as house:
            seeded(house)
            reached, killed = threading.Event(), threading.Event()

            def stop_here(now_at: str) -> None:
                if now_at == stage and not reached.is_set():
                    reached.set()
                    killed.wait(PATIENCE_SECONDS)

            server.at = stop_here
            first = house.start("worker")
            assert reached.wait(PATIENCE_SECONDS)
            kill(first)
            killed.set()
            second = house.worker()
            fate = wait_for(lambda: (f := house.value(FATE)) in {"sent", "unknown", "failed"} and f, what=stage)
            assert fate in fates
            assert stop(second) == 0
            assert len(server.texts) == 1
            sending = {"sent": "sent", "unknown": "unknown"}[fate]
            assert house.value("SELECT sending FROM casefile_case") == sending
            assert house.start("journal", "verify").wait(PATIENCE_SECONDS) == 0


def test_a_message_of_unknown_fate_waits_for_a_person_however_often_the_worker_starts(tmp_path: Path) -> None:
    with pausing_smtp_server() as server:
        settings = {"VIGIE_SMTP_PORT": str(server.port), "VIGIE_SMTP_SECURITY": "none"}
        with a_house(tmp_path, **settings) as house:
            seeded(house)
            house.run(
                "from vigie.outbox.models import OutgoingMail as M\n"
                "from django.utils import timezone\n"
                "M.across_associations.update(fate='leaving', taken_until=timezone.now())"
            )
            for _ in range(2):
                worker = house.worker()
                wait_for(lambda: house.value(FATE) == "unknown")
                assert stop(worker) == 0
            assert server.texts == []
