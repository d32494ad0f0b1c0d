"""What evidence shows on the page of a case: the captures of its contents, and the files that came with its reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from vigie.casefile.models import Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.queries import contents_of
from vigie.core.errors import NotFound
from vigie.evidence import media, queries
from vigie.evidence.models import STATE_LABELS, Capture
from vigie.evidence.rules.around import MediumKind, Post
from vigie.evidence.rules.lease import State
from vigie.evidence.rules.reasons import ESSENTIAL, Missing
from vigie.organisations.rules.policy import Action, Actor, may

AROUND_SHOWN = 5  # contents of a case whose surroundings are read for its page
MEDIUM_WORDS = {
    MediumKind.PICTURE: gettext_lazy("Image"),
    MediumKind.POSTER: gettext_lazy("Image de présentation d’une vidéo"),
    MediumKind.VIDEO: gettext_lazy("Vidéo"),
    MediumKind.SOUND: gettext_lazy("Son"),
}


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
    found = [around_panel(request, case), captures_panel(request, case), pictures_panel(case)]
    return [panel for panel in found if panel is not None]


def captures_panel(request: HttpRequest, case: Case) -> Panel | None:
    """Return the captures of the case's contents; None when none of these may be fetched."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    contents = [content for content in contents_of(case) if not content.never_fetch]
    if not contents:
        return None
    captures, are_all = queries.latest_captures(case)
    busy = {capture.content_id for capture in captures if capture.state in {State.WAITING, State.RUNNING}}
    may_ask = may(actor, Action.CAPTURE, case.organisation_id)
    pictured = next((one.pk for one in captures if one.bundle_sha256 and one.has_screenshot), None)
    context = {
        "pictured": pictured,  # the newest one that has a picture; not in the page before it is asked for
        "picture_asked": request.GET.get("image") == "voilee",
        "captures": [shown(capture) for capture in captures],
        "has_more": not are_all,
        "is_under_way": bool(busy),
        "has_several": len(contents) > 1,
        "to_ask": [
            content
            for content in contents
            if may_ask and content.pk not in busy and content.url.startswith(("http://", "https://"))
        ],
    }
    return Panel(Slot.CONTENT, _("Preuves"), "evidence/captures.html", context, order=20)


def around_panel(request: HttpRequest, case: Case) -> Panel | None:
    """Return what the captured pages show around the contents; it comes after the page, unless it was asked for.

    Reading a bundle takes longer than the rest of the page.
    """
    captures = queries.latest_of_each(case, at_most=AROUND_SHOWN)
    if not captures:
        return None
    is_asked = request.GET.get("autour") == "1" or media_are_asked(request)
    numbers = {content.pk: number for number, content in enumerate(contents_of(case), 1)}
    entries = [
        (numbers[capture.content_id], capture, around_of(request, capture) if is_asked else None)
        for capture in captures
    ]
    context = {
        "entries": entries,
        "has_several": len(numbers) > 1,
        "more": max(0, len(numbers) - AROUND_SHOWN),
        "media_asked": media_are_asked(request),
    }
    return Panel(Slot.CONTENT, _("Autour de la publication"), "evidence/around_panel.html", context, order=10)


def media_are_asked(request: HttpRequest) -> bool:
    """Say whether the reader asked for the pictures of the contents, grey and blurred."""
    return request.GET.get("medias") == "voiles"


def around_of(request: HttpRequest, capture: Capture) -> dict[str, Any]:
    """Return what one captured page shows around its content, in the reader's words."""
    try:
        seen = media.seen_around(capture)
    except NotFound as why:
        return {"why": _(why.sentence)}
    return {
        "around": seen.around,
        "before": [_post(post) for post in seen.around.before],
        "after": [_post(post) for post in seen.around.after],
        "media": [(MEDIUM_WORDS[one.kind], one) for one in seen.media],
        "has_pictures": any(one.is_kept and one.is_picture for one in seen.media),
    }


def _post(post: Post) -> tuple[Post, datetime | None]:
    """Return a post with the moment it says it was published, when it says so readably."""
    try:
        moment = datetime.fromisoformat(post.at.strip())
    except ValueError:
        return post, None
    return post, moment if moment.tzinfo else None


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
