"""Read the HTML of a letter as words and links. Pure; nothing of it is ever shown or run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from vigie.core.markup import without_traps

_UNSEEN = frozenset({"script", "style", "head", "title", "noscript", "template", "svg"})
_BREAKS = frozenset([
    "p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre",
    "section", "article", "header", "footer", "dt", "dd",
])  # fmt: skip
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
# The classes and ids under which the usual programs put the signature of whoever writes.
_SIGNATURE = re.compile(r"gmail_signature|moz-signature|applemailsignature|^signature$|_signature\b", re.IGNORECASE)
_CUT_SHORT = re.compile(r"(?:…|\.\.\.)\s*$")
_WHOLE_ADDRESS = re.compile(r"^(?:https?://)\S+$", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """`text` is what a reader sees; `searched` has each link's own address where the reader sees its label."""

    text: str
    searched: str


def read_html(page: str) -> Page:
    """Return the words of `page` without its signature block, scripts and styles."""
    reader = _Reader()
    reader.feed(without_traps(page))
    reader.close()
    reader.end_link()
    return Page(_joined(reader.text), _joined(reader.searched))


def _joined(pieces: list[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.searched: list[str] = []
        self.unseen: list[str] = []  # the elements open since one that is left out
        self.href = ""
        self.label: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.unseen:
            if tag not in _VOID:
                self.unseen.append(tag)
            return
        given = {name: value or "" for name, value in attrs}
        is_signature = any(_SIGNATURE.search(given.get(name, "")) for name in ("class", "id"))
        if (tag in _UNSEEN or is_signature) and tag not in _VOID:
            self.unseen.append(tag)
            return
        if tag in _BREAKS:
            self._write("\n")
        if tag == "a":
            self.end_link()
            self.href = given.get("href", "").strip()

    def handle_endtag(self, tag: str) -> None:
        if self.unseen:
            # Unclosed elements inside are closed with it, as a browser does.
            if tag in self.unseen:
                while self.unseen and self.unseen.pop() != tag:
                    continue
            return
        if tag == "a":
            self.end_link()
        if tag in _BREAKS:
            self._write("\n")

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        self.text.append(data)
        if self.href:
            self.label.append(data)
        else:
            self.searched.append(data)

    def end_link(self) -> None:
        """Write the link down: its target, or its label when that is a whole address and the target counts clicks."""
        if not self.href:
            return
        label = "".join(self.label).strip()
        is_web = self.href.lower().startswith(("http://", "https://"))
        shows_all = bool(_WHOLE_ADDRESS.match(label)) and not _CUT_SHORT.search(label)
        self.searched.append(f" {label if shows_all or not is_web else self.href} ")
        self.href, self.label = "", []

    def _write(self, piece: str) -> None:
        self.text.append(piece)
        self.searched.append(piece)
