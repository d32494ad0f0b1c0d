"""The two buttons of the wall that make a case and take it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vigie.intake.doors.watch import actions
from vigie.organisations.rules.policy import Action, Actor
from vigie.organisations.web.gate import desk
from vigie.watch import queries
from vigie.watch.web.views import back_to_the_wall


@desk(Action.DECIDE_SIGHTING)
@require_POST
def make_case(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Make a case of a wave and stay on the wall, at the next one."""
    actor = _actor(request)
    made = actions.make_case(actor=actor, wave=queries.access_wave(actor, wave_id), now=timezone.now())
    said = ngettext(
        "Dossier %(ref)s : %(count)s publication.", "Dossier %(ref)s : %(count)s publications.", made.contents
    )
    messages.success(request, said % {"ref": made.case.ref, "count": made.contents})
    if made.left_out:
        messages.info(request, _("%(count)s autres copies n’y sont pas.") % {"count": made.left_out})
    return back_to_the_wall(request)


@desk(Action.DECIDE_SIGHTING)
@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Take one's latest decision back."""
    actor = _actor(request)
    actions.undo(actor=actor, decision=queries.access_decision(actor, decision_id), now=timezone.now())
    messages.success(request, _("C’est de nouveau sur le mur."))
    return redirect("wall")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
