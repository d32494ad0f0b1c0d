"""From facts to the tables of the page: chosen, grouped, counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from vigie.insight.rules.arithmetic import Share, quantile, share
from vigie.insight.rules.definitions import DELAYS, FIGURES, Delay, Figure, Occurrence, decided_within_24_hours
from vigie.insight.rules.facts import CaseFacts, NoticeFacts


@dataclass(frozen=True)
class Choice:
    """What somebody asked to see. Months are `2026-11`, both ends included; empty means all."""

    since: str = ""
    until: str = ""
    platform: str = ""
    ground: str = ""
    door: str = ""

    def takes(self, case: CaseFacts) -> bool:
        return (
            (not self.platform or case.platform == self.platform)
            and (not self.door or case.door == self.door)
            and (not self.ground or self.ground in case.grounds)
        )

    def covers(self, month: str) -> bool:
        return (not self.since or month >= self.since) and (not self.until or month <= self.until)


@dataclass(frozen=True)
class Row:
    """A line of a table: what it is about, and a count for each figure in the order of `FIGURES`."""

    key: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class DelayRow:
    delay: Delay
    median: timedelta | None
    ninetieth: timedelta | None
    known: int
    still_open: int


@dataclass(frozen=True)
class Answered:
    """The share of notices decided within 24 hours, of one platform or of all."""

    key: str
    share: Share


def month_of(moment: datetime, zone: tzinfo) -> str:
    """Return the month of a moment where the association sits, such as `2026-11`."""
    return f"{moment.astimezone(zone):%Y-%m}"


def occurrences(figure: Figure, cases: Iterable[CaseFacts], choice: Choice, zone: tzinfo) -> Iterator[Occurrence]:
    """Yield what a figure counts, within the choice."""
    for case in cases:
        if choice.takes(case):
            for found in figure.occurrences(case):
                if choice.covers(month_of(found.at, zone)):
                    yield found


def totals(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> tuple[int, ...]:
    """Return the count of each figure."""
    return tuple(sum(1 for _ in occurrences(figure, cases, choice, zone)) for figure in FIGURES)


def by_month(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> list[Row]:
    """Return a row for each month from the first to the last in which anything happened, none left out."""
    counters = [
        Counter(month_of(found.at, zone) for found in occurrences(figure, cases, choice, zone)) for figure in FIGURES
    ]
    seen = {month for counter in counters for month in counter}
    if not seen:
        return []
    return [Row(month, tuple(counter[month] for counter in counters)) for month in _months(min(seen), max(seen))]


def by_platform(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> list[Row]:
    return _by(cases, choice, zone, lambda case: (case.platform,))


def by_door(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> list[Row]:
    return _by(cases, choice, zone, lambda case: (case.door,))


def by_ground(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> list[Row]:
    """Return a row for each ground. A case under two grounds stands in two rows: this column is never summed."""
    return _by(cases, choice, zone, lambda case: case.grounds)


def _by(
    cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo, keys: Callable[[CaseFacts], Sequence[str]]
) -> list[Row]:
    counters: list[Counter[str]] = []
    for figure in FIGURES:
        counter: Counter[str] = Counter()
        for found in occurrences(figure, cases, choice, zone):
            counter.update(keys(found.case))
        counters.append(counter)
    names = {name for counter in counters for name in counter}
    rows = [Row(name, tuple(counter[name] for counter in counters)) for name in names]
    return sorted(rows, key=lambda row: (-row.counts[0], -row.counts[1], row.key))


def notices(cases: Iterable[CaseFacts], choice: Choice, zone: tzinfo) -> Iterator[tuple[CaseFacts, NoticeFacts]]:
    """Yield the notices sent within the choice."""
    for case in cases:
        if choice.takes(case):
            for notice in case.notices:
                if choice.covers(month_of(notice.sent_at, zone)):
                    yield case, notice


def answered(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo, now: datetime) -> list[Answered]:
    """Return the share decided within 24 h: first of all platforms together (key ""), then of each."""
    groups: dict[str, list[NoticeFacts]] = {"": []}
    for case, notice in notices(cases, choice, zone):
        groups[""].append(notice)
        groups.setdefault(case.platform, []).append(notice)
    return [Answered(key, share(*decided_within_24_hours(group, now))) for key, group in sorted(groups.items())]


def delays(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> list[DelayRow]:
    """Return median and 90th percentile of each delay that began within the choice, and how many are still open."""
    rows = []
    for delay in DELAYS:
        known: list[timedelta] = []
        still_open = 0
        for case in cases:
            if not choice.takes(case):
                continue
            for start, end in delay.spans(case):
                if not choice.covers(month_of(start, zone)):
                    continue
                if end is None:
                    still_open += 1
                else:
                    known.append(end - start)
        rows.append(DelayRow(delay, quantile(known, 0.5), quantile(known, 0.9), len(known), still_open))
    return rows


def _months(first: str, last: str) -> Iterator[str]:
    day = date.fromisoformat(f"{first}-01")
    while f"{day:%Y-%m}" <= last:
        yield f"{day:%Y-%m}"
        day = (day.replace(day=28) + timedelta(days=7)).replace(day=1)
