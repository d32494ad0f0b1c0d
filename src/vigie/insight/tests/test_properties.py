"""The figures of any journal, counted a second time by hand; and what leaves, attacked by subtraction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from vigie.casefile.rules.events import Event
from vigie.insight.rules import tables
from vigie.insight.rules.arithmetic import SMALL, Sum, hidden
from vigie.insight.rules.definitions import FIGURES
from vigie.insight.rules.facts import CaseFacts, Happening, told
from vigie.insight.rules.publication import kept_back
from vigie.insight.rules.tables import Choice, Tally

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 10, 31, 21, 0, tzinfo=UTC)  # an hour before November begins in Paris, the clocks just changed
GONE = {"removed-by-platform", "deleted-by-author", "account-suspended"}
DECISIONS = {"content-removed", "no-violation", "already-removed"}

moments = st.integers(0, 4000).map(lambda quarters: START + timedelta(minutes=15 * quarters))
events = st.one_of(
    st.tuples(st.just("joined"), moments, st.sampled_from(["form", "mail"])),
    st.tuples(st.just("qualified"), moments, st.sampled_from(["insult", "incitement"])),
    st.tuples(st.just("declined"), moments, st.just("")),
    st.tuples(st.just("sent"), moments, st.sampled_from(["N-1", "N-2"])),
    st.tuples(st.just("read"), moments, st.sampled_from(sorted(DECISIONS))),
    st.tuples(st.just("looked"), moments, st.sampled_from([*sorted(GONE), "present", "not-determined"])),
)
journals = st.lists(
    st.tuples(
        st.sampled_from(["x", "agora"]), st.lists(events, max_size=12).map(lambda all: sorted(all, key=lambda e: e[1]))
    ),
    max_size=8,
)
Journal = list[tuple[str, list[tuple[str, datetime, str]]]]


def happening(kind: str, at: datetime, what: str) -> list[Happening]:
    match kind:
        case "joined":
            return [Happening(Event.REPORT_JOINED, at, {"door": what})]
        case "qualified":
            return [Happening(Event.QUALIFIED, at, {"content": "c", "ground": what})]
        case "declined":
            return [Happening(Event.DECLINED, at, {"reason": "opinion"})]
        case "sent":
            drafted = {"reference": what, "platform": "x" if what == "N-1" else "agora", "contents": ["c"]}
            return [Happening(Event.NOTICE_DRAFTED, at, drafted), Happening(Event.NOTICE_SENT, at, {"reference": what})]
        case "read":
            decided = {"reference": "N-1", "reply": 1, "outcome": what, "decided_at": at.isoformat()}
            return [Happening(Event.REPLY_READ, at, decided)]
        case _:
            return [Happening(Event.CHECK_DONE, at, {"content": "c", "online": what})]


def facts_of(journal: Journal) -> list[CaseFacts]:
    return [
        told(CaseFacts(f"D-{number}", platform, "form", START), [h for event in told_of for h in happening(*event)])
        for number, (platform, told_of) in enumerate(journal)
    ]


def by_hand(journal: Journal) -> Counter[tuple[str, str, str, str]]:
    """Count (figure, month, platform, door) straight from the list of events."""
    found: Counter[tuple[str, str, str, str]] = Counter()

    def count(figure: str, at: datetime, platform: str, door: str = "form") -> None:
        local = at.astimezone(PARIS)
        found[figure, f"{local.year}-{local.month:02}", platform, door] += 1

    for platform, told_of in journal:
        count("opened", START, platform)
        for kind, at, what in told_of:
            if kind == "joined":
                count("received", at, platform, what)
        readings = [(kind, at) for kind, at, _ in told_of if kind in {"qualified", "declined"}]
        if readings:
            count("treated", readings[0][1], platform)
            if readings[-1][0] == "declined":
                count("declined", readings[-1][1], platform)
            else:
                since_decline = []
                for kind, at in readings:
                    since_decline = [] if kind == "declined" else [*since_decline, at]
                count("qualified", since_decline[0], platform)
        sent: dict[str, datetime] = {}
        for kind, at, what in told_of:
            if kind == "sent" and what not in sent:
                sent[what] = at
                count("notified", at, "x" if what == "N-1" else "agora")
        answers = [(at, what) for kind, at, what in told_of if kind == "read"] if "N-1" in sent else []
        answer = answers[-1] if answers else None
        sights = [(at, what in GONE) for kind, at, what in told_of if kind == "looked" and what in GONE | {"present"}]
        if answer and answer[1] != "no-violation":
            sights.append((answer[0], True))
        gone = None
        for at, is_gone in sorted(sights):
            gone = None if not is_gone else gone or at
        if gone is not None:
            was_before = (
                not sent or gone < min(sent.values()) or (answer is not None and answer[1] == "already-removed")
            )
            count("gone-before" if was_before else "removed", gone, platform)
    return found


@given(journals)
def test_every_table_counts_what_the_journal_tells(journal: Journal) -> None:
    expected = by_hand(journal)
    found = tables.counted(Tally.of(facts_of(journal), PARIS), Choice())
    for place, figure in enumerate(FIGURES):
        mine = {key[1:]: n for key, n in expected.items() if key[0] == figure.id}
        assert tables.totals(found)[place] == sum(mine.values())
        for axis, rows in enumerate((tables.by_month(found), tables.by_platform(found), tables.by_door(found))):
            summed: Counter[str] = Counter()
            for key, n in mine.items():
                summed[key[axis]] += n
            assert {row.key: row.counts[place] for row in rows if row.counts[place]} == dict(summed)


@given(journals, st.sampled_from(["", "x", "agora"]), st.sampled_from(["", "insult"]))
def test_each_number_is_the_number_of_cases_behind_it(journal: Journal, platform: str, ground: str) -> None:
    cases, choice = facts_of(journal), Choice(platform=platform, ground=ground)
    found = tables.counted(Tally.of(cases, PARIS), choice)
    narrowed = {
        "month": (tables.by_month(found), lambda key: {"since": key, "until": key}),
        "platform": (tables.by_platform(found), lambda key: {"platform": key}),
        "ground": (tables.by_ground(found, choice), lambda key: {"ground": key}),
        "door": (tables.by_door(found), lambda key: {"door": key}),
    }
    for rows, narrow in narrowed.values():
        for row in rows:
            narrower = Choice(**{**vars(choice), **narrow(row.key)})
            behind = [list(tables.occurrences(figure, cases, narrower, PARIS)) for figure in FIGURES]
            assert row.counts == tuple(map(len, behind))


@given(journals, journals)
def test_a_tally_kept_up_to_date_is_the_one_counted_anew(journal: Journal, other: Journal) -> None:
    before, after = facts_of(journal), facts_of(other)
    kept = Tally.of([*before, *before], PARIS)
    changed = kept.copy()
    for case in before:
        changed.take_out(case)
    for case in after:
        changed.add(case)
    now = START + timedelta(days=90)
    for mine, anew in ((kept, Tally.of([*before, *before], PARIS)), (changed, Tally.of([*before, *after], PARIS))):
        assert tables.counted(mine, Choice()) == tables.counted(anew, Choice())
        assert tables.answered(mine, Choice(), now) == tables.answered(anew, Choice(), now)
        assert tables.delays(mine, Choice()) == tables.delays(anew, Choice())
        assert mine.places() == anew.places()


columns = st.lists(st.one_of(st.just(0), st.integers(1, 6), st.integers(5, 40)), min_size=1, max_size=4)


@given(columns)
def test_nobody_can_compute_what_is_hidden_in_a_column(parts: list[int]) -> None:
    """Every way to fill in the hidden numbers that fits what is shown leaves each small one open."""
    numbers: dict[Hashable, int] = {**dict(enumerate(parts)), "all": sum(parts)}
    kept_back_here = hidden(numbers, [Sum("all", tuple(range(len(parts))))])
    assert all(name in kept_back_here for name, number in numbers.items() if 0 < number < SMALL)
    unknown = [place for place in range(len(parts)) if place in kept_back_here]
    shown = sum(number for place, number in enumerate(parts) if place not in kept_back_here)
    if "all" in kept_back_here or not unknown:
        return  # without the sum, nothing can be subtracted from
    rest = sum(parts) - shown
    fits = [fill for fill in product(range(1, rest + 1), repeat=len(unknown) - 1) if rest - sum(fill) >= 1]
    for place in range(len(unknown) - 1):
        assert len({fill[place] for fill in fits}) > 1
    assert len({rest - sum(fill) for fill in fits}) > 1


@given(journals)
def test_in_what_is_published_no_sum_gives_a_small_number_away(journal: Journal) -> None:
    cases = facts_of(journal) * 3
    tally = Tally.of(cases, PARIS)
    found = tables.counted(tally, Choice())
    breakdowns = {"month": tables.by_month(found), "platform": tables.by_platform(found)}
    answers = tables.answered(tally, Choice(), START + timedelta(days=90))
    secret = kept_back(tables.totals(found), breakdowns, answers, tables.delays(tally, Choice()))
    for place, figure in enumerate(FIGURES):
        for table, rows in breakdowns.items():
            names = [("total", "", figure.id), *((table, row.key, figure.id) for row in rows)]
            assert len(secret.intersection(names)) != 1
            assert all(
                n not in range(1, SMALL) or (table, row.key, figure.id) in secret
                for row in rows
                for n in [row.counts[place]]
            )
