"""What follows a notice: replies, checks of what is online, reminders."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile.models import Case, Content
from vigie.followup.rules.reminders import ReminderReason
from vigie.followup.rules.replies import ReplyKind
from vigie.intake.doors.mailbox.models import IncomingMail
from vigie.notice.models import Notice
from vigie.organisations.models import Organisation
from vigie.organisations.tenancy import Owned


class Cursor(models.Model):
    """How far the room has read an association's journal, to learn which notices have left."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+", primary_key=True)
    seq = models.BigIntegerField(default=0)


class Reply(Owned):
    """What came back for a notice. Several decisions over time are normal; the latest stands."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    mail = models.ForeignKey(IncomingMail, null=True, on_delete=models.PROTECT, related_name="+")
    source_key = models.CharField(max_length=200, db_comment="mail:12, or form:… for one written down by a member")
    received_at = models.DateTimeField()
    sender = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(db_comment="their own words, as plain text")

    suggested_kind = models.CharField(max_length=10, default=ReplyKind.UNCLEAR.value)
    suggested_outcome = models.CharField(max_length=30, blank=True)
    suggested_sentence = models.TextField(blank=True, db_comment="the sentence that made the suggestion")

    outcome = models.CharField(max_length=30, blank=True, db_comment="the shared vocabulary; empty is not read yet")
    error_reason = models.CharField(max_length=30, blank=True)
    words = models.TextField(blank=True, db_comment="the words of theirs that the outcome rests on")
    platform_reference = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True, db_comment="when the platform decided, by its letter")
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["received_at", "pk"]
        constraints: ClassVar = [models.UniqueConstraint("organisation", "source_key", name="reply_once")]
        indexes: ClassVar = [models.Index(fields=["organisation", "read_at", "received_at"], name="reply_to_read")]

    def __str__(self) -> str:
        return f"reply:{self.pk}"


class Check(Owned):
    """One look at whether a content is still online: when it is due, and what it saw."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey(Notice, null=True, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=20, db_comment="1h, 24h, 3d, 7d, 30d after sending; confirm; asked")
    due_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True, db_comment="a worker holds it until then")
    done_at = models.DateTimeField(null=True)

    glance = models.CharField(max_length=12, blank=True, db_comment="what this look saw")
    online = models.CharField(max_length=24, blank=True, db_comment="what is online after it and those before it")
    status = models.PositiveSmallIntegerField(null=True, db_comment="HTTP; null: no answer")
    text_sha256 = models.CharField(max_length=80, blank=True)
    failure = models.CharField(max_length=40, blank=True)
    looked_from = models.CharField(max_length=80, blank=True, db_comment="by what and from where we looked")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["due_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("notice", "content", "label", "due_at", name="check_planned_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(done_at=None), name="check_due"),
            models.Index(fields=["organisation", "content", "done_at"], name="check_of_content"),
            models.Index(fields=["organisation", "done_at"], condition=models.Q(glance="failed"), name="check_failed"),
        ]

    def __str__(self) -> str:
        return f"check:{self.pk}"


class ReminderState(StrEnum):
    WAITING = "waiting"  # its time has not come
    DUE = "due"
    SENT = "sent"  # the platform was reminded
    SETTLED = "settled"  # an answer came, or a person said so


class Reminder(Owned):
    """A silence that is, or will be, late."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=ReminderState.WAITING.value)
    raised_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["due_at", "pk"]
        constraints: ClassVar = [models.UniqueConstraint("notice", "reason", "due_at", name="reminder_once")]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="reminder_waiting"),
            models.Index(fields=["organisation", "state", "due_at"], name="reminder_of_house"),
        ]

    def __str__(self) -> str:
        return f"reminder:{self.pk}"


KIND_LABELS = {
    ReplyKind.RECEIPT: _("accusé de réception"),
    ReplyKind.DECISION: _("décision"),
    ReplyKind.QUESTION: _("question"),
    ReplyKind.BOUNCE: _("message non remis"),
    ReplyKind.AUTOMATIC: _("message automatique"),
    ReplyKind.UNCLEAR: _("à lire"),
}
REASON_LABELS = {
    ReminderReason.NO_RECEIPT: _("aucun accusé de réception"),
    ReminderReason.NO_DECISION: _("aucune décision"),
}
