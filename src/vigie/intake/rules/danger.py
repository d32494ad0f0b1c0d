"""How soon a case must be looked at, as far as the person who reports said it. Pure.

It orders the queue and nothing else; a moderator sets the danger as they see it.
"""

from __future__ import annotations

from vigie.casefile.rules.state import Danger
from vigie.intake.rules.values import About, ReporterRole


def danger_said(about: str, role: str, is_minor: bool | None) -> Danger:
    """Return HIGH (the same day) for threats, terrorism and children who are targeted; STANDARD otherwise.

    Source: urgency levels of the legal catalogue («high: same day»); procedure, referral of minors.
    """
    is_targeted_child = bool(is_minor) and role == ReporterRole.VICTIM
    is_grave = about in {About.THREAT, About.TERRORISM}
    return Danger.HIGH if is_grave or is_targeted_child else Danger.STANDARD
