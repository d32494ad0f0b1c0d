"""Who is at the door of the desk: logged in, with a second factor, a member of an association.

`desk` is the only way into a page of the desk. It fails closed: no log-in, no second factor, no
membership, or a role without the action, and the view is never called.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from vigie.core.errors import NotAllowed
from vigie.core.words import N_
from vigie.organisations import models
from vigie.organisations.rules.policy import Action, Actor, require

SESSION_KEY = "organisation"
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class Membership:
    """Put `request.actor` and `request.organisation` in place for a member who is fully signed in; None otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        request.organisation = None  # type: ignore[attr-defined]
        # Public pages never look at the session: no cookie is read or set for them.
        if request.path.startswith(("/bureau", "/compte")) and request.user.is_authenticated:
            membership = current_membership(request)
            if membership is not None:
                request.actor = membership.actor()  # type: ignore[attr-defined]
                request.organisation = membership.organisation  # type: ignore[attr-defined]
        return self.get_response(request)


def current_membership(request: HttpRequest) -> models.Membership | None:
    """Return the membership this session works under: the one chosen, else the first."""
    memberships = list(
        models.Membership.objects.filter(member__pk=request.user.pk or 0, is_active=True).select_related("organisation")
    )
    chosen = request.session.get(SESSION_KEY)
    for membership in memberships:
        if membership.organisation_id == chosen:
            return membership
    return memberships[0] if memberships else None


def has_second_factor(member_id: int) -> bool:
    return Authenticator.objects.filter(user_id=member_id, type__in=SECOND_FACTORS).exists()


def desk(action: Action) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a member in whose role carries `action`; `request.actor` says who it is."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has_second_factor(request.user.pk):
                return redirect("mfa_index")
            actor: Actor | None = request.actor  # type: ignore[attr-defined]
            if actor is None:
                raise NotAllowed(
                    N_("Votre compte n’est rattaché à aucune association. Demandez à votre administration.")
                )
            require(actor, action, actor.organisation_id)
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        guarded.desk_action = action  # type: ignore[attr-defined]
        return guarded

    return wrap
