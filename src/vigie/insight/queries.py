"""Figures of one association, drawn from its journal."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from heapq import nlargest
from itertools import chain
from pathlib import Path
from threading import Lock

from django.db.models import F, TextField
from django.db.models.functions import Cast
from django.utils.timezone import get_current_timezone

from vigie.casefile.models import Case, JournalEntry, JournalHead
from vigie.casefile.rules import events, state
from vigie.insight.models import KeptFacts, KeptTally, Mark
from vigie.insight.rules import definitions, tables
from vigie.insight.rules import facts as telling
from vigie.insight.rules.definitions import SEVERAL, Delay, Figure, Occurrence
from vigie.insight.rules.facts import READ, CaseFacts, Happening, from_data, told
from vigie.insight.rules.tables import Choice, Tally, bit_of, month_bounds, occurrences, whole
from vigie.notice.rules import outcomes
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet

CASES_AT_ONCE = 500
PLAIN = re.compile(r"[a-zA-Z0-9.-]+")  # a name that is written the same in any JSON
# When the journal went on for longer than that, what the worker keeps is looked at before it is read.
FAR_BEHIND = 2000


@dataclass(frozen=True)
class _Counted:
    """What an association's cases added up to at one place of its journal; to be read and not changed."""

    mark: Mark
    tally: Tally


# Several associations share one process; what each adds up to is kept until something new happens in it.
_KEPT_ASSOCIATIONS = 4
_kept: OrderedDict[int, _Counted] = OrderedDict()
_lock = Lock()
# Two who ask at once would each read the whole journal: the second waits for what the first has read.
_counting: defaultdict[int, Lock] = defaultdict(Lock)


def tally(actor: Actor, zone: tzinfo) -> Tally:
    """Return what all cases of the actor's association add up to, to be read and not changed.

    Cost: the first time in a process, what the worker keeps is read (seconds, the whole journal, when it keeps nothing
    yet); afterwards, of each case that something happened to, its own part of the journal.
    """
    require(actor, Action.SEE_FIGURES, actor.organisation_id)
    with _counting[actor.organisation_id]:
        return _up_to_date(actor.organisation_id, zone).tally


def latest(
    actor: Actor,
    what: Figure | Delay,
    choice: Choice,
    *,
    most: int,
    keep: Callable[[Occurrence], bool] = lambda _: True,
) -> list[Occurrence]:
    """Return the latest of what a figure counts, or a delay measures, within the choice; `keep` picks among them.

    Cost: the worker keeps the cases in the order of their moments, so that they are read from the latest on until
    there are `most`; those of a choice that few fulfil, further. When it keeps nothing yet, the whole journal is read.
    """
    require(actor, Action.SEE_FIGURES, actor.organisation_id)
    organisation_id, zone = actor.organisation_id, get_current_timezone()
    head = head_of(organisation_id)
    stored = stored_tally(organisation_id, zone, without="tally")

    def among(cases: Iterable[CaseFacts]) -> Iterator[Occurrence]:
        return filter(keep, occurrences(what, cases, choice, zone))

    if stored is None:
        everything = (case for _pk, case in facts_at(organisation_id, head.seq))
        return nlargest(most, among(everything), key=_when)
    # Read after the tally: a row is at least as new as it, and what may be newer is in this list.
    anew = dict(facts_at(organisation_id, head.seq, of=changed(organisation_id, stored.seq, head.seq)))
    found = nlargest(most, among(anew.values()), key=_when)
    rows, start = _kept_behind(organisation_id, what, choice, zone), 0
    while some := list(rows[start : start + most + start]):
        start += len(some)
        told = (from_data(data) for pk, data, _last in some if pk not in anew)
        found = nlargest(most, chain(found, among(told)), key=_when)
        if len(found) == most and whole(found[-1].at) > some[-1][-1]:
            break  # whatever follows happened before
    return found


def _when(found: Occurrence) -> datetime:
    return found.at


def _kept_behind(organisation_id: int, what: Figure | Delay, choice: Choice, zone: tzinfo) -> OwnedQuerySet:
    """Return at least the cases that are kept and stand behind a figure or a delay within the choice, latest first."""
    moment = what.moment
    rows = KeptFacts.objects.of(organisation_id).filter(**{f"{moment}__isnull": False})
    rows = rows.annotate(bit=F("counted_in").bitand(bit_of(what))).exclude(bit=0)
    if choice.since:
        rows = rows.filter(**{f"{moment}__gte": month_bounds(choice.since, zone)[0]})
    if choice.until:
        first = f"{moment}_first" if moment in SEVERAL else moment
        rows = rows.filter(**{f"{first}__lt": month_bounds(choice.until, zone)[1]})
    named = [name for name in (choice.platform, choice.ground, choice.door) if PLAIN.fullmatch(name)]
    if named:
        rows = rows.annotate(written=Cast("facts", TextField()))
    for name in named:
        rows = rows.filter(written__contains=f'"{name}"')
    return rows.order_by(f"-{moment}", "-case_id").values_list("case_id", "facts", moment)


