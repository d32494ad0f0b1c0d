"""`POST /api/v1/reports`: a partner's program reports, and knows at once which cases it made."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router, Schema, Status
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from vigie.core.errors import Conflict, UnusableInput
from vigie.core.keys import derive_key
from vigie.core.plain import is_storable
from vigie.core.words import N_
from vigie.intake.actions import Received, file_report, receive_report
from vigie.intake.rules.values import About, Contact, Door, ReportState, Upload
from vigie.intake.uploads import MAX_FILES
from vigie.organisations.rules.policy import Action
from vigie.organisations.web.api import actor_of
from vigie.platforms.resolve import resolve

router = Router(tags=["reports"])

MOST_ADDRESSES = 50


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds characters that no text has")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_storable)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8192), AfterValidator(_storable)]
Key = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,120}$")]


class Strict(Schema):
    """A body in which a misspelt name is refused instead of ignored."""

    model_config = ConfigDict(extra="forbid")


class ContactIn(Strict):
    """How to reach the person who reported. It goes into the vault."""

    name: Line = ""
    email: Line = ""
    phone: Line = ""


class AttachmentIn(Strict):
    name: Line
    content: str = Field(description="base64")


class ReportIn(Strict):
    urls: list[Url] = Field(min_length=1, max_length=MOST_ADDRESSES)
    description: Annotated[Text, Field(max_length=20_000)] = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = "fr"
    category: About | None = None
    contact: ContactIn | None = None
    attachments: list[AttachmentIn] = Field(default_factory=list, max_length=MAX_FILES)
    source_key: Key | None = Field(default=None, description="your own reference: the same twice is one report")


class ReportOut(Schema):
    receipt: str | None = Field(description="16 digits that open the reporter's page; null if they were given before")
    cases: list[str] = Field(description="references of the cases it joined or opened")


class ErrorOut(Schema):
    error: str = Field(description="one sentence: what, where, what to do")


ERRORS: dict[int, Any] = dict.fromkeys([400, 401, 403, 409, 413, 422], ErrorOut)


@router.post("/reports", response={201: ReportOut, 200: ReportOut, **ERRORS}, summary="Report one or several contents")
def report(
    request: HttpRequest, body: ReportIn, idempotency_key: Annotated[Key | None, Header(alias="Idempotency-Key")] = None
) -> Status[ReportOut]:
    """Keep a report and sort it into cases.

    With `Idempotency-Key` or `source_key` the same call again changes nothing and answers 200 with the same receipt.
    """
    actor = actor_of(request, Action.SUBMIT_REPORT)
    for url in body.urls:
        resolve(url)  # refuses with the reason, before anything is kept
    key = idempotency_key or body.source_key
    now = timezone.now()
    received = receive_report(
        actor=actor,
        door=Door.API,
        addresses=body.urls,
        description=body.description,
        about=body.category.value if body.category else "",
        contact=Contact(**body.contact.dict()) if body.contact else None,
        attachments=[_upload(attachment) for attachment in body.attachments],
        language=body.language,
        source_key=f"api:{actor.name}:{_digest(key)}" if key else None,
        nonce=secrets.token_hex(16),
        now=now,
    )
    _same_again(received, body)
    cases = file_report(received.report, now)
    told = ReportOut(receipt=received.receipt_code, cases=[case.ref for case in cases])
    return Status(201 if received.is_new else 200, told)


def _digest(key: str) -> str:
    """Return the digest by which a partner's own reference is known: some give the address itself, which may have to go."""
    secret = derive_key(settings.SECRET_KEY, "partners-reference")
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()


def _upload(attachment: AttachmentIn) -> Upload:
    try:
        return Upload(attachment.name, base64.b64decode(attachment.content, validate=True))
    except (binascii.Error, ValueError):
        raise UnusableInput(N_("Le fichier « %(name)s » n’est pas écrit en base64."), name=attachment.name) from None


def _same_again(received: Received, body: ReportIn) -> None:
    """Refuse a key that was used for another report: two different things must not become one in silence."""
    kept = received.report
    if received.is_new or kept.state in {ReportState.REFERRED, ReportState.PURGED}:
        return
    if kept.addresses != body.urls or kept.description != body.description:
        raise Conflict(N_("Cette clé a déjà servi pour un autre signalement."))
