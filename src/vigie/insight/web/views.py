"""The page of figures, what stands behind each, its charts and its CSV."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.insight import charts
from vigie.insight.queries import facts
from vigie.insight.rules import tables
from vigie.insight.rules.arithmetic import published, published_row
from vigie.insight.rules.definitions import CODE_LINES, FIGURES, Figure
from vigie.insight.rules.tables import Choice, Row
from vigie.organisations.rules.policy import Action, may, require
from vigie.organisations.web.gate import desk
from vigie.platforms.registry import registry
from vigie.qualification.catalogue import current

DOORS = {
    "form": N_("formulaire public"), "mail": N_("courriel"), "api": N_("partenaire (API)"), "import": N_("import"),
    "desk": N_("bureau"),
}  # fmt: skip
MISSING = N_("n.d.")
CHARTED = ("received", "notified", "removed")
ROWS_BEHIND = 200


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


@desk(Action.SEE_FIGURES)
def figures_page(request: Any) -> HttpResponse:
    """Everything counted, by month, platform, ground and door; each number opens the cases behind it."""
    cases, choice, zone = facts(request.actor), _choice(request), timezone.get_current_timezone()
    for_publication = "publie" in request.GET
    kept = {name: value for name, value in vars(choice).items() if value}
    months = tables.by_month(cases, choice, zone)
    answered = tables.answered(cases, choice, zone, timezone.now())
    breakdowns = [
        _breakdown("month", _("Par mois"), months, lambda key: key, for_publication),
        _breakdown(
            "platform", _("Par plateforme"), tables.by_platform(cases, choice, zone), _platform, for_publication
        ),
        _breakdown("ground", _("Par fondement"), tables.by_ground(cases, choice, zone), _ground, for_publication),
        _breakdown("door", _("Par porte"), tables.by_door(cases, choice, zone), _door, for_publication),
    ]
    totals = tables.totals(cases, choice, zone)
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
                "shown": _shown(count, for_publication),
            }
            for figure, count in zip(FIGURES, totals, strict=True)
        ],
        "columns": [_(figure.name) for figure in FIGURES],
        "breakdowns": breakdowns,
        "answered": [_answer_row(row, for_publication) for row in answered],
        "has_answers": answered[0].share.value is not None,
        "answered_sentence": _answered_sentence(answered[0]),
        "months_sentence": _months_sentence(months, for_publication),
        "lines": [f"{line:.1%}".replace(".", ",") for line in CODE_LINES],
        "delays": [_delay_row(row, for_publication) for row in tables.delays(cases, choice, zone)],
        "platforms": sorted({case.platform for case in cases}, key=_platform),
        "platform_names": {case.platform: _platform(case.platform) for case in cases},
        "platform_choices": [(slug, _platform(slug)) for slug in sorted({case.platform for case in cases})],
        "ground_choices": [(key, _ground(key)) for key in sorted({key for case in cases for key in case.grounds})],
        "door_choices": [(name, _door(name)) for name in sorted({case.door for case in cases})],
        "may_see_cases": may(request.actor, Action.SEE_CASE, request.actor.organisation_id),
    }
    return render(request, "insight/figures.html", context)


@desk(Action.SEE_CASE)
def behind_page(request: Any, figure_id: str) -> HttpResponse:
    """The cases that a figure counts, latest first."""
    figure = _figure(figure_id)
    require(request.actor, Action.SEE_FIGURES, request.actor.organisation_id)
    choice, zone = _choice(request), timezone.get_current_timezone()
    found = sorted(tables.occurrences(figure, facts(request.actor), choice, zone), key=lambda one: one.at, reverse=True)
    rows = [
        {"at": one.at, "ref": one.case.ref, "platform": _platform(one.case.platform),
         "notice": one.notice.reference if one.notice else ""}
        for one in found[:ROWS_BEHIND]
    ]  # fmt: skip
    context = {
        "section": "figures", "name": _(figure.name), "counts": _(figure.counts), "leaves_out": _(figure.leaves_out),
        "rows": rows, "total": len(found), "more": len(found) - len(rows), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "insight/behind.html", context)


@desk(Action.SEE_FIGURES)
def chart(request: Any, name: str) -> HttpResponse:
    """One chart as SVG; its table stands beside it on the page."""
    cases, choice, zone = facts(request.actor), _choice(request), timezone.get_current_timezone()
    hides = "publie" in request.GET
    if name == "mois":
        places = [(place, _(figure.name)) for place, figure in enumerate(FIGURES) if figure.id in CHARTED]
        rows = tables.by_month(cases, choice, zone)
        if hides:
            rows = [Row(row.key, tuple(published(count) or 0 for count in row.counts)) for row in rows]
        specification = charts.months_chart(rows, places, count_title=_("nombre"))
    elif name == "24h":
        answers = tables.answered(cases, choice, zone, timezone.now())
        named = [(_platform(row.key) if row.key else _("ensemble"), row) for row in answers]
        if hides:
            named = [(label, row) for label, row in named if published(row.share.whole)]
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
    """The tables as one CSV, small numbers hidden: what leaves the house may be published."""
    cases, choice, zone = facts(request.actor), _choice(request), timezone.get_current_timezone()
    out = StringIO()
    out.write("\ufeff")  # so that a spreadsheet reads the accents
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["table", "key", *[figure.id for figure in FIGURES]])
    writer.writerow(["total", "", *[_csv(published(count)) for count in tables.totals(cases, choice, zone)]])
    for table, rows in (
        ("month", tables.by_month(cases, choice, zone)),
        ("platform", tables.by_platform(cases, choice, zone)),
        ("ground", tables.by_ground(cases, choice, zone)),
        ("door", tables.by_door(cases, choice, zone)),
    ):
        for row in _for_publication(rows):
            writer.writerow([table, row[0], *[_csv(count) for count in row[1]]])
    writer.writerow([])
    writer.writerow(["decided within 24 h", "platform", "part", "whole", "share", "low", "high"])
    for answer in tables.answered(cases, choice, zone, timezone.now()):
        hidden = published(answer.share.whole) is None
        values = [None] * 5 if hidden else [published(answer.share.part), answer.share.whole, answer.share.value,
                                            answer.share.low, answer.share.high]  # fmt: skip
        writer.writerow(["", answer.key or "all", *[_csv(value) for value in values]])
    writer.writerow([])
    writer.writerow(["delay (hours)", "", "median", "p90", "known", "still open"])
    for delay in tables.delays(cases, choice, zone):
        enough = published(delay.known)
        hours = [_hours(delay.median), _hours(delay.ninetieth)] if enough else [None, None]
        writer.writerow([delay.delay.id, "", *[_csv(value) for value in (*hours, enough, published(delay.still_open))]])
    with transaction.atomic():
        record(Event.FIGURES_EXPORTED, actor=request.actor, now=timezone.now(), data=vars(choice))
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="vigie-chiffres.csv"'},
    )


def _figure(figure_id: str) -> Figure:
    for figure in FIGURES:
        if figure.id == figure_id:
            return figure
    raise NotFound(N_("Ce chiffre n’existe pas."))


def _for_publication(rows: list[Row]) -> list[tuple[str, list[int | None]]]:
    """Hide small numbers column by column, so that a total cannot give one back."""
    columns = [published_row([row.counts[place] for row in rows]) for place in range(len(FIGURES))]
    return [(row.key, [column[number] for column in columns]) for number, row in enumerate(rows)]


def _breakdown(key: str, title: str, rows: list[Row], name: Any, for_publication: bool) -> dict[str, Any]:
    shown = _for_publication(rows) if for_publication else [(row.key, list(row.counts)) for row in rows]
    return {
        "key": key,
        "title": title,
        "rows": [
            {
                "key": row_key,
                "name": name(row_key),
                "cells": [
                    {"figure": figure.id, "shown": "< 5" if count is None else str(count), "is_link": bool(count)}
                    for figure, count in zip(FIGURES, counts, strict=True)
                ],
            }
            for row_key, counts in shown
        ],
    }


def _shown(count: int, for_publication: bool) -> str:
    return "< 5" if for_publication and published(count) is None else str(count)


def _percent(value: float | None) -> str:
    return _(MISSING) if value is None else f"{value * 100:.0f} %"


def _answer_row(row: tables.Answered, for_publication: bool) -> dict[str, str]:
    hidden = for_publication and published(row.share.whole) is None
    interval = _("de %(low)s à %(high)s") % {"low": _percent(row.share.low), "high": _percent(row.share.high)}
    return {
        "name": _platform(row.key) if row.key else _("ensemble"),
        "part": "< 5" if hidden or (for_publication and published(row.share.part) is None) else str(row.share.part),
        "whole": "< 5" if hidden else str(row.share.whole),
        "share": _(MISSING) if hidden else _percent(row.share.value),
        "interval": _(MISSING) if hidden or row.share.value is None else interval,
    }


def _answered_sentence(everybody: tables.Answered) -> str:
    if everybody.share.value is None:
        return _("Aucune notification n’a encore eu ses 24 heures : la part n’est pas disponible.")
    line = _("au-dessus") if everybody.share.value >= CODE_LINES[1] else _("en dessous")
    return _("%(share)s des notifications ont reçu une décision en 24 heures, %(line)s des deux tiers du code de conduite.") % {
        "share": _percent(everybody.share.value), "line": line,
    }  # fmt: skip


def _months_sentence(rows: list[Row], for_publication: bool) -> str:
    if not rows:
        return _("Rien dans cette période.")
    place = next(number for number, figure in enumerate(FIGURES) if figure.id == "received")
    most = max(rows, key=lambda row: row.counts[place])
    shown = _shown(most.counts[place], for_publication)
    sentence = ngettext(
        "Le mois le plus chargé est %(month)s : %(number)s signalement reçu.",
        "Le mois le plus chargé est %(month)s : %(number)s signalements reçus.",
        most.counts[place],
    )
    return sentence % {"month": most.key, "number": shown}


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


def _delay_row(row: tables.DelayRow, for_publication: bool) -> dict[str, str]:
    hidden = for_publication and published(row.known) is None
    return {
        "name": _(row.delay.name),
        "median": _(MISSING) if hidden else _spoken(row.median),
        "ninetieth": _(MISSING) if hidden else _spoken(row.ninetieth),
        "known": _shown(row.known, for_publication),
        "open": _shown(row.still_open, for_publication),
        "leaves_out": _(row.delay.leaves_out),
    }


def _csv(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
