"""Charts as SVG, drawn on the server: the page needs no script to show them, and each has its table beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from vigie.insight.rules.arithmetic import Share

# Three inks that stay apart for every kind of colour vision and on paper (Okabe & Ito 2008), in this order.
INKS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9"]
STYLE = {
    "font": "sans-serif",
    "axis": {"labelFontSize": 13, "titleFontSize": 13, "labelColor": "#1c2430", "titleColor": "#1c2430"},
    "legend": {"labelFontSize": 13, "orient": "bottom", "title": None, "labelLimit": 400},
    "view": {"stroke": None},
    "background": "#ffffff",
}


@lru_cache(maxsize=64)
def _drawn(specification: str) -> str:
    import vl_convert  # heavy (a JavaScript engine): loaded by the first chart, not by the first page

    svg: str = vl_convert.vegalite_to_svg(json.loads(specification), vl_version="5.20")
    return svg


def drawn(specification: dict[str, Any]) -> str:
    """Return the SVG of a Vega-Lite specification; the same one is drawn once."""
    return _drawn(
        json.dumps({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": STYLE, **specification})
    )


def months_chart(
    rows: Sequence[tuple[str, Sequence[int | None]]], columns: Sequence[tuple[int, str]], *, count_title: str
) -> dict[str, Any]:
    """Return bars by month, one colour a figure; None has no bar.

    Args:
        rows: a month with its counts.
        columns: places among the counts, with the name to show.
    """
    values = [{"month": month, "figure": name, "n": counts[place]} for month, counts in rows for place, name in columns]
    names = [name for _place, name in columns]
    return {
        "width": 680,
        "height": 240,
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "x": {"field": "month", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "xOffset": {"field": "figure", "sort": names},
            "y": {"field": "n", "type": "quantitative", "title": count_title, "axis": {"tickMinStep": 1}},
            "color": {"field": "figure", "type": "nominal", "sort": names, "scale": {"range": INKS}},
        },
    }


def answered_chart(rows: Sequence[tuple[str, Share | None]], *, lines: Sequence[float], title: str) -> dict[str, Any]:
    """Return the share decided within 24 h by platform with its interval, and the lines of the code of conduct."""
    values = [
        {"name": name, "share": share.value, "low": share.low, "high": share.high}
        for name, share in rows
        if share is not None and share.value is not None
    ]
    y = {"field": "name", "type": "nominal", "title": None, "sort": None}
    scale = {"domain": [0, 1]}
    return {
        "width": 560,
        "height": {"step": 34},
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "bar", "color": INKS[0]},
                "encoding": {
                    "y": y,
                    "x": {
                        "field": "share",
                        "type": "quantitative",
                        "title": title,
                        "scale": scale,
                        "axis": {"format": "%"},
                    },
                },
            },
            {
                "data": {"values": values},
                "mark": {"type": "rule", "color": "#1c2430", "strokeWidth": 2},
                "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
            },
            {
                "data": {"values": [{"line": line} for line in lines]},
                "mark": {"type": "rule", "color": "#a3231f", "strokeDash": [6, 4], "strokeWidth": 2},
                "encoding": {"x": {"field": "line", "type": "quantitative", "scale": scale}},
            },
        ],
    }
