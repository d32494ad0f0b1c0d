"""The facts that figures are counted from: one value for each case, drawn from the journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import GONE, Online, PlatformSays
from vigie.notice.rules.outcomes import Outcome, meaning_of


@dataclass(frozen=True, slots=True)
class Received:
    """One report, as it was filed into the case."""

    at: datetime
    door: str  # its own: the case has that of the first one


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What happened to one notice. None means that it has not happened, as far as anybody wrote down."""

    reference: str
    sent_at: datetime
    platform: str = ""  # whom it went to; a case may be about several
    received_at: datetime | None = None  # when the platform's receipt reached us
    decided_at: datetime | None = None  # its first decision, not when one of us read it
    outcome: str | None = None  # its latest decision, in the shared vocabulary


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What happened to one case, each moment by our own clock, in UTC."""

    ref: str
    platform: str
    door: str
    opened_at: datetime
    reports: tuple[Received, ...] = ()
    treated_at: datetime | None = None  # the first qualification or decline
    qualified_at: datetime | None = None
    declined_at: datetime | None = None  # None again when the case was qualified after all
    grounds: tuple[str, ...] = ()
    decline_reason: str = ""
    notices: tuple[NoticeFacts, ...] = ()
    gone_at: datetime | None = None  # the last of its contents seen gone, or said removed by the platform
    was_gone_already: bool = False  # the platform found it gone when our notice came
    is_handled_elsewhere: bool = False  # joined to another case, which counts for both

    @property
    def notified_at(self) -> datetime | None:
        """When the first notice left."""
        return min((notice.sent_at for notice in self.notices), default=None)

    @property
    def was_gone_before_notice(self) -> bool:
        if self.gone_at is None:
            return False
        return self.was_gone_already or self.notified_at is None or self.gone_at < self.notified_at


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the journal, as far as figures care."""

    event: str
    at: datetime
    data: Mapping[str, Any]


# What the journal's events are called here, and nothing else is read. A case begins with the first.
READ = frozenset(
    {
        Event.CASE_OPENED, Event.REPORT_JOINED, Event.QUALIFIED, Event.DECLINED, Event.READING_REOPENED, Event.LIMITATION_COUNTED,
        Event.NOTICE_DRAFTED, Event.NOTICE_SENT, Event.NOTICE_SENT_BY_HAND, Event.NOTICE_FAILED, Event.REPLY_RECEIVED,
        Event.REPLY_READ, Event.CHECK_DONE, Event.CASE_JOINED, Event.CASE_PARTED, Event.CONTENT_REMOVED,
        Event.CASE_CLOSED, Event.CASE_REOPENED, Event.STATE_RESTORED,
    }
)  # fmt: skip


def as_data(case: CaseFacts) -> list[Any]:
    """Return the facts as JSON can hold them, in the order of their fields."""
    return [
        case.ref, case.platform, case.door, _written(case.opened_at),
        [[_written(report.at), report.door] for report in case.reports],
        _written(case.treated_at), _written(case.qualified_at), _written(case.declined_at), list(case.grounds),
        case.decline_reason,
        [
            [one.reference, _written(one.sent_at), one.platform, _written(one.received_at), _written(one.decided_at), one.outcome]
            for one in case.notices
        ],
        _written(case.gone_at), case.was_gone_already, case.is_handled_elsewhere,
    ]  # fmt: skip


def from_data(data: Sequence[Any]) -> CaseFacts:
    """Return the facts that `as_data` wrote."""
    (
        ref,
        platform,
        door,
        opened,
        reports,
        treated,
        qualified,
        declined,
        grounds,
        reason,
        notices,
        gone,
        already,
        elsewhere,
    ) = data
    return CaseFacts(
        ref, platform, door, datetime.fromisoformat(opened),
        tuple(Received(datetime.fromisoformat(at), by) for at, by in reports),
        _moment(treated), _moment(qualified), _moment(declined), tuple(grounds), reason,
        tuple(
            NoticeFacts(reference, datetime.fromisoformat(sent), to, _moment(received), _moment(decided), outcome)
            for reference, sent, to, received, decided, outcome in notices
        ),
        _moment(gone), already, elsewhere,
    )  # fmt: skip


