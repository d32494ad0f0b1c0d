"""Fill the demonstration: associations, members, and a first morning's reports. What is there stays."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vigie.intake.actions import file_report, receive_report
from vigie.intake.rules.values import About, Contact, Door
from vigie.organisations.models import Member, Membership, Organisation
from vigie.organisations.rules.policy import Actor
from vigie.site.demo.cast import NOTICE_ADDRESS, PASSWORD, PLAYERS

ASSOCIATIONS: list[dict[str, Any]] = [
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
# Where on Agora, what about, and what the person wrote: invented, like the posts.
REPORTS = [
    ("@rempart_du_val/posts/4101", About.RACISM, "Injure contre un commerçant du quartier.", "witness"),
    ("@rempart_du_val/posts/4101", About.RACISM, "", "witness"),
    ("@vent_mauvais/posts/4103", About.THREAT, "Une journaliste de la radio est menacée de mort.", "witness"),
    ("@corbeau_gris/posts/4104", About.ANTISEMITISM, "Négation de la Shoah.", "witness"),
    ("@rempart_du_val/posts/4105", About.SEXISM, "", "victim"),
    ("@corbeau_gris/posts/4112", About.ANTISEMITISM, "Un nom de code, je crois.", "witness"),
    ("@emma_in_leeds/posts/4044", About.OTHER, "Contre les croyants ?", "witness"),
]


def seed() -> None:
    """Make what is missing of the demonstration."""
    _associations_and_members()
    if settings.VIGIE_DEMO_AGORA:
        _first_reports(settings.VIGIE_DEMO_AGORA)


def _first_reports(agora: str) -> None:
    organisation = Organisation.objects.get(slug="veille-solidaire")
    actor = Actor(name="public", organisation_id=organisation.pk)
    for number, (path, about, description, role) in enumerate(REPORTS):
        received = receive_report(
            actor=actor,
            door=Door.FORM,
            addresses=[f"{agora}/{path}"],
            about=about,
            description=description,
            role=role,
            contact=Contact(name="Amina", email="amina@personne.example") if number == 2 else None,
            source_key=f"demo:{number}",
            proof=hashlib.sha256(f"demo:{number}".encode()).hexdigest(),  # as from a browser that solved its own
            wants_receipt=False,
            now=timezone.now(),
        )
        file_report(received.report, timezone.now())


def _associations_and_members() -> None:
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
