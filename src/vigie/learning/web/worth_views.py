"""What the hints are worth, and which words rise."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.casefile.web.masking import masked_excerpt, masked_html, words_are_asked
from vigie.core.drawing import drawn
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.detection.hints import Kind
from vigie.learning import scales, signs, worth
from vigie.learning.charts import calibration_chart
from vigie.learning.detectors import PLAIN, calibration_of, detector_of
from vigie.learning.rules.arithmetic import Precision
from vigie.learning.rules.calibration import LEAST, Figure
from vigie.learning.rules.emerging import Doubt, Rising
from vigie.learning.rules.worth import Band, Bin, Drift, Judged, TermWorth
from vigie.learning.web.views import actor_of
from vigie.learning.web.words import MISSING, interval, masked_word, passage, percent
from vigie.organisations.rules.policy import Action, may, require
from vigie.organisations.web.gate import desk

DOUBT_LABELS = {
    Doubt.STRONG: gettext_lazy("hausse très nette"),
    Doubt.CLEAR: gettext_lazy("hausse nette"),
    Doubt.WEAK: gettext_lazy("hausse fragile : peut-être un hasard"),
}


@desk(Action.SEE_LEXICON)
@require_GET
def hints_worth(request: HttpRequest) -> HttpResponse:
    """Show what terms and scores were worth in this association's own decisions."""
    actor, shown = actor_of(request), words_are_asked(request)
    found = worth.worth_of(actor, now=timezone.now())
    slurs = {term.term for term in detector_of(actor.organisation_id).lexicon.terms if term.kind is Kind.SLUR}
    texts = worth.texts_of(actor.organisation_id, [one.key for one in (*found.alarms, *found.missed)])
    sees_cases = may(actor, Action.SEE_CASE, actor.organisation_id)
    context = {
        "section": "lexicon",
        "worth": found,
        "terms": [_term_row(one, hidden=one.name in slurs, shown=shown) for one in found.terms],
        "bands": [_band_row(one) for one in found.bands],
        "drift": _drift_sentence(found.drift),
        "bins": [_bin_row(one) for one in found.bins],
        "has_picture": any(one.upheld.value is not None for one in found.bins),
        "calibration": _calibration_sentence(found.error),
        "disagreements": [
            (_("Le détecteur alerte, personne ne retient"), _texts(found.alarms, texts, sees_cases=sees_cases)),
            (_("Le détecteur se tait, quelqu’un retient"), _texts(found.missed, texts, sees_cases=sees_cases)),
        ],
        "show_words": shown,
        "least": 5,
    }
    return render(request, "learning/worth.html", context)


@desk(Action.SEE_LEXICON)
@require_GET
def calibration_picture(request: HttpRequest) -> HttpResponse:
    found = worth.worth_of(actor_of(request), now=timezone.now())
    svg = drawn(calibration_chart(found.bins, said=_("ce que dit le détecteur"), upheld=_("part retenue")))
    return HttpResponse(svg, content_type="image/svg+xml")


def _shares(one: Precision) -> dict[str, str]:
    return {
        "part": number_format(one.part), "whole": number_format(one.whole), "share": percent(one.value),
        "interval": interval(one),
    }  # fmt: skip


def _term_row(one: TermWorth, *, hidden: bool, shown: bool) -> dict[str, Any]:
    return {
        "term": masked_word(one.name, hidden=hidden, shown=shown),
        **_shares(one.all),
        "lately": percent(one.lately.value),
        "moved": _moved(one.moved),
    }


def _moved(moved: Any) -> str:
    if moved.value is None:
        return _(MISSING)
    points = _("%(points)s points") % {"points": f"{round(100 * moved.value):+d}"}
    return points if moved.is_sure else _("%(points)s, dans la marge d’erreur") % {"points": points}


def _band_row(one: Band) -> dict[str, Any]:
    return {"version": one.version, "band": f"{round(100 * one.low)}–{round(100 * one.high)}", **_shares(one.upheld)}


def _bin_row(one: Bin) -> dict[str, Any]:
    return {"band": f"{round(100 * one.low)}–{round(100 * one.high)}", "said": percent(one.said), **_shares(one.upheld)}


def _drift_sentence(one: Drift) -> str:
    """Say how the share upheld over the bar moved, or that it cannot be said."""
    if one.moved.value is None:
        return _(
            "n.d. : il faut au moins cinq décisions au-dessus de 50 %% dans chacun des deux derniers mois (%(before)s et %(lately)s)."
        ) % {"before": one.before.whole, "lately": one.lately.whole}  # fmt: skip
    said = _(
        "Au-dessus de 50 %%, %(lately)s sont retenus ces trente jours, contre %(before)s les trente jours d’avant (%(moved)s)."
    )
    return said % {
        "lately": percent(one.lately.value), "before": percent(one.before.value), "moved": _moved(one.moved)
    }  # fmt: skip


def _calibration_sentence(error: float | None) -> str:
    if error is None:
        return _("Écart moyen entre ce que dit le détecteur et ce qui est retenu : n.d., il faut cinquante décisions.")
    return _("Écart moyen entre ce que dit le détecteur et ce qui est retenu : %(points)s points.") % {
        "points": number_format(100 * error, 1)
    }


