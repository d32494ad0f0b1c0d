"""How accounts come to be, by invitation only; and what a change of their second factors does to their sessions."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

# The library shows its records of a session and keeps the writing to itself; `Membership` reads them.
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth import update_session_auth_hash
from django.dispatch import receiver
from django.http import HttpRequest

from vigie.organisations.models import SECOND_FACTORS, Member
from vigie.organisations.web.source import source_of


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves; members are invited."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Say whether one may be led there after signing in; an address that nobody can read is not."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Name the source of a request for the limits of the sign-in, whose counts would hold the address itself."""
        return source_of(request)


@receiver(authenticator_added)
def a_factor_was_added(request: HttpRequest, user: Member, authenticator: Authenticator, **_given: Any) -> None:
    """Let the session go on in which a factor was added, and count the factor as given in it.

    It was: an application is added by a code of it, a key by its signature. Every other session ends.
    """
    if authenticator.type in SECOND_FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    update_session_auth_hash(request, user)


@receiver(authenticator_removed)
def a_factor_was_removed(request: HttpRequest, user: Member, **_given: Any) -> None:
    """Let the session go on in which a factor was removed; every other one ends."""
    update_session_auth_hash(request, user)
