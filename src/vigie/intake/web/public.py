"""The public door: the form, the reporter's page, the proof of work. No cookie, no third party, no log-in.

`csrf_exempt` on these pages: there is no session a foreign page could ride on. What a foreign page could
make a visitor send, it could send by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from vigie.core.errors import NotFound, Refusal
from vigie.core.references import spoken_receipt
from vigie.core.words import N_
from vigie.intake import proof, queries
from vigie.intake.actions import add_reporter_message, receive_report, report_of_receipt
from vigie.intake.actions.conversation import ReferredMessage
from vigie.intake.forget import erase_identity
from vigie.intake.models import Report
from vigie.intake.rules.values import Door, ReportState
from vigie.intake.uploads import MAX_BYTES, MAX_FILES
from vigie.intake.web.forms import MessageForm, ReceiptForm, ReportForm
from vigie.intake.web.throttle import TooManyTries, count_failure, refuse_if_too_many
from vigie.intake.web.words import STEP_LABELS
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Actor

MAX_BODY_BYTES = MAX_FILES * MAX_BYTES + 1024 * 1024
NONCE_TO_COME = "a-nonce-comes-here-each-time"  # stands in the page that is drawn once
Page = Callable[..., HttpResponse]


class TooLarge(Refusal):
    """More than a report may bring; nothing of it was read."""


def public_page(view: Page) -> Page:
    """Keep nothing of the page in the visitor's browser, and read no body that is larger than a report can be."""

    @csrf_exempt
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            raise TooLarge(N_("Cet envoi est trop lourd : cinq fichiers au plus, de 10 Mo chacun."))
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return shown


def association_of(slug: str) -> Organisation:
    """Return the association whose public door this is.

    Raises:
        NotFound: there is none of that name that receives reports from the public.
    """
    receiving = Organisation.objects.filter(receives_public_reports=True)
    slug = slug or settings.VIGIE_PUBLIC_ORGANISATION
    found = receiving.filter(slug=slug).first() if slug else receiving.order_by("pk").first()
    if found is None:
        raise NotFound(N_("Aucune association ne reçoit de signalements à cette adresse."))
    return found


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def report_page(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The form; and, after it, the receipt code on the same answer.

    The code appears neither in an address nor in a cookie: loading the page again sends the same form
    again, which is the same report with the same code.
    """
    association = association_of(slug)
    if request.method != "POST":
        return _empty_form_page(request, association)
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, association, form, status=422)
    received = receive_report(
        actor=Actor(name="public", organisation_id=association.pk), door=Door.FORM, now=timezone.now(),
        language=request.LANGUAGE_CODE, proof=proof.checked(request.POST.get("altcha", "")), **form.as_given(),
    )  # fmt: skip
    is_referral = received.report.state in {ReportState.REFERRED, ReportState.PURGED}
    return render(
        request,
        "intake/received.html",
        {
            "association": association,
            "code": spoken_receipt(received.receipt_code or ""),
            "is_referral": is_referral,
            "follow_address": f"{settings.VIGIE_URL}/suivi",
        },
    )


def _empty_form_page(request: HttpRequest, association: Organisation) -> HttpResponse:
    """Draw the empty form; for whoever brings no cookie it is drawn once a minute, and only its nonce is new.

    After an attack thousands open it at the same time. A minute, so that nothing that was forgotten in the key below
    stays wrong for longer.
    """
    nonce = secrets.token_urlsafe(24)
    if request.COOKIES or request.GET:
        return _form_page(request, association, ReportForm(initial={"nonce": nonce}))
    drawn = caches["drawn"]
    shown = [
        association.pk,
        association.name,
        association.legal_name,
        association.notice_email,
        settings.VIGIE_IDENTITY_DAYS,
    ]
    key = hashlib.sha256(repr([shown, request.path, request.LANGUAGE_CODE]).encode()).hexdigest()
    page = drawn.get(key)
    if page is None:
        page = _form_page(request, association, ReportForm(initial={"nonce": NONCE_TO_COME})).content
        drawn.set(key, page)
    return HttpResponse(page.replace(NONCE_TO_COME.encode(), nonce.encode()))


def _form_page(request: HttpRequest, association: Organisation, form: ReportForm, status: int = 200) -> HttpResponse:
    context = {
        "association": association,
        "form": form,
        "nonce": secrets.token_urlsafe(24) if "nonce" in form.errors else form["nonce"].value(),
        "identity_days": settings.VIGIE_IDENTITY_DAYS,
        "had_files": bool(request.FILES),
    }
    return render(request, "intake/report.html", context, status=status)


@require_GET
def challenge(request: HttpRequest) -> JsonResponse:
    """Hand out a proof of work."""
    return JsonResponse(proof.new_challenge(timezone.now()), headers={"Cache-Control": "no-store"})


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def reporter_page(request: HttpRequest) -> HttpResponse:
    """Show the person who reported where it stands, and let them write; the code travels in the form alone."""
    if request.method != "POST":
        return render(request, "intake/receipt.html", {"form": ReceiptForm()})
    form = ReceiptForm(request.POST)
    try:
        refuse_if_too_many(request)
    except TooManyTries as fault:
        form.add_error("code", _(fault.sentence))
        return render(request, "intake/receipt.html", {"form": form}, status=429)
    report = report_of_receipt(form.cleaned_data["code"]) if form.is_valid() else None
    if report is None:
        if form.is_valid():
            count_failure(request)
            form.add_error("code", _("Ce code n’ouvre aucun signalement. Vérifiez les chiffres."))
        return render(request, "intake/receipt.html", {"form": form}, status=422)
    return _answer(request, report, form.cleaned_data["code"])


def _answer(request: HttpRequest, report: Report, code: str) -> HttpResponse:
    actor = Actor(name="public", organisation_id=report.organisation_id)
    message, notice, status = MessageForm(initial={"nonce": secrets.token_urlsafe(24)}), "", 200
    says_child_abuse = False
    if "erase" in request.POST:
        erase_identity(actor, report, timezone.now())
        notice = _("Vos coordonnées sont effacées.")
    elif "text" in request.POST:
        written = MessageForm(request.POST)
        if written.is_valid():
            try:
                add_reporter_message(actor=actor, report=report, now=timezone.now(), **written.cleaned_data)
                notice = _("Votre message est envoyé.")
            except ReferredMessage:
                report.refresh_from_db()
                says_child_abuse = True
        else:
            message, status = written, 422
    return render(
        request,
        "intake/reporter.html",
        {
            "association": report.organisation,
            "report": report,
            "code": code,
            "spoken_code": spoken_receipt(code),
            "told": [(told, STEP_LABELS[told.step]) for told in queries.told(report)],
            "messages_shown": queries.conversation(report),
            "has_identity": queries.has_identity(report),
            "is_referral": says_child_abuse or report.state in {ReportState.REFERRED, ReportState.PURGED},
            "form": message,
            "notice": notice,
        },
        status=status,
    )
