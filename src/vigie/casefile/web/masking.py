"""Text of contents as it is shown: slurs masked on the server, so that the page never holds them unasked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vigie.casefile.rules.masking import Piece, Span, Stretch, excerpt, pieces
from vigie.detection.detectors import words_to_mask

SHOW_WORDS = "mots"  # ?mots=1: the reader asked for the words


@lru_cache(maxsize=4096)
def spans_to_mask(text: str) -> tuple[Stretch, ...]:
    """Return where the words stand that nobody should meet unasked; remembered, for lists show the same texts again."""
    return tuple(Stretch(start, end) for start, end in words_to_mask(text))


def words_are_asked(request: HttpRequest) -> bool:
    """Say whether the reader asked for this page with its words."""
    return request.GET.get(SHOW_WORDS) == "1"


def hides_words(text: str) -> bool:
    """Say whether there is anything in the text that a page masks unless it is asked for."""
    return bool(spans_to_mask(text))


def masked_html(text: str, *, shown: bool = False, quotes: Iterable[Span] = ()) -> SafeString:
    """Return the text for a page.

    Args:
        shown: the reader asked for the words; otherwise they are not in the page at all.
        quotes: stretches to highlight.
    """
    cut = pieces(text, masked=() if shown else spans_to_mask(text), quoted=quotes)
    return format_html_join("", "{}", ((_piece_html(piece),) for piece in cut))


def masked_excerpt(text: str, *, most: int = 140) -> SafeString:
    """Return the beginning of a text for a list, always masked."""
    return masked_html(excerpt(text, most=most))


def _piece_html(piece: Piece) -> SafeString:
    if piece.masked:
        body = format_html(
            '<span class="masked"><span aria-hidden="true">{}</span><span class="unseen">{}</span></span>',
            piece.veiled, _("(mot masqué)"),
        )  # fmt: skip
    else:
        body = format_html("{}", piece.text)
    return format_html("<mark>{}</mark>", body) if piece.quoted else body
