"""Make a case of a wave of sightings, and take it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vigie.casefile.actions import add_content, keep_content, record_text, set_published_at
from vigie.casefile.journal import lock_cases, record
from vigie.casefile.keys import hidden_key
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import cases_of_content, journal_of
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Stage
from vigie.core.errors import Conflict
from vigie.core.words import N_
from vigie.intake.actions.filing import file_report
from vigie.intake.actions.receiving import receive_report
from vigie.intake.rules.values import Door, Post
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.watch import actions as watch
from vigie.watch.models import Decision, Sighting, Wave
from vigie.watch.rules.values import DecisionKind

CONTENTS_MOST = 20
"""More copies than that in one case would help nobody; the rest is counted, and goes with the wave."""
UNDONE = "sighting_undone"


@dataclass(frozen=True)
class Made:
    """What became of a wave."""

    case: Case
    decision: Decision
    contents: int
    left_out: int


def make_case(*, actor: Actor, wave: Wave, now: datetime) -> Made:
    """Make one case of all that waits in a wave: its widest post opens it, the others are handled in it.

    Raises:
        Conflict: somebody decided of it meanwhile.
    """
    require(actor, Action.DECIDE_SIGHTING, wave.organisation_id)
    require(actor, Action.TRIAGE_CASE, wave.organisation_id)
    with transaction.atomic():
        waiting = watch.waiting_of(wave)
        if not waiting:
            raise Conflict(N_("Quelqu’un a déjà décidé de ce repérage."))
        once = list({one.key: one for one in waiting}.values())
        received = receive_report(
            actor=actor, door=Door.WATCH, addresses=[once[0].url], posts=[_post(once[0])], wants_receipt=False, now=now
        )
        [case] = file_report(received.report, now)
        is_new = case.opened_at == now and case.reports_count == 1
        if _was_closed_by_an_undo(case):
            record(Event.CASE_REOPENED, actor=actor, now=now, case=case)
            is_new = True
        added = sum(_add(actor, case, one, now) for one in once[1:CONTENTS_MOST])
        decision = watch.decide(
            actor=actor, sightings=waiting, kind=DecisionKind.CASE, case=case, is_new_case=is_new, now=now
        )
    return Made(case, decision, contents=1 + added, left_out=max(len(once) - CONTENTS_MOST, 0))


def undo(*, actor: Actor, decision: Decision, now: datetime) -> Decision:
    """Put a wave back on the wall; a case that was opened for it and that nobody has touched is closed.

    Raises:
        Conflict: too late, or somebody works on the case already.
    """
    with transaction.atomic():
        undone = watch.undo(actor=actor, decision=decision, now=now)
        if undone.case is not None and undone.is_new_case:
            [case] = lock_cases(actor.organisation_id, [undone.case.ref])
            if case.holder_id or case.stage not in {Stage.NEW, Stage.TRIAGE} or case.reports_count > 1:
                raise Conflict(N_("Quelqu’un travaille déjà sur ce dossier : clôturez-le plutôt."))
            data = {"reason": ClosingReason.MISTAKE.value, UNDONE: undone.pk}
            record(Event.CASE_CLOSED, actor=actor, now=now, case=case, data=data)
    return undone


def _post(one: Sighting) -> Post:
    return Post(url=one.url, text=one.text, account=one.author, language=one.language, published_at=one.published_at)


def _was_closed_by_an_undo(case: Case) -> bool:
    if case.stage != Stage.CLOSED:
        return False
    closed = journal_of(case).filter(event=Event.CASE_CLOSED).first()
    return closed is not None and UNDONE in closed.data


def _add(actor: Actor, case: Case, one: Sighting, now: datetime) -> bool:
    """Handle one more post in the case, unless it has a case of its own or may not be kept."""
    if Content.objects.of(actor.organisation_id).filter(key=hidden_key(one.key)).exists():
        return False
    content = keep_content(
        organisation_id=actor.organisation_id, key=one.key, platform=one.platform, kind=one.kind, url=one.url,
        account=one.author, now=now,
    )  # fmt: skip
    if content.never_fetch or cases_of_content(content).exists():
        return False
    add_content(actor=actor, case=case, content=content, now=now)
    if one.text and not content.text:
        record_text(
            actor=actor, case=case, content=content, text=one.text, source="report", language=one.language, now=now
        )
    if one.published_at and content.published_at is None:
        set_published_at(
            actor=actor, case=case, content=content, published_at=one.published_at, source="report", now=now
        )
    return True
