"""`{% load contents %}`: what a content is, in words."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language_info

from vigie.casefile.models import CONTENT_KIND_LABELS
from vigie.platforms.registry import registry

register = template.Library()


@register.filter
def platform_name(slug: str) -> str:
    """Return what people call a platform; its slug when nobody described it."""
    return registry()[slug].name if slug in registry() else slug


@register.filter
def kind_name(kind: str) -> str:
    """Return what people call a kind of content."""
    return str(CONTENT_KIND_LABELS.get(kind, kind))


@register.filter
def language_name(code: str) -> str:
    """Return a language's name in the reader's language; its code when it is not known here."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
