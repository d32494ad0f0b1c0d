"""The picture of calibration, as a Vega-Lite specification; its table stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigie.core.drawing import INKS
from vigie.learning.rules.worth import Bin


def calibration_chart(bins: Sequence[Bin], *, said: str, upheld: str) -> dict[str, Any]:
    """Return said against upheld with intervals, and the line on which a detector that never errs would lie."""
    values = [
        {"said": one.said, "share": one.upheld.value, "low": one.upheld.low, "high": one.upheld.high, "n": one.upheld.whole}
        for one in bins
        if one.said is not None and one.upheld.value is not None
    ]  # fmt: skip
    scale = {"domain": [0, 1]}
    x = {"field": "said", "type": "quantitative", "title": said, "scale": scale, "axis": {"format": "%"}}
    return {
        "width": 380,
        "height": 320,
        "layer": [
            {
                "data": {"values": [{"a": 0}, {"a": 1}]},
                "mark": {"type": "line", "color": "#76808c", "strokeDash": [6, 4]},
                "encoding": {
                    "x": {"field": "a", "type": "quantitative", "scale": scale},
                    "y": {"field": "a", "type": "quantitative", "scale": scale},
                },
            },
            {
                "data": {"values": values},
                "mark": {"type": "rule", "color": "#1c2430", "strokeWidth": 2},
                "encoding": {"x": x, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
            },
            {
                "data": {"values": values},
                "mark": {"type": "point", "filled": True, "size": 90, "color": INKS[0]},
                "encoding": {
                    "x": x,
                    "y": {
                        "field": "share", "type": "quantitative", "title": upheld, "scale": scale,
                        "axis": {"format": "%"},
                    },
                },
            },
        ],
    }  # fmt: skip
