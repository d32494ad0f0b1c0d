"""Pages that belong to no room."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.organisations.web.gate import SESSION_KEY


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the desk can reach its memory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_POST
def choose_organisation(request: Any) -> HttpResponse:
    """Work under another of one's associations."""
    wanted = request.POST.get("organisation", "")
    chosen = next((one for one in request.organisations if one.slug == wanted), None)
    if chosen is None:
        raise NotFound(N_("Cette association n’existe pas."))
    request.session[SESSION_KEY] = chosen.pk
    return redirect("/bureau/")


def no_such_page(request: HttpRequest) -> HttpResponse:
    """Close an address that a library would open."""
    raise NotFound(N_("Cette page n’existe pas."))
