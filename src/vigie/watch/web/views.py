"""The pages of the watch: the wall, the watches, the sources."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.casefile.web.masking import hides_words, words_are_asked
from vigie.core.errors import NotFound, Refusal, UnusableInput, VigieError
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.organisations.web.gate import desk
from vigie.watch import actions, queries
from vigie.watch.models import REASON_LABELS, Source, Watch
from vigie.watch.ports import BadSourceSetting, SourceAdapter
from vigie.watch.rules.faults import FAULT_SENTENCES, Why
from vigie.watch.rules.values import DismissReason, WatchState
from vigie.watch.sources import adapter_of, adapters
from vigie.watch.web.forms import SourceForm, WatchForm
from vigie.watch.web.keys import wall_keys
from vigie.watch.web.words import spread, surge_name, surge_said, why

SHOWN_POSTS = 50


@desk(Action.SEE_WALL)
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """Show what the watches found and nobody has decided of: what spreads first."""
    actor, now = _actor(request), timezone.now()
    page = queries.wall(actor, now=now, page=_page(request))
    shown = words_are_asked(request)
    context = {
        "section": "wall",
        "page": page,
        "rows": [_row(item, shown=shown) for item in page.items],
        "reasons": _reasons(),
        "undoable": queries.undoable(actor, now=now)
        if may(actor, Action.DECIDE_SIGHTING, actor.organisation_id)
        else None,
        "show_words": shown,
        "has_watches": queries.watches_of(actor).exists(),
        "troubles": _troubles(actor),
        "keys": wall_keys(len(REASON_LABELS)),
        "surges": [_surge_row(one) for one in queries.open_surges(actor)],
    }
    return render(request, "watch/wall.html", context)


@desk(Action.SEE_WALL)
@require_GET
def wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Show the posts of one wave, each with its way out."""
    actor, now = _actor(request), timezone.now()
    items = queries.items_of(actor, [queries.access_wave(actor, wave_id).pk], now=now)
    if not items:
        messages.info(request, _("Plus rien n’attend dans cette vague."))
        return redirect("wall")
    shown = words_are_asked(request)
    context = {
        "section": "wall",
        "row": _row(items[0], shown=shown),
        "item": items[0],
        "posts": queries.posts_of(actor, items[0].wave)[:SHOWN_POSTS],
        "reasons": _reasons(),
        "show_words": shown,
        "hides_words": hides_words(items[0].wave.text),
    }
    return render(request, "watch/wave.html", context)


