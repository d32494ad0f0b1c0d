"""Who reported, and the code they were given, are read nowhere in the open: not in the database, not in a log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from vigie.casefile.models import Case
from vigie.core.references import typed_receipt
from vigie.intake.actions import file_next
from vigie.intake.models import Identity, Report
from vigie.intake.tests.builders import ADDRESS
from vigie.organisations.tests.cast import Cast
from vigie.outbox.actions import deliver_one
from vigie.outbox.rules import SendFailed

pytestmark = pytest.mark.django_db

NAME, EMAIL = "Amina Inventée", "amina.inventee@essai.example"


class RefusingServer:
    """Refuses, and quotes the recipient as servers do."""

    def send(self, message: EmailMessage, *, before_handover: Callable[[], None]) -> str:
        raise SendFailed(f"550 <{message['To']}> unknown", permanent=False)


def database_as_text() -> str:
    written = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                plain = [bytes(v).decode("latin-1") if isinstance(v, memoryview | bytes) else str(v) for v in row]
                written.append(" ".join(plain))
    return "\n".join(written)


def test_the_whole_way_of_a_report_leaves_neither_name_nor_code_in_the_open(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client()
    nonce = re.search(r'name="nonce" value="([^"]+)"', client.get("/").content.decode())
    assert nonce
    given = {"nonce": nonce[1], "addresses": ADDRESS, "name": NAME, "email": EMAIL, "consent": "on"}
    shown = re.search(r'id="code">([0-9 ]+)<', client.post("/", given).content.decode())
    assert shown
    code = typed_receipt(shown[1])
    file_next(timezone.now())
    case = Case.objects.of(cast.veille).get()
    bruno = cast.bruno.browser()
    bruno.post(f"/bureau/dossiers/{case.ref}/repondre", {"text": "Réponse d’essai.", "nonce": "m" * 22})
    assert deliver_one(RefusingServer(), timezone.now())
    client.post("/suivi", {"code": shown[1]})
    report = Report.objects.of(cast.veille).get()
    cast.chloe.browser().post(
        f"/bureau/dossiers/{case.ref}/signalements/{report.pk}/identite", {"purpose": "protection"}
    )
    assert Identity.objects.of(cast.veille).get().has_email
    for place in (database_as_text(), caplog.text, bruno.get(f"/bureau/dossiers/{case.ref}/").content.decode()):
        for secret in (NAME, EMAIL, "amina.inventee", code, shown[1]):
            assert secret not in place
