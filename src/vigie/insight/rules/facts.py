"""The facts that figures are counted from: one value for each case, drawn from the journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import GONE, Online


@dataclass(frozen=True)
class NoticeFacts:
    """What happened to one notice. None means that it has not happened, as far as anybody wrote down."""

    reference: str
    sent_at: datetime
    received_at: datetime | None = None  # the platform's receipt
    decided_at: datetime | None = None  # its first decision
    outcome: str | None = None  # its latest decision, in the shared vocabulary


@dataclass(frozen=True)
class CaseFacts:
    """What happened to one case, each moment by our own clock, in UTC."""

    ref: str
    platform: str
    door: str
    opened_at: datetime
    reports: tuple[datetime, ...] = ()
    treated_at: datetime | None = None  # the first qualification or decline
    qualified_at: datetime | None = None
    declined_at: datetime | None = None  # None again when the case was qualified after all
    grounds: tuple[str, ...] = ()
    decline_reason: str = ""
    notices: tuple[NoticeFacts, ...] = ()
    gone_at: datetime | None = None  # seen gone, or said removed by the platform
    gone_how: str = ""

    @property
    def notified_at(self) -> datetime | None:
        """When the first notice left."""
        return min((notice.sent_at for notice in self.notices), default=None)

    @property
    def was_gone_before_notice(self) -> bool:
        return self.gone_at is not None and (self.notified_at is None or self.gone_at < self.notified_at)


@dataclass(frozen=True)
class Happening:
    """One entry of the journal, as far as figures care."""

    event: str
    at: datetime
    data: Mapping[str, Any]


# What the journal's events are called here, and nothing else is read.
READ = frozenset(
    {
        Event.REPORT_JOINED, Event.QUALIFIED, Event.DECLINED, Event.READING_REOPENED, Event.NOTICE_SENT,
        Event.NOTICE_SENT_BY_HAND, Event.REPLY_READ, Event.ONLINE_CHANGED,
    }
)  # fmt: skip


def told(facts: CaseFacts, happenings: Iterable[Happening]) -> CaseFacts:
    """Return the facts of a case after what its journal tells, in order."""
    for happening in happenings:
        facts = _after(facts, happening)
    return facts


def _after(facts: CaseFacts, happening: Happening) -> CaseFacts:
    at, data = happening.at, happening.data
    match happening.event:
        case Event.REPORT_JOINED:
            return replace(facts, reports=(*facts.reports, at))
        case Event.QUALIFIED:
            return replace(
                facts,
                treated_at=facts.treated_at or at,
                qualified_at=facts.qualified_at or at,
                declined_at=None,
                decline_reason="",
                grounds=tuple(dict.fromkeys((*facts.grounds, str(data["ground"])))),  # several may stand
            )
        case Event.READING_REOPENED:
            return replace(facts, grounds=(), qualified_at=None, declined_at=None, decline_reason="")
        case Event.DECLINED:
            return replace(
                facts, treated_at=facts.treated_at or at, declined_at=at, qualified_at=None, grounds=(),
                decline_reason=str(data.get("reason", "")),
            )  # fmt: skip
        case Event.NOTICE_SENT | Event.NOTICE_SENT_BY_HAND:
            reference = str(data.get("reference", ""))
            if any(notice.reference == reference for notice in facts.notices):
                return facts
            return replace(facts, notices=(*facts.notices, NoticeFacts(reference=reference, sent_at=at)))
        case Event.REPLY_READ:
            return _answered(facts, at, data)
        case Event.ONLINE_CHANGED if Online(data["online"]) in GONE:
            return replace(facts, gone_at=facts.gone_at or at, gone_how=facts.gone_how or str(data["online"]))
        case Event.ONLINE_CHANGED if data["online"] in {Online.PRESENT, Online.EDITED}:
            return replace(facts, gone_at=None, gone_how="")  # it is back, or it never was away
    return facts


def _answered(facts: CaseFacts, at: datetime, data: Mapping[str, Any]) -> CaseFacts:
    reference, says = str(data.get("reference", "")), str(data.get("platform_says", ""))
    arrived = datetime.fromisoformat(data["received_at"]) if data.get("received_at") else at
    notices = []
    for notice in facts.notices:
        changed = notice
        if notice.reference == reference or not reference:
            if says == "received":
                changed = replace(notice, received_at=notice.received_at or arrived)
            elif says in {"removed", "restricted", "refused", "disputed", "error"}:
                changed = replace(
                    notice, received_at=notice.received_at or arrived, decided_at=notice.decided_at or arrived,
                    outcome=str(data.get("outcome") or says),
                )  # fmt: skip
        notices.append(changed)
    removed = says == "removed"
    return replace(
        facts,
        notices=tuple(notices),
        gone_at=facts.gone_at or (arrived if removed else None),
        gone_how=facts.gone_how or (Online.REMOVED_BY_PLATFORM.value if removed else ""),
    )
