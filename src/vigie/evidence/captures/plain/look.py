"""One cheap look at an address: is something there, where does it lead, what does it say of itself?

Used by the checks of whether a content is still online. It states what was seen and decides nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from vigie.evidence.captures.page import utc_now
from vigie.evidence.captures.plain import HTML_TYPES, html_of
from vigie.evidence.captures.plain.fetch import content_type, fetch
from vigie.evidence.guard import Guard
from vigie.evidence.limits import Limits
from vigie.evidence.rules.reasons import Reason
from vigie.evidence.rules.seen import read_page

LOOK_LIMITS = Limits(seconds=20, max_bytes=2_000_000)
EXCERPT_CHARACTERS = 2000


@dataclass(frozen=True)
class Seen:
    """What one look saw. `failure` is set when nothing usable came; then `status` may be None."""

    asked: str
    at: str  # our clock, UTC
    status: int | None
    final_url: str
    redirects: tuple[str, ...]  # the addresses passed through before the final one
    remote_ip: str
    media_type: str
    title: str
    excerpt: str  # the beginning of the visible text; quoted content: not for logs or the journal
    text_digest: str  # «sha256:…» of the whole visible text; "" without text
    marks: tuple[str, ...]  # «login_wall», «not_available»
    has_words: bool | None  # whether the words asked for stand in the text; None when none were asked for
    failure: Reason | None

    def facts(self) -> dict[str, Any]:
        """Return what may be journaled: references and digests, no content."""
        return {
            "at": self.at,
            "status": self.status,
            "redirects": len(self.redirects),
            "text_digest": self.text_digest,
            "marks": list(self.marks),
            "has_words": self.has_words,
            "failure": self.failure.code if self.failure else "",
        }


def look(url: str, *, guard: Guard, limits: Limits = LOOK_LIMITS, words: str = "") -> Seen:
    """Return what `url` shows right now to a visitor without account, cookies or scripts.

    A page that needs scripts shows little here: an unchanged `status` is a better sign than the text.
    Never raises for what the other side does, or for a refused address.

    Args:
        words: what to look for in the text, however the page breaks its lines.
    """
    at = utc_now()
    fetched = fetch(url, guard=guard, limits=limits)
    passed = tuple(exchange.url for exchange in fetched.exchanges if exchange.url != fetched.final)
    last = fetched.last
    is_page = last is not None and content_type(last) in HTML_TYPES
    reading = read_page(html_of(last, limit=limits.max_bytes) if last and is_page else "", final_url=fetched.final)
    return Seen(
        asked=url,
        at=at,
        status=last.status if last else None,
        final_url=fetched.final,
        redirects=passed,
        remote_ip=last.ip if last else "",
        media_type=content_type(last) if last else "",
        title=reading.title,
        excerpt=reading.text[:EXCERPT_CHARACTERS],
        text_digest=f"sha256:{hashlib.sha256(reading.text.encode()).hexdigest()}" if reading.text else "",
        marks=reading.marks,
        has_words=_one_line(words) in _one_line(reading.text) if words.strip() else None,
        failure=fetched.failure,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
