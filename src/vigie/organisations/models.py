"""Associations, their members and their tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from vigie.organisations.rules.policy import Actor, Role

ROLE_LABELS = {
    Role.VOLUNTEER: _("bénévole"),
    Role.MODERATOR: _("modération"),
    Role.LEAD: _("responsable"),
    Role.JURIST: _("juriste"),
    Role.ANALYST: _("analyste"),
    Role.ADMINISTRATOR: _("administration"),
}

SECOND_FACTORS = ("totp", "webauthn")
"""Recovery codes come with one of these and are none by themselves."""


class Organisation(models.Model):
    """An association. Every row of work belongs to exactly one."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120, db_comment="as the public knows it")
    legal_name = models.CharField(max_length=200, blank=True, db_comment="as notices state it")
    notice_email = models.EmailField(db_comment="DSA art. 16(2)(c): the notifier's address, where answers come")
    postal_address = models.TextField(blank=True)
    website = models.URLField(blank=True)
    language = models.CharField(max_length=5, default="fr", db_comment="of its notices when the platform takes any")
    is_trusted_flagger = models.BooleanField(default=False, db_comment="DSA art. 22")
    expertise = models.JSONField(default=list, db_comment="catalogue families of the trusted flagger's expertise")
    requires_approval = models.BooleanField(default=False, db_comment="a lead approves each notice before sending")
    receives_public_reports = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class MemberManager(BaseUserManager["Member"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Member:
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def get_by_natural_key(self, username: str | None) -> Member:
        return self.get(email__iexact=username)


class Member(AbstractBaseUser):
    """A person with a way to log in. What they may do lies in their memberships."""

    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=80, db_comment="may be a pseudonym; shown inside the house only")
    language = models.CharField(max_length=5, default="fr")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[MemberManager] = MemberManager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="member_email_once")]

    def __str__(self) -> str:
        return self.display_name

    def second_factors(self) -> list[int]:
        """Return the keys of the applications and passkeys with which they prove that it is them."""
        # Named here, not imported: the library's table points to this one.
        return list(
            self.authenticator_set.filter(type__in=SECOND_FACTORS).order_by("pk").values_list("pk", flat=True)  # type: ignore[attr-defined]
        )

    def get_session_auth_hash(self) -> str:
        """Return what each session of theirs carries: it ends when the password or a second factor is another.

        The session in which the change is made goes on (`web/accounts.py`); recovery codes used up or made anew
        end none.
        """
        return salted_hmac("vigie.session", f"{self.password}|{self.second_factors()}", algorithm="sha256").hexdigest()


class Membership(models.Model):
    """A member of an association, with the roles they hold there."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    roles = models.JSONField(default=list, db_comment="names of the six roles")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("member", "organisation", name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.member} · {self.organisation}"

    def actor(self) -> Actor:
        """Return who this member is when they act for this association."""
        return Actor(
            name=f"member:{self.member_id}",
            organisation_id=self.organisation_id,
            roles=frozenset(Role(name) for name in self.roles),
            member_id=self.member_id,
        )


class ApiToken(models.Model):
    """A key by which a partner's program acts for an association; stored as a digest only."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of a 256-bit random token")
    roles = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def actor(self) -> Actor:
        """Return who this token is."""
        return Actor(
            name=f"token:{self.pk}",
            organisation_id=self.organisation_id,
            roles=frozenset(Role(name) for name in self.roles),
        )
