"""Imports: a file, how it is read, how far it is, and what became of each line; and the maps an association saved."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile import files
from vigie.intake.doors.files.maps import ColumnMap as Map
from vigie.organisations.tenancy import Owned


class ImportState(StrEnum):
    READING = "reading"  # to be looked through, for the preview
    READY = "ready"  # a person looks at the preview
    WAITING = "waiting"  # a person said yes
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"  # a person said no


AT_WORK = (ImportState.READING, ImportState.WAITING, ImportState.RUNNING)
GONE = (ImportState.DONE, ImportState.DROPPED)

STATE_LABELS = {
    ImportState.READING: _("lecture en cours"),
    ImportState.READY: _("à vérifier"),
    ImportState.WAITING: _("en attente"),
    ImportState.RUNNING: _("import en cours"),
    ImportState.DONE: _("terminé"),
    ImportState.FAILED: _("échoué"),
    ImportState.DROPPED: _("abandonné"),
}


class ColumnMap(Owned):
    """How an association reads the exports of one of its tools."""

    name = models.CharField(max_length=80)
    columns = models.JSONField(db_comment="as doors.files.maps.ColumnMap.as_json")
    saved_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        app_label = "intake"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint("organisation", "name", name="column_map_once")]

    def __str__(self) -> str:
        return self.name

    def value(self) -> Map:
        return Map.from_json(self.columns, name=f"saved:{self.pk}", title=self.name)


class ImportJob(Owned):
    """One file on its way in. The file itself is removed when the import is over."""

    asked_by = models.CharField(max_length=60, db_comment="member:12, or worker for the command line")
    name = models.CharField(max_length=200, db_comment="of the file, as the person called it")
    file_sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(db_comment="bytes")
    column_map = models.JSONField(null=True, db_comment="the map it is read by; null: the one that fits best")
    state = models.CharField(max_length=10, default=ImportState.READING.value)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True, db_comment="a worker holds it until then")
    attempt = models.PositiveIntegerField(default=0, db_comment="a worker that lost its hold sees it here")
    problem = models.TextField(blank=True, db_comment="why it failed; a sentence in French, translated when shown")
    problem_values = models.JSONField(default=dict)
    preview = models.JSONField(null=True, db_comment="counts, first lines, refusals; emptied when it is over")
    lines_total = models.PositiveIntegerField(default=0)
    lines_done = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = False
        app_label = "intake"
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"], name="import_at_work",
                condition=models.Q(state__in=["reading", "waiting", "running"]),
            ),
            models.Index(fields=["organisation", "-created_at"], name="import_latest"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"import:{self.pk}"


class ImportBatch(Owned):
    """What became of some lines of an import, written with them in one transaction."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    results = models.JSONField(db_comment="[[line, outcome, case, field, sentence, values]]")

    class Meta(Owned.Meta):
        abstract = False
        app_label = "intake"
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint("job", "number", name="import_batch_once")]


files.named_in(ImportJob, "file_sha256", unless=models.Q(state__in=GONE))
