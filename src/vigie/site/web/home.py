"""The first page of the desk: the queue for who works on cases, the way to their own work for the others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from vigie.organisations.rules.policy import Action, Actor, may
from vigie.organisations.web.gate import desk
from vigie.triage.web.views import queue_page


@desk(Action.SUBMIT_REPORT)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the queue, or a short page of what one's roles are for."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if may(actor, Action.SEE_CASE, actor.organisation_id):
        return queue_page(request, actor)
    return render(request, "site/home.html", {})
