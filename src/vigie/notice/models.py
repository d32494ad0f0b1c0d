"""What is sent to one recipient through one channel about one or several contents of a case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile import files
from vigie.casefile.models import Case, Content
from vigie.organisations.tenancy import Owned
from vigie.outbox.models import Fate, OutgoingMail


class NoticeChannel(StrEnum):
    """Through what it reaches its recipient."""

    EMAIL = "email"
    BY_HAND = "by-hand"  # a person fills in the platform's own form
    PHAROS = "pharos"  # a person fills in the portal of the police


class Step(StrEnum):
    """What people did with a notice; what became of its e-mail is the outbox's to say."""

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    HANDED_OVER = "handed-over"  # to the outbox, or to the platform by hand
    WITHDRAWN = "withdrawn"


class NoticeState(StrEnum):
    """Where a notice stands, its e-mail included."""

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


_STATE_OF_FATE = {
    Fate.QUEUED: NoticeState.QUEUED,
    Fate.TAKEN: NoticeState.QUEUED,
    Fate.LEAVING: NoticeState.QUEUED,
    Fate.SENT: NoticeState.SENT,
    Fate.FAILED: NoticeState.FAILED,
    Fate.UNKNOWN: NoticeState.UNKNOWN,
    Fate.GIVEN_UP: NoticeState.WITHDRAWN,
}
BEING_WRITTEN = [Step.DRAFT, Step.CHECKED, Step.APPROVED]


class Notice(Owned):
    """One notice, or one reminder of a notice (`reminder_of`)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    ref = models.CharField(max_length=11, unique=True)
    platform = models.CharField(max_length=40, db_comment="slug of the registry; pharos for the portal")
    site = models.CharField(
        max_length=255, blank=True, db_comment="the host, where a platform has many (web, mastodon)"
    )
    channel = models.CharField(max_length=10)
    recipient = models.EmailField(blank=True, db_comment="empty when sent by hand")
    language = models.CharField(max_length=5)
    step = models.CharField(max_length=12, default=Step.DRAFT.value)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True, db_comment="exactly as it leaves")
    is_edited = models.BooleanField(default=False, db_comment="a person changed the composed text")
    facts_digest = models.CharField(max_length=64, blank=True, db_comment="SHA-256 of the facts it was composed from")
    catalogue_version = models.CharField(max_length=40, blank=True)

    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    mail = models.OneToOneField(OutgoingMail, null=True, on_delete=models.PROTECT, related_name="+")
    sent_by_hand_at = models.DateTimeField(null=True, db_comment="as the person who sent it says")
    platform_reference = models.CharField(max_length=120, blank=True, db_comment="the recipient's own reference")
    proof_sha256 = models.CharField(max_length=64, blank=True, db_comment="sealed file that shows it was submitted")
    reminder_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reminders")
    decided_at = models.DateTimeField(null=True, db_comment="latest decision read; it no longer bars a new notice")

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(fields=["organisation", "case"], name="notice_case"),
            models.Index(
                fields=["organisation", "drafted_at"], name="notice_to_approve", condition=models.Q(step="checked")
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def state(self) -> NoticeState:
        """Return where it stands; reads `mail`, which may query."""
        if self.step != Step.HANDED_OVER:
            return NoticeState(self.step)
        return _STATE_OF_FATE[Fate(self.mail.fate)] if self.mail else NoticeState.SENT

    @property
    def sent_at(self) -> datetime | None:
        """Return when the other side accepted it, by our clock; None while it has not, or nobody knows."""
        if self.mail is None:
            return self.sent_by_hand_at
        return self.mail.settled_at if self.mail.fate == Fate.SENT else None

    @property
    def is_being_written(self) -> bool:
        return self.step in BEING_WRITTEN

    def about(self) -> list[NoticeContent]:
        """Return what it is about, in order; a reminder is about what its notice is about. Queries."""
        of = self.reminder_of_id or self.pk
        return list(NoticeContent.objects.of(self.organisation_id).filter(notice_id=of).select_related("content"))


class NoticeContent(Owned):
    """A content a notice is about, at the address that was notified."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="notice_contents")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    url = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint("notice", "content", name="content_once_in_a_notice")]


class PlatformContact(Owned):
    """An e-mail address for notices that the association keeps itself; it wins over the registry's."""

    platform = models.CharField(max_length=40)
    site = models.CharField(max_length=255, blank=True)
    email = models.EmailField()
    note = models.CharField(max_length=200, blank=True, db_comment="where it was found")
    kept_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint("organisation", "platform", "site", name="one_contact_a_platform")
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.site}".strip()


STATE_LABELS = {
    NoticeState.DRAFT: _("brouillon"),
    NoticeState.CHECKED: _("vérifiée, attend une approbation"),
    NoticeState.APPROVED: _("approuvée, prête à partir"),
    NoticeState.QUEUED: _("en cours d’envoi"),
    NoticeState.SENT: _("envoyée"),
    NoticeState.FAILED: _("échec d’envoi"),
    NoticeState.UNKNOWN: _("sort inconnu"),
    NoticeState.WITHDRAWN: _("retirée"),
}
CHANNEL_LABELS = {
    NoticeChannel.EMAIL: _("par e-mail"),
    NoticeChannel.BY_HAND: _("par le formulaire de la plateforme"),
    NoticeChannel.PHAROS: _("sur le portail PHAROS"),
}


files.named_in(Notice, "proof_sha256")
