"""Verbs of the queue: take, give back, assign, set the danger, close, reopen; one by one, or many with an undo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vigie.casefile.journal import lock_cases, record
from vigie.casefile.models import Case, JournalEntry
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger, Stage
from vigie.core.errors import NotFound, Refusal, UnusableInput
from vigie.core.plain import is_storable
from vigie.core.words import N_
from vigie.organisations.models import Member, Membership
from vigie.organisations.rules.policy import Action, Actor, may, require
from vigie.triage import queries, together
from vigie.triage.models import BulkAction, BulkItem, Habits, SavedFilter
from vigie.triage.rules import moves
from vigie.triage.rules.filters import Filter
from vigie.triage.rules.moves import Before, Kind, Move, Mover

# What a role must carry for each move. Giving back is what anybody who may take can do.
NEEDS = {
    Kind.CLAIM: Action.CLAIM_CASE,
    Kind.RELEASE: Action.CLAIM_CASE,
    Kind.ASSIGN: Action.ASSIGN_CASE,
    Kind.SET_DANGER: Action.TRIAGE_CASE,
    Kind.CLOSE: Action.TRIAGE_CASE,
    Kind.REOPEN: Action.TRIAGE_CASE,
    Kind.TOGETHER: Action.TRIAGE_CASE,
}


def mover_of(actor: Actor) -> Mover:
    return Mover(actor.member_id, may(actor, Action.ASSIGN_CASE, actor.organisation_id))


def require_holder(actor: Actor, case: Case) -> None:
    """Let work on a case pass when the actor holds it; every room after this one asks it before it writes.

    Call it inside the transaction of the work, on a case read under lock where two people could race.

    Raises:
        HeldByNobody: it must be taken first.
        HeldByAnother: the sentence names who holds it.
    """
    moves.check_work(case.state(), mover_of(actor), holder=_holder_name(case.holder_id))


def move_case(*, actor: Actor, ref: str, move: Move, now: datetime) -> Case:
    """Do one move to one case.

    Raises:
        NotAllowed, NotFound: as `access_case`.
        Refusal: the move is not possible; see `moves.check`.
    """
    _require(actor, move)
    if move.kind is Kind.TOGETHER:
        raise moves.TooFew
    with transaction.atomic():
        found = lock_cases(actor.organisation_id, [ref])
        if not found:
            raise NotFound(N_("Ce dossier n’existe pas."))
        case = found[0]
        if move.kind is Kind.CLAIM:
            _release_if_lapsed(case, now)
        moves.check(move, case.state(), mover_of(actor), holder=_holder_name(case.holder_id))
        _witness(actor, case, move, now)
    return case


def open_for_work(*, actor: Actor, ref: str, now: datetime) -> Case:
    """Take a case in order to work on it; taking what one holds already changes nothing."""
    try:
        return move_case(actor=actor, ref=ref, move=Move(Kind.CLAIM), now=now)
    except moves.AlreadySo:
        return Case.objects.of(actor.organisation_id).get(ref=ref)


def next_case(*, actor: Actor, wanted: Filter, now: datetime) -> Case | None:
    """Take the first free case of the filter, in the order of the queue; None when there is none.

    Two people who ask at the same moment get two cases: the second skips the row that the first has locked.
    """
    require(actor, Action.CLAIM_CASE, actor.organisation_id)
    with transaction.atomic():
        free = queries.free_cases(actor, wanted, today=timezone.localdate(now))
        case: Case | None = free.select_for_update(skip_locked=True, of=("self",)).first()
        if case is not None:
            _witness(actor, case, Move(Kind.CLAIM), now)
    return case


def release_lapsed(*, organisation_id: int, now: datetime) -> int:
    """Give back to the queue what its holder has left lying; return how many cases."""
    lasts = timedelta(hours=settings.VIGIE_CLAIM_HOURS)
    given_back = 0
    held = Case.objects.of(organisation_id).filter(holder__isnull=False, held_since__lte=now - lasts, in_queue=True)
    for ref in list(held.values_list("ref", flat=True)):
        with transaction.atomic():
            for case in lock_cases(organisation_id, [ref]):
                given_back += _release_if_lapsed(case, now)
    return given_back


# --- many at once --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planned:
    """What would become of one case: `refusal` is None when it would change."""

    case: Case
    refusal: Refusal | None


@dataclass(frozen=True)
class Outcome:
    """What became of many cases."""

    done: list[Case] = field(default_factory=list)
    refused: list[tuple[Case, Refusal]] = field(default_factory=list)
    bulk: BulkAction | None = None


def plan_bulk(*, actor: Actor, refs: Iterable[str], move: Move) -> list[Planned]:
    """Return what a move would do to each case, in the order of the queue, changing nothing.

    The move may still lack its danger, its reason or its holder: they are asked for beside this list.
    """
    require(actor, NEEDS[move.kind], actor.organisation_id)
    require(actor, Action.SEE_CASE, actor.organisation_id)
    wanted = _few(refs)
    cases = list(queries.in_order(Case.objects.of(actor.organisation_id).filter(ref__in=wanted)))
    names = queries.names_of(case.holder_id for case in cases)
    return [Planned(case, _refusal(actor, case, move, names)) for case in cases]


def apply_bulk(*, actor: Actor, refs: Iterable[str], move: Move, now: datetime) -> Outcome:
    """Do a move to every case that allows it, and keep what was so that it can be undone.

    All in one transaction: either the list that was reviewed is done, or nothing is.

    Raises:
        TooFew, TooManyContents: cases that are to go together are less than two, or about too much.
    """
    _require(actor, move)
    if actor.member_id is None:
        raise UnusableInput(N_("Une action groupée se fait par une personne."))
    outcome = Outcome()
    wanted = _few(refs)
    with transaction.atomic():
        if move.kind is Kind.TOGETHER:
            together.hold_contents(actor.organisation_id, wanted)
        cases = lock_cases(actor.organisation_id, wanted)
        names = queries.names_of(case.holder_id for case in cases)
        for case in cases:
            refusal = _refusal(actor, case, move, names)
            if refusal is None:
                outcome.done.append(case)
            else:
                outcome.refused.append((case, refusal))
        before = {case.pk: Before.of(case.state()) for case in outcome.done}
        if move.kind is Kind.TOGETHER:
            _put_together(actor, outcome.done, move, now)
        else:
            for case in outcome.done:
                _witness(actor, case, move, now)
        items = [
            BulkItem(
                organisation_id=actor.organisation_id, case=case,
                before=before[case.pk].as_data(), after=Before.of(case.state()).as_data(),
            )
            for case in outcome.done
        ]  # fmt: skip
        if not items:
            return outcome
        bulk = BulkAction.objects.create(
            organisation_id=actor.organisation_id, member_id=actor.member_id, kind=move.kind.value,
            made_at=now, cases_count=len(items),
        )  # fmt: skip
        for item in items:
            item.bulk = bulk
        BulkItem.across_associations.bulk_create(items)
    return Outcome(outcome.done, outcome.refused, bulk)


def _put_together(actor: Actor, cases: list[Case], move: Move, now: datetime) -> None:
    if len(cases) < 2:
        raise moves.TooFew
    target = next((case for case in cases if case.ref == move.into), None)
    if target is None:
        raise UnusableInput(N_("Choisissez le dossier qui reste, parmi ceux qui peuvent changer."))
    others = sorted((case for case in cases if case is not target), key=lambda case: (case.opened_at, case.pk))
    together.gather(actor=actor, target=target, others=others, now=now)


def _part(actor: Actor, cases: list[Case], changed: set[int], now: datetime) -> set[int]:
    """Part the cases that were put together; return those that stay as they are, because somebody acted since."""
    refs = {case.ref: case for case in cases}
    joined = [case for case in cases if case.joined_into in refs]
    if not joined:
        return {case.pk for case in cases}
    target = refs[joined[0].joined_into]
    joined.sort(key=lambda case: together.joined_at(target, case), reverse=True)  # the last one first
    if target.pk in changed or together.was_worked_on(target, since=together.joined_at(target, joined[0])):
        return {case.pk for case in cases}
    stay = {case.pk for case in cases if case is not target and (case.pk in changed or case not in joined)}
    for case in joined:
        if case.pk not in stay:
            together.part(actor=actor, target=target, joined=case, now=now)
    return stay


def undo_bulk(*, actor: Actor, bulk_id: int, now: datetime) -> Outcome:
    """Put back what one's own bulk action changed, except the cases that changed since.

    Raises:
        NotFound: there is no such action, or it is somebody else's.
        AlreadyUndone, TooLate: see `moves.check_undo`.
    """
    outcome = Outcome()
    with transaction.atomic():
        mine = BulkAction.objects.of(actor.organisation_id).filter(pk=bulk_id, member_id=actor.member_id)
        bulk = mine.select_for_update().first()
        if bulk is None:
            raise NotFound(N_("Cette action n’existe pas."))
        moves.check_undo(made_at=bulk.made_at, undone_at=bulk.undone_at, now=now)
        items = {item.case_id: item for item in BulkItem.objects.of(actor.organisation_id).filter(bulk=bulk)}
        refs = list(Case.objects.of(actor.organisation_id).filter(pk__in=items).values_list("ref", flat=True))
        if bulk.kind == Kind.TOGETHER:
            together.hold_contents(actor.organisation_id, refs)
        cases = lock_cases(actor.organisation_id, refs)
        changed = {case.pk for case in cases if Before.of(case.state()).as_data() != items[case.pk].after}
        if bulk.kind == Kind.TOGETHER:
            changed |= _part(actor, cases, changed, now)
        for case in cases:
            if case.pk in changed:
                outcome.refused.append((case, moves.ChangedSince()))
                continue
            data = {**items[case.pk].before, "bulk": bulk.pk}
            record(Event.STATE_RESTORED, actor=actor, now=now, case=case, data=data)
            outcome.done.append(case)
        bulk.undone_at = now
        bulk.save(update_fields=["undone_at"])
    return outcome


# --- filters and habits --------------------------------------------------------------------------------------


def save_filter(*, actor: Actor, name: str, wanted: Filter, shared: bool) -> SavedFilter:
    """Keep a filter under a name, in place of one's filter of that name.

    Raises:
        UnusableInput: no name.
        NotAllowed: only who assigns cases may share a filter with everybody.
    """
    require(actor, Action.SEE_CASE, actor.organisation_id)
    if shared:
        require(actor, Action.ASSIGN_CASE, actor.organisation_id)
    name = " ".join(name.split())[:60]
    if not is_storable(name):
        raise UnusableInput(N_("Ce nom contient un caractère qui ne s’écrit pas : donnez-en un autre."))
    if not name:
        raise UnusableInput(N_("Donnez un nom à ce filtre."))
    with transaction.atomic():
        same = {"organisation_id": actor.organisation_id, "member_id": None if shared else actor.member_id}
        SavedFilter.objects.of(actor.organisation_id).filter(name=name, **same).delete()
        saved: SavedFilter = SavedFilter.objects.create(**same, name=name, query=wanted.query())
    return saved


def forget_filter(*, actor: Actor, filter_id: int) -> None:
    """Remove a saved filter: one's own, or a shared one for who may share."""
    require(actor, Action.SEE_CASE, actor.organisation_id)
    with transaction.atomic():
        saved = SavedFilter.objects.of(actor.organisation_id).filter(pk=filter_id).first()
        if saved is None or saved.member_id not in (None, actor.member_id):
            raise NotFound(N_("Ce filtre n’existe pas."))
        if saved.member_id is None:
            require(actor, Action.ASSIGN_CASE, actor.organisation_id)
        saved.delete()


