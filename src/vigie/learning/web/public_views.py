"""The published list: a page, two files, their signatures and the key. Nobody signs in, nothing is remembered."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.learning.models import KIND_LABELS, SOURCE_LABELS, TARGET_LABELS
from vigie.learning.publication import PublicList, public_key_pem, public_list, signature_of
from vigie.learning.rules.publication import Changed

FORMATS = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
CHANGED_LABELS = {
    Changed.ADDED: gettext_lazy("ajouté"),
    Changed.CHANGED: gettext_lazy("modifié"),
    Changed.REMOVED: gettext_lazy("retiré"),
}


def _since(request: HttpRequest) -> date | None:
    given = request.GET.get("depuis", "")
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UnusableInput(N_("« depuis » est une date comme 2026-11-26.")) from None


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Show what of the lexicon is public, or what changed since a day."""
    since = _since(request)
    found = public_list(since=since)
    rows = [
        {
            "entry": entry,
            "change": CHANGED_LABELS[entry.change],
            "term": entry.state.term if entry.state else None,
            "target": TARGET_LABELS[entry.state.term.target] if entry.state else "",
            "kind": KIND_LABELS[entry.state.term.kind] if entry.state else "",
            "source": SOURCE_LABELS[entry.state.term.source_status] if entry.state else "",
        }
        for entry in found.entries
    ]
    context = {"list": found, "rows": rows, "since": since, "query": f"?depuis={since.isoformat()}" if since else ""}
    return render(request, "learning/published.html", context)


@require_safe
def published_file(request: HttpRequest, form: str) -> HttpResponse:
    """Give the list as JSON or CSV."""
    return _given(_bytes(public_list(since=_since(request)), form), FORMATS[form], f"lexique.{form}")


@require_safe
def published_signature(request: HttpRequest, form: str) -> HttpResponse:
    """Give the signature of that very file."""
    content = signature_of(_bytes(public_list(since=_since(request)), form))
    return _given(content, "application/octet-stream", f"lexique.{form}.sig")


@require_safe
def published_key(request: HttpRequest) -> HttpResponse:
    return _given(public_key_pem(), "application/x-pem-file", "lexique-cle.pem")


def _bytes(found: PublicList, form: str) -> bytes:
    return found.json() if form == "json" else found.csv()


def _given(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "public, max-age=300"
    return answer
