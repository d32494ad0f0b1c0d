"""The page of a case, put together from what every room has to show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from vigie.casefile.models import (
    DANGER_LABELS,
    ONLINE_LABELS,
    PLATFORM_LABELS,
    SENDING_LABELS,
    STAGE_LABELS,
    Case,
)
from vigie.casefile.queries import access_case, contents_of, journal_of, remember_contents
from vigie.casefile.rules.state import Danger
from vigie.casefile.web.journal_words import journal_lines
from vigie.casefile.web.masking import words_are_asked
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action
from vigie.organisations.web.gate import desk
from vigie.site.panels import panels_of

JOURNAL_SHOWN = 30
JOURNAL_PAGE = 200
CONTENTS_SHOWN = 20


@desk(Action.SEE_CASE)
@require_GET
def case_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Show a case. Looking changes nothing: taking it is a button."""
    case = access_case(request.actor, ref, even_set_aside=True)  # type: ignore[attr-defined]
    contents = [] if case.referral else remember_contents(case)
    entries = list(journal_of(case)[: JOURNAL_SHOWN + 1])
    return render(
        request,
        "site/case.html",
        {
            "section": "queue",
            "case": case,
            "contents": contents[:CONTENTS_SHOWN],
            "contents_more": max(0, len(contents) - CONTENTS_SHOWN),
            "states": states_of(case),
            "danger": DANGER_LABELS[Danger(case.danger)],
            "panels": panels_of(request, case),
            "journal": journal_lines(entries[:JOURNAL_SHOWN]),
            "journal_has_more": len(entries) > JOURNAL_SHOWN,
            "show_words": words_are_asked(request),
            "came_from": request.GET.get("file", ""),
        },
    )


def states_of(case: Case) -> list[tuple[str, str | Promise]]:
    """Return the four things that are true at once, each on its own line."""
    state = case.state()
    return [
        (_("Nous"), STAGE_LABELS[state.stage]),
        (_("Envoi"), SENDING_LABELS[state.sending]),
        (_("Plateforme"), PLATFORM_LABELS[state.platform_says]),
        (_("En ligne"), ONLINE_LABELS[state.online]),
    ]


@desk(Action.SEE_CASE)
@require_GET
def journal_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Show the whole journal of a case, latest first, a page at a time."""
    case = access_case(request.actor, ref, even_set_aside=True)  # type: ignore[attr-defined]
    entries: Any = journal_of(case)
    before = request.GET.get("avant", "")
    if before.isascii() and before.isdigit():
        entries = entries.filter(seq__lt=int(before))
    rows = list(entries[: JOURNAL_PAGE + 1])
    older = rows[JOURNAL_PAGE - 1].seq if len(rows) > JOURNAL_PAGE else None
    return render(
        request,
        "site/journal.html",
        {"section": "queue", "case": case, "journal": journal_lines(rows[:JOURNAL_PAGE]), "older": older},
    )


@desk(Action.SEE_CASE)
@require_GET
def way_out(request: HttpRequest, ref: str, content_id: int) -> HttpResponse:
    """Warn before the content is opened where it stands: the platform will see the visitor."""
    case = access_case(request.actor, ref)  # type: ignore[attr-defined]
    content = next((content for content in contents_of(case) if content.pk == content_id), None)
    # What may be child abuse is never opened from here, by anybody.
    if content is None or content.never_fetch or not content.url.startswith(("http://", "https://")):
        raise NotFound(N_("Ce contenu ne s’ouvre pas d’ici."))
    return render(request, "site/way_out.html", {"section": "queue", "case": case, "content": content})