def set_single_keys(*, actor: Actor, on: bool) -> None:
    """Switch one's single-key shortcuts on or off."""
    require(actor, Action.SUBMIT_REPORT, actor.organisation_id)
    with transaction.atomic():
        Habits.across_associations.update_or_create(
            organisation_id=actor.organisation_id, member_id=actor.member_id, defaults={"single_keys": on}
        )


# --- within --------------------------------------------------------------------------------------------------


def _require(actor: Actor, move: Move) -> None:
    require(actor, NEEDS[move.kind], actor.organisation_id)
    if move.kind is Kind.CLAIM and actor.member_id is None:
        raise UnusableInput(N_("Seule une personne peut tenir un dossier."))
    if move.kind is Kind.ASSIGN and not _may_hold(actor.organisation_id, move.to):
        raise UnusableInput(N_("Choisissez à qui attribuer : une personne active, dont le rôle permet de traiter."))
    if move.kind is Kind.SET_DANGER and move.danger is None:
        raise UnusableInput(N_("Choisissez une urgence."))
    if move.kind is Kind.CLOSE and move.reason is None:
        raise UnusableInput(N_("Choisissez pourquoi clore."))
    if move.kind is Kind.TOGETHER and not move.into:
        raise UnusableInput(N_("Choisissez le dossier qui reste."))


