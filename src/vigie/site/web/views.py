"""Pages that belong to no room."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.organisations.models import Membership
from vigie.organisations.web.gate import SESSION_KEY


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the desk can reach its memory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_POST
def choose_organisation(request: HttpRequest) -> HttpResponse:
    """Work under another of one's associations."""
    if not request.user.is_authenticated:
        raise NotFound(N_("Cette page n’existe pas."))
    wanted = request.POST.get("organisation", "")
    mine = Membership.objects.filter(member_id=request.user.pk, is_active=True, organisation__slug=wanted).first()
    if mine is None:
        raise NotFound(N_("Cette association n’existe pas."))
    request.session[SESSION_KEY] = mine.organisation_id
    return redirect("/bureau/")


def no_such_page(request: HttpRequest) -> HttpResponse:
    """Close an address that a library would open."""
    raise NotFound(N_("Cette page n’existe pas."))
