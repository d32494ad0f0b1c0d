"""From facts to the tables of the page: chosen, grouped, counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from vigie.insight.rules.arithmetic import Share, quantile, share
from vigie.insight.rules.definitions import DELAYS, FIGURES, Delay, Figure, Occurrence, had_its_24_hours, is_quick
from vigie.insight.rules.facts import CaseFacts

NOTIFIED = next(figure for figure in FIGURES if figure.id == "notified")


@dataclass(frozen=True)
class Choice:
    """What somebody asked to see. Months are `2026-11`, both ends included; empty means all."""

    since: str = ""
    until: str = ""
    platform: str = ""
    ground: str = ""
    door: str = ""

    def takes(self, found: Occurrence) -> bool:
        return (
            (not self.platform or found.platform == self.platform)
            and (not self.door or found.door == self.door)
            and (not self.ground or self.ground in found.case.grounds)
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
    """A delay: of what ended within the choice, and how much of it is still open."""

    delay: Delay
    ended: tuple[Occurrence, ...]
    still_open: tuple[Occurrence, ...]

    def quantile(self, q: float) -> timedelta | None:
        return quantile([found.until - found.at for found in self.ended if found.until], q)


@dataclass(frozen=True)
class Answered:
    """The notices of one platform, or of all (key ""), that had their 24 hours; `quick` were decided within them."""

    key: str
    counted: tuple[Occurrence, ...]
    quick: tuple[Occurrence, ...]

    @property
    def share(self) -> Share:
        return share(len(self.quick), len(self.counted))


def month_of(moment: datetime, zone: tzinfo) -> str:
    """Return the month of a moment where the association sits, such as `2026-11`."""
    return f"{moment.astimezone(zone):%Y-%m}"


def occurrences(what: Figure | Delay, cases: Iterable[CaseFacts], choice: Choice, zone: tzinfo) -> Iterator[Occurrence]:
    """Yield what a figure counts, or a delay measures, within the choice; a delay belongs to where it began."""
    found_in = what.occurrences if isinstance(what, Figure) else what.spans
    for case in cases:
        for found in found_in(case):
            if choice.takes(found) and choice.covers(month_of(found.at, zone)):
                yield found


Counted = Sequence[Sequence[Occurrence]]  # what each of `FIGURES` counts


def counted(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> Counted:
    """Return what each figure counts within the choice: the source of all the tables."""
    return [list(occurrences(figure, cases, choice, zone)) for figure in FIGURES]


def totals(found: Counted) -> tuple[int, ...]:
    """Return the count of each figure."""
    return tuple(map(len, found))


def by_month(found: Counted, zone: tzinfo) -> list[Row]:
    """Return a row for each month from the first to the last in which anything happened, none left out."""
    counters = [Counter(month_of(one.at, zone) for one in column) for column in found]
    seen = {month for counter in counters for month in counter}
    if not seen:
        return []
    return [Row(month, tuple(counter[month] for counter in counters)) for month in _months(min(seen), max(seen))]


def by_platform(found: Counted) -> list[Row]:
    return _by(found, lambda one: (one.platform,))


def by_door(found: Counted) -> list[Row]:
    return _by(found, lambda one: (one.door,))


def by_ground(found: Counted, choice: Choice) -> list[Row]:
    """Return a row for each ground, or for the one chosen.

    A case under two grounds stands in two rows: this column is never summed.
    """
    return _by(found, lambda one: (choice.ground,) if choice.ground else one.case.grounds)


def _by(found: Counted, keys: Callable[[Occurrence], Sequence[str]]) -> list[Row]:
    counters = [Counter(key for one in column for key in keys(one)) for column in found]
    names = {name for counter in counters for name in counter}
    rows = [Row(name, tuple(counter[name] for counter in counters)) for name in names]
    return sorted(rows, key=lambda row: (-row.counts[0], -row.counts[1], row.key))


def answered(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo, now: datetime) -> list[Answered]:
    """Return what was decided within 24 h: first of all platforms together (key ""), then of each."""
    groups: dict[str, list[Occurrence]] = {"": []}
    for found in occurrences(NOTIFIED, cases, choice, zone):
        of_platform = groups.setdefault(found.platform, [])
        if found.notice and had_its_24_hours(found.notice, now):
            groups[""].append(found)
            of_platform.append(found)
    return [
        Answered(key, tuple(group), tuple(found for found in group if found.notice and is_quick(found.notice)))
        for key, group in sorted(groups.items())
    ]


def delays(cases: Sequence[CaseFacts], choice: Choice, zone: tzinfo) -> list[DelayRow]:
    """Return each delay that began within the choice: what has ended, and what is still open."""
    rows = []
    for delay in DELAYS:
        found = tuple(occurrences(delay, cases, choice, zone))
        ended = tuple(one for one in found if one.until is not None)
        rows.append(DelayRow(delay, ended, tuple(one for one in found if one.until is None)))
    return rows


def _months(first: str, last: str) -> Iterator[str]:
    day = date.fromisoformat(f"{first}-01")
    while f"{day:%Y-%m}" <= last:
        yield f"{day:%Y-%m}"
        day = (day.replace(day=28) + timedelta(days=7)).replace(day=1)
