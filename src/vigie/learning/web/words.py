"""The words of this room on screen: shares with their doubt, passages with care."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vigie.casefile.rules.masking import Stretch
from vigie.casefile.web.masking import masked_html
from vigie.core.words import N_
from vigie.learning.rules.arithmetic import Change, Precision

MISSING = N_("n.d.")
AROUND = 70


def percent(value: float | None) -> str:
    """Return a share as a whole percentage; «n.d.» when it cannot be given."""
    return _(MISSING) if value is None else _("%(share)s %%") % {"share": number_format(round(100 * value))}


def interval(one: Precision | Change) -> str:
    if one.low is None or one.high is None:
        return _(MISSING)
    return _("%(low)s à %(high)s %%") % {"low": round(100 * one.low), "high": round(100 * one.high)}


def upheld_sentence(one: Precision) -> str:
    """Return a share of decisions as a sentence that says how sure it is."""
    if one.value is None:
        return _("n.d. : %(whole)s décidés seulement, c’est trop peu pour une part") % {"whole": one.whole}
    return _("%(part)s retenus sur %(whole)s décidés, soit %(share)s (entre %(interval)s, à 95 %%)") % {
        "part": number_format(one.part), "whole": number_format(one.whole), "share": percent(one.value),
        "interval": interval(one),
    }  # fmt: skip


def passage(text: str, start: int, end: int, *, hidden: bool, shown: bool) -> SafeString:
    """Return the words around a place of a text, the place marked.

    Args:
        hidden: the place itself is not to be met unasked.
        shown: the reader asked for the words.
    """
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    while 0 < first < start and not text[first - 1].isspace():
        first += 1
    while end < last < len(text) and not text[last].isspace():
        last -= 1
    cut = text[first:last]
    place = Stretch(start - first, end - first)
    body = masked_html(cut, shown=shown, quotes=[place], also=[place] if hidden else [])
    return format_html("{}{}{}", "… " if first else "", body, " …" if last < len(text) else "")


def masked_word(word: str, *, hidden: bool, shown: bool) -> SafeString:
    """Return one word for a list: a slur by its first letter until somebody asks."""
    return masked_html(word, shown=shown, also=[Stretch(0, len(word))] if hidden else [])
