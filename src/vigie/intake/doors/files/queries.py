"""Questions about imports."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.intake.doors.files.actions import Result
from vigie.intake.doors.files.models import ColumnMap, ImportBatch, ImportJob
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet


def imports_of(actor: Actor) -> OwnedQuerySet:
    """Return the association's imports, latest first."""
    require(actor, Action.IMPORT_REPORTS, actor.organisation_id)
    return ImportJob.objects.of(actor.organisation_id).order_by("-created_at", "-pk")


def access_import(actor: Actor, pk: int) -> ImportJob:
    """Return an import of the actor's association.

    Raises:
        NotFound: there is none, or it is another association's.
    """
    job: ImportJob | None = imports_of(actor).filter(pk=pk).first()
    if job is None:
        raise NotFound(N_("Cet import n’existe pas."))
    return job


def saved_maps(actor: Actor) -> OwnedQuerySet:
    """Return the maps that the association saved, by name."""
    require(actor, Action.IMPORT_REPORTS, actor.organisation_id)
    return ColumnMap.objects.of(actor.organisation_id).order_by("name")


def results_of(job: ImportJob) -> Iterator[Result]:
    """Yield what became of each line, in the order of the file."""
    batches = ImportBatch.objects.of(job.organisation_id).filter(job=job).order_by("number")
    for results in batches.values_list("results", flat=True).iterator(chunk_size=20):
        for kept in results:
            yield Result.from_json(kept)
