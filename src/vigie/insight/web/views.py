"""The page of figures, what stands behind each, its charts and its CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.insight import charts
from vigie.insight.queries import latest, tally
from vigie.insight.rules import tables
from vigie.insight.rules.arithmetic import Share
from vigie.insight.rules.definitions import (
    CODE_LINES,
    DELAYS,
    FIGURES,
    Delay,
    Figure,
    Occurrence,
    had_its_24_hours,
    is_quick,
)
from vigie.insight.rules.publication import TOTAL, kept_back
from vigie.insight.rules.tables import Choice, Row, Tally
from vigie.organisations.rules.policy import Action, may, require
from vigie.organisations.web.gate import desk
from vigie.platforms.registry import registry
from vigie.qualification.catalogue import current

DOORS = {
    "form": N_("formulaire public"), "mail": N_("courriel"), "api": N_("partenaire (API)"), "import": N_("import"),
    "desk": N_("bureau"),
    "watch": N_("veille"),
}  # fmt: skip
MISSING = N_("n.d.")
HIDDEN = N_("masqué")
CHARTED = ("received", "notified", "removed")
ROWS_BEHIND = 200
QUICK, COUNTED = "24h-quick", "24h-counted"  # what stands behind the share decided in 24 hours
OPEN = "-open"  # after the name of a delay: what has not ended


def _choice(request: Any) -> Choice:
    def asked(name: str) -> str:
        return str(request.GET.get(name, "")).strip()[:80]

    def month(name: str) -> str:
        text = asked(name)
        return text if len(text) == 7 and text[4] == "-" and (text[:4] + text[5:]).isdigit() else ""

    return Choice(month("since"), month("until"), asked("platform"), asked("ground"), asked("door"))


def _platform(slug: str) -> str:
    known = registry()
    return known[slug].name if slug in known else slug


def _ground(ground_id: str) -> str:
    found = current().grounds.get(ground_id)
    return found.title.said_in(get_language() or "fr") if found else ground_id


def _door(name: str) -> str:
    return _(DOORS[name]) if name in DOORS else name


@dataclass(frozen=True)
class Sheet:
    """All the tables of one choice, and which of their numbers stay in the house."""

    totals: tuple[int, ...]
    breakdowns: dict[str, list[Row]]
    answers: list[tables.Answered]
    delays: list[tables.DelayRow]
    hidden: frozenset[Hashable]

    @classmethod
    def of(cls, tally: Tally, choice: Choice, now: datetime, *, for_publication: bool) -> Sheet:
        found = tables.counted(tally, choice)
        totals = tables.totals(found)
        breakdowns = {
            "month": tables.by_month(found),
            "platform": tables.by_platform(found),
            "ground": tables.by_ground(found, choice),
            "door": tables.by_door(found),
        }
        answers, delays = tables.answered(tally, choice, now), tables.delays(tally, choice)
        hidden = kept_back(totals, breakdowns, answers, delays) if for_publication else frozenset()
        return cls(totals, breakdowns, answers, delays, hidden)

    def count(self, number: int, *name: str) -> int | None:
        """Return a number, or None when it stays in the house."""
        return None if name in self.hidden else number

    def counts(self, table: str, row: Row) -> list[int | None]:
        """Return the numbers of a row, in the order of `FIGURES`."""
        return [self.count(n, table, row.key, figure.id) for figure, n in zip(FIGURES, row.counts, strict=True)]

    def share(self, row: tables.Answered) -> Share | None:
        """Return a share, or None when it would give away a number that stays in the house."""
        return None if {("24h", row.key, "quick"), ("24h", row.key, "counted")} & self.hidden else row.share


def _tally(request: Any) -> Tally:
    return tally(request.actor, timezone.get_current_timezone())


def _sheet(request: Any, *, for_publication: bool) -> Sheet:
    return Sheet.of(_tally(request), _choice(request), timezone.now(), for_publication=for_publication)


@desk(Action.SEE_FIGURES)
def figures_page(request: Any) -> HttpResponse:
    """Everything counted, by month, platform, ground and door; each number opens the cases behind it."""
    choice, places = _choice(request), _tally(request).places()
    for_publication = "publie" in request.GET
    sheet = _sheet(request, for_publication=for_publication)
    kept = {name: value for name, value in vars(choice).items() if value}
    everybody = sheet.answers[0]
    context = {
        "section": "figures",
        "choice": choice,
        "query": urlencode(kept),
        "for_publication": for_publication,
        "figures": [
            {
                "figure": figure,
                "name": _(figure.name),
                "unit": _(figure.unit),
                "clock": _(figure.clock),
                "counts": _(figure.counts),
                "leaves_out": _(figure.leaves_out),
                "shown": _shown(count),
                "is_link": bool(count),
            }
            for figure, count in zip(FIGURES, sheet.counts(TOTAL, Row("", sheet.totals)), strict=True)
        ],
        "columns": [_(figure.name) for figure in FIGURES],
        "breakdowns": [_breakdown(sheet, table, choice) for table in sheet.breakdowns],
        "answered": [_answer_row(sheet, row, choice) for row in sheet.answers],
        "has_answers": sheet.share(everybody) is not None and everybody.share.value is not None,
        "answered_sentence": _answered_sentence(sheet.share(everybody)),
        "months_sentence": _months_sentence(sheet),
        "has_months": any(
            count
            for row in sheet.breakdowns["month"]
            for figure, count in zip(FIGURES, sheet.counts("month", row), strict=True)
            if figure.id in CHARTED
        ),
        "lines": [_percent(line) for line in CODE_LINES],
        "delays": [_delay_row(sheet, row) for row in sheet.delays],
        "platform_choices": _choices({place.platform for place in places}, _platform),
        "ground_choices": _choices({ground for place in places for ground in place.grounds}, _ground),
        "door_choices": _choices({place.door for place in places}, _door),
        "may_see_cases": may(request.actor, Action.SEE_CASE, request.actor.organisation_id) and not for_publication,
    }
    return render(request, "insight/figures.html", context)


def _choices(keys: set[str], name: Callable[[str], str]) -> list[tuple[str, str]]:
    return sorted(((key, name(key)) for key in keys if key), key=lambda one: one[1].casefold())


@desk(Action.SEE_CASE)
def behind_page(request: Any, figure_id: str) -> HttpResponse:
    """What a number of the page counts, latest first, each with its case."""
    require(request.actor, Action.SEE_FIGURES, request.actor.organisation_id)
    choice = _choice(request)
    behind = _behind(figure_id, _tally(request), choice)
    asked = request.GET.get("page", "")[:9]
    paginator = Paginator(range(behind.total), ROWS_BEHIND)
    page = paginator.get_page(asked)
    up_to_here = latest(request.actor, behind.what, choice, most=page.number * ROWS_BEHIND, keep=behind.keep)
    shown = up_to_here[(page.number - 1) * ROWS_BEHIND :]
    rows = [
        {"at": one.at, "until": one.until, "ref": one.case.ref, "platform": _platform(one.platform),
         "notice": one.notice.reference if one.notice else ""}
        for one in shown
    ]  # fmt: skip
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "section": "figures", "name": behind.name, "counts": behind.counts, "leaves_out": behind.leaves_out,
        "rows": rows, "total": behind.total, "page": page, "query": query.urlencode(),
        "lasts": any(one.until for one in shown),
    }  # fmt: skip
    return render(request, "insight/behind.html", context)


@dataclass(frozen=True)
class Behind:
    """A number of the page: what it is called, counts and leaves out, how much it is, and which occurrences are in it."""

    name: str
    counts: str
    leaves_out: str
    total: int
    what: Figure | Delay
    keep: Callable[[Occurrence], bool] = lambda _: True


def _behind(name: str, tally: Tally, choice: Choice) -> Behind:
    for figure in FIGURES:
        if name == figure.id:
            total = tables.count_of(tally, figure, choice)
            return Behind(_(figure.name), _(figure.counts), _(figure.leaves_out), total, figure)
    for delay in DELAYS:
        if name in {delay.id, delay.id + OPEN}:
            ended, still_open = tables.ended_and_open(tally, delay, choice)
            if name == delay.id:
                return Behind(
                    _(delay.name), _("ce qui est fini"), _(delay.leaves_out), ended, delay, lambda one: one.until is not None
                )  # fmt: skip
            return Behind(
                _(delay.name), _("ce qui n’est pas encore fini"), _("ce qui est fini"), still_open, delay,
                lambda one: one.until is None,
            )  # fmt: skip
    now = timezone.now()
    if name == QUICK:
        return Behind(
            _("Réponses en 24 heures"), _("les notifications décidées en 24 heures"), _("les autres"),
            tables.answered(tally, choice, now)[0].quick, tables.NOTIFIED,
            lambda one: one.notice is not None and is_quick(one.notice),
        )  # fmt: skip
    if name == COUNTED:
        return Behind(
            _("Réponses en 24 heures"), _("les notifications envoyées il y a 24 heures ou plus, ou déjà décidées"),
            _("celles dont les 24 heures ne sont pas écoulées"),
            tables.answered(tally, choice, now)[0].counted, tables.NOTIFIED,
            lambda one: one.notice is not None and had_its_24_hours(one.notice, now),
        )  # fmt: skip
    raise NotFound(N_("Ce chiffre n’existe pas."))


@desk(Action.SEE_FIGURES)
def chart(request: Any, name: str) -> HttpResponse:
    """One chart as SVG; its table stands beside it on the page. What is hidden there is not drawn here."""
    sheet = _sheet(request, for_publication="publie" in request.GET)
    if name == "mois":
        places = [(place, _(figure.name)) for place, figure in enumerate(FIGURES) if figure.id in CHARTED]
        rows = [(row.key, sheet.counts("month", row)) for row in sheet.breakdowns["month"]]
        specification = charts.months_chart(rows, places, count_title=_("nombre"))
    elif name == "24h":
        named = [(_platform(row.key) if row.key else _("ensemble"), sheet.share(row)) for row in sheet.answers]
        title = _("part décidée en 24 heures")
        specification = charts.answered_chart(named, lines=CODE_LINES, title=title)
    else:
        raise NotFound(N_("Cette page n’existe pas."))
    return HttpResponse(
        charts.drawn(specification),
        content_type="image/svg+xml",
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


@desk(Action.EXPORT_FIGURES)
def figures_csv(request: Any) -> HttpResponse:
    """The tables as one CSV, small numbers hidden: what leaves the house may be published.

    Written as the spreadsheets of the reader's language expect it: semicolons and decimal commas in French.
    """
    sheet = _sheet(request, for_publication=True)
    out = StringIO()
    out.write("\ufeff")  # so that a spreadsheet reads the accents
    writer = csv.writer(out, delimiter=";" if _is_french() else ",")
    writer.writerow([_("tableau"), _("clé"), _("libellé"), *[_(figure.name) for figure in FIGURES]])
    for table, rows in {TOTAL: [Row("", sheet.totals)], **sheet.breakdowns}.items():
        for row in rows:
            label = _LABELS[table](row.key) if table in _LABELS else ""
            counts = [_cell(count) for count in sheet.counts(table, row)]
            writer.writerow([_(TABLES[table]), *map(_as_text, (row.key, label)), *counts])
    writer.writerow([])
    writer.writerow(
        [
            _("tableau"),
            _("clé"),
            _("libellé"),
            _("décidées en 24 h"),
            _("notifications"),
            _("part"),
            _("au moins"),
            _("au plus"),
        ]
    )
    for answer in sheet.answers:
        share = sheet.share(answer)
        values = [share.value, share.low, share.high] if share else [None] * 3
        words = [_(HIDDEN)] * 3 if share is None else [_cell(value, unknown=MISSING) for value in values]
        writer.writerow([
            _("Réponses en 24 heures"), answer.key, _platform(answer.key) if answer.key else _("ensemble"),
            _cell(sheet.count(answer.quick, "24h", answer.key, "quick")),
            _cell(sheet.count(answer.counted, "24h", answer.key, "counted")), *words,
        ])  # fmt: skip
    writer.writerow([])
    writer.writerow(
        [
            _("tableau"),
            _("clé"),
            _("libellé"),
            _("médiane (heures)"),
            _("90 % en moins de (heures)"),
            _("connus"),
            _("pas encore finis"),
        ]
    )
    for delay in sheet.delays:
        name = delay.delay.id
        ended = sheet.count(delay.ended, name, "", "ended")
        hours = (
            [_(HIDDEN)] * 2
            if ended is None
            else [_cell(_hours(delay.quantile(q)), unknown=MISSING) for q in (0.5, 0.9)]
        )
        still_open = _cell(sheet.count(delay.still_open, name, "", "open"))
        writer.writerow([_("Délais"), name, _(delay.delay.name), *hours, _cell(ended), still_open])
    with transaction.atomic():
        record(Event.FIGURES_EXPORTED, actor=request.actor, now=timezone.now(), data=vars(_choice(request)))
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="vigie-chiffres.csv"'},
    )


TABLES = {
    TOTAL: N_("Total"), "month": N_("Par mois"), "platform": N_("Par plateforme"), "ground": N_("Par fondement"),
    "door": N_("Par porte"),
}  # fmt: skip
_LABELS: dict[str, Callable[[str], str]] = {"platform": _platform, "ground": _ground, "door": _door}


def _breakdown(sheet: Sheet, table: str, choice: Choice) -> dict[str, Any]:
    name = _LABELS.get(table, str)
    return {
        "key": table,
        "title": _(TABLES[table]),
        "rows": [
            {
                "name": name(row.key),
                "query": _narrowed(choice, table, row.key),
                "cells": [
                    {"figure": figure.id, "shown": _shown(count), "is_link": bool(count) and bool(row.key)}
                    for figure, count in zip(FIGURES, sheet.counts(table, row), strict=True)
                ],
            }
            for row in sheet.breakdowns[table]
        ],
    }


def _narrowed(choice: Choice, table: str, key: str) -> str:
    """Return the choice as an address carries it, with one row of a table chosen too."""
    row = {"since": key, "until": key} if table == "month" else {table: key}
    return urlencode({name: value for name, value in {**vars(choice), **row}.items() if value})


def _is_french() -> bool:
    return (get_language() or "fr").startswith("fr")


def _shown(count: int | None) -> str:
    return _(HIDDEN) if count is None else str(count)


def _percent(value: float | None) -> str:
    if value is None:
        return _(MISSING)
    return f"{number_format(round(value * 100, 1), 1)}{chr(0xA0) if _is_french() else ''}%"


def _answer_row(sheet: Sheet, row: tables.Answered, choice: Choice) -> dict[str, Any]:
    share = sheet.share(row)
    value = share.value if share else None
    interval = _("de %(low)s à %(high)s")
    return {
        "name": _platform(row.key) if row.key else _("ensemble"),
        "query": _narrowed(choice, "platform", row.key or choice.platform),
        "quick": _shown(sheet.count(row.quick, "24h", row.key, "quick")),
        "counted": _shown(sheet.count(row.counted, "24h", row.key, "counted")),
        "has_quick": bool(row.quick),
        "has_counted": bool(row.counted),
        "share": _percent(value) if share else _(HIDDEN),
        "interval": _(HIDDEN) if share is None else _(MISSING) if value is None else interval % {
            "low": _percent(share.low), "high": _percent(share.high)
        },
    }  # fmt: skip


def _answered_sentence(everybody: Share | None) -> str:
    if everybody is None:
        return _("Trop peu de notifications pour publier la part de toutes les plateformes ensemble.")
    if everybody.value is None:
        return _("Aucune notification n’a encore eu ses 24 heures : la part n’est pas disponible.")
    line = _("au-dessus") if everybody.value >= CODE_LINES[1] else _("en dessous")
    return _("%(share)s des notifications ont reçu une décision en 24 heures, %(line)s des deux tiers du code de conduite.") % {
        "share": _percent(everybody.value), "line": line,
    }  # fmt: skip


def _months_sentence(sheet: Sheet) -> str:
    if not sheet.breakdowns["month"]:
        return _("Rien dans cette période.")
    place = next(number for number, figure in enumerate(FIGURES) if figure.id == "received")
    shown = {row.key: sheet.counts("month", row)[place] for row in sheet.breakdowns["month"]}
    known = {month: count for month, count in shown.items() if count is not None}
    most = max(known, key=lambda month: known[month], default="")
    if not known.get(most):
        return _("Signalements reçus, notifications envoyées et contenus retirés, mois par mois.")
    sentence = ngettext(
        "Le mois le plus chargé est %(month)s : %(number)s signalement reçu.",
        "Le mois le plus chargé est %(month)s : %(number)s signalements reçus.",
        known[most],
    )
    return sentence % {"month": most, "number": known[most]}


def _hours(delay: timedelta | None) -> float | None:
    return None if delay is None else round(delay.total_seconds() / 3600, 2)


def _spoken(delay: timedelta | None) -> str:
    if delay is None:
        return _(MISSING)
    minutes = delay.total_seconds() / 60
    if minutes < 120:
        return _("%(n)d min") % {"n": round(minutes)}
    if minutes < 72 * 60:
        return _("%(n)d h") % {"n": round(minutes / 60)}
    return _("%(n)d j") % {"n": round(minutes / 1440)}


def _delay_row(sheet: Sheet, row: tables.DelayRow) -> dict[str, Any]:
    name = row.delay.id
    ended = sheet.count(row.ended, name, "", "ended")
    still_open = sheet.count(row.still_open, name, "", "open")
    return {
        "name": _(row.delay.name),
        "ended_id": name,
        "open_id": f"{name}{OPEN}",
        "median": _(HIDDEN) if ended is None else _spoken(row.quantile(0.5)),
        "ninetieth": _(HIDDEN) if ended is None else _spoken(row.quantile(0.9)),
        "known": _shown(ended),
        "open": _shown(still_open),
        "has_known": bool(ended),
        "has_open": bool(still_open),
        "leaves_out": _(row.delay.leaves_out),
    }


def _cell(value: float | None, *, unknown: str = HIDDEN) -> str:
    """Return a number as a spreadsheet of the reader's language reads one; what is no number, in words."""
    if value is None:
        return _(unknown)
    if isinstance(value, int):
        return str(value)
    return f"{value:.4f}".rstrip("0").rstrip(".").replace(".", "," if _is_french() else ".")


def _as_text(text: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
