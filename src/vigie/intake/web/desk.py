"""This room's part of the desk: answering, opening an identity, files, referrals, and the tray of held reports."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.casefile import files
from vigie.casefile.queries import access_case
from vigie.core.errors import Refusal
from vigie.core.words import N_
from vigie.intake import queries
from vigie.intake.actions import answer_reporter, lift_referral, open_identity, settle_held, settle_referral
from vigie.intake.web.forms import MessageForm, OpenIdentityForm, ReferralForm
from vigie.intake.web.words import PURPOSE_LABELS
from vigie.organisations.rules.policy import Action, Actor
from vigie.organisations.web.gate import desk

TRAY_SHOWN = 100


class Incomplete(Refusal):
    """A form of the desk that says nothing."""


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@desk(Action.CORRESPOND)
@require_POST
def answer(request: HttpRequest, ref: str) -> HttpResponse:
    """Write to the people who reported a case."""
    case = access_case(_actor(request), ref)
    form = MessageForm(request.POST)
    if not form.is_valid():
        raise Incomplete(N_("Écrivez un message."))
    answer_reporter(actor=_actor(request), case=case, now=timezone.now(), **form.cleaned_data)
    messages.success(request, _("Votre message attend sur la page de suivi."))
    return redirect("case", ref=ref)


@desk(Action.OPEN_IDENTITY)
@require_POST
def identity(request: HttpRequest, ref: str, report_id: int) -> HttpResponse:
    """Show who reported, once: looking again is opening again."""
    actor = _actor(request)
    case = access_case(actor, ref)
    report = queries.access_report(actor, case, report_id)
    form = OpenIdentityForm(request.POST)
    if not form.is_valid():
        raise Incomplete(N_("Dites pourquoi vous ouvrez cette identité."))
    purpose = form.cleaned_data["purpose"]
    contact = open_identity(actor, report, purpose, now=timezone.now(), case=case)
    context = {"section": "queue", "case": case, "contact": contact, "purpose": PURPOSE_LABELS[purpose]}
    return render(request, "intake/identity.html", context)


@desk(Action.SEE_CASE)
@require_GET
def attachment(request: HttpRequest, ref: str, attachment_id: int) -> HttpResponse:
    """Hand over a file as it came, to be saved and not shown: it is a stranger's."""
    actor = _actor(request)
    found = queries.access_attachment(actor, access_case(actor, ref), attachment_id)
    name = quote(found.name.replace("\n", " "))
    return HttpResponse(
        files.read(found.sha256),
        content_type=found.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@desk(Action.TRIAGE_CASE)
@require_POST
def refer(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm, and note to which authority the address was given; or, for a lead, say that this is not child abuse."""
    actor = _actor(request)
    case = access_case(actor, ref, even_set_aside=True)
    if "lift" in request.POST:
        lift_referral(actor=actor, case=case, now=timezone.now())
        messages.success(request, _("Ce contenu n’est plus mis de côté : tout est de nouveau là."))
        return redirect("case", ref=ref)
    form = ReferralForm(request.POST)
    if not form.is_valid():
        raise Incomplete(N_("Dites à qui l’adresse a été transmise."))
    settle_referral(actor=actor, case=case, now=timezone.now(), **form.cleaned_data)
    messages.success(request, _("C’est noté. L’adresse et tout ce qui en avait été gardé sont effacés."))
    return redirect("case", ref=ref)


@desk(Action.TRIAGE_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def tray(request: HttpRequest) -> HttpResponse:
    """Show the reports that wait for a person: held back in a flood, or that could not be sorted."""
    actor = _actor(request)
    if request.method == "POST":
        chosen = [
            int(key)
            for key in request.POST.getlist("shown" if "all" in request.POST else "report")
            if key.isascii() and key.isdigit()
        ]
        are_reports = "file" in request.POST
        number = settle_held(actor=actor, reports=chosen, are_reports=are_reports, now=timezone.now())
        messages.success(request, _settled(number, are_reports))
        return redirect("held-reports")
    held = queries.held_reports(actor)
    context = {
        "section": "queue",
        "held": held[:TRAY_SHOWN],
        "held_count": held.count(),
        "stumbling": queries.stumbling_reports(actor, timezone.now())[:TRAY_SHOWN],
    }
    return render(request, "intake/tray.html", context)


def _settled(number: int, are_reports: bool) -> str:
    values = {"number": number}
    if are_reports:
        return (
            ngettext("%(number)s signalement rejoint la file.", "%(number)s signalements rejoignent la file.", number)
            % values
        )
    return ngettext("%(number)s signalement écarté.", "%(number)s signalements écartés.", number) % values
