"""Keep what the journal adds up to, so that a process that starts need not read it from the beginning.

Nothing here is a source: what is kept is told by the journal up to one of its entries, and two workers who count the
same piece write the same. Each piece is one short transaction, which gives way when another worker was quicker.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from django.db import transaction
from django.utils.timezone import get_current_timezone

from vigie.casefile.models import Case, JournalEntry, JournalHead
from vigie.casefile.rows import insert_all
from vigie.insight.models import KeptFacts, KeptTally
from vigie.insight.queries import changed, definitions_in, facts_at, head_of, is_in_journal, moved_on
from vigie.insight.rules.facts import CaseFacts, as_data, from_data
from vigie.insight.rules.tables import Tally, bits_of, reach_of

CASES_AT_ONCE = 2000
ENTRIES_AT_ONCE = 10_000


def keep_figures() -> bool:
    """Bring what is kept of each association one piece further; say whether more of it waits."""
    zone = get_current_timezone()
    organisations = JournalHead.objects.order_by("pk").values_list("pk", flat=True)
    return any([_one_piece(organisation_id, zone) for organisation_id in organisations])  # noqa: C419 of each of them


def _one_piece(organisation_id: int, zone: tzinfo) -> bool:
    head, definitions = head_of(organisation_id), definitions_in(zone)
    kept = KeptTally.objects.filter(pk=organisation_id, definitions=definitions).defer("tally").first()
    if kept is None or not is_in_journal(organisation_id, kept.mark):
        beginning = {"seq": head.seq, "digest": head.digest, "definitions": definitions, "through": 0, "tally": {}}
        KeptTally.objects.update_or_create(organisation_id=organisation_id, defaults=beginning)
        return True
    if kept.through is not None:
        _count_on(kept, zone)
        return True
    until = min(head.seq, kept.seq + ENTRIES_AT_ONCE)
    if until > kept.seq:
        _catch_up(kept, until, zone)
    return until < head.seq


def _count_on(kept: KeptTally, zone: tzinfo) -> None:
    """Write down the facts of the next cases, as the journal told them when the counting began; then their sum."""
    organisation_id = kept.organisation_id
    cases = Case.objects.of(organisation_id).filter(pk__gt=kept.through).order_by("pk")
    next_ones = list(cases.values_list("pk", flat=True)[:CASES_AT_ONCE])
    if next_ones:
        told = list(facts_at(organisation_id, kept.seq, of=next_ones))
        _write(kept, next_ones, told, through=next_ones[-1])
    else:
        rows = KeptFacts.objects.of(organisation_id).values_list("facts", flat=True).iterator(chunk_size=5000)
        tally = Tally.of(map(from_data, rows), zone)
        _write(kept, [], [], through=None, tally=tally.as_data())


def _catch_up(kept: KeptTally, until: int, zone: tzinfo) -> None:
    """Take in what happened up to an entry of the journal."""
    organisation_id = kept.organisation_id
    digest = JournalEntry.objects.of(organisation_id).values_list("digest", flat=True).get(seq=until)
    cases = changed(organisation_id, kept.seq, until)
    if cases:
        told = list(facts_at(organisation_id, until, of=cases))
        tally = moved_on(organisation_id, Tally.from_data(kept.tally, zone), since=kept.seq, until=until)
        _write(kept, cases, told, seq=until, digest=digest, tally=tally.as_data())
    else:
        _write(kept, [], [], seq=until, digest=digest)


def _write(kept: KeptTally, cases: list[int], told: Iterable[tuple[int, CaseFacts]], **changes: object) -> None:
    """Write both, unless somebody else has brought what is kept further meanwhile."""
    as_it_was = KeptTally.objects.filter(
        pk=kept.pk, seq=kept.seq, digest=kept.digest, definitions=kept.definitions, through=kept.through
    )
    with transaction.atomic():
        if not as_it_was.select_for_update().values_list("pk"):
            return
        KeptFacts.objects.of(kept.organisation_id).filter(case__in=cases).delete()
        insert_all([
            KeptFacts(
                organisation_id=kept.organisation_id, case_id=pk, facts=as_data(case), counted_in=bits_of(case), **reach_of(case)
            )
            for pk, case in told
        ])  # fmt: skip
        as_it_was.update(**changes)
