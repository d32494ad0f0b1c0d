"""What several sources do alike: settings in lines, addresses, posts with the key of their address, moments."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from vigie.casefile.keys import stored_key
from vigie.core.words import N_
from vigie.platforms.resolve import UnreadableAddress, resolve
from vigie.watch.ports import BadSourceSetting
from vigie.watch.rules.values import Post
from vigie.watch.rules.words import hashtags_of

TEXT_MOST = 20_000
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^>]*>", re.I)
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.I | re.S)


def lines(given: Any, *, most: int = 100) -> list[str]:
    """Return the lines a person wrote, each once."""
    written = given.splitlines() if isinstance(given, str) else list(given or ())
    return list(dict.fromkeys(line.strip() for line in written if line.strip()))[:most]


def needed(given: Mapping[str, Any], name: str) -> str:
    """Return what must have been said."""
    value = str(given.get(name) or "").strip()
    if not value:
        raise BadSourceSetting(name, N_("Ce champ est nécessaire."))
    return value


def web_address(given: Mapping[str, Any], name: str, *, schemes: tuple[str, ...] = ("https", "http")) -> str:
    """Return an address of the web that a person wrote."""
    value = needed(given, name)
    if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise BadSourceSetting(name, N_("Écrivez une adresse complète, qui commence par https://."))
    return value


def whole_number(given: Mapping[str, Any], name: str, *, least: int = 0, most: int = 10**9) -> int:
    try:
        value = int(str(given.get(name) or "0").strip())
    except ValueError:
        raise BadSourceSetting(name, N_("Écrivez un nombre entier.")) from None
    if not least <= value <= most:
        raise BadSourceSetting(name, N_("Ce nombre est hors des limites."))
    return value


def plain_text(markup: str) -> str:
    """Return the words of a piece of HTML, one paragraph a line."""
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", _SCRIPT.sub(" ", markup))))
    return "\n".join(line for line in (" ".join(row.split()) for row in text.splitlines()) if line)


def post_at(
    url: str,
    *,
    text: str,
    author: str = "",
    language: str = "",
    published_at: datetime | None = None,
    reach: int | None = None,
    hashtags: Iterable[str] = (),
) -> Post | None:
    """Return the post at an address, with its key; None when the address cannot be read."""
    try:
        resolved = resolve(url)
    except UnreadableAddress:
        return None
    # What a database cannot hold is no word of anybody.
    words = text.replace("\x00", "")[:TEXT_MOST].encode("utf-8", "replace").decode()
    return Post(
        key=stored_key(resolved.key), platform=resolved.platform, kind=resolved.kind, url=resolved.canonical_url,
        text=words, author=author[:300], language=language[:8], published_at=published_at, reach=reach,
        hashtags=tuple(hashtags) or hashtags_of(words),
    )  # fmt: skip


def moment(said: Any) -> datetime | None:
    """Return a moment as ISO 8601 or as seconds since 1970; None when it is neither, or no moment of this world."""
    try:
        if isinstance(said, int | float):
            read = datetime.fromtimestamp(said, UTC)
        else:
            read = datetime.fromisoformat(str(said).replace("Z", "+00:00"))
            read = read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return read.astimezone(UTC) if 1990 <= read.year <= 2100 else None
