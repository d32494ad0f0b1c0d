"""Verbs on cases and contents that every room after this one may use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from vigie.casefile.journal import Happening, record
from vigie.casefile.keys import stored_key
from vigie.casefile.models import Case, CaseContent, Content
from vigie.casefile.rows import insert_all
from vigie.casefile.rules.events import Event
from vigie.core.references import new_case_ref
from vigie.organisations.rules.policy import Actor


def keep_content(
    *,
    organisation_id: int,
    key: str,
    platform: str,
    kind: str,
    url: str,
    account: str = "",
    now: datetime,
    **known: Any,
) -> Content:
    """Return the association's content of that key, made if it is new.

    Args:
        known: other columns (`text`, `language`, `published_at`, …), used only when the content is made.
    """
    key = stored_key(key)
    defaults = {
        "platform": platform,
        "kind": kind,
        "url": url,
        "account": account,
        "created_at": now,
        **known,
    }
    content = Content.objects.of(organisation_id).filter(key=key).first()
    if content is None:
        Content.across_associations.bulk_create(
            [Content(organisation_id=organisation_id, key=key, **defaults)], ignore_conflicts=True
        )
        content = Content.objects.of(organisation_id).get(key=key)
    return content


def open_case(*, actor: Actor, content: Content, door: str, now: datetime) -> Case:
    """Open a case about one content. Runs in the caller's transaction."""
    case = Case.objects.create(
        organisation_id=actor.organisation_id,
        ref=new_case_ref(),
        opened_at=now,
        platform=content.platform,
        door=door,
    )
    CaseContent.objects.create(organisation_id=actor.organisation_id, case=case, content=content)
    record(Event.CASE_OPENED, actor=actor, now=now, case=case, data={"content": content.reference, "door": door})
    return case


@dataclass(frozen=True)
class NewContent:
    """A content that is not kept yet, with what is known of it."""

    key: str
    platform: str
    kind: str
    url: str
    account: str = ""
    text: str = ""
    language: str = ""
    published_at: datetime | None = None
    source: str = ""


def open_cases(
    organisation_id: int, wanted: Sequence[NewContent], *, door: str, now: datetime
) -> list[tuple[Content, Case, list[Happening]]]:
    """Keep many new contents and make a case about each, for imports: what `keep_content` and `open_case` do one by one.

    Nobody else may be keeping the same keys meanwhile. The cases are inserted by `record_many`, to which the caller
    gives the events returned, with its own behind them; then `tie_contents` ties both together.
    """
    worker = Actor(name="worker", organisation_id=organisation_id)
    contents = [
        Content(
            organisation_id=organisation_id, key=stored_key(new.key), platform=new.platform, kind=new.kind, url=new.url,
            account=new.account, text=new.text, text_from=new.source if new.text else "", language=new.language if new.text else "",
            published_at=new.published_at, published_from=new.source if new.published_at else "", created_at=now,
        )
        for new in wanted
    ]  # fmt: skip
    insert_all(contents)
    opened = []
    for content in contents:
        case = Case(
            organisation_id=organisation_id, ref=new_case_ref(), opened_at=now, platform=content.platform, door=door
        )
        happened = [Happening(Event.CASE_OPENED, worker, case, {"content": content.reference, "door": door})]
        if content.text:
            happened.append(Happening(Event.CONTENT_TEXT_RECORDED, worker, case, _text_data(content)))
        if content.published_at:
            happened.append(Happening(Event.CONTENT_PUBLISHED_AT_SET, worker, case, _published_data(content)))
        opened.append((content, case, happened))
    return opened


def tie_contents(organisation_id: int, opened: Iterable[tuple[Content, Case]]) -> None:
    """Say of cases just inserted which content each is about."""
    insert_all([CaseContent(organisation_id=organisation_id, case=case, content=content) for content, case in opened])


def _text_data(content: Content) -> dict[str, str]:
    digest = hashlib.sha256(content.text.encode()).hexdigest()
    return {"content": content.reference, "from": content.text_from, "sha256": digest}


def _published_data(content: Content) -> dict[str, str]:
    moment = content.published_at.isoformat() if content.published_at else ""
    return {"content": content.reference, "published_at": moment, "from": content.published_from}


def add_content(*, actor: Actor, case: Case, content: Content, now: datetime) -> None:
    """Handle one more content in this case; adding it twice changes nothing."""
    if CaseContent.objects.of(actor.organisation_id).filter(case=case, content=content).exists():
        return
    tie_next(case, content)
    record(Event.CONTENT_ADDED, actor=actor, now=now, case=case, data={"content": content.reference})


def tie_next(case: Case, content: Content) -> None:
    """Put a content behind those that a case is about already; the caller witnesses it."""
    theirs = CaseContent.objects.of(case.organisation_id).filter(case=case)
    last = theirs.aggregate(last=Max("position"))["last"]
    CaseContent.objects.create(
        organisation_id=case.organisation_id, case=case, content=content, position=0 if last is None else last + 1
    )


def untie(case: Case, contents: Iterable[Content]) -> None:
    """Let a case no longer be about these contents; the caller witnesses it, and sees where they are handled then."""
    CaseContent.objects.of(case.organisation_id).filter(case=case, content__in=list(contents)).delete()


def record_text(
    *, actor: Actor, case: Case, content: Content, text: str, source: str, language: str = "", now: datetime
) -> None:
    """Keep the text of a content as it was seen; the journal keeps its digest, not its words."""
    if content.text == text:
        return
    content.text, content.text_from = text, source
    content.language = language or content.language
    content.save(update_fields=["text", "text_from", "language"])
    record(Event.CONTENT_TEXT_RECORDED, actor=actor, now=now, case=case, data=_text_data(content))


def set_published_at(
    *, actor: Actor, case: Case, content: Content, published_at: datetime, source: str, now: datetime
) -> None:
    """Note when the platform says the content was published; the limitation is counted from it."""
    if content.published_at == published_at:
        return
    content.published_at, content.published_from = published_at, source
    content.save(update_fields=["published_at", "published_from"])
    record(Event.CONTENT_PUBLISHED_AT_SET, actor=actor, now=now, case=case, data=_published_data(content))
