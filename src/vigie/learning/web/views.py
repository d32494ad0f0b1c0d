"""The pages of the lexicon: what counts, what a change would do, and the way back."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.casefile.web.masking import masked_html, words_are_asked
from vigie.core.errors import Refusal, UnusableInput, VigieError
from vigie.detection.hints import Kind, Use
from vigie.learning import actions, queries, signs
from vigie.learning.models import (
    DOES_LABELS,
    KIND_LABELS,
    SOURCE_LABELS,
    STANDING_LABELS,
    TARGET_LABELS,
    OwnTerm,
    TermVersion,
)
from vigie.learning.rules.labels import Label
from vigie.learning.rules.terms import Does, Standing, TermState
from vigie.learning.rules.trial import Passage, Trial
from vigie.learning.web.forms import TermForm, days_asked, initial_of
from vigie.learning.web.words import masked_word, passage, upheld_sentence
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.web.gate import desk

PASSAGES_SHOWN = 12
FIRST_FIELDS = ("term", "sense", "kind", "target", "needs_context", "variants", "beside", "unless")
DELIVERED_SHOWN = 400


@desk(Action.SEE_LEXICON)
@require_GET
def lexicon(request: HttpRequest) -> HttpResponse:
    """List the association's own terms, then the delivered ones."""
    actor, shown = actor_of(request), words_are_asked(request)
    search = request.GET.get("q", "")[:120]
    delivered = queries.delivered_terms(actor, search)
    context = {
        "section": "lexicon",
        "search": search,
        "own": [_line(one, shown=shown) for one in queries.own_terms(actor, search)],
        "delivered": [_line(one, shown=shown) for one in delivered[:DELIVERED_SHOWN]],
        "delivered_more": max(len(delivered) - DELIVERED_SHOWN, 0),
        "version": queries.detector_of(actor.organisation_id).version,
        "show_words": shown,
    }
    return render(request, "learning/lexicon.html", context)


@desk(Action.MANAGE_LEXICON)
@require_http_methods(["GET", "POST"])
def new_term(request: HttpRequest) -> HttpResponse:
    """Write a term; `?de=` begins with a delivered one, `?signe=` with a word that rises."""
    delivered = queries.delivered_term(request.GET.get("de", ""))
    initial = initial_of(TermState(delivered)) if delivered else {}
    if request.GET.get("signe"):
        risen = signs.rising_of(actor_of(request), request.GET["signe"], now=timezone.now())
        initial = {"term": risen.shown} if risen else {}
    return _term_page(request, None, initial)


@desk(Action.SEE_LEXICON)
@require_http_methods(["GET", "POST"])
def term(request: HttpRequest, term_id: int) -> HttpResponse:
    found = queries.access_term(actor_of(request), term_id)
    return _term_page(request, found, initial_of(found.state()))


def _term_page(request: HttpRequest, known: OwnTerm | None, initial: dict[str, Any]) -> HttpResponse:
    """Show a term; a change is first tried on what the association knows, then takes effect by a second yes."""
    actor, now = actor_of(request), timezone.now()
    form = TermForm(request.POST or None, initial=initial)
    days = days_asked(request.POST.get("jours", ""), usual=queries.DAYS, most=queries.DAYS_MOST)
    trial: Trial | None = None
    is_cut = False
    if request.method == "POST":
        require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    if request.method == "POST" and form.is_valid():
        state = form.state()
        try:
            actions.check(state)
            if "prendre" in request.POST and _was_tried(request, known, state):
                saved = actions.save_term(
                    actor=actor, state=state, term=known, now=now, seen_version=_seen_version(request)
                )
                messages.success(request, _("C’est pris : les textes sont lus ainsi dès maintenant."))
                return redirect("term", saved.pk)
            trial, is_cut = queries.trial_of(actor, state, term=known, now=now, days=days)
        except (Refusal, UnusableInput) as refusal:
            form.add_error(None, said(refusal))
    shown = words_are_asked(request)
    context = {
        "section": "lexicon", "form": form, "fields": [form[name] for name in FIRST_FIELDS],
        "more_fields": [form[name] for name in form.fields if name not in FIRST_FIELDS], "term": known, "days": days, "trial": trial, "is_cut": is_cut,
        "facts": _facts(known.state(), shown=shown) if known else [],
        "versions": [_version(one) for one in queries.versions_of(actor, known)] if known else [],
        "show_words": shown,
    }  # fmt: skip
    if trial is not None:
        context |= _trial_words(trial, form.state(), shown=shown) | {"tried": _tried_token(known, form.state())}
    return render(request, "learning/term.html", context, status=422 if form.errors else 200)


@desk(Action.MANAGE_LEXICON)
@require_POST
def undo_term(request: HttpRequest, term_id: int) -> HttpResponse:
    """Bring a term back to what it was before its last change."""
    actor = actor_of(request)
    actions.restore_previous(actor=actor, term=queries.access_term(actor, term_id), now=timezone.now())
    messages.success(request, _("La version précédente est reprise."))
    return redirect("term", term_id)


