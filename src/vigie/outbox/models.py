"""What leaves the house, written down before it leaves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile.models import Case
from vigie.organisations.tenancy import Owned
from vigie.outbox.rules import Fate, Purpose


class OutgoingMail(Owned):
    """One e-mail to leave. `key` makes sure that what was decided once is written once."""

    key = models.CharField(max_length=120, unique=True, db_comment="what it is, e.g. notice:N-7K3M-Q2XA:1")
    purpose = models.CharField(max_length=12, db_comment="notice, answer, reminder or invitation")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=120, blank=True, db_comment="of the notice, reminder or message it carries")
    recipient = models.EmailField(blank=True, db_comment="empty when it is sealed")
    sealed = models.BinaryField(
        default=b"", db_comment="AES-256-GCM of recipient and body, of a private mail; empty once it left"
    )
    sender = models.EmailField()
    reply_to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True, db_comment="empty when it is sealed")
    message_id = models.CharField(max_length=200, unique=True)
    in_reply_to = models.CharField(max_length=200, blank=True)
    attachments = models.JSONField(default=list, db_comment="[{name, sha256, media_type}] of stored files")

    fate = models.CharField(max_length=12, default=Fate.QUEUED.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    turn = models.PositiveIntegerField(
        default=0, db_comment="how often it was taken: tells whose worker still holds it"
    )
    not_before = models.DateTimeField()
    taken_until = models.DateTimeField(null=True, db_comment="a worker holds it until then")
    settled_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    queued_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(fields=["fate", "not_before"], name="outbox_waiting"),
            models.Index(fields=["organisation", "fate", "settled_at"], name="outbox_for_a_person"),
        ]

    def __str__(self) -> str:
        return self.key


FATE_LABELS = {
    Fate.QUEUED: _("en attente"),
    Fate.TAKEN: _("en attente"),
    Fate.LEAVING: _("en train de partir"),
    Fate.SENT: _("envoyé"),
    Fate.FAILED: _("échec"),
    Fate.UNKNOWN: _("sort inconnu"),
    Fate.GIVEN_UP: _("abandonné"),
}
__all__ = ["FATE_LABELS", "Fate", "OutgoingMail", "Purpose"]
