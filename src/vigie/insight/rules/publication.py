"""Which numbers of the page may leave the house. Pure.

All tables are judged together: a number hidden in one could be had back from another, or from the totals above them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from vigie.insight.rules.arithmetic import Sum, hidden
from vigie.insight.rules.definitions import FIGURES
from vigie.insight.rules.tables import Answered, DelayRow, Row

TOTAL = "total"
# Every case treated is qualified or declined, but for those read anew: close enough to give a small number away.
READ_ONE_WAY_OR_THE_OTHER = ("treated", ("qualified", "declined"))
BY_NOTICE = {"to-receipt", "to-decision"}  # what has ended and what has not make up the notices sent


def kept_back(
    totals: Sequence[int],
    breakdowns: Mapping[str, Sequence[Row]],
    answers: Sequence[Answered],
    delays: Sequence[DelayRow],
) -> frozenset[Hashable]:
    """Return the names of the numbers that stay in the house.

    Named as `(table, key of the row, figure)`, with the totals under `(TOTAL, "", figure)`; `("24h", platform, …)`
    with `quick`, `late` and `counted`; `(delay, "", …)` with `ended` and `open`.
    """
    numbers: dict[Hashable, int] = {}
    sums: list[Sum] = []
    rows = {TOTAL: [Row("", tuple(totals))], **breakdowns}
    for table, lines in rows.items():
        for row in lines:
            numbers |= {(table, row.key, figure.id): n for figure, n in zip(FIGURES, row.counts, strict=True)}
            whole, parts = READ_ONE_WAY_OR_THE_OTHER
            sums.append(Sum((table, row.key, whole), tuple((table, row.key, part) for part in parts)))
        if table != TOTAL:
            sums += [
                Sum((TOTAL, "", figure.id), tuple((table, row.key, figure.id) for row in lines))
                for figure, whole, *parts in zip(FIGURES, totals, *(row.counts for row in lines), strict=True)
                if sum(parts) == whole  # by ground a case may stand in two rows, or in none
            ]
    for found in (_of_answers(answers), _of_delays(delays)):
        for named, total in found:
            numbers |= named
            sums.append(total)
    return hidden(numbers, [one for one in sums if one.parts])


def _of_answers(answers: Sequence[Answered]) -> Iterator[tuple[dict[Hashable, int], Sum]]:
    for row in answers:
        quick, counted = row.quick, row.counted
        named: dict[Hashable, int] = {
            ("24h", row.key, "quick"): quick,
            ("24h", row.key, "late"): counted - quick,
            ("24h", row.key, "counted"): counted,
        }
        yield named, Sum(("24h", row.key, "counted"), (("24h", row.key, "quick"), ("24h", row.key, "late")))
    for kind in ("quick", "late", "counted"):
        yield {}, Sum(("24h", "", kind), tuple(("24h", row.key, kind) for row in answers if row.key))


def _of_delays(delays: Sequence[DelayRow]) -> Iterator[tuple[dict[Hashable, int], Sum]]:
    for row in delays:
        name, ended, still_open = row.delay.id, row.ended, row.still_open
        begun: Hashable = (TOTAL, "", "notified") if name in BY_NOTICE else (name, "", "begun")
        named: dict[Hashable, int] = {(name, "", "ended"): ended, (name, "", "open"): still_open}
        if name not in BY_NOTICE:
            named[begun] = ended + still_open
        yield named, Sum(begun, ((name, "", "ended"), (name, "", "open")))
