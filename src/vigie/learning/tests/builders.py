"""Terms and decisions for tests; every word is invented."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.casefile.tests.builders import make_case
from vigie.detection.hints import Kind, SourceStatus, Target
from vigie.detection.terms import Term
from vigie.learning.examples import pull
from vigie.learning.rules.terms import Standing, TermState
from vigie.organisations.rules.policy import Actor

INSULT = "insult-public-origin-religion"
OPINION = "not-illegal-opinion"


def make_term(
    word: str = "zorglub", *, standing: Standing = Standing.ACTIVE, is_public: bool = False, **known: Any
) -> TermState:
    given: dict[str, Any] = {
        "variants": (), "kind": Kind.CODED, "target": Target.JEWS, "sense": "Code inventé", "needs_context": False,
        "source_status": SourceStatus.UNVERIFIED,
    }  # fmt: skip
    return TermState(Term(term=word, **(given | known)), standing, is_public)


def decided(
    organisation_id: int, text: str, *, ground: str = "", reason: str = "", now: datetime | None = None, **known: Any
) -> Case:
    """Return a case about one text on which people have decided, as the legal reading witnesses it."""
    now = now or timezone.now()
    case = make_case(organisation_id, text=text, now=now, **known)
    decide(case, ground=ground, reason=reason, now=now)
    return case


def decide(case: Case, *, ground: str = "", reason: str = "", now: datetime | None = None) -> None:
    actor = Actor(name="member:1", organisation_id=case.organisation_id)
    with transaction.atomic():
        if ground:
            record(
                Event.QUALIFIED, actor=actor, now=now or timezone.now(), case=case,
                data={"content": contents_of(case)[0].reference, "ground": ground, "catalogue": "essai"},
            )  # fmt: skip
        if reason:
            data = {"reason": reason, "catalogue": "essai", "answered": False}
            record(Event.DECLINED, actor=actor, now=now or timezone.now(), case=case, data=data)


def pull_all(organisation_id: int) -> None:
    while pull(organisation_id):
        pass