# --- tried before it is taken --------------------------------------------------------------------------------


def _digest(known: OwnTerm | None, state: TermState) -> str:
    written = json.dumps([known.pk if known else None, state.as_json()], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _tried_token(known: OwnTerm | None, state: TermState) -> str:
    return signing.dumps(_digest(known, state), salt="vigie.learning.tried")


def _was_tried(request: HttpRequest, known: OwnTerm | None, state: TermState) -> bool:
    """Say whether this very change was shown with what it would do."""
    try:
        seen = signing.loads(request.POST.get("essai_vu", ""), salt="vigie.learning.tried", max_age=24 * 3600)
    except signing.BadSignature:
        return False
    return bool(seen == _digest(known, state))


def _seen_version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None


# --- words ---------------------------------------------------------------------------------------------------

USE_LABELS = {
    Use.PLAIN: gettext_lazy("au sens du terme"),
    Use.UNSURE: gettext_lazy("le sens n’est pas sûr"),
    Use.QUOTED: gettext_lazy("cité"),
    Use.RECLAIMED: gettext_lazy("dit de soi"),
    Use.ORDINARY: gettext_lazy("au sens ordinaire"),
}


def _trial_words(trial: Trial, state: TermState, *, shown: bool) -> dict[str, Any]:
    hidden = state.term.kind is Kind.SLUR
    return {
        "groups": [
            {"title": title, "count": len(found), "rows": [_row(one, hidden=hidden, shown=shown) for one in found[:PASSAGES_SHOWN]]}
            for title, found in (
                (_("Repérés en plus"), trial.caught),
                (_("Plus repérés"), trial.dropped),
                (_("Repérés comme avant"), trial.kept),
            )
        ],
        "aside": [(USE_LABELS[use], count) for use, count in trial.set_aside.items() if count],
        "precision": upheld_sentence(trial.precision),
        "precision_before": upheld_sentence(trial.precision_before),
    }  # fmt: skip


def _row(one: Passage, *, hidden: bool, shown: bool) -> dict[str, Any]:
    return {
        "words": passage(one.past.text, one.start, one.end, hidden=hidden, shown=shown),
        "lang": one.past.lang or "",
        "use": USE_LABELS[one.use],
        "label": LABEL_LABELS[one.past.label] if one.past.label else _("pas encore décidé"),
    }


LABEL_LABELS = {
    Label.HATEFUL: gettext_lazy("retenu"),
    Label.LAWFUL: gettext_lazy("non retenu"),
    Label.SILENT: gettext_lazy("décidé pour un autre motif"),
}


def _line(one: queries.Listed, *, shown: bool) -> dict[str, Any]:
    term = one.state.term
    return {
        "term": masked_word(term.term, hidden=term.kind is Kind.SLUR, shown=shown),
        "key": queries.delivered_key(term),
        "sense": masked_html(term.sense, shown=shown),
        "target": TARGET_LABELS[term.target],
        "kind": KIND_LABELS[term.kind],
        "needs_context": term.needs_context,
        "source": SOURCE_LABELS[term.source_status],
        "standing": _standing(one.state),
        "counts": one.state.counts_on(timezone.localdate()),
        "is_public": one.state.is_public,
        "own": one.own,
        "is_replaced": one.is_replaced,
    }


def _standing(state: TermState) -> str:
    if state.standing is Standing.ACTIVE and not state.counts_on(timezone.localdate()):
        return _("fini à sa date")
    return str(STANDING_LABELS[state.standing])


def _facts(state: TermState, *, shown: bool) -> list[tuple[str, Any]]:
    """Return a term for who may read it and not write it."""
    term = state.term
    hidden = term.kind is Kind.SLUR
    words = [masked_word(one, hidden=hidden, shown=shown) for one in term.writings]
    return [
        (_("Mot"), words[0]),
        (_("Autres écritures"), format_html_join(", ", "{}", ((one,) for one in words[1:])) or "–"),
        (_("Ce qu’il veut dire"), masked_html(term.sense, shown=shown)),
        (_("C’est…"), KIND_LABELS[term.kind]),
        (_("Qui est visé"), TARGET_LABELS[term.target]),
        (_("A aussi un sens ordinaire"), _("oui") if term.needs_context else _("non")),
        (_("Source"), masked_html(term.source, shown=shown) or "–"),
        (_("Vérifié ?"), SOURCE_LABELS[term.source_status]),
        (_("État"), _standing(state)),
    ]


def _version(one: TermVersion) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.at,
        "who": one.member.display_name if one.member else "",
        "does": DOES_LABELS[Does(one.does)],
        "standing": STANDING_LABELS[one.state().standing],
    }


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def said(refusal: VigieError) -> str:
    return _(refusal.sentence) % refusal.values if refusal.values else _(refusal.sentence)
