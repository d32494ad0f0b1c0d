"""Around every answer: safety headers, the language, and refusals turned into pages."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext

from vigie.core.errors import Conflict, NotAllowed, NotFound, Refusal, UnusableInput, VigieError
from vigie.core.words import N_

Answer = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "; ".join([
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "media-src 'self'", "worker-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
    "base-uri 'none'", "manifest-src 'self'",
])  # fmt: skip


class SecurityHeaders:
    """Nothing of a third party, ever: a page loads from here alone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class Language:
    """French first; English when the browser asks for it, or when somebody chose it (`?lang=en`).

    A cookie is set only by that choice.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.LANGUAGES)
        chosen = request.GET.get("lang", "")
        language = chosen if chosen in known else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
        if chosen in known:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
            )  # fmt: skip
        response.headers.setdefault("Content-Language", language)
        return response


class Refusals:
    """A refusal reaches the person as a page with its sentence, and nothing was changed."""

    STATUS = {NotAllowed: 403, NotFound: 404, Conflict: 409, Refusal: 422, UnusableInput: 400}

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # No address of ours holds the character that PostgreSQL refuses. The API says so itself, by its own words.
        odd = "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        if odd and not request.path.startswith("/api/"):
            fault = UnusableInput(N_("Cette adresse n’est pas lisible."))
            return self.process_exception(request, fault)  # type: ignore[return-value]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if not isinstance(fault, Refusal | UnusableInput):
            return None
        status = next(code for kind, code in self.STATUS.items() if isinstance(fault, kind))
        sentence = translated(fault)
        context = {"sentence": sentence, "status": status, "case_ref": self._case_to_return_to(request, status)}
        return render(request, "site/refusal.html", context, status=status)

    @staticmethod
    def _case_to_return_to(request: HttpRequest, status: int) -> str:
        """Return the case the address names, when the person may well see it."""
        found = request.resolver_match
        if found is None or status in {403, 404} or getattr(request, "actor", None) is None:
            return ""
        return str(found.kwargs.get("ref", ""))


def translated(fault: VigieError) -> str:
    """Return the fault's sentence in the reader's language."""
    sentence = gettext(fault.sentence)
    return sentence % fault.values if fault.values else sentence
