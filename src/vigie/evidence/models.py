"""What was saved of a content, at one moment."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile import files
from vigie.casefile.models import Case, Content
from vigie.evidence.rules.lease import State, Why
from vigie.organisations.tenancy import Owned


class Capture(Owned):
    """One attempt at saving a content. What it brought lies under its SHA-256 in `casefile.files`."""

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_comment="in whose journal it stands")
    address = models.TextField(db_comment="what was asked for")
    why = models.CharField(max_length=10, db_comment="arrival or asked")
    asked_by = models.CharField(max_length=60, db_comment="member:12 or worker; never a name")
    asked_at = models.DateTimeField()

    state = models.CharField(max_length=10, default=State.WAITING.value)
    rank = models.SmallIntegerField(default=0, db_comment="lower goes first: 0 asked for, then by danger")
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_by = models.CharField(max_length=100, blank=True, db_comment="name of the machine whose worker took it")
    taken_until = models.DateTimeField(null=True, db_comment="a worker has it until then; later it is free again")

    started_at = models.DateTimeField(null=True, db_comment="our clock")
    ended_at = models.DateTimeField(null=True, db_comment="our clock")
    final_address = models.TextField(blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, db_comment="of the page's own answer; null: none")
    marks = models.JSONField(default=list, db_comment="login_wall, not_available: what the page seems to be")
    bundle_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    bundle_size = models.PositiveBigIntegerField(default=0, db_comment="bytes")
    manifest_sha256 = models.CharField(max_length=64, blank=True, db_comment="what the timestamp is over")
    has_screenshot = models.BooleanField(default=False)
    timestamped_at = models.DateTimeField(null=True, db_comment="the timestamp authority's clock")
    authority = models.CharField(max_length=200, blank=True, db_comment="the name in its certificate")
    missing = models.JSONField(default=list, db_comment="[{what, code, why, detail}] of what was not kept")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["content"], name="one_capture_under_way", condition=models.Q(state__in=["waiting", "running"])
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["rank", "asked_at"], name="capture_waiting",
                condition=models.Q(state__in=["waiting", "running"]),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"capture:{self.pk}"


files.named_in(Capture, "bundle_sha256")

STATE_LABELS = {
    State.WAITING: _("en attente"),
    State.RUNNING: _("en cours"),
    State.DONE: _("faite et scellée"),
    State.PARTIAL: _("faite en partie"),
    State.FAILED: _("impossible"),
    State.PURGED: _("effacée"),
}
__all__ = ["STATE_LABELS", "Capture", "State", "Why"]
