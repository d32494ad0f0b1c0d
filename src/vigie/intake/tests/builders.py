"""Reports for tests. All are invented."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from vigie.casefile.models import Case
from vigie.intake.actions import Received, file_report, receive_report
from vigie.intake.rules.values import Door
from vigie.organisations.rules.policy import Actor

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ADDRESS = "https://x.com/essai/status/1234567890123456789"


def receive(actor: Actor, *addresses: str, **given: Any) -> Received:
    """Receive one report, through the form unless told otherwise."""
    return receive_report(
        **{"actor": actor, "door": Door.FORM, "addresses": addresses or [ADDRESS], "now": NOW, **given}
    )


def received_and_filed(actor: Actor, *addresses: str, **given: Any) -> tuple[Received, list[Case]]:
    received = receive(actor, *addresses, **given)
    return received, file_report(received.report, given.get("now", NOW))


def png(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()
