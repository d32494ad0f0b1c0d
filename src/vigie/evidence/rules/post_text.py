"""Find, in a captured page, the words of the content itself and when it was published. Pure.

Guesses, marked as coming from the capture; a person corrects them. The page's own description for other sites
(`og:description`) is the post's text on most networks, though some cut it; then the page's text completes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser

from vigie.core.markup import without_traps
from vigie.evidence.rules.seen import BLOCKS, SILENT, tidy

MAX_CHARACTERS = 5000
CUT = ("…", "...")


@dataclass(frozen=True)
class PostText:
    """What seems to be the content: `text` is "" and `published_at` None when nothing tells."""

    text: str
    published_at: datetime | None
    language: str


def read_post(html: str, page_text: str) -> PostText:
    """Return the words and the date of the content that `html` shows.

    Args:
        page_text: the page's visible text, one block a line.
    """
    reader = _Reader()
    reader.feed(without_traps(html))
    reader.close()
    article = tidy("".join(reader.article))
    described = " ".join(reader.meta.get("og:description", "").split())
    text = _described_text(described, article or page_text) or article or page_text
    when = reader.meta.get("article:published_time") or reader.article_time
    return PostText(text=text[:MAX_CHARACTERS], published_at=_moment(when), language=reader.language[:8])


def _described_text(described: str, shown: str) -> str:
    """Return the description, completed where it was cut; "" when the page does not show it."""
    beginning = described.rstrip("….").strip()
    if len(beginning) < 2:
        return ""
    for line in shown.splitlines():
        if line.startswith(beginning):
            return line if described.endswith(CUT) else described
    return described if beginning in " ".join(shown.split()) else ""


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:  # without its zone a time is a guess of up to a day
        return None
    return moment.astimezone(UTC)


class _Reader(HTMLParser):
    """Collect the meta data, and the text and time of the first `<article>` (or `<main>` without one)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.article: list[str] = []
        self.article_time = ""
        self.language = ""
        self._depth = 0
        self._is_over = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = re.sub(r"[^A-Za-z-].*", "", given.get("lang", ""))
        elif tag == "meta":
            self.meta.setdefault(given.get("property") or given.get("name") or "", given.get("content", ""))
        elif tag in SILENT and tag != "head":
            self._silent += 1
        elif tag == "article" and not self._is_over:
            self._depth += 1
        if not self._depth:
            return
        if tag == "time" and not self.article_time:
            self.article_time = given.get("datetime", "")
        if tag in BLOCKS:
            self.article.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and tag != "head":
            self._silent = max(0, self._silent - 1)
        elif tag == "article" and self._depth:
            self._depth -= 1
            self._is_over = self._depth == 0
        elif tag in BLOCKS and self._depth:
            self.article.append("\n")

    def handle_data(self, data: str) -> None:
        if self._depth and not self._silent:
            self.article.append(data)