def _up_to_date(organisation_id: int, zone: tzinfo) -> _Counted:
    # Read before the entries: what is written meanwhile is told next time, never left out and never told twice.
    head = head_of(organisation_id)
    with _lock:
        known = _kept.get(organisation_id)
    if known and (known.tally.zone != zone or not is_in_journal(organisation_id, known.mark)):
        known = None  # another zone, or another journal
    if known is None or head.seq - known.mark.seq > FAR_BEHIND:
        stored = stored_tally(organisation_id, zone)
        if stored and (known is None or stored.seq > known.mark.seq):
            known = _Counted(stored.mark, Tally.from_data(stored.tally, zone))
    since, before = known.mark.seq if known else 0, known.tally if known else Tally(zone)
    counted = _Counted(head, moved_on(organisation_id, before, since=since, until=head.seq))
    with _lock:
        _kept[organisation_id] = counted
        _kept.move_to_end(organisation_id)
        while len(_kept) > _KEPT_ASSOCIATIONS:
            _kept.popitem(last=False)
    return counted


# --- the journal -------------------------------------------------------------------------------------------------


def head_of(organisation_id: int) -> Mark:
    """Return the end of an association's journal."""
    head = JournalHead.objects.filter(pk=organisation_id).values_list("seq", "digest").first()
    return Mark(*head) if head else Mark(0, "")


def is_in_journal(organisation_id: int, mark: Mark) -> bool:
    entries = JournalEntry.objects.of(organisation_id)
    return mark.seq == 0 or entries.filter(seq=mark.seq, digest=mark.digest).exists()


def changed(organisation_id: int, since: int, until: int) -> list[int]:
    """Return the cases of which the entries after `since`, `until` included, tell something that is counted."""
    if since == until:
        return []
    entries = JournalEntry.objects.of(organisation_id).filter(seq__gt=since, seq__lte=until)
    counted = entries.filter(event__in=READ, case__isnull=False)
    return list(counted.order_by("case_id").values_list("case_id", flat=True).distinct())


def moved_on(organisation_id: int, tally: Tally, *, since: int, until: int) -> Tally:
    """Return what a tally counted up to the entry `since` becomes at the entry `until`; it is left as it is itself.

    The journal is append-only, so what a case counted as before is told by its entries up to `since`.
    """
    case_ids = changed(organisation_id, since, until) if since else None
    if case_ids == []:
        return tally
    moved = tally.copy()
    if case_ids:
        for _pk, case in facts_at(organisation_id, since, of=case_ids):
            moved.take_out(case)
    for _pk, case in facts_at(organisation_id, until, of=case_ids):
        moved.add(case)
    return moved


def facts_at(organisation_id: int, seq: int, *, of: Sequence[int] | None = None) -> Iterator[tuple[int, CaseFacts]]:
    """Yield cases, all or some of them, with their facts as they were at an entry of the journal, by their rows."""
    cases = Case.objects.of(organisation_id)
    entries = JournalEntry.objects.of(organisation_id).filter(seq__lte=seq, event__in=READ)
    if of is None:
        yield from _drawn(cases, entries.filter(case__isnull=False))
        return
    for start in range(0, len(of), CASES_AT_ONCE):
        some = of[start : start + CASES_AT_ONCE]
        yield from _drawn(cases.filter(pk__in=some), entries.filter(case__in=some))


def _drawn(cases: OwnedQuerySet, entries: OwnedQuerySet) -> Iterator[tuple[int, CaseFacts]]:
    """Yield the cases that were there already, each with what its entries tell."""
    told_of = entries.order_by("case_id", "seq").values_list("case_id", "event", "at", "data").iterator(chunk_size=5000)
    pending = next(told_of, None)
    rows = cases.order_by("pk").values_list("pk", "ref", "platform", "door", "opened_at")
    for pk, ref, platform, door, opened_at in rows.iterator(chunk_size=5000):
        mine = []
        while pending is not None and pending[0] <= pk:
            if pending[0] == pk:
                mine.append(Happening(*pending[1:]))
            pending = next(told_of, None)
        if mine:
            yield pk, told(CaseFacts(ref=ref, platform=platform, door=door, opened_at=opened_at), mine)


# --- what the worker keeps ---------------------------------------------------------------------------------------


def stored_tally(organisation_id: int, zone: tzinfo, *, without: str | None = None) -> KeptTally | None:
    """Return what is kept, when it is whole, of this journal, and counted under today's definitions."""
    whole = KeptTally.objects.filter(pk=organisation_id, definitions=definitions_in(zone), through=None)
    kept = whole.defer(without).first()
    return kept if kept and is_in_journal(organisation_id, kept.mark) else None


@cache
def definitions_in(zone: tzinfo) -> str:
    """Return what names the definitions that figures are counted under: a changed line of them counts everything anew."""
    digest = hashlib.sha256()
    for module in (definitions, telling, tables, outcomes, state, events):
        digest.update(Path(str(module.__file__)).read_bytes())
    return f"{digest.hexdigest()} {zone}"