@desk(Action.DECIDE_SIGHTING)
@require_POST
def dismiss(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Say why a wave is none, and go on to the next."""
    actor = _actor(request)
    reason = request.POST.get("motif", "")
    if reason not in set(DismissReason):
        raise UnsaidReason
    found = queries.access_wave(actor, wave_id)
    actions.dismiss(actor=actor, wave=found, reason=DismissReason(reason), now=timezone.now())
    messages.success(request, _("Écarté : %(reason)s.") % {"reason": REASON_LABELS[DismissReason(reason)]})
    return back_to_the_wall(request)


class UnsaidReason(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Dites pourquoi vous l’écartez."))


def back_to_the_wall(request: HttpRequest) -> HttpResponse:
    """Return to the page of the wall (or of a rise) one came from."""
    came_from = request.POST.get("retour", "")
    if came_from.startswith("/bureau/veille/") and url_has_allowed_host_and_scheme(came_from, allowed_hosts=None):
        return redirect(came_from)
    return redirect("wall")


@desk(Action.SEE_WALL)
@require_http_methods(["GET", "POST"])
def surge(request: HttpRequest, surge_id: int) -> HttpResponse:
    """Show a rise by its waves; make one campaign of it, or take its banner away."""
    actor, now = _actor(request), timezone.now()
    found = queries.access_surge(actor, surge_id)
    if request.method == "POST":
        if "campagne" in request.POST:
            campaign = actions.adopt_surge(
                actor=actor, surge=found, name=request.POST.get("nom", ""), watches=[found.watch_id], now=now
            )
            messages.success(request, _("La campagne « %(name)s » est ouverte.") % {"name": campaign.name})
            return redirect("surge", surge_id=surge_id)
        actions.settle_surge(actor=actor, surge=found, now=now)
        messages.success(request, _("C’est noté."))
        return redirect("wall")
    shown = words_are_asked(request)
    items = queries.waves_of_surge(actor, found, now=now)
    by_wave, others = queries.cases_by_wave(actor, found, items)
    context = {
        "section": "wall",
        "surge": found,
        "name": surge_name(found),
        "said": surge_said(found),
        "rows": [{**_row(item, shown=shown), "cases": by_wave.get(item.wave.pk, [])} for item in items],
        "queue_groups": others,
        "posts": sum(item.count for item in items),
        "reasons": _reasons(),
        "show_words": shown,
        "keys": wall_keys(len(REASON_LABELS)),
        "proposed_name": _("Afflux du %(day)s")
        % {"day": date_format(timezone.localtime(found.onset_at), "SHORT_DATE_FORMAT")},
    }
    return render(request, "watch/surge.html", context)


# --- watches -------------------------------------------------------------------------------------------------


@desk(Action.SEE_WALL)
@require_http_methods(["GET", "POST"])
def watches(request: HttpRequest) -> HttpResponse:
    """List the watches and the sources; who may write them sets how long sightings are kept."""
    actor = _actor(request)
    if request.method == "POST":
        given = request.POST.get("jours", "")
        days = int(given) if given.isascii() and given.isdigit() else 0
        actions.keep_days(actor=actor, days=days, now=timezone.now())
        messages.success(request, _("C’est enregistré."))
        return redirect("watches")
    waiting = queries.waiting_by_watch(actor)
    today = timezone.localdate()
    context = {
        "section": "wall",
        "watches": [
            {
                "watch": one,
                "waiting": waiting.get(one.pk, 0),
                "sources": [source.name for source in one.sources_asked()],
                "accounts_over": bool(one.accounts_until and one.accounts_until < today),
            }
            for one in queries.watches_of(actor)
        ],
        "sources": [_source_row(one) for one in queries.sources_of(actor)],
        "kinds": [adapter.manifest for adapter in adapters().values()],
        "keep_days": queries.keep_days_of(actor.organisation_id),
        "campaigns": queries.campaigns_of(actor),
    }
    return render(request, "watch/watches.html", context)


@desk(Action.MANAGE_WATCH)
@require_http_methods(["GET", "POST"])
def new_watch(request: HttpRequest) -> HttpResponse:
    return _watch_page(request, None)


@desk(Action.MANAGE_WATCH)
@require_http_methods(["GET", "POST"])
def watch(request: HttpRequest, watch_id: int) -> HttpResponse:
    return _watch_page(request, queries.access_watch(_actor(request), watch_id))


def _watch_page(request: HttpRequest, known: Watch | None) -> HttpResponse:
    """Write a watch; «essai» asks what it would have found yesterday and saves nothing."""
    actor, now = _actor(request), timezone.now()
    form = WatchForm(request.POST or None, actor=actor, watch=known)
    would_have = None
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        if "essai" in request.POST:
            would_have = queries.would_have_found(actor, wanted.question, wanted.sources, now=now)
        else:
            try:
                saved = actions.save_watch(actor=actor, wanted=wanted, watch=known, now=now)
            except (Refusal, UnusableInput) as refusal:
                form.add_error(None, _said(refusal))
            else:
                messages.success(request, _("La veille « %(name)s » est enregistrée.") % {"name": saved.name})
                return redirect("watches")
    shown = words_are_asked(request)
    context = {
        "section": "wall",
        "form": form,
        "watch": known,
        "would_have": would_have,
        "would_have_rows": [(text, lang, why(reasons, shown=shown)) for text, lang, reasons in would_have.shown] if would_have else [],
        "would_have_reasons": [(why([one], shown=shown), count) for one, count in would_have.by_reason] if would_have else [],
        "show_words": shown,
    }  # fmt: skip
    return render(request, "watch/watch.html", context, status=422 if form.errors else 200)


@desk(Action.MANAGE_WATCH)
@require_POST
def watch_state(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Pause a watch, or take it up again."""
    actor = _actor(request)
    state = WatchState.PAUSED if "pause" in request.POST else WatchState.ACTIVE
    found = queries.access_watch(actor, watch_id)
    actions.set_watch_state(actor=actor, watch=found, state=state, now=timezone.now())
    said = _("« %(name)s » est en pause.") if state is WatchState.PAUSED else _("« %(name)s » reprend.")
    messages.success(request, said % {"name": found.name})
    return redirect("watches")


# --- sources -------------------------------------------------------------------------------------------------


@desk(Action.MANAGE_WATCH)
@require_http_methods(["GET", "POST"])
def new_source(request: HttpRequest, kind: str) -> HttpResponse:
    adapter = adapter_of(kind)
    if adapter is None:
        raise NotFound(N_("Vigie ne connaît pas cette sorte de source."))
    return _source_page(request, adapter, None)


@desk(Action.MANAGE_WATCH)
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    found = queries.access_source(_actor(request), source_id)
    adapter = adapter_of(found.kind)
    if adapter is None:
        raise NotFound(N_("Vigie ne connaît pas cette sorte de source."))
    return _source_page(request, adapter, found)


def _source_page(request: HttpRequest, adapter: SourceAdapter, known: Source | None) -> HttpResponse:
    form = SourceForm(request.POST or None, manifest=adapter.manifest, source=known)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            saved = actions.save_source(
                actor=_actor(request), kind=adapter.manifest.kind, name=given.pop("name"), given=given, source=known,
                now=timezone.now(),
            )  # fmt: skip
        except BadSourceSetting as bad:
            form.add_error(bad.name if bad.name in form.fields else None, _said(bad))
        except Refusal as refusal:
            form.add_error("name", _said(refusal))
        else:
            messages.success(request, _("La source « %(name)s » est enregistrée.") % {"name": saved.name})
            return redirect("watches")
    manifest = adapter.manifest
    context = {
        "section": "wall", "form": form, "source": known, "manifest": manifest, "row": known and _source_row(known),
        "about": [(_("Il faut"), _(manifest.needs)), (_("Limites"), _(manifest.limits)), (_("Coût"), _(manifest.cost))],
    }  # fmt: skip
    return render(request, "watch/source.html", context, status=422 if form.errors else 200)


@desk(Action.MANAGE_WATCH)
@require_POST
def source_state(request: HttpRequest, source_id: int) -> HttpResponse:
    """Pause a source, or read it again from where it was."""
    actor = _actor(request)
    found = queries.access_source(actor, source_id)
    state = WatchState.PAUSED if "pause" in request.POST else WatchState.ACTIVE
    actions.set_source_state(actor=actor, source=found, state=state, now=timezone.now())
    messages.success(request, _("C’est enregistré."))
    return redirect("watches")


# --- words ---------------------------------------------------------------------------------------------------


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _page(request: HttpRequest) -> int:
    given = request.GET.get("page", "1")
    return int(given) if given.isascii() and given.isdigit() and 0 < int(given) < 10_000 else 1


def _row(item: queries.WallItem, *, shown: bool) -> dict[str, Any]:
    return {"item": item, "why": why(item.reasons, shown=shown), "spread": spread(item, timezone.now())}


def _surge_row(happening: queries.Happening) -> dict[str, Any]:
    return {
        "surge": happening.lead,
        "name": surge_name(happening.lead),
        "said": surge_said(happening.lead),
        "also": [surge_name(one) for one in happening.others[:4]],
    }


def _reasons() -> list[tuple[int, tuple[str, Any]]]:
    return list(enumerate(((one.value, label) for one, label in REASON_LABELS.items()), start=1))


def _source_row(found: Source) -> dict[str, Any]:
    adapter = adapter_of(found.kind)
    return {
        "source": found,
        "kind": _(adapter.manifest.title) if adapter else found.kind,
        "fault": _(FAULT_SENTENCES[Why(found.fault)]) if found.fault in set(Why) else "",
    }


def _troubles(actor: Actor) -> list[dict[str, Any]]:
    rows = [_source_row(one) for one in queries.sources_of(actor).filter(state=WatchState.ACTIVE)]
    return [row for row in rows if row["fault"] or row["source"].is_waiting]


def _said(refusal: VigieError) -> str:
    return _(refusal.sentence) % refusal.values if refusal.values else _(refusal.sentence)
