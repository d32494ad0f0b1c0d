"""Captures and joined files at the desk: asked for, looked at behind a veil, taken home as sealed.

Nothing captured is ever served as a page of ours: pictures are drawn anew, text is escaped and masked, and the rest
leaves as a download.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from vigie.casefile import files
from vigie.casefile.queries import access_case, contents_of
from vigie.casefile.web.masking import words_are_asked
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.evidence import media, queries
from vigie.evidence.actions import ask_capture
from vigie.evidence.captures.page import SCREENSHOT, TEXT
from vigie.evidence.models import Capture
from vigie.evidence.pictures import Veil, drawn
from vigie.evidence.web.panel import MEDIUM_WORDS, around_of, captures_panel, media_are_asked, shown
from vigie.organisations.rules.policy import Action, Actor
from vigie.organisations.web.gate import desk

VEILS = {"voilee": Veil.VEILED, "nette": Veil.CLEAR}
TEXT_SHOWN = 20_000  # characters


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@desk(Action.CAPTURE)
@require_POST
def ask(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask for a capture of one content of the case."""
    actor = actor_of(request)
    case = access_case(actor, ref)
    wanted = request.POST.get("content", "")
    content = next((content for content in contents_of(case) if str(content.pk) == wanted), None)
    if content is None:
        raise NotFound(N_("Ce contenu n’est pas dans ce dossier."))
    ask_capture(actor=actor, case=case, content=content, now=timezone.now())
    messages.success(request, _("La capture est demandée : elle apparaîtra ici dans un instant."))
    return redirect("case", ref=ref)


@desk(Action.SEE_CASE)
@require_GET
def captures_list(request: HttpRequest, ref: str) -> HttpResponse:
    """Show the list of captures anew, for a page that waits for one."""
    case = access_case(actor_of(request), ref)
    panel = captures_panel(request, case)
    return render(request, "evidence/captures.html", {"case": case, "context": panel.context if panel else {}})


@desk(Action.SEE_CASE)
@require_GET
def capture_page(request: HttpRequest, ref: str, capture_id: int) -> HttpResponse:
    """Show what a capture kept. Neither picture nor words are in the page before they are asked for."""
    capture = queries.access_capture(actor_of(request), ref, capture_id)
    text = _text(capture)
    context: dict[str, Any] = {
        "section": "queue",
        "ref": ref,
        "shown": shown(capture),
        "capture": capture,
        "veil": _asked_veil(request),
        "text": text[:TEXT_SHOWN],
        "text_is_cut": len(text) > TEXT_SHOWN,
        "show_words": words_are_asked(request),
        "case": {"ref": ref},
        "seen": around_of(request, capture) if capture.bundle_sha256 else None,
        "media_asked": media_are_asked(request),
    }
    return render(request, "evidence/capture.html", context)


def _text(capture: Capture) -> str:
    lacks = {entry["what"] for entry in capture.missing}
    if not capture.bundle_sha256 or "text" in lacks:
        return ""
    return queries.member_of_bundle(capture, f"evidence/{TEXT}").decode(errors="replace")


def _asked_veil(request: HttpRequest) -> str:
    asked = request.GET.get("image", "")
    return asked if asked in VEILS else ""


def _veil(name: str) -> Veil:
    if name not in VEILS:
        raise NotFound(N_("Cette image n’existe pas."))
    return VEILS[name]


@desk(Action.SEE_CASE)
@require_GET
def capture_image(request: HttpRequest, ref: str, capture_id: int, veil: str) -> HttpResponse:
    """Serve the picture of the page, drawn anew."""
    capture = queries.access_capture(actor_of(request), ref, capture_id)
    return _picture(queries.member_of_bundle(capture, f"evidence/{SCREENSHOT}"), _veil(veil))


@desk(Action.SEE_CASE)
@require_GET
def bundle(request: HttpRequest, ref: str, capture_id: int) -> HttpResponse:
    """Give the sealed bundle, as it is."""
    capture = queries.access_capture(actor_of(request), ref, capture_id)
    if not capture.bundle_sha256:
        raise NotFound(N_("Cette capture n’a rien gardé."))
    return _download(files.read(capture.bundle_sha256), f"{ref}-capture-{capture.pk}.wacz")


