"""`GET /api/v1/cases` and `/contents`: what the token's association works on, a page at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from vigie.casefile.models import Case, CaseContent, Content
from vigie.casefile.rules.state import Stage
from vigie.core.errors import NotFound, UnusableInput
from vigie.core.plain import is_storable
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.organisations.web.api import actor_of
from vigie.platforms.resolve import resolve

router = Router(tags=["cases"])

MOST_A_PAGE = 200


class ErrorOut(Schema):
    error: str = Field(description="one sentence: what, where, what to do")


ERRORS: dict[int, Any] = dict.fromkeys([401, 403, 404, 422], ErrorOut)


class CaseOut(Schema):
    ref: str
    opened_at: datetime
    platform: str
    door: str
    stage: str
    sending: str
    platform_says: str
    online: str
    danger: int = Field(description="0 standard, 1 to be treated today, 2 terrorism, 3 imminent danger")
    limitation_on: date | None
    reports: int
    closed_at: datetime | None
    contents: list[str] = Field(description="keys of what it is about")
    joined_into: str | None = Field(description="reference of the case in which this closed one is handled")


class CasesOut(Schema):
    items: list[CaseOut]
    next: str | None = Field(description="give it as `after` for the next page; null at the end")


class ContentOut(Schema):
    key: str
    platform: str
    kind: str
    url: str
    text: str
    language: str
    published_at: datetime | None
    cases: list[str]


class ContentsOut(Schema):
    items: list[ContentOut]
    next: str | None = Field(description="give it as `after` for the next page; null at the end")


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds characters that no text has")
    return text


Text = Annotated[str, AfterValidator(_storable)]


class PageIn(Schema):
    limit: int = Field(default=100, ge=1, le=MOST_A_PAGE)
    after: Text = Field(default="", max_length=800, description="`next` of the page before")
    platform: Text = Field(default="", max_length=40)

    @classmethod
    def refuse_others(cls, request: HttpRequest) -> None:
        """Refuse a misspelt name: a filter that is not one would show everything, and look as if it had been applied.

        Raises:
            UnusableInput: what was asked, and what may be.
        """
        unknown = sorted(set(request.GET) - set(cls.model_fields))
        if unknown:
            raise UnusableInput(
                N_("« %(name)s » n’est pas un paramètre d’ici. Ceux qui le sont : %(known)s."),
                name=unknown[0], known=", ".join(sorted(cls.model_fields)),
            )  # fmt: skip


def _written_out(value: Any) -> Any:
    if str(value).replace(".", "").lstrip("-").isdigit():
        raise ValueError("write a date and time with its zone, like 2026-10-05T09:00:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    """PostgreSQL knows no zone beyond ±15:59, and the first and last day of the calendar have no moment in UTC."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None


# Without the check a bare number would pass for seconds since 1970.
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]


class CasesIn(PageIn):
    stage: Literal["", "new", "triage", "qualified", "declined", "closed"] = ""
    opened_from: Moment | None = Field(default=None, description="opened then or later")
    opened_before: Moment | None = None


class ContentsIn(PageIn):
    case: Text = Field(default="", max_length=11, description="reference of a case")
    url: Text = Field(default="", max_length=8192, description="any address of the content; finds it under its key")


@router.get("/cases", response={200: CasesOut, **ERRORS}, summary="Cases of your association, oldest first")
def cases(request: HttpRequest, asked: Annotated[CasesIn, Query()]) -> CasesOut:
    actor = actor_of(request, Action.SEE_CASE)
    asked.refuse_others(request)
    found = Case.objects.of(actor.organisation_id)
    if asked.stage:
        found = found.filter(stage=Stage(asked.stage))
    if asked.platform:
        found = found.filter(platform=asked.platform)
    if asked.opened_from:
        found = found.filter(opened_at__gte=asked.opened_from)
    if asked.opened_before:
        found = found.filter(opened_at__lt=asked.opened_before)
    rows, more = _page(
        actor.organisation_id, found, Case.objects.of(actor.organisation_id).filter(ref=asked.after), asked
    )
    items = [_case(case) for case in rows]
    return CasesOut(items=items, next=items[-1].ref if more else None)


@router.get("/contents", response={200: ContentsOut, **ERRORS}, summary="Contents your association works on")
def contents(request: HttpRequest, asked: Annotated[ContentsIn, Query()]) -> ContentsOut:
    actor = actor_of(request, Action.SEE_CASE)
    asked.refuse_others(request)
    found = Content.objects.of(actor.organisation_id).filter(never_fetch=False)
    if asked.platform:
        found = found.filter(platform=asked.platform)
    if asked.case:
        found = found.filter(cases__ref=asked.case)
    if asked.url:
        found = found.filter(key=resolve(asked.url).key)
    rows, more = _page(
        actor.organisation_id, found, Content.objects.of(actor.organisation_id).filter(key=asked.after), asked
    )
    items = [_content(content) for content in rows]
    return ContentsOut(items=items, next=items[-1].key if more else None)


def _page(organisation_id: int, found: OwnedQuerySet, after: OwnedQuerySet, asked: PageIn) -> tuple[list[Any], bool]:
    """Return one page in the order of arrival, and whether there is more; the last page costs what the first does."""
    if asked.after:
        start = after.values_list("pk", flat=True).first()
        if start is None:
            raise NotFound(N_("La page demandée n’existe pas : reprenez « next » de la page précédente."))
        found = found.filter(pk__gt=start)
    kept = CaseContent.objects.of(organisation_id).select_related("case", "content")
    rows = list(found.order_by("pk").prefetch_related(Prefetch("case_contents", queryset=kept))[: asked.limit + 1])
    return rows[: asked.limit], len(rows) > asked.limit


def _case(case: Case) -> CaseOut:
    return CaseOut(
        ref=case.ref, opened_at=case.opened_at, platform=case.platform, door=case.door, stage=case.stage,
        sending=case.sending, platform_says=case.platform_says, online=case.online, danger=case.danger,
        limitation_on=case.limitation_on, reports=case.reports_count, closed_at=case.closed_at,
        contents=[link.content.key for link in case.case_contents.all() if not link.content.never_fetch],
        joined_into=case.joined_into or None,
    )  # fmt: skip


def _content(content: Content) -> ContentOut:
    return ContentOut(
        key=content.key, platform=content.platform, kind=content.kind, url=content.url, text=content.text,
        language=content.language, published_at=content.published_at,
        cases=[link.case.ref for link in content.case_contents.all()],
    )  # fmt: skip
