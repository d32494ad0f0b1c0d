"""Who is at the door of the desk: logged in, with a second factor in this very session, a member of an association.

`desk` is the only way into a page of the desk. It fails closed: no log-in, no second factor, no
membership, or a role without the action, and the view is never called.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from vigie.core.errors import NotAllowed
from vigie.core.words import N_
from vigie.organisations import models
from vigie.organisations.rules.policy import Action, Actor, require

SESSION_KEY = "organisation"


class Membership:
    """Put `request.actor` and `request.organisation` in place for a member who is fully signed in; None otherwise.

    Without a second factor they are None: a page that asks for less than `desk` finds nobody. `request.organisations`
    are those to choose from.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        request.organisation = None  # type: ignore[attr-defined]
        request.organisations = []  # type: ignore[attr-defined]
        # Public pages never look at the session: no cookie is read or set for them.
        if request.path.startswith(("/bureau", "/compte")) and is_signed_in(request):
            memberships = memberships_of(request)
            request.organisations = [one.organisation for one in memberships]  # type: ignore[attr-defined]
            membership = current_membership(request, memberships)
            if membership is not None:
                request.actor = membership.actor()  # type: ignore[attr-defined]
                request.organisation = membership.organisation  # type: ignore[attr-defined]
        return self.get_response(request)


def memberships_of(request: HttpRequest) -> list[models.Membership]:
    mine = models.Membership.objects.filter(member__pk=request.user.pk or 0, is_active=True)
    return list(mine.select_related("organisation").order_by("pk"))


def current_membership(request: HttpRequest, memberships: list[models.Membership]) -> models.Membership | None:
    """Return the membership this session works under: the one chosen, else the first."""
    chosen = request.session.get(SESSION_KEY)
    for membership in memberships:
        if membership.organisation_id == chosen:
            return membership
    return memberships[0] if memberships else None


def is_signed_in(request: HttpRequest) -> bool:
    """Say whether a second factor, a recovery code or a passkey was given in this session, by an account that has one.

    What a session was opened with is in the records that the sign-in library keeps of it. A session of before a
    second factor was added or removed elsewhere has ended (`Member.get_session_auth_hash`).
    """
    if not request.user.is_authenticated:
        return False
    proven = any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))
    return proven and bool(request.user.second_factors())


def desk(action: Action) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a member in whose role carries `action`; `request.actor` says who it is."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor: Actor | None = request.actor  # type: ignore[attr-defined]
            if actor is None:
                return turn_away(request)
            require(actor, action, actor.organisation_id)
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        guarded.desk_action = action  # type: ignore[attr-defined]
        return guarded

    return wrap


def turn_away(request: HttpRequest) -> HttpResponse:
    """Lead somebody to what they lack: a log-in, a second factor, or an association.

    Raises:
        NotAllowed: they belong to none.
    """
    if request.user.is_authenticated:
        if is_signed_in(request):
            raise NotAllowed(N_("Votre compte n’est rattaché à aucune association. Demandez à votre administration."))
        if not request.user.second_factors():
            return redirect("mfa_index")
        logout(request)  # what this session lacks is asked at the log-in
    return redirect_to_login(request.get_full_path())
