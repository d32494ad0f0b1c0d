"""The pages of the queue."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from vigie.casefile.models import CLOSING_LABELS, DANGER_LABELS, STAGE_LABELS
from vigie.casefile.templatetags.contents import kind_name, platform_name
from vigie.core.errors import Refusal
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.organisations.web.gate import desk
from vigie.platforms.registry import registry
from vigie.triage import actions, contents, queries
from vigie.triage.models import DOOR_LABELS, HELD_LABELS, KIND_LABELS
from vigie.triage.rules.filters import Filter
from vigie.triage.rules.moves import HeldByAnother, Kind, Move
from vigie.triage.web.forms import carried_filter, read_kind, read_move
from vigie.triage.web.keys import groups, row_keys

LIMITATION_CHOICES = (7, 30, 90)
ADDRESS_CHARACTERS = 10_000
IN_BULK = (Kind.CLAIM, Kind.RELEASE, Kind.SET_DANGER, Kind.TOGETHER, Kind.CLOSE, Kind.ASSIGN)


def queue_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the queue through the filter of the address; an address or a reference typed in leads to its case."""
    now = timezone.now()
    wanted = Filter.read(request.GET.dict())  # type: ignore[arg-type]
    context: dict[str, Any] = {
        "section": "queue",
        "filter": wanted,
        "filter_query": wanted.query(),
        "filter_choices": _filter_choices(wanted),
        "filter_names": _filter_names(),
        "row_keys": row_keys(),
        "saved": queries.saved_filters(actor),
        "undoable": queries.undoable(actor, now=now),
        "bulk_kinds": _bulk_kinds(actor),
        "today": timezone.localdate(now),
    }
    if wanted.search:
        found = queries.found(actor, wanted.search)
        if len(found) == 1:
            return redirect("case", found[0].case.ref)
        context |= {"items": found, "searched": wanted.search}
    else:
        page = queries.queue(actor, wanted, today=context["today"], after=request.GET.get("apres", ""))
        context |= {"page": page, "items": page.items, "is_first": "apres" not in request.GET}
    return render(request, "triage/queue.html", context)


