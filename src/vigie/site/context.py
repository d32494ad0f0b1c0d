"""What every page knows of the house."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from vigie.organisations.rules.policy import Action, may
from vigie.site.demo.cast import PASSWORD


def house(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    allowed = {
        action.name.lower(): actor is not None and may(actor, action, actor.organisation_id) for action in Action
    }
    return {
        "actor": actor,
        "organisation": getattr(request, "organisation", None),
        "organisations": getattr(request, "organisations", []),
        "may": allowed,
        "demo": settings.VIGIE_DEMO,
        "demo_password": PASSWORD if settings.VIGIE_DEMO else "",
    }
