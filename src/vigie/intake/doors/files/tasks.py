"""Timed work of the files door."""

from __future__ import annotations

import logging
from datetime import datetime

from vigie.core.errors import Refusal, kind_and_place
from vigie.core.words import N_
from vigie.intake.doors.files import actions
from vigie.intake.doors.files.models import ImportJob, ImportState

logger = logging.getLogger("vigie.intake.files")


class Stopped(Refusal):
    """A mistake of ours stopped an import."""


def work_on_imports(now: datetime) -> bool:
    """Look through, or import, the file that has waited longest."""
    job = actions.take_next(now)
    if job is None:
        return actions.drop_forgotten(now)
    work_on(job)
    return True


def work_on(job: ImportJob) -> None:
    """Do what an import that is held waits for. A mistake of ours stops this import, and no other."""
    try:
        if job.state == ImportState.READING:
            actions.prepare(job)
        else:
            actions.run(job)
    except Exception as fault:  # noqa: BLE001 tried again for ever, one bad file would hold every other
        logger.error("import %s: %s", job.pk, kind_and_place(fault))  # noqa: TRY400 a traceback could quote the file
        actions.fail(
            job, Stopped(N_("Une panne a arrêté l’import. Ce qui précède est importé ; vous pouvez le reprendre."))
        )
