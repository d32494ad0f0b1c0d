"""The state of a case, computed from its journal and from nothing else. Pure.

Four things are true at once and are never mixed: where *we* stand (`Stage`), where the *sending* stands
(`Sending`), what the *platform* said (`PlatformSays`), and what is *online* (`Online`). The columns of the
case's row are this state written down in the same transaction as the event; replaying the journal gives the same row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from vigie.casefile.rules.events import Event


class Stage(StrEnum):
    """Where we stand."""

    NEW = "new"
    TRIAGE = "triage"
    QUALIFIED = "qualified"
    DECLINED = "declined"
    CLOSED = "closed"


class Sending(StrEnum):
    """Where the sending of the latest notice stands; of an earlier one, as long as that one needs watching."""

    NONE = "none"
    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class PlatformSays(StrEnum):
    """What the platform said last, in our words; its own words stay with the reply."""

    NOTHING = "nothing"
    RECEIVED = "received"
    REMOVED = "removed"
    RESTRICTED = "restricted"
    REFUSED = "refused"
    DISPUTED = "disputed"
    ERROR = "error"
    QUESTION = "question"


class Online(StrEnum):
    """What is online, as far as we could see."""

    NOT_CHECKED = "not-checked"
    PRESENT = "present"
    EDITED = "edited"
    REMOVED_BY_PLATFORM = "removed-by-platform"
    DELETED_BY_AUTHOR = "deleted-by-author"
    ACCOUNT_SUSPENDED = "account-suspended"
    UNAVAILABLE_FROM_HERE = "unavailable-from-here"
    BEHIND_LOGIN = "behind-login"
    NOT_DETERMINED = "not-determined"


GONE = frozenset({Online.REMOVED_BY_PLATFORM, Online.DELETED_BY_AUTHOR, Online.ACCOUNT_SUSPENDED})


class Danger(IntEnum):
    """How soon a case must be looked at; the catalogue's urgency, as a number that sorts."""

    STANDARD = 0
    HIGH = 1
    TERRORIST = 2
    IMMINENT = 3


class Referral(StrEnum):
    """Where a case stands that somebody says shows sexual abuse of a child."""

    NONE = ""
    WAITING = "waiting"  # everything of it is hidden, nothing is erased: a person decides, before anything else
    MADE = "made"  # a person confirmed it and told an authority; nothing is left of it


@dataclass(frozen=True)
class CaseState:
    stage: Stage = Stage.NEW
    sending: Sending = Sending.NONE
    platform_says: PlatformSays = PlatformSays.NOTHING
    online: Online = Online.NOT_CHECKED
    danger: Danger = Danger.STANDARD
    limitation_on: date | None = None
    holder_id: int | None = None
    held_since: datetime | None = None
    second_opinion_asked: bool = False
    reports_count: int = 0
    closed_at: datetime | None = None
    referral: Referral = Referral.NONE
    joined_into: str = ""
    """The case in which this one is handled since it was closed; its reference, or nothing."""

    @property
    def is_in_queue(self) -> bool:
        """Say whether somebody has to look at it: it is new or in triage, or waits for a decision that goes first."""
        return self.stage in {Stage.NEW, Stage.TRIAGE} or self.referral is Referral.WAITING


class UnknownEvent(ValueError):
    """An event this version does not know: guessing its effect would make the case lie."""


_SENDING = {
    Event.NOTICE_DRAFTED: Sending.DRAFT,
    Event.NOTICE_CHECKED: Sending.CHECKED,
    Event.NOTICE_APPROVED: Sending.APPROVED,
    Event.NOTICE_QUEUED: Sending.QUEUED,
    Event.NOTICE_SENT: Sending.SENT,
    Event.NOTICE_SENT_BY_HAND: Sending.SENT,
    Event.NOTICE_FAILED: Sending.FAILED,
    Event.NOTICE_UNKNOWN: Sending.UNKNOWN,
    Event.NOTICE_WITHDRAWN: Sending.NONE,
}


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def apply(state: CaseState, event: str, data: Mapping[str, Any], at: datetime) -> CaseState:
    """Return the state after one event.

    Args:
        event: the name of an `Event`.
        data: what the journal kept of it; only the keys named below matter here.
        at: when it happened, by our clock; aware, UTC.

    Raises:
        UnknownEvent: the event is not of this version's vocabulary.
    """
    try:
        kind = Event(event)
    except ValueError:
        raise UnknownEvent(event) from None

    if kind in _SENDING:
        # With several notices, what happens to one must not hide another whose fate is in the balance: the entry
        # then says where the sending of the whole case stands.
        return replace(state, sending=Sending(data["sending"]) if data.get("sending") else _SENDING[kind])

    match kind:
        case Event.REPORT_JOINED:
            return replace(state, reports_count=state.reports_count + 1)
        case Event.CASE_CLAIMED | Event.CASE_ASSIGNED:
            stage = Stage.TRIAGE if state.stage is Stage.NEW else state.stage
            return replace(state, stage=stage, holder_id=data["holder"], held_since=at)
        case Event.CASE_RELEASED:
            return replace(state, holder_id=None, held_since=None)
        case Event.CASE_DANGER_SET:
            return replace(state, danger=Danger(data["danger"]))
        case Event.LIMITATION_COUNTED:
            return replace(state, limitation_on=_date(data["limitation_on"]))
        case Event.QUALIFIED:
            return replace(
                state,
                stage=Stage.QUALIFIED,
                second_opinion_asked=False,
                limitation_on=_date(data.get("limitation_on")) or state.limitation_on,
                danger=max(state.danger, Danger(data.get("danger", 0))),
            )
        case Event.DECLINED:
            return replace(state, stage=Stage.DECLINED, second_opinion_asked=False)
        case Event.SECOND_OPINION_ASKED:
            return replace(state, second_opinion_asked=True)
        case Event.SECOND_OPINION_GIVEN:
            return replace(state, second_opinion_asked=False)
        case Event.READING_REOPENED | Event.CASE_REOPENED:
            return replace(state, stage=Stage.TRIAGE, closed_at=None, joined_into="")
        case Event.CASE_CLOSED:
            return replace(
                state,
                stage=Stage.CLOSED,
                closed_at=at,
                holder_id=None,
                held_since=None,
                joined_into=data.get("into", ""),
            )
        case Event.CASE_JOINED:
            return replace(state, reports_count=state.reports_count + len(data["reports"]))
        case Event.CASE_PARTED:
            return replace(state, reports_count=state.reports_count - len(data["reports"]))
        case Event.CONTENT_REMOVED:
            return replace(state, reports_count=state.reports_count - len(data["reports"]))
        case Event.STATE_RESTORED:
            return replace(
                state,
                stage=Stage(data["stage"]),
                danger=Danger(data["danger"]),
                holder_id=data["holder"],
                held_since=at if data["holder"] else None,
                closed_at=None if data["stage"] not in {Stage.CLOSED} else state.closed_at,
                joined_into="" if data["stage"] not in {Stage.CLOSED} else state.joined_into,
            )
        case Event.CONTENT_NEVER_FETCH:
            return replace(state, referral=Referral.WAITING)
        case Event.REFERRAL_MADE:
            # Of several contents handled together, the others go on.
            return replace(state, referral=Referral.NONE if data.get("others_go_on") else Referral.MADE)
        case Event.REFERRAL_LIFTED:
            return replace(state, referral=Referral.NONE)
        case Event.REPLY_READ:
            return replace(state, platform_says=PlatformSays(data["platform_says"]))
        case Event.ONLINE_CHANGED:
            return replace(state, online=Online(data["online"]))
        case _:
            return state
