"""Who belongs to an association, its settings, and the keys of its partners' programs.

These live in the last room because they write to the journal, which lies downstream of the associations themselves.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, NotFound, Refusal
from vigie.core.words import N_
from vigie.organisations.models import ApiToken, Member, Membership, Organisation
from vigie.organisations.rules.policy import Action, Actor, Role, require
from vigie.outbox.actions import queue_mail
from vigie.outbox.rules import Purpose


def invitation_link(member: Member) -> str:
    """Return the address at which a member sets their password; good once, for three days."""
    uid = urlsafe_base64_encode(force_bytes(member.pk))
    return settings.VIGIE_URL + reverse("invitation", args=[uid, default_token_generator.make_token(member)])


def invite_member(*, actor: Actor, email: str, display_name: str, roles: Iterable[Role], now: datetime) -> Membership:
    """Make a member of the association and send them the link that opens their account.

    Somebody who already is a member elsewhere keeps their account and gets one more association.

    Raises:
        Refusal: no role was chosen, or they belong to the association already.
    """
    require(actor, Action.MANAGE_MEMBERS, actor.organisation_id)
    chosen = _roles(roles)
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    with transaction.atomic():
        member = Member.objects.filter(email__iexact=email).first()
        if member is None:
            member = Member.objects.create_user(email, display_name=display_name)
        if Membership.objects.filter(member=member, organisation=organisation, is_active=True).exists():
            raise Refusal(N_("Cette personne est déjà membre de l’association."))
        membership, _made = Membership.objects.update_or_create(
            member=member, organisation=organisation, defaults={"roles": chosen, "is_active": True}
        )
        record(Event.MEMBER_JOINED, actor=actor, now=now, data={"member": member.pk, "roles": chosen})
        link = f"{settings.VIGIE_URL}/bureau/" if member.has_usable_password() else invitation_link(member)
        queue_mail(
            actor=actor,
            purpose=Purpose.INVITATION,
            key=f"invitation:{membership.pk}:{int(now.timestamp())}",
            recipient=member.email,
            sender=organisation.notice_email,
            subject=_("Votre accès au bureau de %(association)s") % {"association": organisation.name},
            body=_(
                "Bonjour,\n\n%(association)s vous ouvre un accès à son bureau.\n\n"
                "Pour choisir votre mot de passe (lien valable trois jours, une seule fois) :\n%(link)s\n\n"
                "Un second facteur vous sera ensuite demandé : une application d’authentification ou une clé d’accès.\n"
            )
            % {"association": organisation.name, "link": link},
            is_private=True,
            now=now,
        )
    return membership


def change_member(*, actor: Actor, membership_id: int, roles: Iterable[Role], is_active: bool, now: datetime) -> None:
    """Set the roles of a member, or end their membership: their open pages stop working at once.

    Raises:
        Refusal: the association would be left without an administrator.
    """
    require(actor, Action.MANAGE_MEMBERS, actor.organisation_id)
    chosen = _roles(roles) if is_active else []
    with transaction.atomic():
        _one_change_at_a_time(actor)
        membership = _membership(actor, membership_id)
        membership.roles, membership.is_active = chosen, is_active
        membership.save(update_fields=["roles", "is_active"])
        administrators = [
            one
            for one in Membership.objects.filter(organisation_id=actor.organisation_id, is_active=True)
            if Role.ADMINISTRATOR in one.roles
        ]
        if not administrators:
            raise Refusal(N_("L’association doit garder au moins une personne à l’administration."))
        event = Event.MEMBER_CHANGED if is_active else Event.MEMBER_LEFT
        record(event, actor=actor, now=now, data={"member": membership.member_id, "roles": chosen})


def reset_second_factor(*, actor: Actor, membership_id: int, now: datetime) -> None:
    """Forget a member's second factors, for somebody who lost their telephone; they set a new one at the next log-in.

    Raises:
        Refusal: they also belong to another association, whose administration has a say too.
    """
    require(actor, Action.MANAGE_MEMBERS, actor.organisation_id)
    with transaction.atomic():
        membership = _membership(actor, membership_id)
        elsewhere = Membership.objects.filter(member=membership.member, is_active=True).exclude(pk=membership.pk)
        if elsewhere.exists():
            raise Refusal(
                N_("Cette personne est aussi membre d’une autre association : un code de secours est nécessaire.")
            )
        Authenticator.objects.filter(user=membership.member).delete()
        record(
            Event.MEMBER_CHANGED, actor=actor, now=now, data={"member": membership.member_id, "second_factor": "reset"}
        )


def change_settings(*, actor: Actor, changes: dict[str, object], now: datetime) -> None:
    """Change what notices and pages say of the association."""
    require(actor, Action.MANAGE_SETTINGS, actor.organisation_id)
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=actor.organisation_id)
        changed = [name for name, value in changes.items() if getattr(organisation, name) != value]
        for name in changed:
            setattr(organisation, name, changes[name])
        if changed:
            organisation.save(update_fields=changed)
            record(Event.SETTINGS_CHANGED, actor=actor, now=now, data={"settings": sorted(changed)})


def make_token(*, actor: Actor, name: str, roles: Iterable[Role], now: datetime) -> str:
    """Make a partner's token and return it, this once: only its digest is kept.

    Raises:
        Conflict: one of that name works already; a form sent twice must not leave a token nobody knows of.
    """
    require(actor, Action.MANAGE_TOKENS, actor.organisation_id)
    secret = f"vigie_{secrets.token_urlsafe(32)}"
    chosen = _roles(roles)
    with transaction.atomic():
        _one_change_at_a_time(actor)
        if ApiToken.objects.filter(organisation_id=actor.organisation_id, name=name, revoked_at=None).exists():
            raise Conflict(N_("Un jeton de ce nom existe déjà : révoquez-le, ou donnez un autre nom à celui-ci."))
        token = ApiToken.objects.create(
            organisation_id=actor.organisation_id,
            name=name,
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            roles=chosen,
        )
        record(Event.TOKEN_MADE, actor=actor, now=now, data={"token": token.pk, "roles": chosen})
    return secret


def revoke_token(*, actor: Actor, token_id: int, now: datetime) -> None:
    """End a token; revoking twice changes nothing."""
    require(actor, Action.MANAGE_TOKENS, actor.organisation_id)
    with transaction.atomic():
        token = ApiToken.objects.filter(organisation_id=actor.organisation_id, pk=token_id).first()
        if token is None:
            raise NotFound(N_("Ce jeton n’existe pas."))
        if token.revoked_at is None:
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])
            record(Event.TOKEN_REVOKED, actor=actor, now=now, data={"token": token.pk})


def _roles(roles: Iterable[Role]) -> list[str]:
    chosen = [Role(role).value for role in roles]
    if not chosen:
        raise Refusal(N_("Choisissez au moins un rôle."))
    return chosen


def _one_change_at_a_time(actor: Actor) -> None:
    """Let two administrators who remove each other at the same instant do so one after the other."""
    Organisation.objects.select_for_update().get(pk=actor.organisation_id)


def _membership(actor: Actor, membership_id: int) -> Membership:
    found = Membership.objects.select_for_update().filter(organisation_id=actor.organisation_id, pk=membership_id)
    membership = found.first()
    if membership is None:
        raise NotFound(N_("Cette personne n’est pas membre de l’association."))
    return membership
