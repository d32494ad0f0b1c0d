"""Read what a page says of itself: its title, its text, and whether it looks like a wall or a tombstone.

Pure. A mark is a hint: it never decides that a content is gone (that is for several looks and a person).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from vigie.core.markup import without_traps

SILENT = {"script", "style", "template", "noscript", "svg", "head"}
BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",
    "pre", "section", "table", "td", "th", "tr", "ul",
}  # fmt: skip

# Words met on the pages of large platforms, in French and English, as read in 2026; lower case, typographic
# apostrophes made straight. They are few on purpose: a page that merely has a log-in link is no wall.
LOGIN_WALL = re.compile(
    r"\b(?:you must log in|log in to continue|log in to (?:see|view)|sign in to (?:continue|confirm|see|view)"
    r"|connectez-vous pour (?:continuer|voir|afficher)|vous devez (?:vous connecter|être connecté)"
    r"|see more on facebook|join x today|inscrivez-vous pour (?:voir|continuer))"
)
LOGIN_PATH = re.compile(r"/(?:login|signin|sign_in|accounts/login|uas/login|authwall|checkpoint|i/flow/login)\b")
NOT_AVAILABLE = re.compile(
    r"(?:this (?:post|page|content|video|tweet|account|message) (?:is|isn't|was|has been|doesn't|does not)"
    r" (?:no longer|not |unavailable|available|deleted|removed|suspended|exist)[^.]{0,60}"
    r"|(?:this )?(?:page|video|content|post) (?:isn't|is not|is no longer) available|page not found"
    r"|account (?:has been )?suspended|video (?:unavailable|removed)"
    r"|(?:cette|ce) (?:page|contenu|publication|vidéo|message|compte|post)"
    r" (?:n'est (?:plus|pas)|n'existe (?:plus|pas)|a été (?:supprimée?|retirée?|suspendu))"
    r"|(?:vidéo|page|contenu|publication) (?:non disponible|indisponible|introuvable)|compte suspendu)"
)


@dataclass(frozen=True)
class PageReading:
    """What a page says, as far as its HTML alone tells."""

    title: str
    text: str
    marks: tuple[str, ...]  # «login_wall», «not_available»


def read_page(html: str, *, final_url: str = "") -> PageReading:
    """Return the title, the visible text and the marks of a page."""
    reader = _Reader()
    reader.feed(without_traps(html))
    reader.close()
    title = " ".join("".join(reader.title).split())
    text = tidy("".join(reader.pieces))
    return PageReading(title=title, text=text, marks=marks(title, text, final_url=final_url))


def marks(title: str, text: str, *, final_url: str = "") -> tuple[str, ...]:
    """Return which marks a page carries; only its beginning is read, where such messages stand."""
    beginning = f"{title}\n{text[:2000]}".lower().replace("’", "'")
    found = []
    if LOGIN_WALL.search(beginning) or LOGIN_PATH.search(final_url.lower()):
        found.append("login_wall")
    if NOT_AVAILABLE.search(beginning):
        found.append("not_available")
    return tuple(found)


def tidy(text: str) -> str:
    """Return text without runs of blanks and empty lines."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.pieces: list[str] = []
        self._silent = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = True
        elif tag == "body":
            self._silent = 0  # a head that was never closed ends here
        elif tag in SILENT:
            self._silent += 1
        elif tag in BLOCKS:
            self.pieces.append("\n")
        if tag == "img" and not self._silent:
            self.pieces.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._silent:
            self.pieces.append(data)
