"""What the queue shows on the page of a case: what can be done with it, and what resembles it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from vigie.casefile.models import CLOSING_LABELS, DANGER_LABELS, STAGE_LABELS, Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.rules.state import Stage
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.triage import queries


def hold(request: HttpRequest, case: Case) -> Panel:
    """Who holds the case, and what one may do about it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    stage = Stage(case.stage)
    context = {
        "is_mine": case.holder_id is not None and case.holder_id == actor.member_id,
        "is_free": case.holder_id is None,
        "holder": case.holder.display_name if case.holder else "",
        "is_closed": stage is Stage.CLOSED,
        "can_reopen": stage in {Stage.CLOSED, Stage.DECLINED},
        "dangers": [(danger.value, label) for danger, label in DANGER_LABELS.items()],
        "closing_reasons": [(reason.value, label) for reason, label in CLOSING_LABELS.items()],
        "holders": queries.holders(actor) if may(actor, Action.ASSIGN_CASE, actor.organisation_id) else [],
    }
    return Panel(Slot.ACT, _("Ce dossier"), "triage/hold.html", context, order=10)


def resembling(request: HttpRequest, case: Case) -> Panel | None:
    """Earlier cases of the same contents, and cases whose text is nearly the same."""
    same = queries.other_cases(case)
    near = queries.near_cases(case)
    if not same and not near:
        return None
    labels = {stage.value: label for stage, label in STAGE_LABELS.items()}
    context = {
        "same": [(other, labels[other.stage]) for other in same],
        "near": [(one.case, one.percent, labels[one.case.stage]) for one in near],
    }
    return Panel(Slot.KNOW, _("Dossiers proches"), "triage/resembling.html", context, order=60)
