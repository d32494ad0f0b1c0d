"""What the page of a case shows of its legal reading, and the next step."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vigie.casefile.models import Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.state import Stage
from vigie.casefile.web.masking import words_are_asked
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.qualification import queries
from vigie.qualification.web import showing
from vigie.qualification.web.selectable import passage_html


def panel(request: HttpRequest, case: Case) -> Panel:
    """Return the card of the legal reading."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    language, shown = get_language() or "fr", words_are_asked(request)
    texts = {content.pk: content.text for content in contents_of(case)}
    rows = []
    read = queries.qualifications_of(case)
    for row in read:
        text = texts.get(row.reading.content_id, "")
        rows.append(
            showing.qualification(row, language)
            | {"words": [passage_html(text, quote, shown=shown) for quote in row.reading.words() if text]}
        )
    declined, opinions = queries.decline_of(case), queries.opinions_of(case)
    limitation = queries.earliest_of((row for row in read if row.is_standing), timezone.now())
    is_free = case.holder_id in {None, actor.member_id}
    context = {
        "rows": rows,
        "limitation": showing.limitation_shown(limitation, language),
        "declined": showing.reason(declined.reason(), False, language) | {"row": declined} if declined else None,
        "opinions": opinions,
        "open_opinion": next((one for one in opinions if one.is_open), None),
        "may_qualify": may(actor, Action.QUALIFY, case.organisation_id) and is_free,
        "may_answer": may(actor, Action.GIVE_SECOND_OPINION, case.organisation_id),
        "is_open": case.stage in {Stage.NEW, Stage.TRIAGE},
        "is_settled": case.stage in {Stage.QUALIFIED, Stage.DECLINED},
    }
    return Panel(Slot.ACT, _("Qualification"), "qualification/panel.html", context, order=30)
