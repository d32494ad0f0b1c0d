"""What this door holds that may not be kept: files on their way in, with the addresses and words of strangers."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterator
from datetime import datetime

from vigie.casefile import files
from vigie.casefile.keys import hidden_key, stored_key
from vigie.core.errors import VigieError
from vigie.core.words import N_
from vigie.intake.doors.files.actions import drop_here, map_of, rows_of, table_of
from vigie.intake.doors.files.letters import raw_letters
from vigie.intake.doors.files.models import AT_WORK, ImportJob, ImportState
from vigie.intake.doors.files.tables import Kind
from vigie.intake.doors.files.values import Row
from vigie.intake.doors.mailbox.forget import keys_in
from vigie.intake.doors.mailbox.letter import read_letter
from vigie.platforms.find import find_addresses
from vigie.platforms.resolve import UnreadableAddress, resolve

WHY = N_(
    "Ce fichier contenait une adresse transmise aux autorités : il a été effacé. Retirez-la, puis déposez-le à nouveau."
)

_SEPARATORS = str.maketrans(dict.fromkeys(',;|"\t', " "))


def are_at_work(organisation_id: int) -> bool:
    """Say whether a file is being read this moment; it ends by itself, and can be searched or is gone then."""
    return bool(ImportJob.objects.of(organisation_id).filter(state__in=AT_WORK).exists())


def drop_waiting_files(organisation_id: int, forbidden: Container[str], now: datetime) -> None:
    """Remove the files waiting for a person that hold an address which may not be kept.

    Args:
        forbidden: hidden keys.
    """
    waiting = ImportJob.objects.of(organisation_id).filter(state__in=[ImportState.READY, ImportState.FAILED])
    for job in waiting:
        if _holds(job, forbidden):
            job.problem, job.problem_values = WHY, {}
            job.save(update_fields=["problem", "problem_values"])
            drop_here(job, now)


def _holds(job: ImportJob, forbidden: Container[str]) -> bool:
    return any(hidden_key(key) in forbidden for key in _keys_in(job))


def _keys_in(job: ImportJob) -> Iterator[str]:
    """Yield the keys of the addresses in a file: of its rows, and of its lines, for a row that is refused may hold one."""
    path = files.path_of(job.file_sha256)
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            # An address may hold a comma; it may also end at one, which separates two columns.
            for text in (line, line.translate(_SEPARATORS)):
                yield from (key for found in find_addresses(text) for key in _key_of(found.address))
    with contextlib.suppress(VigieError):  # what nobody can read as a table was read as lines
        table = table_of(job)
        if table.kind is Kind.MAIL:
            yield from (key for _line, raw in raw_letters(path) for key in keys_in(read_letter(raw)))
        else:
            rows = rows_of(table, map_of(job, table))
            yield from (stored_key(row.key) for row in rows if isinstance(row, Row))


def _key_of(address: str) -> list[str]:
    try:
        return [stored_key(resolve(address).key)]
    except UnreadableAddress:
        return []
