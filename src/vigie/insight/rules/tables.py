"""From facts to the tables of the page: chosen, grouped, counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple

from vigie.insight.rules.arithmetic import Share, quantile, share
from vigie.insight.rules.definitions import (
    DELAYS,
    FIGURES,
    MOMENTS,
    SEVERAL,
    WITHIN,
    Delay,
    Figure,
    Occurrence,
    is_quick,
)
from vigie.insight.rules.facts import CaseFacts

QUARTER = 15 * 60  # seconds
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTIFIED = next(figure for figure in FIGURES if figure.id == "notified")


class Place(NamedTuple):
    """Where in the tables an occurrence stands. Month as `2026-11`."""

    month: str
    platform: str
    door: str
    grounds: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What somebody asked to see. Months are `2026-11`, both ends included; empty means all."""

    since: str = ""
    until: str = ""
    platform: str = ""
    ground: str = ""
    door: str = ""

    def takes(self, place: Place) -> bool:
        return (
            (not self.platform or place.platform == self.platform)
            and (not self.door or place.door == self.door)
            and (not self.ground or self.ground in place.grounds)
            and (not self.since or place.month >= self.since)
            and (not self.until or place.month <= self.until)
        )


@dataclass(frozen=True)
class Row:
    """A line of a table: what it is about, and a count for each figure in the order of `FIGURES`."""

    key: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class DelayRow:
    """A delay: how long what ended within the choice lasted, shortest first, and how much is still open."""

    delay: Delay
    lasted: Sequence[timedelta]
    still_open: int

    @property
    def ended(self) -> int:
        return len(self.lasted)

    def quantile(self, q: float) -> timedelta | None:
        return quantile(self.lasted, q)


@dataclass(frozen=True)
class Answered:
    """The notices of one platform, or of all (key ""), that had their 24 hours; `quick` were decided within them."""

    key: str
    counted: int
    quick: int

    @property
    def share(self) -> Share:
        return share(self.quick, self.counted)


