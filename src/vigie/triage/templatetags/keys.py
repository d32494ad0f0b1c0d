"""`{% load keys %}`: what the frame of the desk needs to know about the keyboard."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html

from vigie.triage.queries import has_single_keys

register = template.Library()


@register.simple_tag(takes_context=True)
def single_keys(context: dict[str, Any]) -> str:
    """Return the attribute of <body> that says whether single-key shortcuts are on for this member."""
    actor = context.get("actor")
    on = actor is None or actor.member_id is None or has_single_keys(actor)
    return format_html(' data-single-keys="{}"', "on" if on else "off")
