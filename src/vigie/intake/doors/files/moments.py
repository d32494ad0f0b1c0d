"""Read a date as exports write it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d+)?")
_FORMATS = (
    "%a %b %d %H:%M:%S %z %Y",  # X: Wed Oct 10 20:19:24 +0000 2018
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %H:%M:%S",
    "%b %d, %Y",
    "%d %b %Y %H:%M",
)
_BY_HAND = ("%H:%M:%S", "%H:%M", "%Hh%M", "%I:%M:%S %p", "%I:%M %p", "")
FIRST_YEAR, LAST_YEAR = 1995, 2100


def read_moment(text: str, *, zone: tzinfo, day_first: bool) -> datetime | None:
    """Return the moment that `text` writes, in UTC, or None when it cannot be read without guessing.

    Args:
        zone: of a date that names none.
        day_first: 05/10/2026 is the fifth of October, as in Europe; otherwise May the tenth.
    """
    text = " ".join(text.split())
    try:
        moment = _epoch(text) or _written(text, day_first=day_first)
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        aware = aware.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return aware if FIRST_YEAR <= aware.year <= LAST_YEAR else None


def _epoch(text: str) -> datetime | None:
    """Seconds, milliseconds or microseconds since 1970, told apart by their size."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    for unit in (1.0, 1e3, 1e6, 1e9):
        if 5e8 <= number / unit < 5e9:  # 1985 to 2128
            return datetime.fromtimestamp(number / unit, UTC)
    return None


def _written(text: str, *, day_first: bool) -> datetime | None:
    iso = re.sub(r"\s*UTC$|\s*Z$", "+00:00", text)
    try:
        return datetime.fromisoformat(iso)
    except ValueError:
        pass
    short = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:,?\s+(?:à\s+)?(.+))?", text)
    if short:
        return _by_hand(*short.groups(), day_first=day_first)
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 the zone is added by the caller
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def _by_hand(first: str, second: str, year: str, clock: str | None, *, day_first: bool) -> datetime | None:
    day, month = (first, second) if day_first else (second, first)
    if int(month) > 12 >= int(day):
        day, month = month, day  # only one order is possible
    full_year = year if len(year) == 4 else f"20{year}"
    for form in _BY_HAND:
        try:
            return datetime.strptime(f"{full_year}-{month}-{day} {clock or ''}".strip(), f"%Y-%m-%d {form}".strip())  # noqa: DTZ007
        except ValueError:
            continue
    return None