def _texts(some: Any, texts: dict[int, tuple[str, str, str]], *, sees_cases: bool) -> list[dict[str, Any]]:
    return [_text_row(one, *texts[one.key], sees_cases=sees_cases) for one in some if one.key in texts]


def _text_row(one: Judged, text: str, lang: str, ref: str, *, sees_cases: bool) -> dict[str, Any]:
    return {
        "words": masked_excerpt(text, most=200), "lang": lang[:2], "score": percent(one.score), "at": one.at,
        "ref": ref if sees_cases else "", "case": reverse("case", args=[ref]) if sees_cases else "",
    }  # fmt: skip


# --- the scale of scores -------------------------------------------------------------------------------------


@desk(Action.SEE_LEXICON)
@require_http_methods(["GET", "POST"])
def scale_page(request: HttpRequest) -> HttpResponse:
    """Compare a scale fitted to the association's decisions with today's; an analyst takes it, or goes back."""
    actor, now = actor_of(request), timezone.now()
    if request.method == "POST":
        require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
        if "retour" in request.POST:
            scales.go_back(actor=actor, now=now)
            messages.success(request, _("L’échelle précédente est reprise."))
        else:
            scales.take_scale(actor=actor, seen=request.POST.get("echelle", ""), now=now)
            messages.success(request, _("C’est pris : les scores sont sur cette échelle dès maintenant."))
        return redirect("score-scale")
    found, number = scales.proposal_of(actor, now=now)
    standing = calibration_of(actor.organisation_id)
    context = {
        "section": "lexicon",
        "proposal": found,
        "number": number,
        "least": LEAST,
        "name": scales.name_of_scale(found.scale) if found else "",
        "rows": [
            (_("Surprise moyenne (log-perte)"), *_figure(found.surprise)),
            (_("Écart entre score et part retenue"), *_figure(found.gap)),
        ] if found else [],
        "moves": [(percent(score), percent(found.scale.of(score))) for score in (0.1, 0.3, 0.5, 0.7, 0.9)] if found else [],
        "standing": standing,
        "is_plain": standing is None or standing.scale() == PLAIN,
        "is_taken": found is not None and standing is not None and standing.scale() == found.scale,
    }  # fmt: skip
    return render(request, "learning/scale.html", context)


def _figure(one: Figure) -> tuple[str, str, str, str]:
    verdict = (
        _("mieux") if one.is_better else _("pas de différence sûre") if one.low <= 0 <= one.high else _("moins bien")
    )
    spread = _("%(low)s à %(high)s") % {"low": number_format(one.low, 3), "high": number_format(one.high, 3)}
    return number_format(one.before, 3), number_format(one.after, 3), spread, verdict


# --- words that rise -----------------------------------------------------------------------------------------


@desk(Action.SEE_LEXICON)
@require_GET
def emerging(request: HttpRequest) -> HttpResponse:
    """Show the words that rise in what was confirmed lately, with their doubt."""
    actor, shown = actor_of(request), words_are_asked(request)
    found = signs.signs_of(actor, now=timezone.now())
    keys = [key for one in found.rising for key in one.texts]
    texts = worth.texts_of(actor.organisation_id, keys)
    context = {
        "section": "lexicon",
        "signs": found,
        "rows": [_sign_row(one, texts, actor.organisation_id, shown=shown) for one in found.rising],
        "days": signs.LATELY.days,
        "show_words": shown,
    }
    return render(request, "learning/emerging.html", context)


def _sign_row(
    one: Rising, texts: dict[int, tuple[str, str, str]], organisation_id: int, *, shown: bool
) -> dict[str, Any]:
    passages = []
    for key in one.texts:
        if key in texts:
            text, lang, _ref = texts[key]
            place = text.casefold().find(one.shown.casefold())
            words = passage(
                text, max(place, 0), max(place, 0) + (len(one.shown) if place >= 0 else 0), hidden=False, shown=shown
            )
            passages.append((words, lang[:2]))
    return {
        "word": masked_html(one.shown, shown=shown), "lately": one.lately, "background": one.background,
        "doubt": DOUBT_LABELS[one.doubt], "z": number_format(one.z, 1), "passages": passages,
        "key": signs.digest_of(organisation_id, one.phrase),
    }  # fmt: skip


@desk(Action.MANAGE_LEXICON)
@require_POST
def settle_emerging(request: HttpRequest, digest: str) -> HttpResponse:
    """Take a word that rises into the lexicon, put it away, wait, or bring it back."""
    actor, now = actor_of(request), timezone.now()
    does = request.POST.get("faire", "")
    if does == "retour":
        signs.bring_back(actor=actor, digest=digest, now=now)
        messages.success(request, _("Le mot est de nouveau proposé."))
        return redirect("emerging")
    found = signs.rising_of(actor, digest, now=now)
    if found is None:
        raise NotFound(N_("Ce mot n’est plus proposé."))
    if does == "prendre":
        return redirect(f"{reverse('term-new')}?signe={digest}")
    signs.put_away(actor=actor, digest=digest, waits=does == "attendre", now=now)
    said = _("On en reparle dans deux semaines.") if does == "attendre" else _("Écarté : il ne sera plus proposé.")
    messages.success(request, said)
    return redirect("emerging")
