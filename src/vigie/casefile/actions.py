"""Verbs on cases and contents that every room after this one may use."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from vigie.casefile.journal import record
from vigie.casefile.models import Case, CaseContent, Content
from vigie.casefile.rules.events import Event
from vigie.core.references import new_case_ref
from vigie.organisations.rules.policy import Actor

KEY_CHARACTERS = 700  # as the column has it


def stored_key(key: str) -> str:
    """Return the key as rows hold it: a long one ends with its digest, so that two never become one."""
    if len(key) <= KEY_CHARACTERS:
        return key
    return f"{key[: KEY_CHARACTERS - 65]}…{hashlib.sha256(key.encode()).hexdigest()}"


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
    record(Event.CASE_OPENED, actor=actor, now=now, case=case, data={"content": content.key, "door": door})
    return case


def add_content(*, actor: Actor, case: Case, content: Content, now: datetime) -> None:
    """Handle one more content in this case; adding it twice changes nothing."""
    if CaseContent.objects.of(actor.organisation_id).filter(case=case, content=content).exists():
        return
    position = CaseContent.objects.of(actor.organisation_id).filter(case=case).count()
    CaseContent.objects.create(organisation_id=actor.organisation_id, case=case, content=content, position=position)
    record(Event.CONTENT_ADDED, actor=actor, now=now, case=case, data={"content": content.key})


def record_text(
    *, actor: Actor, case: Case, content: Content, text: str, source: str, language: str = "", now: datetime
) -> None:
    """Keep the text of a content as it was seen; the journal keeps its digest, not its words."""
    if content.text == text:
        return
    content.text, content.text_from = text, source
    content.language = language or content.language
    content.save(update_fields=["text", "text_from", "language"])
    digest = hashlib.sha256(text.encode()).hexdigest()
    record(
        Event.CONTENT_TEXT_RECORDED, actor=actor, now=now, case=case,
        data={"content": content.key, "from": source, "sha256": digest},
    )  # fmt: skip


def set_published_at(
    *, actor: Actor, case: Case, content: Content, published_at: datetime, source: str, now: datetime
) -> None:
    """Note when the platform says the content was published; the limitation is counted from it."""
    if content.published_at == published_at:
        return
    content.published_at, content.published_from = published_at, source
    content.save(update_fields=["published_at", "published_from"])
    record(
        Event.CONTENT_PUBLISHED_AT_SET, actor=actor, now=now, case=case,
        data={"content": content.key, "published_at": published_at.isoformat(), "from": source},
    )  # fmt: skip
