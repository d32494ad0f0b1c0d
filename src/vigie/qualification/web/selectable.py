"""The text of a content, cut so that words can be chosen in it, even those that stay masked.

Each piece carries where it stands (`data-s`, `data-e`, in characters): the browser sends back numbers, and the
server cuts the words from the text itself. What is masked is not in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vigie.casefile.rules.masking import pieces
from vigie.casefile.web.masking import spans_to_mask
from vigie.qualification.rules.quotes import Quote


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a blank or a masked stretch."""

    start: int
    end: int
    shown: str
    is_masked: bool
    is_quoted: bool
    is_blank: bool


def tokens(text: str, *, shown: bool, quotes: Iterable[Quote]) -> Iterator[Token]:
    """Yield the text word by word; a masked stretch is one token, veiled."""
    start = 0
    for piece in pieces(text, masked=() if shown else spans_to_mask(text), quoted=quotes):
        if piece.masked:
            yield Token(start, start + len(piece.text), piece.veiled, True, piece.quoted, False)
        else:
            for word in re.finditer(r"\s+|\S+", piece.text):
                yield Token(
                    start + word.start(), start + word.end(), word.group(), False, piece.quoted, word.group().isspace()
                )
        start += len(piece.text)


def selectable_html(text: str, *, shown: bool = False, quotes: Iterable[Quote] = ()) -> SafeString:
    """Return the text for the form."""
    return format_html_join("", "{}", ((_token_html(token),) for token in tokens(text, shown=shown, quotes=quotes)))


def passage_html(text: str, quote: Quote, *, shown: bool = False) -> SafeString:
    """Return the words of one quote; a masked stretch that it cuts through stays masked whole."""
    inside = [one for one in tokens(text, shown=shown, quotes=()) if one.start < quote.end and quote.start < one.end]
    return format_html_join("", "{}", ((_veiled_html(token, quote),) for token in inside))


def _veiled_html(token: Token, quote: Quote) -> SafeString:
    if token.is_masked:
        return format_html(
            '<span class="masked"><span aria-hidden="true">{}</span><span class="unseen">{}</span></span>',
            token.shown, _("(mot masqué)"),
        )  # fmt: skip
    cut = slice(max(0, quote.start - token.start), max(0, quote.end - token.start))
    return format_html("{}", token.shown[cut])


def _token_html(token: Token) -> SafeString:
    if token.is_blank:
        return format_html("{}", token.shown)
    kinds = " ".join(
        name for name, holds in (("t", True), ("masked", token.is_masked), ("quoted", token.is_quoted)) if holds
    )
    inside = format_html("{}", token.shown)
    if token.is_masked:
        inside = format_html(
            '<span aria-hidden="true">{}</span><span class="unseen">{}</span>', token.shown, _("(mot masqué)")
        )
    return format_html('<span class="{}" data-s="{}" data-e="{}">{}</span>', kinds, token.start, token.end, inside)
