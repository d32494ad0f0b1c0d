"""What the page of a case shows of its notices: where they stand, and the next step."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from vigie.casefile.models import DANGER_LABELS, Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.rules.state import Danger, Stage
from vigie.notice import queries
from vigie.notice.models import CHANNEL_LABELS, STATE_LABELS, NoticeChannel
from vigie.notice.recipients import platform_of
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.qualification.queries import standing_readings


def panel(request: HttpRequest, case: Case) -> Panel | None:
    """Return the card of notices; before the legal reading, only what was told to PHAROS or cannot wait for it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    known = queries.notices_of_case(actor, case)
    readings = standing_readings(case) if case.stage == Stage.QUALIFIED else {}
    qualified = bool(readings)
    is_urgent = queries.pharos_before_the_reading(case)
    if not known and not qualified and not is_urgent:
        return None
    to_platforms = [notice for notice in known if notice.channel != NoticeChannel.PHAROS]
    context = {
        "rows": [
            {
                "notice": notice,
                "state": STATE_LABELS[notice.state],
                "channel": CHANNEL_LABELS[NoticeChannel(notice.channel)],
                "name": "PHAROS" if notice.channel == NoticeChannel.PHAROS else platform_of(notice.platform).name,
            }
            for notice in known
        ],
        "may_draft": may(actor, Action.DRAFT_NOTICE, case.organisation_id) and case.holder_id == actor.member_id,
        "to_write": qualified and not to_platforms,
        "being_written": next((notice for notice in to_platforms if notice.is_being_written), None),
        "pharos_first": queries.goes_there_first(readings.values()),
        "urgent": DANGER_LABELS[Danger(case.danger)] if is_urgent else "",
        "is_imminent": case.danger == Danger.IMMINENT,
        "pharos_filed": any(notice.channel == NoticeChannel.PHAROS for notice in known),
    }
    title = _("Notification") if qualified or to_platforms else "PHAROS"
    return Panel(Slot.ACT, title, "notice/panel.html", context, order=40)