def _may_hold(organisation_id: int, member_id: int | None) -> bool:
    if member_id is None:
        return False
    membership = Membership.objects.filter(
        organisation_id=organisation_id, member_id=member_id, is_active=True, member__is_active=True
    ).first()
    return membership is not None and may(membership.actor(), Action.CLAIM_CASE, organisation_id)


def _few(refs: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        raise UnusableInput(N_("Choisissez d’abord des dossiers."))
    if len(wanted) > moves.BULK_MOST:
        raise moves.TooMany
    return wanted


def _refusal(actor: Actor, case: Case, move: Move, names: dict[int, str]) -> Refusal | None:
    try:
        moves.check(move, case.state(), mover_of(actor), holder=names.get(case.holder_id or 0, ""))
    except Refusal as refusal:
        return refusal
    return None


def _witness(actor: Actor, case: Case, move: Move, now: datetime) -> None:
    event, data = _event_of(actor, move)
    record(event, actor=actor, now=now, case=case, data=data)


def _event_of(actor: Actor, move: Move) -> tuple[Event, dict[str, Any]]:
    match move.kind:
        case Kind.CLAIM:
            return Event.CASE_CLAIMED, {"holder": actor.member_id}
        case Kind.RELEASE:
            return Event.CASE_RELEASED, {}
        case Kind.ASSIGN:
            return Event.CASE_ASSIGNED, {"holder": move.to}
        case Kind.SET_DANGER:
            return Event.CASE_DANGER_SET, {"danger": Danger(move.danger or 0).value}
        case Kind.CLOSE:
            return Event.CASE_CLOSED, {"reason": move.reason.value if move.reason else None}
        case Kind.REOPEN:
            return Event.CASE_REOPENED, {}
        case Kind.TOGETHER:
            raise moves.TooFew  # one case alone goes with nothing


def _release_if_lapsed(case: Case, now: datetime) -> bool:
    """Give a locked case back to the queue when its claim is over."""
    if case.holder_id is None or Stage(case.stage) not in {Stage.NEW, Stage.TRIAGE}:
        return False
    acts = JournalEntry.objects.of(case.organisation_id).filter(case=case, actor=f"member:{case.holder_id}")
    last_act = acts.order_by("-seq").values_list("at", flat=True).first()
    lasts = timedelta(hours=settings.VIGIE_CLAIM_HOURS)
    if not moves.has_lapsed(held_since=case.held_since, last_act=last_act, now=now, claims_last=lasts):
        return False
    worker = Actor(name="worker", organisation_id=case.organisation_id)
    record(Event.CASE_RELEASED, actor=worker, now=now, case=case, data={"expired": True})
    return True


def _holder_name(holder_id: int | None) -> str:
    if holder_id is None:
        return ""
    return Member.objects.values_list("display_name", flat=True).get(pk=holder_id)
