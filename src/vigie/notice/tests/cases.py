"""Short ways to a qualified case. Every text is invented."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from django.db import transaction

from vigie.casefile.actions import add_content, keep_content, open_case
from vigie.casefile.models import Case, Content
from vigie.notice.models import PlatformContact
from vigie.notice.tests.builders import claim
from vigie.organisations.tests.cast import Person
from vigie.qualification.actions import Read, qualify
from vigie.qualification.rules.quotes import find_quote

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TEXT = "Les Syldaves sont tous des parasites, dehors cette vermine !"
WORDS = "cette vermine"
INSULT = "insult-public-origin-religion"
_numbers = count(1)


def make_content(person: Person, *, platform: str = "telegram", url: str = "", text: str = TEXT) -> Content:
    number = next(_numbers)
    url = url or f"https://t.me/salon_invente/{number}"
    return keep_content(
        organisation_id=person.actor.organisation_id, key=f"{platform}:post:{number}", platform=platform, kind="post",
        url=url, account="compte_invente", now=NOW, text=text, published_at=NOW,
    )  # fmt: skip


def opened_case(person: Person, contents: list[Content]) -> Case:
    with transaction.atomic():
        case = open_case(actor=person.actor, content=contents[0], door="form", now=NOW)
        for content in contents[1:]:
            add_content(actor=person.actor, case=case, content=content, now=NOW)
    return case


def read_as(
    person: Person,
    case: Case,
    content: Content,
    *,
    ground: str = INSULT,
    explanation: str = "",
    criteria: tuple[str, ...] = ("origin",),
) -> None:
    """Let a ground stand for a content, every element answered yes; it takes the case for `person`."""
    made_out = claim(ground)
    qualify(
        actor=person.actor, case=case, content=content, now=NOW,
        read=Read(
            ground_id=ground, answers=made_out.answers, excluder_answers=made_out.excluder_answers,
            quotes=(find_quote(content.text, WORDS),), explanation=explanation, criteria=criteria,
        ),
    )  # fmt: skip


def qualified_case(person: Person, *, contents: list[Content] | None = None, ground: str = INSULT) -> Case:
    """A case that `person` holds, each content of which is read under `ground`."""
    contents = contents or [make_content(person)]
    case = opened_case(person, contents)
    for content in contents:
        read_as(person, case, content, ground=ground)
    case.refresh_from_db()
    return case


def address_of_platform(person: Person, platform: str, email: str) -> PlatformContact:
    contact: PlatformContact = PlatformContact.objects.create(
        organisation_id=person.actor.organisation_id, platform=platform, email=email, kept_at=NOW
    )
    return contact