def month_of(moment: datetime, zone: tzinfo) -> str:
    """Return the month of a moment where the association sits, such as `2026-11`."""
    return _month_of_quarter(int(moment.timestamp()) // QUARTER, zone)


@lru_cache(maxsize=20_000)
def _month_of_quarter(quarter: int, zone: tzinfo) -> str:
    # No zone on earth begins its month within a quarter of an hour, and turning moments into words is slow.
    return f"{datetime.fromtimestamp(quarter * QUARTER, zone):%Y-%m}"


def place_of(found: Occurrence, zone: tzinfo) -> Place:
    """Return where an occurrence stands; what lasts belongs to where it began."""
    return Place(month_of(found.at, zone), found.platform, found.door, found.case.grounds)


def occurrences(what: Figure | Delay, cases: Iterable[CaseFacts], choice: Choice, zone: tzinfo) -> Iterator[Occurrence]:
    """Yield what a figure counts, or a delay measures, within the choice."""
    found_in = what.occurrences if isinstance(what, Figure) else what.spans
    for case in cases:
        for found in found_in(case):
            if choice.takes(place_of(found, zone)):
                yield found


def bit_of(what: Figure | Delay) -> int:
    """Return the bit that says of a case that it stands behind a figure or a delay."""
    return 1 << ([one.id for one in FIGURES] + [one.id for one in DELAYS]).index(what.id)


def bits_of(case: CaseFacts) -> int:
    """Return the bits of all the figures and delays that a case stands behind."""
    found_in = (*(figure.occurrences for figure in FIGURES), *(delay.spans for delay in DELAYS))
    return sum(1 << place for place, found in enumerate(found_in) if any(True for _ in found(case)))


def whole(moment: datetime) -> int:
    """Return a moment as a whole number, which any database keeps in order: microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def reach_of(case: CaseFacts) -> dict[str, int]:
    """Return when each of `MOMENTS` happened last, and first (`sent_first`) of what may have happened several times."""
    reach = {}
    for name, found_in in MOMENTS.items():
        moments = found_in(case)
        if moments:
            reach[name] = whole(max(moments))
            if name in SEVERAL:
                reach[f"{name}_first"] = whole(min(moments))
    return reach


def month_bounds(month: str, zone: tzinfo) -> tuple[int, int]:
    """Return whole numbers around a month such as `2026-11`: nothing of it is outside, a day of others inside."""
    first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)
    return whole(first - timedelta(days=1)), whole(first + timedelta(days=32))


# --- counted once, then kept up to date ----------------------------------------------------------------------


class Tally:
    """What cases add to every figure and delay, by place: a few thousand numbers, from which any choice is read.

    A case of which more is known is taken out as it was and added as it is.
    """

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.counts: list[Counter[Place]] = [Counter() for _ in FIGURES]
        self.lasted: list[dict[Place, Counter[timedelta]]] = [{} for _ in DELAYS]
        self.still_open: list[Counter[Place]] = [Counter() for _ in DELAYS]
        self.quick: Counter[Place] = Counter()
        self.slow: dict[Place, Counter[datetime]] = {}  # the notices not decided within 24 hours, by when they left

    @classmethod
    def of(cls, cases: Iterable[CaseFacts], zone: tzinfo) -> Tally:
        tally = cls(zone)
        for case in cases:
            tally.add(case)
        return tally

    def add(self, case: CaseFacts, times: int = 1) -> None:
        """Count a case; with `times=-1`, count it no more."""
        for counter, figure in zip(self.counts, FIGURES, strict=True):
            for found in figure.occurrences(case):
                counter[place_of(found, self.zone)] += times
        for lasted, still_open, delay in zip(self.lasted, self.still_open, DELAYS, strict=True):
            for found in delay.spans(case):
                place = place_of(found, self.zone)
                if found.until is None:
                    still_open[place] += times
                else:
                    lasted.setdefault(place, Counter())[found.until - found.at] += times
        for found in NOTIFIED.occurrences(case) if case.notices else ():
            place = place_of(found, self.zone)
            if found.notice and is_quick(found.notice):
                self.quick[place] += times
            elif found.notice:
                self.slow.setdefault(place, Counter())[found.notice.sent_at] += times

    def take_out(self, case: CaseFacts) -> None:
        self.add(case, -1)

    def copy(self) -> Tally:
        """Return a tally to be changed while others read this one."""
        other = Tally(self.zone)
        other.counts = [counter.copy() for counter in self.counts]
        other.lasted = [{place: times.copy() for place, times in lasted.items()} for lasted in self.lasted]
        other.still_open = [counter.copy() for counter in self.still_open]
        other.quick = self.quick.copy()
        other.slow = {place: times.copy() for place, times in self.slow.items()}
        return other

    def as_data(self) -> dict[str, Any]:
        """Return the tally as JSON can hold it: places and what is counted there, moments and times in microseconds."""
        return {
            "counts": [_by_place(counter) for counter in self.counts],
            "lasted": [
                [[place, [span // MICROSECOND for span in times.elements()]] for place, times in lasted.items()]
                for lasted in self.lasted
            ],
            "still_open": [_by_place(counter) for counter in self.still_open],
            "quick": _by_place(self.quick),
            "slow": [
                [place, [(at - EPOCH) // MICROSECOND for at in times.elements()]] for place, times in self.slow.items()
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any], zone: tzinfo) -> Tally:
        """Return the tally that `as_data` wrote, of the same zone."""
        tally = cls(zone)
        tally.counts = [_of_places(counter) for counter in data["counts"]]
        tally.lasted = [
            {_place(place): Counter(timedelta(microseconds=span) for span in times) for place, times in lasted}
            for lasted in data["lasted"]
        ]
        tally.still_open = [_of_places(counter) for counter in data["still_open"]]
        tally.quick = _of_places(data["quick"])
        tally.slow = {
            _place(place): Counter(EPOCH + timedelta(microseconds=at) for at in times) for place, times in data["slow"]
        }
        return tally

    def places(self) -> set[Place]:
        """Return every place in which anything stands."""
        return {place for counter in self.counts for place, number in counter.items() if number}


def _by_place(counter: Counter[Place]) -> list[Any]:
    return [[place, number] for place, number in counter.items() if number]


def _of_places(data: Sequence[Any]) -> Counter[Place]:
    return Counter({_place(place): number for place, number in data})


def _place(data: Sequence[Any]) -> Place:
    month, platform, door, grounds = data
    return Place(month, platform, door, tuple(grounds))


Counted = Sequence[Mapping[Place, int]]  # how much each of `FIGURES` counts in each place


def counted(tally: Tally, choice: Choice) -> Counted:
    """Return what each figure counts within the choice: the source of all the tables."""
    return [
        {place: number for place, number in counter.items() if number and choice.takes(place)}
        for counter in tally.counts
    ]


def totals(found: Counted) -> tuple[int, ...]:
    """Return the count of each figure."""
    return tuple(sum(column.values()) for column in found)


def by_month(found: Counted) -> list[Row]:
    """Return a row for each month from the first to the last in which anything happened, none left out."""
    rows = {row.key: row for row in _by(found, lambda place: (place.month,))}
    if not rows:
        return []
    nothing = (0,) * len(found)
    return [rows.get(month) or Row(month, nothing) for month in _months(min(rows), max(rows))]


def by_platform(found: Counted) -> list[Row]:
    return _by(found, lambda place: (place.platform,))


def by_door(found: Counted) -> list[Row]:
    return _by(found, lambda place: (place.door,))


def by_ground(found: Counted, choice: Choice) -> list[Row]:
    """Return a row for each ground, or for the one chosen.

    A case under two grounds stands in two rows: this column is never summed.
    """
    return _by(found, lambda place: (choice.ground,) if choice.ground else place.grounds)


def _by(found: Counted, keys: Callable[[Place], Sequence[str]]) -> list[Row]:
    counters: list[Counter[str]] = [Counter() for _ in found]
    for counter, column in zip(counters, found, strict=True):
        for place, number in column.items():
            for key in keys(place):
                counter[key] += number
    names = {name for counter in counters for name in counter}
    rows = [Row(name, tuple(counter[name] for counter in counters)) for name in names]
    return sorted(rows, key=lambda row: (-row.counts[0], -row.counts[1], row.key))


def answered(tally: Tally, choice: Choice, now: datetime) -> list[Answered]:
    """Return what was decided within 24 h: first of all platforms together (key ""), then of each."""
    quick: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for place, number in tally.quick.items():
        if number and choice.takes(place):
            quick[place.platform] += number
            counted[place.platform] += number
    for place, times in tally.slow.items():
        if any(times.values()) and choice.takes(place):
            counted[place.platform] += sum(n for sent_at, n in times.items() if now - sent_at >= WITHIN)
    rows = [Answered(platform, counted[platform], quick[platform]) for platform in sorted(counted)]
    return [Answered("", counted.total(), quick.total()), *rows]


def count_of(tally: Tally, figure: Figure, choice: Choice) -> int:
    """Return one number of `totals`, without the others."""
    counter = tally.counts[[one.id for one in FIGURES].index(figure.id)]
    return sum(number for place, number in counter.items() if choice.takes(place))


def ended_and_open(tally: Tally, delay: Delay, choice: Choice) -> tuple[int, int]:
    """Return the two numbers of one of `delays`, without the others."""
    index = [one.id for one in DELAYS].index(delay.id)
    ended = sum(times.total() for place, times in tally.lasted[index].items() if choice.takes(place))
    return ended, sum(number for place, number in tally.still_open[index].items() if choice.takes(place))


def delays(tally: Tally, choice: Choice) -> list[DelayRow]:
    """Return each delay that began within the choice: how long what has ended lasted, and what is still open."""
    rows = []
    for delay, lasted, still_open in zip(DELAYS, tally.lasted, tally.still_open, strict=True):
        all_times: Counter[timedelta] = Counter()
        for place, times in lasted.items():
            if choice.takes(place):
                all_times.update(times)
        ordered = [span for span in sorted(all_times) for _ in range(all_times[span])]
        open_now = sum(number for place, number in still_open.items() if choice.takes(place))
        rows.append(DelayRow(delay, ordered, open_now))
    return rows


def _months(first: str, last: str) -> Iterator[str]:
    day = date.fromisoformat(f"{first}-01")
    while f"{day:%Y-%m}" <= last:
        yield f"{day:%Y-%m}"
        day = (day.replace(day=28) + timedelta(days=7)).replace(day=1)
