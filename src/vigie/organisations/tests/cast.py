"""A small cast, always the same. Everybody is invented.

Bruno moderates, Chloé leads, Judith is the jurist, Anatole the analyst, Adèle the administrator and Victor
a volunteer of «Veille solidaire». Dario leads another association, «Autre rive», and must see nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from vigie.organisations.models import Member, Membership, Organisation
from vigie.organisations.rules.policy import Actor, Role

PASSWORD = "une-longue-phrase-pour-les-essais"


@dataclass(frozen=True)
class Person:
    """A member with the client of their browser, logged in with a second factor."""

    member: Member
    membership: Membership

    @property
    def actor(self) -> Actor:
        return self.membership.actor()

    def browser(self) -> Client:
        client = Client()
        client.force_login(self.member)
        prove_second_factor(client, self.member)
        return client


def prove_second_factor(client: Client, member: Member) -> None:
    """Leave in the session what the sign-in library leaves there once a second factor was given."""
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, member, "mfa", type=Authenticator.Type.TOTP)
    request.session.save()


@dataclass(frozen=True)
class Cast:
    veille: Organisation
    rive: Organisation
    bruno: Person
    chloe: Person
    judith: Person
    anatole: Person
    adele: Person
    victor: Person
    dario: Person

    @property
    def public(self) -> Actor:
        return Actor(name="public", organisation_id=self.veille.pk)

    @property
    def worker(self) -> Actor:
        return Actor(name="worker", organisation_id=self.veille.pk)


def make_person(organisation: Organisation, name: str, *roles: Role) -> Person:
    member = Member.objects.create_user(
        email=f"{name.lower().replace('é', 'e').replace('è', 'e')}@{organisation.slug}.example",
        password=None, display_name=name,
    )  # fmt: skip
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={"secret": "essai"})
    membership = Membership.objects.create(
        member=member, organisation=organisation, roles=[role.value for role in roles]
    )
    return Person(member, membership)


def make_cast() -> Cast:
    veille = Organisation.objects.create(
        slug="veille-solidaire",
        name="Veille solidaire",
        legal_name="Association Veille solidaire",
        notice_email="signalements@veille.example",
        postal_address="1 rue de l’Exemple, 75000 Paris",
    )
    rive = Organisation.objects.create(
        slug="autre-rive",
        name="Autre rive",
        legal_name="Association Autre rive",
        notice_email="contact@rive.example",
    )
    return Cast(
        veille=veille,
        rive=rive,
        bruno=make_person(veille, "Bruno", Role.MODERATOR),
        chloe=make_person(veille, "Chloé", Role.LEAD),
        judith=make_person(veille, "Judith", Role.JURIST),
        anatole=make_person(veille, "Anatole", Role.ANALYST),
        adele=make_person(veille, "Adèle", Role.ADMINISTRATOR),
        victor=make_person(veille, "Victor", Role.VOLUNTEER),
        dario=make_person(rive, "Dario", Role.LEAD, Role.MODERATOR),
    )
