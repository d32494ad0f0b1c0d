"""Several contents in one case: cases that are joined, and parted again. Inner verbs, inside a caller's transaction.

What was joined stays readable in the case it came from, which is closed and says where it is handled; its reports
are reports of both. What a join brought is told by its entry in the journal, and a parting takes back that and no more.

Locks: first the keys of the contents, as whoever files reports does, then the cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vigie.casefile.actions import tie_next, untie
from vigie.casefile.journal import record
from vigie.casefile.keys import stored_key
from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.queries import contents_of, joined_cases
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.events import Event
from vigie.intake.actions.filing import one_at_a_time
from vigie.intake.models import Report, ReportCase
from vigie.organisations.rules.policy import Actor
from vigie.platforms.resolve import UnreadableAddress, resolve
from vigie.triage.rules import moves


def hold_contents(organisation_id: int, refs: Iterable[str]) -> None:
    """Let no report of these cases' contents be filed until the transaction ends."""
    keys = Content.objects.of(organisation_id).filter(case_contents__case__ref__in=list(refs))
    one_at_a_time(organisation_id, sorted(set(keys.values_list("key", flat=True))))


def gather(*, actor: Actor, target: Case, others: Sequence[Case], now: datetime) -> None:
    """Handle the contents of `others` in `target`, and close them.

    The target takes the greatest danger and the earliest limitation date: nothing waits longer for being joined.

    Raises:
        TooManyContents
    """
    for other in others:
        mine = {content.pk for content in contents_of(target)}
        brought = [content for content in contents_of(other) if content.pk not in mine]
        if len(mine) + len(brought) > moves.CONTENTS_MOST:
            raise moves.TooManyContents
        for content in brought:
            tie_next(target, content)
        reports = _bring_reports(other, target)
        _heed(actor, target, other, now)
        record(
            Event.CASE_JOINED, actor=actor, now=now, case=target,
            data={
                "joined": other.ref, "contents": [content.reference for content in brought],
                "reports": [report.pk for report in reports], "opened_at": other.opened_at.isoformat(),
            },
        )  # fmt: skip
        closing = {"reason": ClosingReason.DUPLICATE.value, "into": target.ref}
        record(Event.CASE_CLOSED, actor=actor, now=now, case=other, data=closing)


def _bring_reports(other: Case, target: Case) -> list[Report]:
    """Make the reports of one case reports of another too; return those that were not already."""
    known = ReportCase.objects.of(target.organisation_id).filter(case=target).values("report_id")
    links = ReportCase.objects.of(target.organisation_id).filter(case=other).exclude(report__in=known)
    reports = [link.report for link in links.select_related("report").order_by("report_id")]
    for report in reports:
        ReportCase.objects.create(organisation_id=target.organisation_id, report=report, case=target)
    return reports


def _heed(actor: Actor, target: Case, other: Case, now: datetime) -> None:
    if other.danger > target.danger:
        record(Event.CASE_DANGER_SET, actor=actor, now=now, case=target, data={"danger": other.danger})
    if other.limitation_on and (target.limitation_on is None or other.limitation_on < target.limitation_on):
        before = target.limitation_on.isoformat() if target.limitation_on else None
        sooner = {"limitation_on": other.limitation_on.isoformat(), "joined": other.ref, "before": before}
        record(Event.LIMITATION_COUNTED, actor=actor, now=now, case=target, data=sooner)


def part(*, actor: Actor, target: Case, joined: Case, now: datetime) -> None:
    """Give a joined case its contents and reports back; the caller takes it up again.

    Reports that came meanwhile go with the contents they name.
    """
    brought = _brought(target, joined)
    leaving = [content for content in contents_of(target) if content.reference in brought.contents]
    untie(target, leaving)
    gone = {*brought.reports}
    named = _named_by_reports(target)
    keys, stay = {content.key for content in leaving}, {content.key for content in contents_of(target)}
    known = set(ReportCase.objects.of(joined.organisation_id).filter(case=joined).values_list("report_id", flat=True))
    for report, names in named.items():
        if report.pk in known or not names & keys:
            continue
        _move_report(report, joined, actor=actor, now=now)
        if not names & stay:
            gone.add(report.pk)
    ReportCase.objects.of(target.organisation_id).filter(case=target, report__in=gone).delete()
    _heed_no_more(actor, target, joined, now)
    record(
        Event.CASE_PARTED, actor=actor, now=now, case=target,
        data={"joined": joined.ref, "contents": sorted(brought.contents), "reports": sorted(gone)},
    )  # fmt: skip