def told(facts: CaseFacts, happenings: Iterable[Happening]) -> CaseFacts:
    """Return the facts of a case after what its journal tells, in order."""
    telling = _Telling(facts)
    for happening in happenings:
        telling.add(happening)
    return telling.facts()


@dataclass
class _Reply:
    """One reply and how it was read last: reading it again corrects."""

    arrived_at: datetime
    reference: str = ""
    outcome: Outcome | None = None
    decided_at: datetime | None = None


class _Telling:
    """What the journal of one case has told so far."""

    def __init__(self, case: CaseFacts) -> None:
        self.case = case
        self.reports: list[tuple[Any, Received]] = []  # each with its number
        self.joined: dict[str, datetime] = {}  # the cases handled in this one: since when they waited
        self.is_handled_elsewhere = False
        self.treated_at: datetime | None = None
        self.qualified_at: datetime | None = None
        self.declined_at: datetime | None = None
        self.decline_reason = ""
        self.grounds: list[tuple[str, str]] = []  # (content, ground)
        self.platforms: dict[str, str] = {}  # of a notice
        self.contents: dict[str, list[str]] = {}  # of a notice
        self.sent: dict[str, datetime] = {}
        self.replies: dict[Any, _Reply] = {}
        self.seen: dict[str, list[tuple[datetime, bool]]] = {}  # of a content: when, and whether it was gone

    def add(self, happening: Happening) -> None:
        at, data = happening.at, happening.data
        match happening.event:
            case Event.REPORT_JOINED:
                received = Received(at, str(data.get("door") or self.case.door))
                self.reports.append((data.get("report"), received))
            case Event.CASE_JOINED:
                self.joined[data["joined"]] = datetime.fromisoformat(data["opened_at"])
            case Event.CASE_PARTED | Event.CONTENT_REMOVED:
                self.joined.pop(data.get("joined", ""), None)
                self.reports = [one for one in self.reports if one[0] not in data["reports"]]
            case Event.CASE_CLOSED:
                self.is_handled_elsewhere = bool(data.get("into"))
            case Event.CASE_REOPENED | Event.STATE_RESTORED:
                self.is_handled_elsewhere = False
            case Event.QUALIFIED:
                self.treated_at, self.qualified_at = self.treated_at or at, self.qualified_at or at
                self.declined_at, self.decline_reason = None, ""
                self.grounds.append((str(data.get("content", "")), str(data["ground"])))
            case Event.LIMITATION_COUNTED if data.get("withdrawn"):
                given_up = (str(data.get("content", "")), str(data["withdrawn"]))
                self.grounds = [one for one in self.grounds if one != given_up]
            case Event.READING_REOPENED | Event.DECLINED:
                self.grounds, self.qualified_at, self.declined_at, self.decline_reason = [], None, None, ""
                if happening.event == Event.DECLINED:
                    self.treated_at, self.declined_at = self.treated_at or at, at
                    self.decline_reason = str(data.get("reason", ""))
            case Event.NOTICE_DRAFTED:
                self.platforms.setdefault(str(data.get("reference", "")), str(data.get("platform", "")))
                if "contents" in data:
                    self.contents.setdefault(str(data.get("reference", "")), list(data["contents"]))
            case Event.NOTICE_SENT | Event.NOTICE_SENT_BY_HAND:
                # By hand: when the person says they sent it, not when they noted it.
                self.sent.setdefault(str(data.get("reference", "")), _moment(data.get("sent_at")) or at)
            case Event.NOTICE_FAILED:
                # It did not leave, or a mail server brought it back: nobody was notified.
                self.sent.pop(str(data.get("reference", "")), None)
            case Event.REPLY_RECEIVED | Event.REPLY_READ:
                self._answered(happening)
            case Event.CHECK_DONE if data.get("online") in _SHOWS:
                self.seen.setdefault(str(data.get("content", "")), []).append((at, data["online"] in GONE))

    def _answered(self, happening: Happening) -> None:
        data = happening.data
        reply = self.replies.setdefault(data.get("reply"), _Reply(arrived_at=happening.at))
        reply.reference = str(data.get("reference", ""))
        reply.arrived_at = _moment(data.get("received_at")) or reply.arrived_at
        if data.get("outcome"):
            reply.outcome = Outcome(data["outcome"])
            decided = _moment(data.get("decided_at")) or reply.arrived_at
            reply.decided_at = decided if meaning_of(reply.outcome).is_decision else None

    def facts(self) -> CaseFacts:
        gone_at = self._gone_at()
        last = [reply for reply in self._read() if meaning_of(reply.outcome).is_decision]  # type: ignore[arg-type]
        return replace(
            self.case,
            opened_at=min([self.case.opened_at, *self.joined.values()]),
            reports=tuple(report for _number, report in self.reports),
            treated_at=self.treated_at,
            qualified_at=self.qualified_at,
            declined_at=self.declined_at,
            grounds=tuple(dict.fromkeys(ground for _content, ground in self.grounds)),
            decline_reason=self.decline_reason,
            notices=tuple(self._notice(reference, at) for reference, at in self.sent.items()),
            gone_at=gone_at,
            was_gone_already=gone_at is not None
            and any(reply.outcome is Outcome.ALREADY_REMOVED for reply in last)
            and not any(meaning_of(reply.outcome).is_removal for reply in last),  # type: ignore[arg-type]
            is_handled_elsewhere=self.is_handled_elsewhere,
        )

    def _read(self, reference: str | None = None) -> list[_Reply]:
        read = [reply for reply in self.replies.values() if reply.outcome and reply.reference in self.sent]
        return [reply for reply in read if reference is None or reply.reference == reference]

    def _notice(self, reference: str, sent_at: datetime) -> NoticeFacts:
        replies = self._read(reference)
        decisions = sorted((reply for reply in replies if reply.decided_at), key=lambda one: one.decided_at or sent_at)
        receipts = [reply.arrived_at for reply in replies if reply.outcome and meaning_of(reply.outcome).is_receipt]
        return NoticeFacts(
            reference=reference,
            sent_at=sent_at,
            platform=self.platforms.get(reference) or self.case.platform,
            received_at=min(receipts, default=None),
            decided_at=decisions[0].decided_at if decisions else None,
            outcome=str(decisions[-1].outcome) if decisions else None,
        )

    def _gone_at(self) -> datetime | None:
        """Return when the last of the contents was gone, all of those notified; None while one is online."""
        seen = {content: list(sights) for content, sights in self.seen.items()}
        for reply in self._read():
            if reply.decided_at and reply.outcome and meaning_of(reply.outcome).says is PlatformSays.REMOVED:
                for content in self.contents.get(reply.reference, [""]):
                    seen.setdefault(content, []).append((reply.decided_at, True))
        notified = {content for reference in self.sent for content in self.contents.get(reference, [""])}
        moments = [_gone_since(seen.get(content, [])) for content in notified or seen]
        return max((one for one in moments if one), default=None) if all(moments) else None


_SHOWS = GONE | {Online.PRESENT, Online.EDITED}  # what a look must have seen to say something of whether it is there


def _gone_since(sights: Iterable[tuple[datetime, bool]]) -> datetime | None:
    """Return since when a content is gone; one seen again after that is back, whatever the platform said."""
    since: datetime | None = None
    for at, is_gone in sorted(sights):
        since = (since or at) if is_gone else None
    return since


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
