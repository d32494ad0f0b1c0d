"""What the page of a case shows of its notices: where they stand, and the next step."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from vigie.casefile.models import Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.rules.state import Stage
from vigie.notice import queries
from vigie.notice.models import CHANNEL_LABELS, STATE_LABELS, NoticeChannel
from vigie.notice.recipients import platform_of
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.qualification.queries import standing_readings


def panel(request: HttpRequest, case: Case) -> Panel | None:
    """Return the card of notices; none before the legal reading."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    known = queries.notices_of_case(actor, case)
    readings = standing_readings(case) if case.stage == Stage.QUALIFIED else {}
    qualified = bool(readings)
    if not known and not qualified:
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
        "pharos_filed": any(notice.channel == NoticeChannel.PHAROS for notice in known),
    }
    return Panel(Slot.ACT, _("Notification"), "notice/panel.html", context, order=40)
