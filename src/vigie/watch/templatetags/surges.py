"""`{% load surges %}{% surges_now %}`: say on the queue that something rises; a member who sees no wall sees nothing."""

from __future__ import annotations

from typing import Any

from django import template

from vigie.organisations.rules.policy import Action, Actor, may
from vigie.watch import queries
from vigie.watch.web.words import surge_name, surge_said

register = template.Library()


@register.inclusion_tag("watch/banner.html", takes_context=True)
def surges_now(context: dict[str, Any]) -> dict[str, Any]:
    actor: Actor | None = context.get("actor")
    if actor is None or not may(actor, Action.SEE_WALL, actor.organisation_id):
        return {"surges": []}
    found = queries.open_surges(actor)
    return {
        "surges": [{"surge": one.lead, "name": surge_name(one.lead), "said": surge_said(one.lead)} for one in found]
    }
