"""Fill the demonstration: associations, members, and a first morning's reports. What is there stays."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from vigie.organisations.models import Member, Membership, Organisation
from vigie.site.demo.cast import NOTICE_ADDRESS, PASSWORD, PLAYERS

ASSOCIATIONS = [
    {
        "slug": "veille-solidaire",
        "name": "Veille solidaire",
        "legal_name": "Association Veille solidaire (fictive)",
        "notice_email": NOTICE_ADDRESS,
        "postal_address": "1 rue de l’Exemple, 75000 Paris",
        "is_trusted_flagger": True,
        "expertise": ["press-hate", "threats", "terrorism", "symbols", "harassment", "discrimination"],
    },
    {
        "slug": "autre-rive",
        "name": "Autre rive",
        "legal_name": "Association Autre rive (fictive)",
        "notice_email": "signalements@rive.example",
        "postal_address": "2 quai de l’Exemple, 69000 Lyon",
    },
]


def seed() -> None:
    """Make what is missing of the demonstration."""
    with transaction.atomic():
        for association in ASSOCIATIONS:
            Organisation.objects.get_or_create(slug=association["slug"], defaults=association)
        for player in PLAYERS:
            member = Member.objects.filter(email=player.email).first()
            if member is None:
                member = Member.objects.create_user(player.email, PASSWORD, display_name=player.name)
            if not Authenticator.objects.filter(user=member).exists():
                TOTP.activate(member, player.totp_secret)
            Membership.objects.get_or_create(
                member=member,
                organisation=Organisation.objects.get(slug=player.association),
                defaults={"roles": list(player.roles)},
            )
