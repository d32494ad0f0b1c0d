"""The API: each room's routes behind one door, `/api/v1/`, described by `/api/v1/openapi.json`.

A room that offers something to programs has a module with a `router`; it is named in ROUTERS and nowhere else.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from vigie import __version__
from vigie.core.errors import Conflict, NotAllowed, NotFound, UnusableInput, VigieError
from vigie.organisations.web.api import TokenAuth
from vigie.site.middleware import translated

ROUTERS = [
    "vigie.casefile.web.api.router",
    "vigie.notice.web.api.router",
    "vigie.intake.doors.api.routes.router",
]
STATUS: list[tuple[type[VigieError], int]] = [
    (NotAllowed, 403), (NotFound, 404), (Conflict, 409), (UnusableInput, 422), (VigieError, 422),
]  # fmt: skip


class BodyTooLarge(Exception):
    """More was sent than the API takes."""


class BoundedParser(Parser):
    """Read the body up to the limit of the API: files come in it, so Django's own limit for forms is too narrow."""

    def parse_body(self, request: HttpRequest) -> Any:
        raw = request.read(settings.VIGIE_API_MAX_BYTES + 1)
        if len(raw) > settings.VIGIE_API_MAX_BYTES:
            raise BodyTooLarge
        return json.loads(raw)


api = NinjaAPI(
    title="Vigie",
    version=__version__,
    description="Report, and read what became of it. A token is made by your administration, under «Réglages».",
    docs_url=None,
    auth=TokenAuth(),
    parser=BoundedParser(),
    urls_namespace="api",
)


def _error(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return api.create_response(request, {"error": sentence}, status=status)


@api.exception_handler(VigieError)
def _refused(request: HttpRequest, fault: VigieError) -> HttpResponse:
    return _error(request, translated(fault), next(code for kind, code in STATUS if isinstance(fault, kind)))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    first = fault.errors[0]
    # «body.body.urls.0» says where in the body; the first steps are the library's own.
    place = ".".join(str(step) for step in first["loc"] if step not in {"body", "query", "header", "asked"})
    return _error(request, _("%(place)s : %(why)s.") % {"place": place or "body", "why": first["msg"]}, 422)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:
    response = _error(request, _("Donnez un jeton valable : « Authorization: Bearer … »."), 401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, fault: HttpError) -> HttpResponse:
    if isinstance(fault.__cause__, BodyTooLarge):  # the library wraps whatever the parser raises
        most = settings.VIGIE_API_MAX_BYTES // (1024 * 1024)
        return _error(request, _("Plus de %(most)s Mo : envoyez moins de fichiers à la fois.") % {"most": most}, 413)
    sentence = _("Le corps de la demande n’est pas du JSON lisible.") if fault.status_code == 400 else str(fault)
    return _error(request, sentence, fault.status_code)


for _name in ROUTERS:
    api.add_router("", import_string(_name))
