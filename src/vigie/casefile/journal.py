"""Write to the journal, and walk it.

`record` is the only way an event happens: it appends to the association's chain and brings the case's
row to the new state, in the caller's transaction.

Locks are taken in one order, cases before the head of the chain: an action on several cases locks them all first
(`lock_cases`), so that two of them can never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from vigie.casefile.models import Case, JournalEntry, JournalHead
from vigie.casefile.rows import insert_all, insert_values
from vigie.casefile.rules import chain
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import CaseState, apply
from vigie.core.keys import derive_key
from vigie.organisations.rules.policy import Actor


def _seal_key() -> bytes:
    return derive_key(settings.SECRET_KEY, "journal-seal")


def lock_cases(organisation_id: int, refs: Iterable[str]) -> list[Case]:
    """Lock and return those of the cases that exist, in one order for everybody."""
    return list(Case.objects.of(organisation_id).filter(ref__in=list(refs)).order_by("pk").select_for_update())


def _locked_head(organisation_id: int) -> JournalHead:
    head = JournalHead.objects.select_for_update().filter(pk=organisation_id).first()
    if head is None:
        JournalHead.objects.bulk_create(
            [JournalHead(organisation_id=organisation_id, digest=chain.GENESIS, seal="")],
            ignore_conflicts=True,
        )
        head = JournalHead.objects.select_for_update().get(pk=organisation_id)
    return head


def record(
    event: Event,
    *,
    actor: Actor,
    now: datetime,
    case: Case | None = None,
    data: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Append one event and, when it is about a case, bring the case's row to the state that follows.

    Must run inside the transaction of the change it witnesses. `case` is read again under lock, and its
    columns are brought up to date on the object given.

    Args:
        data: references, values and versions only; no personal data, no quoted content.
    """
    connection.validate_no_broken_transaction()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event is recorded in the transaction of what it witnesses.")
    kept = dict(data or {})
    if case is not None:
        fresh = Case.objects.of(actor.organisation_id).select_for_update().get(pk=case.pk)
        state = apply(fresh.state(), event, kept, now)
        fresh.write_state(state)
        for name in vars(state):
            setattr(case, name, getattr(fresh, name))
    head = _locked_head(actor.organisation_id)
    entry = chain.Entry(
        organisation=actor.organisation_id,
        seq=head.seq + 1,
        at=now,
        actor=actor.name,
        event=event.value,
        case=case.ref if case else None,
        data=kept,
        previous=head.digest,
    )
    digest = chain.digest_of(entry)
    row = JournalEntry.objects.create(
        organisation_id=entry.organisation, seq=entry.seq, at=now, actor=entry.actor, event=entry.event,
        case=case, data=kept, previous=entry.previous, digest=digest,
    )  # fmt: skip
    head.seq, head.digest = entry.seq, digest
    head.seal = chain.seal_of(_seal_key(), actor.organisation_id, entry.seq, digest)
    head.save(update_fields=["seq", "digest", "seal"])
    return row


# The columns of an entry, as `record_many` writes them.
ENTRY = ("organisation_id", "seq", "at", "actor", "event", "case_id", "data", "previous", "digest")


@dataclass(frozen=True)
class Happening:
    """One event of many that are written together."""

    event: Event
    actor: Actor
    case: Case | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def record_many(organisation_id: int, happenings: Sequence[Happening], *, now: datetime) -> None:
    """Append many events at once, with the meaning of `record` called for each in their order.

    For imports: the head is locked and sealed once, rows are written together. A case that is not yet saved is
    inserted, in the state that follows from its events.
    """
    connection.validate_no_broken_transaction()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event is recorded in the transaction of what it witnesses.")
    _bring_to_state([one for one in happenings if one.case is not None], organisation_id, now)
    head = _locked_head(organisation_id)
    rows = []
    for happening in happenings:
        entry = chain.Entry(
            organisation=organisation_id,
            seq=head.seq + 1,
            at=now,
            actor=happening.actor.name,
            event=happening.event.value,
            case=happening.case.ref if happening.case else None,
            data=happening.data,
            previous=head.digest,
        )
        head.seq, head.digest = entry.seq, chain.digest_of(entry)
        case_id = happening.case.pk if happening.case else None
        rows.append((
            organisation_id, entry.seq, now, entry.actor, entry.event, case_id, happening.data, entry.previous, head.digest
        ))  # fmt: skip
    if rows:
        insert_values(JournalEntry, ENTRY, rows)
        head.seal = chain.seal_of(_seal_key(), organisation_id, head.seq, head.digest)
        head.save(update_fields=["seq", "digest", "seal"])


def _bring_to_state(happenings: Sequence[Happening], organisation_id: int, now: datetime) -> None:
    """Insert the new cases and update the others, each in the state that its events lead to."""
    cases = {happening.case.ref: happening.case for happening in happenings if happening.case}
    saved = {case.ref: case for case in lock_cases(organisation_id, [ref for ref, case in cases.items() if case.pk])}
    states = {ref: saved[ref].state() if ref in saved else CaseState() for ref in cases}
    for happening in happenings:
        if happening.case:
            ref = happening.case.ref
            states[ref] = apply(states[ref], happening.event, happening.data, now)
    for ref, case in cases.items():
        if ref in saved:
            saved[ref].write_state(states[ref])
        case.show_state(states[ref])
    insert_all([case for case in cases.values() if case.pk is None])


def _entries(organisation_id: int) -> Iterator[chain.Entry]:
    rows = (
        JournalEntry.across_associations.filter(organisation_id=organisation_id)
        .order_by("seq")
        .values_list("organisation_id", "seq", "at", "actor", "event", "case__ref", "data", "previous", "digest")
    )
    for row in rows.iterator(chunk_size=2000):
        yield chain.Entry(*row)


def first_break(organisation_id: int) -> str | None:
    """Return what is wrong first with an association's chain, or None."""
    head = JournalHead.objects.filter(pk=organisation_id).first()
    remembered = chain.Head(head.seq, head.digest, head.seal) if head and head.seq else None
    return chain.first_break(_entries(organisation_id), remembered, _seal_key())


def replayed(case: Case) -> CaseState:
    """Return the state of a case as its journal alone tells it."""
    state = CaseState()
    entries = JournalEntry.objects.of(case.organisation_id).filter(Q(case=case)).order_by("seq")
    for event, data, at in entries.values_list("event", "data", "at"):
        state = apply(state, event, data, at)
    return state
