"""The sources, one folder each. A new one is a folder here and a line below."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from vigie.watch.ports import SourceAdapter

KINDS = ("rss", "bluesky", "mastodon", "youtube", "telegram", "reddit", "x")


@cache
def adapters() -> dict[str, SourceAdapter]:
    """Return the adapters by kind, in the order in which they are offered."""
    return {kind: import_module(f"vigie.watch.sources.{kind}.adapter").ADAPTER for kind in KINDS}


def adapter_of(kind: str) -> SourceAdapter | None:
    """Return the adapter of a kind; None for one that this version does not know."""
    return adapters().get(kind)
