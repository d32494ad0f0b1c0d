"""`{% load waiting %}{% reports_waiting %}`: say at the desk that reports wait for a person outside the queue."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from vigie.intake import queries
from vigie.intake.doors.mailbox.queries import waiting_for_a_person
from vigie.organisations.rules.policy import Action, Actor, may

register = template.Library()


@register.inclusion_tag("intake/waiting.html", takes_context=True)
def reports_waiting(context: dict[str, Any]) -> dict[str, Any]:
    actor: Actor = context["actor"]
    if not may(actor, Action.TRIAGE_CASE, actor.organisation_id):
        return {"number": 0, "letters": 0, "referrals": []}
    held = queries.held_reports(actor).count()
    return {
        "number": held + queries.stumbling_reports(actor, timezone.now()).count(),
        "letters": waiting_for_a_person(actor).count(),
        "referrals": list(queries.waiting_referrals(actor)[:100]),
    }
