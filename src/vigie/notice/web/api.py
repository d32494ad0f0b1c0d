"""`GET /api/v1/notices`: what the token's association sent, a page at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from vigie.casefile.web.api import ERRORS, PageIn, Text
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.notice.models import Notice, NoticeContent
from vigie.notice.queries import notices as notices_of
from vigie.organisations.rules.policy import Action
from vigie.organisations.web.api import actor_of

router = Router(tags=["notices"])


class NoticeOut(Schema):
    ref: str
    case: str
    platform: str
    site: str = Field(description="the host, for platforms that have many; else empty")
    channel: Literal["email", "by-hand", "pharos"]
    language: str
    state: Literal["draft", "checked", "approved", "queued", "sent", "failed", "unknown", "withdrawn"]
    drafted_at: datetime
    sent_at: datetime | None
    decided_at: datetime | None = Field(description="when the platform decided, by the latest answer read")
    platform_reference: str
    reminder_of: str | None
    catalogue_version: str
    contents: list[str] = Field(description="addresses as they were notified")


class NoticesOut(Schema):
    items: list[NoticeOut]
    next: str | None = Field(description="give it as `after` for the next page; null at the end")


class NoticesIn(PageIn):
    case: Text = Field(default="", max_length=11, description="reference of a case")
    channel: Literal["", "email", "by-hand", "pharos"] = ""


@router.get("/notices", response={200: NoticesOut, **ERRORS}, summary="Notices of your association, oldest first")
def notices(request: HttpRequest, asked: Annotated[NoticesIn, Query()]) -> NoticesOut:
    actor = actor_of(request, Action.SEE_CASE)
    asked.refuse_others(request)
    found = notices_of(actor)
    if asked.case:
        found = found.filter(case__ref=asked.case)
    if asked.platform:
        found = found.filter(platform=asked.platform)
    if asked.channel:
        found = found.filter(channel=asked.channel)
    if asked.after:
        start = notices_of(actor).filter(ref=asked.after).values_list("pk", flat=True).first()
        if start is None:
            raise NotFound(N_("La page demandée n’existe pas : reprenez « next » de la page précédente."))
        found = found.filter(pk__gt=start)
    about = Prefetch("notice_contents", queryset=NoticeContent.objects.of(actor.organisation_id))
    rows = list(found.order_by("pk").prefetch_related(about)[: asked.limit + 1])
    items = [_notice(notice) for notice in rows[: asked.limit]]
    return NoticesOut(items=items, next=items[-1].ref if len(rows) > asked.limit else None)


def _notice(notice: Notice) -> NoticeOut:
    return NoticeOut.model_validate({
        "ref": notice.ref, "case": notice.case.ref, "platform": notice.platform, "site": notice.site,
        "channel": notice.channel, "language": notice.language, "state": notice.state.value,
        "drafted_at": notice.drafted_at, "sent_at": notice.sent_at, "decided_at": notice.decided_at,
        "platform_reference": notice.platform_reference,
        "reminder_of": notice.reminder_of.ref if notice.reminder_of else None,
        "catalogue_version": notice.catalogue_version,
        "contents": [kept.url for kept in notice.notice_contents.all()],
    })  # fmt: skip
