"""`{% load refusals %}{% sentence fault %}`: a refusal in the reader's language."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext

from vigie.core.errors import VigieError

register = template.Library()


@register.simple_tag
def sentence(fault: VigieError) -> str:
    translated = gettext(fault.sentence)
    return translated % fault.values if fault.values else translated