def _heed_no_more(actor: Actor, target: Case, joined: Case, now: datetime) -> None:
    """Put back the limitation date that stood before the join, unless it was counted anew since."""
    entries = JournalEntry.objects.of(target.organisation_id).filter(case=target, event=Event.LIMITATION_COUNTED)
    counted = entries.order_by("-seq").values_list("data", flat=True)
    sooner = next((data for data in counted if data.get("joined") == joined.ref), None)
    stands = target.limitation_on.isoformat() if target.limitation_on else None
    if sooner and sooner["limitation_on"] == stands:
        back = {"limitation_on": sooner["before"]}
        record(Event.LIMITATION_COUNTED, actor=actor, now=now, case=target, data=back)


@dataclass(frozen=True)
class _Brought:
    """What a join brought to a case: references of contents, numbers of reports; `seq` is its entry's number."""

    seq: int
    contents: frozenset[str]
    reports: frozenset[int]


def _brought(target: Case, joined: Case) -> _Brought:
    entries = JournalEntry.objects.of(target.organisation_id).filter(case=target, event=Event.CASE_JOINED)
    rows = entries.order_by("-seq").values_list("seq", "data")
    seq, data = next((seq, data) for seq, data in rows if data["joined"] == joined.ref)
    return _Brought(seq, frozenset(data["contents"]), frozenset(data["reports"]))


def joined_at(target: Case, joined: Case) -> int:
    """Return the number of the entry by which a case was joined."""
    return _brought(target, joined).seq


def brought_by(case: Case, content: Content) -> Case | None:
    """Return the joined case that brought a content here; None when it came otherwise."""
    for joined in joined_cases(case):
        if content.reference in _brought(case, joined).contents:
            return joined
    return None


def reports_about(case: Case, content: Content) -> tuple[list[Report], list[Report]]:
    """Return the reports of a case that name a content: those that name nothing else of it, and the rest."""
    others = {one.key for one in contents_of(case)} - {content.key}
    named = _named_by_reports(case)
    about = [report for report, keys in named.items() if content.key in keys]
    alone = [report for report in about if not named[report] & others]
    return alone, [report for report in about if report not in alone]


def _named_by_reports(case: Case) -> dict[Report, set[str]]:
    """Return the keys of the contents that each report of a case names."""
    links = ReportCase.objects.of(case.organisation_id).filter(case=case).select_related("report")
    return {link.report: keys_of(link.report.addresses) for link in links.order_by("report_id")}


def keys_of(addresses: Iterable[str]) -> set[str]:
    """Return the keys of the addresses that can be read."""
    keys = set()
    for address in addresses:
        try:
            keys.add(stored_key(resolve(address).key))
        except UnreadableAddress:
            continue
    return keys


def _move_report(report: Report, to: Case, *, actor: Actor, now: datetime) -> None:
    ReportCase.objects.create(organisation_id=to.organisation_id, report=report, case=to)
    came = {"report": report.pk, "door": report.door}
    record(Event.REPORT_JOINED, actor=actor, now=now, case=to, data=came)


def give_reports(*, actor: Actor, reports: Iterable[Report], to: Case, now: datetime) -> None:
    """Make reports also those of another case."""
    for report in reports:
        _move_report(report, to, actor=actor, now=now)


def take_reports(case: Case, reports: Iterable[Report]) -> None:
    """Let reports no longer be those of a case; the caller witnesses it."""
    ReportCase.objects.of(case.organisation_id).filter(case=case, report__in=list(reports)).delete()


def was_worked_on(case: Case, *, since: int) -> bool:
    """Say whether a person did something to a case after an entry of the journal."""
    later = JournalEntry.objects.of(case.organisation_id).filter(case=case, seq__gt=since)
    return bool(later.exclude(actor__in=["worker", "public"]).exists())
