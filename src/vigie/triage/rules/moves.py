"""What somebody may do to a case in the queue, and why not. Pure.

One move at a time or many at once, the rule is the same: nobody works on what another holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.state import CaseState, Danger, Referral, Sending, Stage
from vigie.core.errors import Conflict, Refusal, UnusableInput
from vigie.core.words import N_

BULK_MOST = 200  # cases in one bulk action: what somebody can still read through before confirming
UNDO_WITHIN = timedelta(minutes=10)
CONTENTS_MOST = 100  # in one case: what one person can still read, and one notice name


class HeldByAnother(Conflict):
    """Somebody else holds the case."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            N_("%(holder)s tient ce dossier. Demandez-lui de le rendre, ou à une personne responsable de l’attribuer."),
            holder=holder,
        )


class HeldByNobody(Conflict):
    """The case must be taken before it is worked on."""

    def __init__(self) -> None:
        super().__init__(N_("Prenez d’abord ce dossier : personne ne le tient."))


class AlreadySo(Refusal):
    """Nothing to do: the case is like that already."""

    def __init__(self) -> None:
        super().__init__(N_("C’est déjà le cas."))


class CaseIsClosed(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Ce dossier est clos. Rouvrez-le d’abord."))


class CaseIsOpen(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Ce dossier n’est pas clos."))


class NoticeOnItsWay(Refusal):
    """Closing now would hide a message that is leaving, or whose fate nobody knows."""

    def __init__(self) -> None:
        super().__init__(N_("Une notification est en cours d’envoi, ou son sort est inconnu. Réglez-la d’abord."))


class CaseIsSetAside(Refusal):
    """It waits for a decision, or was given to an authority."""

    def __init__(self) -> None:
        super().__init__(N_("Ce dossier est mis de côté pour les autorités : il ne peut pas bouger."))


class HandledElsewhere(Refusal):
    """Its contents are those of another case: reopened, they would be read and notified twice."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            N_("Ce dossier est traité dans %(ref)s : c’est là qu’il se reprend, ou que son contenu se retire."), ref=ref
        )


class AlreadyRead(Refusal):
    """Other contents would stand under a decision that nobody took about them."""

    def __init__(self) -> None:
        super().__init__(N_("Ce dossier est déjà qualifié ou non retenu : reprenez d’abord sa lecture."))


class NoticeBegun(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Une notification de ce dossier est préparée ou partie : ses contenus ne changent plus."))


class OpinionAwaited(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Un second avis est attendu sur ce dossier tel qu’il est."))


class TooFew(UnusableInput):
    def __init__(self) -> None:
        super().__init__(N_("Choisissez au moins deux dossiers qui peuvent aller ensemble."))


class TooManyContents(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Un dossier réunit au plus %(most)s contenus."), most=CONTENTS_MOST)


class TooMany(UnusableInput):
    def __init__(self) -> None:
        super().__init__(N_("Choisissez au plus %(most)s dossiers à la fois."), most=BULK_MOST)


class TooLate(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Cette action ne peut plus être annulée : les dix minutes sont passées."))


class AlreadyUndone(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Cette action a déjà été annulée."))


class ChangedSince(Conflict):
    """Undoing would throw away what somebody did after."""

    def __init__(self) -> None:
        super().__init__(N_("Le dossier a changé depuis : il reste comme il est."))


class Kind(StrEnum):
    """The moves; their values stand in addresses and forms."""

    CLAIM = "prendre"
    RELEASE = "rendre"
    ASSIGN = "attribuer"
    SET_DANGER = "urgence"
    CLOSE = "clore"
    REOPEN = "rouvrir"
    TOGETHER = "ensemble"  # several cases become one; only many at once


@dataclass(frozen=True)
class Move:
    """One move with what it needs: whom to assign to, which danger, which reason, which case the others join.

    While somebody still makes up their mind, what it needs is None; the action refuses to do such a move.
    """

    kind: Kind
    to: int | None = None
    danger: Danger | None = None
    reason: ClosingReason | None = None
    into: str | None = None


@dataclass(frozen=True)
class Mover:
    """Who moves: the member's number (None for a program), and whether they may decide for others."""

    member_id: int | None
    may_assign: bool


def check(move: Move, state: CaseState, mover: Mover, *, holder: str) -> None:
    """Let the move pass, or say why not.

    Args:
        holder: how the one who holds the case is called; used only in the sentence of a refusal.

    Raises:
        HeldByAnother, AlreadySo, CaseIsClosed, CaseIsOpen, CaseIsSetAside, HandledElsewhere, NoticeOnItsWay: each with its sentence;
            for going together also what `check_contents` raises.
    """
    if state.referral is not Referral.NONE:
        raise CaseIsSetAside
    mine = state.holder_id is not None and state.holder_id == mover.member_id
    free = state.holder_id is None
    if move.kind is Kind.REOPEN:
        if state.stage not in {Stage.CLOSED, Stage.DECLINED}:
            raise CaseIsOpen
        if state.joined_into:
            raise HandledElsewhere(state.joined_into)
        return
    if state.stage is Stage.CLOSED:
        raise CaseIsClosed
    match move.kind:
        case Kind.CLAIM:
            if mine:
                raise AlreadySo
            if not free:
                raise HeldByAnother(holder)
        case Kind.RELEASE:
            if free:
                raise AlreadySo
            if not mine and not mover.may_assign:
                raise HeldByAnother(holder)
        case Kind.ASSIGN:
            if move.to is not None and state.holder_id == move.to:
                raise AlreadySo
        case Kind.SET_DANGER:
            if not mine and not free:
                raise HeldByAnother(holder)
            if state.danger == move.danger:
                raise AlreadySo
        case Kind.CLOSE:
            if not mine and not free:
                raise HeldByAnother(holder)
            if state.sending in {Sending.QUEUED, Sending.UNKNOWN}:
                raise NoticeOnItsWay
        case Kind.TOGETHER:
            if not mine and not free:
                raise HeldByAnother(holder)
            check_contents(state)


def check_contents(state: CaseState) -> None:
    """Let what a case is about change, as long as nothing was decided or written to anybody about it.

    Raises:
        CaseIsClosed, AlreadyRead, NoticeBegun, OpinionAwaited
    """
    if state.stage is Stage.CLOSED:
        raise CaseIsClosed
    if state.stage not in {Stage.NEW, Stage.TRIAGE}:
        raise AlreadyRead
    if state.sending is not Sending.NONE:
        raise NoticeBegun
    if state.second_opinion_asked:
        raise OpinionAwaited


def check_work(state: CaseState, mover: Mover, *, holder: str) -> None:
    """Let work on the case pass when it is the worker's own.

    Raises:
        CaseIsSetAside: nobody works on it until it is decided upon.
        HeldByNobody: it must be taken first.
        HeldByAnother: somebody else holds it.
    """
    if state.referral is not Referral.NONE:
        raise CaseIsSetAside
    if state.holder_id is None:
        raise HeldByNobody
    if state.holder_id != mover.member_id:
        raise HeldByAnother(holder)


def has_lapsed(
    *, held_since: datetime | None, last_act: datetime | None, now: datetime, claims_last: timedelta
) -> bool:
    """Say whether a claim is over because its holder has done nothing on the case for `claims_last`."""
    acts = [moment for moment in (held_since, last_act) if moment is not None]
    return bool(acts) and max(acts) + claims_last <= now


@dataclass(frozen=True)
class Before:
    """What a bulk action may change, as it was: what an undo puts back."""

    stage: Stage
    danger: Danger
    holder_id: int | None

    @classmethod
    def of(cls, state: CaseState) -> Before:
        return cls(state.stage, state.danger, state.holder_id)

    def as_data(self) -> dict[str, object]:
        return {"stage": self.stage.value, "danger": self.danger.value, "holder": self.holder_id}


def check_undo(*, made_at: datetime, undone_at: datetime | None, now: datetime) -> None:
    """Let an undo pass within ten minutes, once.

    Raises:
        AlreadyUndone, TooLate
    """
    if undone_at is not None:
        raise AlreadyUndone
    if now > made_at + UNDO_WITHIN:
        raise TooLate
