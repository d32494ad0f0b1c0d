"""Who is at the door of the API: a partner's program with a token of an association."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from vigie.organisations.models import ApiToken
from vigie.organisations.rules.policy import Action, Actor, require

SAID_EVERY = timedelta(minutes=1)
"""`last_used_at` is for a person who wonders whether a token still serves: to the minute is enough, and spares writes."""


class TokenAuth(HttpBearer):
    """Let a token in that is neither unknown nor revoked; `request.actor` says who it is."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        found = ApiToken.objects.filter(digest=digest, revoked_at=None).first()
        if found is None:
            return None
        now = timezone.now()
        if found.last_used_at is None or found.last_used_at < now - SAID_EVERY:
            ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
        request.actor = found.actor()  # type: ignore[attr-defined]
        return found


def actor_of(request: HttpRequest, action: Action) -> Actor:
    """Return who calls, if their token carries `action`.

    Raises:
        NotAllowed: it does not.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    require(actor, action, actor.organisation_id)
    return actor
