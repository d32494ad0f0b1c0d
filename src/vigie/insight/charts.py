"""Charts as SVG, drawn on the server: the page needs no script to show them, and each has its table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigie.core.drawing import INKS, drawn
from vigie.insight.rules.arithmetic import Share

__all__ = ["answered_chart", "drawn", "months_chart"]


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
