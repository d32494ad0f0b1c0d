"""What goes wrong on our side: a person is told, nothing leaves twice, nothing waits out of sight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vigie.organisations.tests.cast import Cast
from vigie.outbox.actions import deliver_one, message_of, queue_mail, settle_lost, settle_unknown
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Fate, Purpose, SendFailed

pytestmark = pytest.mark.django_db


def queue(cast: Cast, **given: Any) -> OutgoingMail:
    with transaction.atomic():
        return queue_mail(
            **{
                "actor": cast.bruno.actor, "purpose": Purpose.ALERT, "key": "alert:1", "recipient": "bruno@veille.example",
                "sender": "a@veille.example", "subject": "Une relance", "body": "Texte.", "now": timezone.now(), **given,
            }
        )  # fmt: skip


class Transport:
    """Does what it is told before or after the text is handed over."""

    def __init__(self, *, before: Callable[[], None] = lambda: None, after: Callable[[], None] = lambda: None) -> None:
        self.before, self.after = before, after
        self.sent: list[EmailMessage] = []

    def send(self, message: EmailMessage, *, before_handover: Callable[[], None]) -> str:
        self.before()
        before_handover()
        self.sent.append(message)
        self.after()
        return "250 ok"


def stumble() -> None:
    raise UnicodeEncodeError("ascii", "é", 0, 1, "a mistake of ours")


@pytest.mark.parametrize(("when", "fate"), [("before", Fate.FAILED), ("after", Fate.UNKNOWN)])
def test_a_mistake_of_ours_shows_the_message_to_a_person(cast: Cast, when: str, fate: Fate) -> None:
    mail = queue(cast)
    assert deliver_one(Transport(**{when: stumble}), timezone.now())
    mail.refresh_from_db()
    assert (mail.fate, mail.last_error) == (fate, "UnicodeEncodeError")


def test_a_name_with_a_line_break_makes_no_header_of_its_own(cast: Cast) -> None:
    message = message_of(queue(cast, subject="Votre accès à Veille\r\nBcc: tous@veille.example"))
    assert message["Subject"] == "Votre accès à Veille Bcc: tous@veille.example"
    assert "Bcc" not in message


def test_an_address_with_accents_in_its_domain_is_written_as_mail_servers_do(cast: Cast) -> None:
    server = Transport()
    queue(cast, recipient="amina@hôpital.example", is_private=True)
    deliver_one(server, timezone.now())
    assert server.sent[0]["To"] == "amina@xn--hpital-ixa.example"


def lease_runs_out(mail: OutgoingMail) -> Callable[[], None]:
    def pass_time() -> None:
        settle_lost(timezone.now() + 2 * settings.VIGIE_LEASE)

    return pass_time


def test_an_answer_later_than_the_lease_still_counts(cast: Cast) -> None:
    mail = queue(cast)
    deliver_one(Transport(after=lease_runs_out(mail)), timezone.now())
    mail.refresh_from_db()
    assert mail.fate == Fate.SENT


def test_what_a_person_sends_again_is_stopped_when_the_first_answer_comes_after_all(cast: Cast) -> None:
    mail = queue(cast)

    def a_person_sends_it_again() -> None:
        lease_runs_out(mail)()
        settle_unknown(actor=cast.chloe.actor, mail=mail, it_left=False, now=timezone.now())

    first = Transport(after=a_person_sends_it_again)
    deliver_one(first, timezone.now())
    assert not deliver_one(Transport(), timezone.now() + timedelta(hours=1))


def test_a_failure_later_than_the_lease_does_not_disturb_the_worker_that_took_over(cast: Cast) -> None:
    mail = queue(cast)

    def taken_over_then_refused() -> None:
        lease_runs_out(mail)()
        settle_unknown(actor=cast.chloe.actor, mail=mail, it_left=False, now=timezone.now())
        OutgoingMail.across_associations.filter(pk=mail.pk).update(fate=Fate.LEAVING, attempts=1, turn=2)
        raise SendFailed("too late", permanent=False)

    deliver_one(Transport(after=taken_over_then_refused), timezone.now())
    mail.refresh_from_db()
    assert mail.fate == Fate.LEAVING