@desk(Action.CLAIM_CASE)
@require_POST
def open_case(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a case and show it. Opened by a button, so that nothing which fetches links ahead can take a case."""
    try:
        actions.open_for_work(actor=_actor(request), ref=ref, now=timezone.now())
    except HeldByAnother as held:
        messages.warning(request, _said(held))  # taken while the list was on the screen: it can still be read
    return _to_case(ref, request)


@desk(Action.CLAIM_CASE)
@require_POST
def next_case(request: HttpRequest) -> HttpResponse:
    """Take the next free case of the filter and show it; back to the queue when there is none."""
    wanted, query = carried_filter(request)
    case = actions.next_case(actor=_actor(request), wanted=wanted, now=timezone.now())
    if case is None:
        messages.info(request, _("Plus aucun dossier libre avec ce filtre."))
        return redirect(_queue_address(query))
    return _to_case(case.ref, request)


@desk(Action.SEE_CASE)
@require_POST
def move_case(request: HttpRequest, ref: str, move: str) -> HttpResponse:
    """Do one move to one case; the role each move needs is asked by the action."""
    kind = read_kind(move)
    actions.move_case(actor=_actor(request), ref=ref, move=read_move(request.POST, kind), now=timezone.now())
    messages.success(request, _done_sentence(kind))
    if kind in {Kind.RELEASE, Kind.CLOSE}:
        return redirect(_queue_address(carried_filter(request)[1]))
    return _to_case(ref, request)


@desk(Action.SEE_CASE)
@require_POST
def review_bulk(request: HttpRequest) -> HttpResponse:
    """Say what a bulk action would change, and what it would not and why; nothing is changed yet."""
    actor = _actor(request)
    kind = read_kind(request.POST.get("action", ""))
    if not request.POST.getlist("ref"):
        messages.warning(request, _("Choisissez d’abord des dossiers : cochez-les, ou touche x sur chacun."))
        return redirect(_queue_address(carried_filter(request)[1]))
    planned = actions.plan_bulk(actor=actor, refs=request.POST.getlist("ref"), move=Move(kind))
    changing = [plan.case for plan in planned if plan.refusal is None]
    return render(
        request,
        "triage/bulk.html",
        {
            "section": "queue",
            "kind": kind.value,
            "label": KIND_LABELS[kind],
            "changing": queries.items_of(actor, changing),
            "is_too_few": kind is Kind.TOGETHER and len(changing) < 2,
            "stays": queries.stays_of(actor, changing) if kind is Kind.TOGETHER else "",
            "refused": [(plan.case, _said(plan.refusal)) for plan in planned if plan.refusal is not None],
            "dangers": _labelled(DANGER_LABELS),
            "closing_reasons": _labelled(CLOSING_LABELS),
            "holders": queries.holders(actor) if kind is Kind.ASSIGN else [],
            "came_from": carried_filter(request)[1],
        },
    )


@desk(Action.SEE_CASE)
@require_POST
def apply_bulk(request: HttpRequest) -> HttpResponse:
    """Do the bulk action that was reviewed."""
    kind = read_kind(request.POST.get("action", ""))
    outcome = actions.apply_bulk(
        actor=_actor(request), refs=request.POST.getlist("ref"), move=read_move(request.POST, kind), now=timezone.now()
    )
    if outcome.refused:
        messages.warning(request, _refused_sentence(len(outcome.refused)))
    if kind is Kind.TOGETHER:
        return _to_case(request.POST["dans"], request)
    return redirect(_queue_address(carried_filter(request)[1]))


@desk(Action.TRIAGE_CASE)
@require_POST
def add_content(request: HttpRequest, ref: str) -> HttpResponse:
    """Put one more content into a case, by its address."""
    typed = request.POST.get("adresse", "")[:ADDRESS_CHARACTERS]
    try:
        content = contents.add_by_address(actor=_actor(request), ref=ref, address=typed, now=timezone.now())
    except contents.HandledElsewhere as elsewhere:
        context = {"section": "queue", "ref": ref, "other": elsewhere.case, "came_from": carried_filter(request)[1]}
        return render(request, "triage/elsewhere.html", context, status=409)
    messages.success(
        request,
        _("Ajouté à ce dossier : %(platform)s, %(kind)s. Sa capture se fait toute seule.")
        % {"platform": platform_name(content.platform), "kind": kind_name(content.kind)},
    )
    return _to_case(ref, request)


@desk(Action.TRIAGE_CASE)
@require_POST
def remove_content(request: HttpRequest, ref: str, content_id: int) -> HttpResponse:
    """Take a content out of a case, where it was put by mistake."""
    goes_on = contents.remove_content(actor=_actor(request), ref=ref, content_id=content_id, now=timezone.now())
    if goes_on is None:
        messages.success(request, _("Le contenu est retiré de ce dossier. Ce qui en a été capturé reste conservé."))
    else:
        said = _("Le contenu est retiré de ce dossier. Il est traité, avec ses signalements, dans le dossier %(ref)s.")
        messages.success(request, said % {"ref": goes_on.ref})
    return _to_case(ref, request)


@desk(Action.SEE_CASE)
@require_POST
def undo_bulk(request: HttpRequest, bulk_id: int) -> HttpResponse:
    """Take a bulk action back."""
    outcome = actions.undo_bulk(actor=_actor(request), bulk_id=bulk_id, now=timezone.now())
    count = len(outcome.done)
    if count:
        said = ngettext(
            "%(count)s dossier est redevenu comme avant.", "%(count)s dossiers sont redevenus comme avant.", count
        )
        messages.success(request, said % {"count": count})
    if outcome.refused:
        messages.warning(request, _refused_sentence(len(outcome.refused)))
    return redirect(_queue_address(carried_filter(request)[1]))


@desk(Action.SEE_CASE)
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep the filter one is looking through under a name."""
    wanted, query = carried_filter(request)
    shared = bool(request.POST.get("partage"))
    saved = actions.save_filter(actor=_actor(request), name=request.POST.get("nom", ""), wanted=wanted, shared=shared)
    messages.success(request, _("Le filtre « %(name)s » est enregistré.") % {"name": saved.name})
    return redirect(_queue_address(query))


@desk(Action.SEE_CASE)
@require_POST
def forget_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Remove a saved filter."""
    actions.forget_filter(actor=_actor(request), filter_id=filter_id)
    messages.success(request, _("Le filtre est supprimé."))
    return redirect("desk")


@desk(Action.SUBMIT_REPORT)
@require_http_methods(["GET", "POST"])
def keys_page(request: HttpRequest) -> HttpResponse:
    """List the keys, and let a member switch those of a single letter off."""
    actor = _actor(request)
    if request.method == "POST":
        actions.set_single_keys(actor=actor, on=request.POST.get("touches") == "oui")
        messages.success(request, _("C’est noté."))
        return redirect("keys")
    context = {"section": "queue", "groups": groups(), "is_on": queries.has_single_keys(actor)}
    return render(request, "triage/keys.html", context)


# --- words and addresses -------------------------------------------------------------------------------------


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _queue_address(query: str) -> str:
    return reverse("desk") + (f"?{query}" if query else "")


def _to_case(ref: str, request: HttpRequest) -> HttpResponse:
    _, query = carried_filter(request)
    return redirect(reverse("case", args=[ref]) + ("?" + urlencode({"file": query}) if query else ""))


def _labelled(labels: Any) -> list[tuple[Any, Any]]:
    return [(value.value, label) for value, label in labels.items()]


def _filter_choices(wanted: Filter) -> dict[str, list[tuple[Any, Any]]]:
    """Return the choices of each list of the filter, the first being «all»."""
    platforms = [(platform.slug, platform.name) for platform in registry()]
    if wanted.platform and wanted.platform not in dict(platforms):
        platforms.append((wanted.platform, wanted.platform))
    return {
        "etape": [("", _("à traiter")), *_labelled(STAGE_LABELS)],
        "plateforme": [("", _("toutes")), *sorted(platforms, key=lambda pair: pair[1].casefold())],
        "porte": [("", _("peu importe")), *_labelled(DOOR_LABELS)],
        "danger": [("", _("toutes")), *[(value, label) for value, label in _labelled(DANGER_LABELS) if value]],
        "tenu": _labelled(HELD_LABELS),
        "prescription": [
            ("", _("toutes")),
            *[(days, _("d’ici %(days)s jours") % {"days": days}) for days in LIMITATION_CHOICES],
        ],
    }


def _filter_names() -> dict[str, str]:
    return {
        "etape": _("Étape"),
        "danger": _("Urgence, au moins"),
        "tenu": _("Tenu par"),
        "prescription": _("Prescription"),
        "plateforme": _("Plateforme"),
        "porte": _("Arrivé par"),
    }


def _bulk_kinds(actor: Actor) -> list[tuple[str, Any]]:
    allowed = [kind for kind in IN_BULK if may(actor, actions.NEEDS[kind], actor.organisation_id)]
    return [(kind.value, KIND_LABELS[kind]) for kind in allowed]


def _said(refusal: Refusal) -> str:
    """Return a refusal's sentence in the reader's language."""
    return _(refusal.sentence) % refusal.values if refusal.values else _(refusal.sentence)


def _done_sentence(kind: Kind) -> str:
    return {
        Kind.CLAIM: _("Ce dossier est à vous."),
        Kind.RELEASE: _("Le dossier est rendu à la file d’attente."),
        Kind.ASSIGN: _("Le dossier est attribué."),
        Kind.SET_DANGER: _("L’urgence est fixée."),
        Kind.CLOSE: _("Le dossier est clos."),
        Kind.REOPEN: _("Le dossier est rouvert."),
    }.get(kind, "")


def _refused_sentence(count: int) -> str:
    said = ngettext(
        "%(count)s dossier est resté comme il était.", "%(count)s dossiers sont restés comme ils étaient.", count
    )
    return said % {"count": count}
