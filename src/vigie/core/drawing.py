"""Charts as SVG, drawn on the server: a page needs no script to show them. What is drawn has its table beside it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

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
