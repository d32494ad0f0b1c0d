"""Figures of one association, drawn from its journal."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock

from vigie.casefile.models import Case, JournalEntry, JournalHead
from vigie.insight.rules.facts import READ, CaseFacts, Happening, told
from vigie.organisations.rules.policy import Action, Actor, require

# Facts are drawn anew when the journal has grown; several associations share one process.
_KEPT_ASSOCIATIONS = 4
_kept: OrderedDict[int, tuple[int, tuple[CaseFacts, ...]]] = OrderedDict()
_lock = Lock()


def facts(actor: Actor) -> tuple[CaseFacts, ...]:
    """Return the facts of every case of the actor's association, in the order of their opening.

    Cost: reads the association's journal once for each state of it (about a second for 100,000 cases), then nothing
    until something new happens.
    """
    require(actor, Action.SEE_FIGURES, actor.organisation_id)
    head = JournalHead.objects.filter(pk=actor.organisation_id).values_list("seq", flat=True).first() or 0
    with _lock:
        kept = _kept.get(actor.organisation_id)
    if kept is not None and kept[0] == head:
        return kept[1]
    drawn = _drawn(actor.organisation_id)
    with _lock:
        _kept[actor.organisation_id] = (head, drawn)
        _kept.move_to_end(actor.organisation_id)
        while len(_kept) > _KEPT_ASSOCIATIONS:
            _kept.popitem(last=False)
    return drawn


def _drawn(organisation_id: int) -> tuple[CaseFacts, ...]:
    happenings = _happenings(organisation_id)
    cases = Case.objects.of(organisation_id).order_by("pk").values_list("pk", "ref", "platform", "door", "opened_at")
    pending = next(happenings, None)
    found = []
    for pk, ref, platform, door, opened_at in cases.iterator(chunk_size=5000):
        mine = []
        while pending is not None and pending[0] <= pk:
            if pending[0] == pk:
                mine.append(pending[1])
            pending = next(happenings, None)
        found.append(told(CaseFacts(ref=ref, platform=platform, door=door, opened_at=opened_at), mine))
    return tuple(found)


def _happenings(organisation_id: int) -> Iterator[tuple[int, Happening]]:
    entries = JournalEntry.objects.of(organisation_id).filter(event__in=READ, case__isnull=False)
    rows = entries.order_by("case_id", "seq").values_list("case_id", "event", "at", "data")
    for case_id, event, at, data in rows.iterator(chunk_size=5000):
        yield case_id, Happening(event=event, at=at, data=data)
