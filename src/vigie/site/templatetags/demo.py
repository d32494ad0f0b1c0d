"""The members of the demonstration and their codes of the moment, for its log-in pages only."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from vigie.site.demo.cast import PLAYERS, totp_code

register = template.Library()


@register.simple_tag
def demo_players() -> list[dict[str, str]]:
    """Return nothing at all outside the demonstration."""
    if not settings.VIGIE_DEMO:
        return []
    return [
        {"email": player.email, "what": _(player.what), "code": totp_code(player.totp_secret)} for player in PLAYERS
    ]
