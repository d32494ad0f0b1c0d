"""What a panel hands to its fragment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from vigie.casefile.panels import Panel

register = template.Library()


@register.simple_tag
def context_of(panel: Panel) -> Mapping[str, Any]:
    """Return the panel's context, to be kept `as context`: `{% include … with context=… %}` cannot use that name."""
    return panel.context
