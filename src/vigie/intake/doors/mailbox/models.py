"""Letters that arrived: each once, kept whole, with what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vigie.casefile import files
from vigie.intake.doors.mailbox.sorting import MailKind, Reason
from vigie.organisations.tenancy import Owned


class IncomingMail(Owned):
    """One letter. Who wrote it lies in the sealed file and in the vault of its report, never in a column."""

    message_id = models.CharField(max_length=300, blank=True)
    raw_sha256 = models.CharField(max_length=64, db_comment="of the bytes as they arrived")
    body_sha256 = models.CharField(max_length=64, db_comment="without the headers, which differ at each delivery")
    kept_sha256 = models.CharField(max_length=64, blank=True, db_comment="of the sealed file; empty: not kept")
    size = models.PositiveIntegerField(db_comment="bytes")
    received_at = models.DateTimeField(db_comment="our clock")
    written_at = models.DateTimeField(null=True, db_comment="as the letter says")
    sender_digest = models.CharField(max_length=64, blank=True, db_comment="keyed; to answer nobody twice a day")
    subject = models.TextField(blank=True)
    kind = models.CharField(max_length=8, db_comment="report, answer or tray")
    reason = models.CharField(max_length=24, blank=True, db_comment="why it lies in the tray")
    reference = models.TextField(blank=True, db_comment="of the notices it answers, with spaces between them")
    report = models.ForeignKey("intake.Report", null=True, on_delete=models.PROTECT, related_name="letters")
    acknowledged_at = models.DateTimeField(null=True, db_comment="a receipt was queued")
    settled_at = models.DateTimeField(
        null=True, db_comment="nothing waits any more; of an answer: it joined its notice"
    )
    settled_by = models.CharField(max_length=60, blank=True, db_comment="member:12 or worker")
    settled_as = models.CharField(max_length=16, blank=True, db_comment="report, answer, returned, or why set aside")

    class Meta(Owned.Meta):
        abstract = False
        app_label = "intake"
        constraints: ClassVar = [models.UniqueConstraint("organisation", "raw_sha256", name="letter_once")]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "kind", "settled_at", "received_at"], name="letter_waiting"),
            models.Index(fields=["organisation", "message_id"], name="letter_message_id"),
            models.Index(fields=["organisation", "sender_digest", "acknowledged_at"], name="letter_acknowledged"),
        ]

    def __str__(self) -> str:
        return f"letter:{self.pk}"


class MailboxFault(Owned):
    """An association's mailbox that cannot be read; the row is there as long as that lasts."""

    why = models.CharField(max_length=12, db_comment="password, folder or silent")
    since = models.DateTimeField(db_comment="our clock; the first round that failed")

    class Meta(Owned.Meta):
        abstract = False
        app_label = "intake"
        constraints: ClassVar = [models.UniqueConstraint("organisation", name="one_mailbox_fault")]

    def __str__(self) -> str:
        return f"mailbox-fault:{self.pk}"


__all__ = ["IncomingMail", "MailKind", "MailboxFault", "Reason"]


files.named_in(IncomingMail, "kept_sha256")
