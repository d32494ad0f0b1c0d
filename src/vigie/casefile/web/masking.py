"""Text of contents as it is shown: slurs masked on the server, so that the page never holds them unasked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vigie.casefile.rules.masking import Piece, Span, Stretch, excerpt, pieces
from vigie.detection.detectors import words_to_mask

SHOW_WORDS = "mots"  # ?mots=1: the reader asked for the words


@dataclass(frozen=True)
class OwnWords:
    """What an association masks besides the delivered slurs. `version` names its words: what was found is remembered by it."""

    version: str
    find: Callable[[str], Iterable[tuple[int, int]]]


_own_words: ContextVar[Callable[[], OwnWords | None] | None] = ContextVar("own_words", default=None)


@contextmanager
def masking_also(words: Callable[[], OwnWords | None]) -> Iterator[None]:
    """Mask, while a page is drawn, what its association masks too; asked when the first text is shown."""
    token = _own_words.set(words)
    try:
        yield
    finally:
        _own_words.reset(token)


def spans_to_mask(text: str) -> tuple[Stretch, ...]:
    """Return where the words stand that nobody should meet unasked; remembered, for lists show the same texts again."""
    ask = _own_words.get()
    own = ask() if ask else None
    return _delivered(text) if own is None else (*_delivered(text), *_own(text, own.version, own))


@lru_cache(maxsize=4096)
def _delivered(text: str) -> tuple[Stretch, ...]:
    return tuple(Stretch(start, end) for start, end in words_to_mask(text))


_remembered: OrderedDict[tuple[str, str], tuple[Stretch, ...]] = OrderedDict()
_REMEMBERED_MOST = 4096


def _own(text: str, version: str, own: OwnWords) -> tuple[Stretch, ...]:
    key = (version, text)
    found = _remembered.get(key)
    if found is None:
        found = _remembered[key] = tuple(Stretch(start, end) for start, end in own.find(text))
        while len(_remembered) > _REMEMBERED_MOST:
            with suppress(KeyError):  # another thread was faster
                _remembered.popitem(last=False)
    return found


def words_are_asked(request: HttpRequest) -> bool:
    """Say whether the reader asked for this page with its words."""
    return request.GET.get(SHOW_WORDS) == "1"


def hides_words(text: str) -> bool:
    """Say whether there is anything in the text that a page masks unless it is asked for."""
    return bool(spans_to_mask(text))


def masked_html(
    text: str, *, shown: bool = False, quotes: Iterable[Span] = (), also: Iterable[Span] = ()
) -> SafeString:
    """Return the text for a page.

    Args:
        shown: the reader asked for the words; otherwise they are not in the page at all.
        quotes: stretches to highlight.
        also: stretches to mask besides the words that are always masked.
    """
    cut = pieces(text, masked=() if shown else (*spans_to_mask(text), *also), quoted=quotes)
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
