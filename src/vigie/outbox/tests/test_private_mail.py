"""A private mail, to somebody who reported or with a door in it: sealed while it waits, used once, then forgotten."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from django.db import transaction
from django.utils import timezone

from vigie.organisations.tests.cast import Cast
from vigie.outbox.actions import deliver_one, queue_mail
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Purpose, SendFailed

ADDRESS = "amina@essai.example"


class Server:
    """Takes what it is given, or refuses it and quotes the recipient as servers do."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.recipients: list[str] = []
        self.bodies: list[str] = []

    def send(self, message: EmailMessage, *, before_handover: Callable[[], None]) -> str:
        if self.refuses:
            raise SendFailed(f"recipient refused: 550 <{message['To']}> unknown", permanent=True)
        before_handover()
        self.recipients.append(message["To"])
        self.bodies.append(message.get_content())
        return "250 ok"


def queue(cast: Cast) -> None:
    with transaction.atomic():
        queue_mail(
            actor=cast.bruno.actor, purpose=Purpose.ANSWER, key="answer:1", recipient=ADDRESS,
            sender="a@veille.example", subject="Réponse", body="Revenez avec votre code.", now=timezone.now(),
            is_private=True,
        )  # fmt: skip


def row() -> dict[str, object]:
    return dict(OutgoingMail.across_associations.values().get())


@pytest.mark.django_db
def test_it_is_sealed_until_the_mail_has_left_and_then_forgotten(cast: Cast) -> None:
    queue(cast)
    assert ADDRESS not in str(row())
    assert "Revenez" not in str(row())
    server = Server()
    deliver_one(server, timezone.now())
    assert server.recipients == [ADDRESS]
    assert "Revenez avec votre code." in server.bodies[0]
    assert bytes(row()["sealed"]) == b""  # type: ignore[call-overload]


@pytest.mark.django_db
def test_a_server_that_quotes_it_does_not_undo_the_seal(cast: Cast) -> None:
    queue(cast)
    deliver_one(Server(refuses=True), timezone.now())
    assert row()["last_error"] == "recipient refused: 550 <…> unknown"
    assert row()["sealed"]
