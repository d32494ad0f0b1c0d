"""`{% load masking %}`: show text of contents with care.

{% masked content.text shown=show_words quotes=reading.quotes %}
{% masked_excerpt content.text %}
{% if content.url|hides_words and not show_words %}…{% endif %}
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from vigie.casefile.rules.masking import Span
from vigie.casefile.web import masking

register = template.Library()


@register.simple_tag
def masked(text: str, shown: bool = False, quotes: Iterable[Span] | None = None) -> SafeString:
    return masking.masked_html(text or "", shown=shown, quotes=quotes or ())


@register.filter
def hides_words(text: str) -> bool:
    return masking.hides_words(text or "")


@register.simple_tag
def masked_excerpt(text: str, most: int = 140) -> SafeString:
    return masking.masked_excerpt(text or "", most=most)
