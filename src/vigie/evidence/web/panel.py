"""What evidence shows on the page of a case: the captures of its contents, and the files that came with its reports."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vigie.casefile.models import Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.queries import contents_of
from vigie.evidence import queries
from vigie.evidence.models import STATE_LABELS, Capture
from vigie.evidence.rules.lease import State
from vigie.evidence.rules.reasons import ESSENTIAL, Missing
from vigie.organisations.rules.policy import Action, Actor, may

SHOWN = 10


@dataclass(frozen=True)
class Shown:
    """A capture in words."""

    capture: Capture
    state: str | Promise
    is_under_way: bool
    is_kept: bool
    missing: list[tuple[str, str]]  # what, why
    parts_missing: int  # images, scripts… of the page


def panel(request: HttpRequest, case: Case) -> list[Panel]:
    """Return what was kept of the case's contents, and the pictures joined to its reports."""
    found = [captures_panel(request, case), pictures_panel(case)]
    return [panel for panel in found if panel is not None]


def captures_panel(request: HttpRequest, case: Case) -> Panel | None:
    """Return the captures of the case's contents; None when none of these may be fetched."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    contents = [content for content in contents_of(case) if not content.never_fetch]
    if not contents:
        return None
    captures = list(queries.captures_of(case)[: SHOWN + 1])
    busy = {capture.content_id for capture in captures if capture.state in {State.WAITING, State.RUNNING}}
    may_ask = may(actor, Action.CAPTURE, case.organisation_id)
    pictured = next((one.pk for one in captures if one.bundle_sha256 and one.has_screenshot), None)
    context = {
        "pictured": pictured,  # the newest one that has a picture; not in the page before it is asked for
        "picture_asked": request.GET.get("image") == "voilee",
        "captures": [shown(capture) for capture in captures[:SHOWN]],
        "has_more": len(captures) > SHOWN,
        "is_under_way": bool(busy),
        "has_several": len(contents) > 1,
        "to_ask": [
            content
            for content in contents
            if may_ask and content.pk not in busy and content.url.startswith(("http://", "https://"))
        ],
    }
    return Panel(Slot.CONTENT, _("Preuves"), "evidence/captures.html", context, order=20)


def pictures_panel(case: Case) -> Panel | None:
    """Return the pictures that came with the case's reports, by name alone; None without any."""
    pictures = queries.pictures_of(case)
    if not pictures:
        return None
    return Panel(Slot.CONTENT, _("Images jointes"), "evidence/pictures.html", {"pictures": pictures}, order=30)


def shown(capture: Capture) -> Shown:
    """Return a capture in the reader's words."""
    language = get_language() or "fr"
    entries = [Missing.from_json(row) for row in capture.missing]
    known = ESSENTIAL | {"answer", "window"}
    return Shown(
        capture=capture,
        state=STATE_LABELS[State(capture.state)],
        is_under_way=capture.state in {State.WAITING, State.RUNNING},
        is_kept=bool(capture.bundle_sha256),
        missing=[(word_for(e.what), e.reason.sentence(language)) for e in entries if e.what in known],
        parts_missing=sum(1 for e in entries if e.what not in known),
    )


def word_for(what: str) -> str:
    """Return the word for a thing that is missing."""
    words = {
        "page": _("Page"),
        "screenshot": _("Image"),
        "text": _("Texte"),
        "dom": _("HTML"),
        "warc": _("Archive WARC"),
        "timestamp": _("Horodatage"),
        "answer": _("Réponse du site"),
        "window": _("Fenêtre"),
    }
    return words.get(what, what)
