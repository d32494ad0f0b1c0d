"""Reports, what joins them to cases, the vault of who reported, and the conversation with them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vigie.casefile import files
from vigie.casefile.models import Case
from vigie.intake.rules.values import MessageFrom, MessageKind, Post, ReportState
from vigie.organisations.tenancy import Owned


class Report(Owned):
    """What somebody told us, once, through one door. Who they are lies in `Identity`, never here."""

    received_at = models.DateTimeField(db_comment="our clock")
    door = models.CharField(max_length=12, db_comment="form, mail, api, import or desk")
    addresses = models.JSONField(default=list, db_comment="as given, in their order; emptied by a purge")
    posts = models.JSONField(default=list, db_comment="what the door knew: [{url, text, account, published_at, …}]")
    description = models.TextField(blank=True)
    about = models.CharField(max_length=20, blank=True, db_comment="what the person says it is about; a hint")
    role = models.CharField(max_length=10, blank=True, db_comment="victim, witness, sent; empty is unknown")
    is_minor = models.BooleanField(null=True, db_comment="null: not said")
    language = models.CharField(max_length=8, blank=True, db_comment="in which to answer")

    state = models.CharField(max_length=12, default=ReportState.RECEIVED.value)
    filed_at = models.DateTimeField(null=True, db_comment="when it was sorted into cases; null: it waits")
    not_before = models.DateTimeField(db_comment="of the next attempt at sorting it")

    source_key = models.CharField(max_length=200, null=True, db_comment="the same thing twice is known by it")
    receipt_digest = models.CharField(max_length=64, null=True, unique=True, db_comment="slow hash of the code")
    proof = models.CharField(max_length=64, null=True, unique=True, db_comment="the spent proof of work")
    unproven = models.BooleanField(default=False, db_comment="came through the form without a proof of work")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", "source_key", name="report_source_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"], name="report_waiting",
                condition=models.Q(state__in=["received", "referred"], filed_at=None),
            ),
            models.Index(
                fields=["organisation", "received_at"], name="report_unproven", condition=models.Q(unproven=True)
            ),
            models.Index(fields=["organisation", "state", "received_at"], name="report_state"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"report:{self.pk}"

    def known_posts(self) -> list[Post]:
        """Return what the door knew of the addresses."""
        return [Post.from_json(kept) for kept in self.posts]


class ReportCase(Owned):
    """A report filed into a case. One report may speak of several contents; forty may speak of one."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="report_cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("report", "case", name="report_once_in_a_case")]


class Identity(Owned):
    """The vault: who reported, sealed with a key outside the database. Opened by `actions.open_identity` alone."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="identity")
    sealed = models.BinaryField(db_comment="AES-256-GCM; empty once erased")
    has_email = models.BooleanField(default=False, db_comment="so that nobody opens it just to see")
    kept_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["erased_at", "kept_at"], name="identity_retention")]


class Attachment(Owned):
    """A file that came with a report, found under its SHA-256 in `casefile.files`."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="attachments")
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=200, db_comment="as the person called it; for showing only")
    media_type = models.CharField(max_length=80, db_comment="by content, not by name")
    size = models.PositiveIntegerField(db_comment="bytes")

    class Meta(Owned.Meta):
        abstract = False


class Message(Owned):
    """One message of the two-way conversation with the person who reported."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField()
    sender = models.CharField(max_length=12, db_comment="reporter or association")
    author = models.CharField(max_length=60, blank=True, db_comment="member:12; shown inside the house only")
    kind = models.CharField(max_length=10, default=MessageKind.INFO.value)
    text = models.TextField()
    nonce = models.CharField(max_length=64, unique=True, db_comment="the same form sent twice is one message")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["at", "id"]

    @property
    def is_ours(self) -> bool:
        return self.sender == MessageFrom.ASSOCIATION


files.named_in(Attachment, "sha256")

# The tables of the doors lie with their door; Django finds a room's tables through this module.
from vigie.intake.doors.files.models import ColumnMap, ImportBatch, ImportJob  # noqa: E402
from vigie.intake.doors.mailbox.models import IncomingMail, MailboxFault  # noqa: E402

__all__ = [
    "Attachment",
    "ColumnMap",
    "Identity",
    "ImportBatch",
    "ImportJob",
    "IncomingMail",
    "MailboxFault",
    "Message",
    "Report",
    "ReportCase",
]
