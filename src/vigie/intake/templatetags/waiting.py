"""`{% load waiting %}{% reports_waiting %}`: say at the desk that reports wait for a person outside the queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vigie.intake import queries
from vigie.intake.doors.mailbox.ports import Why
from vigie.intake.doors.mailbox.queries import MAILBOX_FAULTS, mailbox_fault, waiting_for_a_person
from vigie.organisations.rules.policy import Action, Actor, may

register = template.Library()
A_STUMBLE = timedelta(minutes=1)
"""A server that starts again is back after a round or two; nobody has to hear of it."""


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
        "mailbox": _mailbox(actor),
    }


def _mailbox(actor: Actor) -> str:
    fault = mailbox_fault(actor)
    if fault is None or fault.since > timezone.now() - A_STUMBLE:
        return ""
    since = date_format(timezone.localtime(fault.since), "SHORT_DATETIME_FORMAT")
    return _(MAILBOX_FAULTS[Why(fault.why)]) % {"since": since}
