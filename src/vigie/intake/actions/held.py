"""Reports that came in a flood without a proof of work: a person says which are reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.intake.models import Report
from vigie.intake.rules.values import ReportState
from vigie.organisations.rules.policy import Action, Actor, require


def settle_held(*, actor: Actor, reports: Iterable[int], are_reports: bool, now: datetime) -> int:
    """Let held reports be sorted into cases, or set them aside; return how many. What is set aside is kept."""
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    state = ReportState.RECEIVED if are_reports else ReportState.SET_ASIDE
    with transaction.atomic():
        held = Report.objects.of(actor.organisation_id).filter(pk__in=list(reports), state=ReportState.HELD)
        found = list(held.order_by("pk").select_for_update())
        for report in found:
            report.state, report.not_before = state.value, now
            report.save(update_fields=["state", "not_before"])
            record(
                Event.REPORT_SETTLED, actor=actor, now=now, data={"report": report.pk, "is_report": are_reports}
            )  # fmt: skip
    return len(found)
