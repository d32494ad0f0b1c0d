"""A turn of reading, for the tests of the sources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from vigie.watch.ports import Allowance, NoAllowance, SourceAdapter, Turn
from vigie.watch.reach import Web


def turn_for(
    adapter: SourceAdapter,
    *,
    open_to: str,
    cursor: Mapping[str, Any] | None = None,
    secret: str = "",
    seconds: float = 0.3,
    at_most: int = 1000,
    now: datetime | None = None,
    allowance: Allowance | None = None,
    **given: Any,
) -> Turn:
    """Return a turn; `open_to` is the `host:port` of this machine that the gate lets through."""
    return Turn(
        settings=adapter.checked(given), secret=secret, cursor=dict(cursor or {}), now=now or timezone.now(),
        web=Web(allowed_for_tests=frozenset({open_to})), allowance=allowance or NoAllowance(), seconds=seconds, most=at_most,
    )  # fmt: skip