@desk(Action.SEE_CASE)
@require_GET
def around(request: HttpRequest, ref: str, capture_id: int) -> HttpResponse:
    """Show what the captured page holds around its content: for the page of the case, which is there before."""
    capture = queries.access_capture(actor_of(request), ref, capture_id)
    context = {
        "case": {"ref": ref},
        "capture": capture,
        "seen": around_of(request, capture),
        "media_asked": media_are_asked(request),
        "show_words": words_are_asked(request),
        "came_from": request.GET.get("file", ""),
    }
    return render(request, "evidence/around.html", context)


@desk(Action.SEE_CASE)
@require_GET
def medium_page(request: HttpRequest, ref: str, capture_id: int, medium: str) -> HttpResponse:
    """Show a picture, a video or a sound of a content; nothing of it is in the page before it is asked for."""
    capture = queries.access_capture(actor_of(request), ref, capture_id)
    found = media.medium_of(capture, medium)
    context = {
        "section": "queue",
        "ref": ref,
        "capture": capture,
        "medium": found,
        "word": MEDIUM_WORDS[found.kind],
        "veil": _asked_veil(request) if found.is_picture and found.is_kept else "",
        "is_played": found.is_played and request.GET.get("lire") in {"1", "net"},
        "is_veiled": request.GET.get("lire") != "net",
        "show_words": words_are_asked(request),
    }
    return render(request, "evidence/medium.html", context)


@desk(Action.SEE_CASE)
@require_GET
def medium_image(request: HttpRequest, ref: str, capture_id: int, medium: str, veil: str) -> HttpResponse:
    """Serve a picture of the content, drawn anew from what the capture kept."""
    capture = queries.access_capture(actor_of(request), ref, capture_id)
    found = media.medium_of(capture, medium)
    if not found.is_picture:
        raise NotFound(N_("Cette image n’existe pas."))
    return _picture(media.bytes_of(capture, found), _veil(veil))


@desk(Action.SEE_CASE)
@require_GET
def medium_file(request: HttpRequest, ref: str, capture_id: int, medium: str) -> HttpResponse:
    """Serve a video or a sound as the site sent it, for the player of the page, when its bytes say what they are."""
    capture = queries.access_capture(actor_of(request), ref, capture_id)
    found = media.medium_of(capture, medium)
    if not found.is_played:
        raise NotFound(N_("Ce média ne se lit pas d’ici."))
    return _guarded(HttpResponse(media.bytes_of(capture, found), content_type=found.media_type), "inline")


@desk(Action.SEE_CASE)
@require_GET
def attachment_page(request: HttpRequest, ref: str, attachment_id: int) -> HttpResponse:
    """Show a picture that came with a report; not before it is asked for."""
    attachment = queries.access_picture(actor_of(request), ref, attachment_id)
    context = {
        "section": "queue",
        "ref": ref,
        "attachment": attachment,
        "veil": _asked_veil(request),
    }
    return render(request, "evidence/attachment.html", context)


@desk(Action.SEE_CASE)
@require_GET
def attachment_image(request: HttpRequest, ref: str, attachment_id: int, veil: str) -> HttpResponse:
    """Serve a joined picture, drawn anew."""
    attachment = queries.access_picture(actor_of(request), ref, attachment_id)
    return _picture(files.read(attachment.sha256), _veil(veil))


def _picture(original: bytes, veil: Veil) -> HttpResponse:
    return _guarded(HttpResponse(drawn(original, veil), content_type="image/jpeg"), "inline")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    return _guarded(response, f'attachment; filename="{name}"')


def _guarded(response: HttpResponse, disposition: str) -> HttpResponse:
    """Whatever the bytes are, a browser neither guesses their kind nor runs anything in them."""
    response.headers["Content-Disposition"] = disposition
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response
