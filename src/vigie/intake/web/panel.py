"""What this room shows on the page of a case: the reports, the conversation, and the referral when there is one."""

from __future__ import annotations

import secrets

from django.http import HttpRequest
from django.utils.translation import gettext as _

from vigie.casefile.models import Case
from vigie.casefile.panels import Panel, Slot
from vigie.intake import queries
from vigie.intake.rules.values import Door, MessageFrom, ReporterRole, ReportState
from vigie.intake.web.forms import MessageForm, OpenIdentityForm, ReferralForm
from vigie.intake.web.words import ABOUT_LABELS, DOOR_LABELS, ROLES_AT_DESK
from vigie.organisations.rules.policy import Action, Actor, may

SHOWN = 50


def panel(request: HttpRequest, case: Case) -> list[Panel]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return [_reports(actor, case)]


def _reports(actor: Actor, case: Case) -> Panel:
    reports = queries.reports_of_case(actor, case, at_most=SHOWN)
    lines = [
        {
            "seen": seen,
            "door": DOOR_LABELS[Door(seen.report.door)],
            "role": ROLES_AT_DESK[ReporterRole(seen.report.role)],
            "about": ABOUT_LABELS.get(seen.report.about, ""),  # type: ignore[call-overload]
            "unreadable": [] if seen.is_hidden else queries.unreadable_addresses(seen.report),
            "has_written": any(message.sender == MessageFrom.REPORTER for message in seen.messages),
            "is_purged": seen.report.state in {ReportState.REFERRED, ReportState.PURGED},
        }
        for seen in reports
    ]
    return Panel(
        slot=Slot.KNOW,
        title=_("Signalements (%(number)s)") % {"number": case.reports_count},
        template="intake/panel.html",
        order=10,
        context={
            "lines": lines,
            "more": max(0, case.reports_count - len(lines)),
            "answer": MessageForm(initial={"nonce": secrets.token_urlsafe(24)}, auto_id="answer_%s"),
            "identity": OpenIdentityForm(auto_id=False),
            "may_answer": bool(lines) and may(actor, Action.CORRESPOND, case.organisation_id),
            "may_open_identity": may(actor, Action.OPEN_IDENTITY, case.organisation_id),
        },
    )


def referral(request: HttpRequest, case: Case) -> Panel | None:
    """What is decided about a case that is set aside; the only card such a case shows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may(actor, Action.TRIAGE_CASE, case.organisation_id):
        return None
    waits = queries.set_aside_of(actor, case)
    if waits is None:
        return None
    return Panel(
        slot=Slot.ACT,
        title=_("À décider sans attendre"),
        template="intake/referral.html",
        order=1,
        context={
            "waits": waits,
            "form": ReferralForm(auto_id="referral_%s"),
            "may_lift": may(actor, Action.ASSIGN_CASE, case.organisation_id),
        },
    )
