"""The page where a content is read in law, the page where a case is declined, and what a jurist answers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.casefile.models import Case, Content
from vigie.casefile.queries import access_case, contents_of
from vigie.casefile.web.masking import SHOW_WORDS, words_are_asked
from vigie.core.errors import Conflict, NotAllowed, NotFound, Refusal, UnusableInput
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.organisations.web.gate import desk
from vigie.qualification import actions, catalogue, queries
from vigie.qualification.hints import Hints, hints_of
from vigie.qualification.models import Qualification, SecondOpinion
from vigie.qualification.rules.answers import answer_text
from vigie.qualification.rules.finding import MAX_CHARACTERS, find_grounds
from vigie.qualification.rules.suggestion import Act, Facts, Target
from vigie.qualification.rules.values import Catalogue, Ground, Status
from vigie.qualification.web import showing
from vigie.qualification.web.forms import OpinionForm, PublicationForm, ReadingForm, kept_form, sent_form


@dataclass(frozen=True, slots=True)
class _Page:
    """What the address names: a case, one of its contents, a ground."""

    actor: Actor
    case: Case
    contents: list[Content]
    content: Content
    book: Catalogue
    hints: Hints
    ground: Ground | None


@desk(Action.QUALIFY)
@require_http_methods(["GET", "POST"])
def qualify(request: HttpRequest, ref: str) -> HttpResponse:
    """Read one content under one ground: words, questions, what follows in law."""
    page = _page(request, ref, request.POST if request.method == "POST" else request.GET)
    if request.method == "GET" and _is_anothers(page):
        return _to_read_only(request, page)
    if page.ground is None:
        return _show(request, page, None)
    if request.method == "GET":
        return _show(request, page, _kept(page, page.ground))
    form = sent_form(page.ground, request.POST, page.content.text)
    wanted = request.POST.get("faire", "qualifier")
    if wanted == "tout-oui":
        return _show(request, page, form.with_every_element_yes())
    if wanted == "aucune-exclusion":
        return _show(request, page, form.with_no_excluder())
    if form.faults:
        return _show(request, page, form, status=422)
    return _carry_out(request, page, form, wanted)


def _carry_out(request: HttpRequest, page: _Page, form: ReadingForm, wanted: str) -> HttpResponse:
    now, case, content = timezone.now(), page.case, page.content
    read = form.read()
    try:
        if wanted == "qualifier":
            actions.qualify(actor=page.actor, case=case, content=content, read=read, now=now)
            messages.success(request, _("Fondement retenu : %(ground)s.") % {"ground": _title(form.ground)})
            return redirect(_next_step(page))
        if wanted == "avis":
            with transaction.atomic():
                draft = actions.save_answers(actor=page.actor, case=case, content=content, read=read, now=now)
                actions.ask_second_opinion(
                    actor=page.actor, case=case, qualification=draft, question=request.POST.get("question", ""), now=now
                )
            messages.success(request, _("Second avis demandé. Le dossier reste à vous."))
            return redirect("case", ref=case.ref)
        actions.save_answers(actor=page.actor, case=case, content=content, read=read, now=now)
    except (NotAllowed, NotFound):
        raise
    except (Refusal, UnusableInput) as refusal:
        # Also when somebody else took the case meanwhile: what was answered stays on the screen.
        form.faults.append(refusal)
        return _show(request, page, form, status=409 if isinstance(refusal, Conflict) else 422)
    messages.success(request, _("Lecture enregistrée."))
    return redirect(_after_saving(request, page, form.ground))


def _after_saving(request: HttpRequest, page: _Page, ground: Ground) -> str:
    """Return where somebody was going who left a form half filled in: another ground, or a search for one."""
    address = _address(request, page, request.POST.get("vers") or ground.id)
    searched = request.POST.get("puis-chercher", "").strip()[:MAX_CHARACTERS]
    return f"{address}&{urlencode({'chercher': searched})}" if searched else address


@desk(Action.QUALIFY)
@require_POST
def publication(request: HttpRequest, ref: str) -> HttpResponse:
    """Note when the content was first put online."""
    page = _page(request, ref, request.POST)
    form = PublicationForm(request.POST)
    if not form.is_valid():
        raise UnusableInput(str(next(iter(form.errors["publie"]))))
    actions.set_publication(
        actor=page.actor, case=page.case, content=page.content, published_at=form.moment(), now=timezone.now()
    )
    messages.success(request, _("Date de publication notée."))
    return redirect(_address(request, page, request.POST.get("fondement", "")))


@desk(Action.QUALIFY)
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, ref: str) -> HttpResponse:
    """Choose a reason not to take a case further, and read the answer that goes with it."""
    page = _page(request, ref, request.POST if request.method == "POST" else request.GET)
    chosen = (request.POST if request.method == "POST" else request.GET).get("raison", "")
    reasons = page.book.having(Status.DECLINE_REASON)
    reason = next((one for one in reasons if one.id == chosen), None)
    if request.method == "GET" and _is_anothers(page):
        return _to_read_only(request, page)
    fault = None
    if request.method == "POST":
        try:
            actions.decline(
                actor=page.actor, case=page.case, reason_id=chosen, note=request.POST.get("note", ""),
                answer=request.POST.get("reponse", ""), now=timezone.now(),
            )  # fmt: skip
        except Conflict as conflict:
            fault = conflict  # the answer somebody wrote stays on the screen
        else:
            messages.success(request, _("Dossier non retenu."))
            return redirect("case", ref=page.case.ref)
    suggested = {one.ground_id for one in page.hints.declines}
    language = showing.language_of_answer(page.case)
    return render(
        request,
        "qualification/decline.html",
        {
            "section": "queue",
            "case": page.case,
            "reasons": [showing.reason(one, one.id in suggested, lang()) for one in reasons],
            "chosen": showing.reason(reason, False, lang()) if reason else None,
            "fault": fault,
            "note": request.POST.get("note", ""),
            "answer": _answer_to_show(request, reason, language),
            "answer_language": language,
            "people": showing.people_to_answer(page.case),
            "read_twice": bool(reason and showing.read_twice(reason)),
        },
        status=409 if fault else 200,
    )


def _answer_to_show(request: HttpRequest, reason: Ground | None, language: str) -> str:
    if request.method == "POST":
        return request.POST.get("reponse", "")
    return answer_text(catalogue.kind_answers(), reason.id, language=language) if reason else ""


@desk(Action.QUALIFY)
@require_POST
def ask_opinion(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask a jurist about a case as a whole."""
    case = access_case(_actor(request), ref)
    actions.ask_second_opinion(
        actor=_actor(request), case=case, question=request.POST.get("question", ""), now=timezone.now()
    )
    messages.success(request, _("Second avis demandé. Le dossier reste à vous."))
    return redirect("case", ref=ref)


@desk(Action.GIVE_SECOND_OPINION)
@require_http_methods(["GET", "POST"])
def give_opinion(request: HttpRequest, ref: str) -> HttpResponse:
    """Read what is asked and answer as a jurist."""
    case = access_case(_actor(request), ref)
    opinion = queries.open_opinion(case)
    if opinion is None:
        raise NotFound(N_("Aucun second avis n’est demandé sur ce dossier."))
    form = OpinionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.give_second_opinion(
            actor=_actor(request), opinion=opinion, verdict=SecondOpinion.Verdict(form.cleaned_data["verdict"]),
            text=form.cleaned_data["texte"], now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("Avis donné."))
        return redirect("case", ref=ref)
    contents = contents_of(case)
    concerned = opinion.qualification
    return render(
        request,
        "qualification/opinion.html",
        {
            "section": "queue",
            "case": case,
            "opinion": opinion,
            "form": form,
            "contents": [
                showing.content_with_words(one, queries.reading_of(case, one), shown=words_are_asked(request))
                for one in contents
            ],
            "concerned": showing.qualification(concerned, lang()) if concerned else None,
            "show_words": words_are_asked(request),
        },
        status=422 if request.method == "POST" else 200,
    )


@desk(Action.QUALIFY)
@require_POST
def reopen(request: HttpRequest, ref: str) -> HttpResponse:
    """Take the reading up again."""
    case = access_case(_actor(request), ref)
    actions.reopen(actor=_actor(request), case=case, now=timezone.now())
    messages.success(request, _("La lecture est reprise."))
    return redirect("case", ref=ref)


@desk(Action.QUALIFY)
@require_POST
def withdraw(request: HttpRequest, ref: str, qualification_id: int) -> HttpResponse:
    """Give one ground up."""
    case = access_case(_actor(request), ref)
    found = next((one for one in queries.qualifications_of(case) if one.pk == qualification_id), None)
    if found is None:
        raise NotFound(N_("Ce fondement n’est pas retenu dans ce dossier."))
    actions.withdraw(actor=_actor(request), qualification=found, now=timezone.now())
    messages.success(request, _("Fondement abandonné."))
    return redirect("case", ref=ref)


@desk(Action.SEE_CASE)
@require_GET
def ground_page(request: HttpRequest, version: str, ground_id: str) -> HttpResponse:
    """Show one entry of the catalogue whole, as it stood in that version."""
    if version not in catalogue.versions():
        raise NotFound(N_("Cette version du catalogue n’existe pas."))
    book = catalogue.load(version)
    return render(
        request,
        "qualification/ground.html",
        {"section": "queue", "book": book, "entry": showing.entry(book.ground(ground_id), book, lang())},
    )


def _is_anothers(page: _Page) -> bool:
    return page.case.holder_id not in {None, page.actor.member_id}


def _to_read_only(request: HttpRequest, page: _Page) -> HttpResponse:
    """Lead to the case, before anybody answers questions whose answers could not be kept."""
    messages.warning(
        request,
        _("%(name)s tient ce dossier : vous pouvez le lire, pas le qualifier.")
        % {"name": page.case.holder.display_name if page.case.holder else ""},
    )
    return redirect("case", ref=page.case.ref)


def lang() -> str:
    """Return the language the page is shown in."""
    return get_language() or "fr"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _next_step(page: _Page) -> str:
    """Return where the work goes on: the next content to read, else the notice where it can be written."""
    page.case.refresh_from_db(fields=["referral"])
    if page.case.referral:
        return reverse("case", args=[page.case.ref])
    standing = queries.standing_readings(page.case)
    unread = next((one for one in page.contents if one.pk not in standing), None)
    if unread is not None:
        return f"{reverse('qualify', args=[page.case.ref])}?contenu={unread.pk}"
    if may(page.actor, Action.DRAFT_NOTICE, page.case.organisation_id):
        # The notice lies downstream: it is reached by its address, like any page, and may not be there.
        with contextlib.suppress(NoReverseMatch):
            return reverse("notice", args=[page.case.ref])
    return reverse("case", args=[page.case.ref])


def _title(ground: Ground) -> str:
    return ground.title.said_in(lang())


def _page(request: HttpRequest, ref: str, data: QueryDict) -> _Page:
    actor = _actor(request)
    case = access_case(actor, ref)
    contents = contents_of(case)
    content = _content(case, contents, data.get("contenu", ""))
    book = catalogue.current()
    hints = hints_of(case, content, book, said=_said(data))
    return _Page(actor, case, contents, content, book, hints, _ground(case, content, book, hints, data))


def _content(case: Case, contents: list[Content], wanted: str) -> Content:
    if not contents:
        raise NotFound(N_("Ce dossier n’a pas de contenu."))
    if wanted:
        found = next((one for one in contents if str(one.pk) == wanted), None)
        if found is None:
            raise NotFound(N_("Ce contenu n’est pas dans le dossier."))
        return found
    standing = queries.standing_readings(case)
    return next((one for one in contents if one.pk not in standing), contents[0])


def _ground(case: Case, content: Content, book: Catalogue, hints: Hints, data: QueryDict) -> Ground | None:
    """Return the ground to read: the only one a search finds, the one asked for, the draft's, or the first suggested."""
    found = find_grounds(book.having(Status.IN_FORCE), data.get("chercher", ""))
    if len(found) == 1:
        return found[0]
    wanted = data.get("fondement", "")
    if wanted:
        ground = book.ground(wanted)
        if not ground.can_stand_alone:
            raise NotFound(N_("Cette entrée ne peut pas fonder une qualification."))
        return ground
    known = {one.ground_id for one in queries.qualifications_of(case) if one.reading.content_id == content.pk}
    if data.get("autre"):
        return next((book.ground(one.ground_id) for one in hints.grounds if one.ground_id not in known), None)
    if _said(data) is None:
        drafts = [one for one in queries.qualifications_of(case) if one.reading.content_id == content.pk]
        for row in sorted(drafts, key=lambda one: one.status != Qualification.Status.DRAFT):
            if row.ground_id in book.grounds:
                return book.ground(row.ground_id)
    return book.ground(hints.grounds[0].ground_id) if hints.points_to_one else None


def _said(data: QueryDict) -> Facts | None:
    """Return the answers to the plain questions, or None when nobody answered any."""
    acts = frozenset(Act(act) for act in data.getlist("acte") if act in set(Act))
    aimed_at = data.get("vise", "")
    target = Target(aimed_at) if aimed_at in set(Target) else None
    public = {"oui": True, "non": False}.get(data.get("public", ""))
    criteria = frozenset(data.getlist("motif"))
    if not acts and target is None and public is None and not criteria:
        return None
    return Facts(acts=acts, is_public=public, target=target, criteria=criteria)


def _kept(page: _Page, ground: Ground) -> ReadingForm:
    reading = queries.reading_of(page.case, page.content)
    kept = queries.qualification_of(page.case, page.content, ground.id)
    form = kept_form(ground, reading, kept, page.content.text)
    if not form.criteria:
        known = page.hints.facts.criteria
        form.criteria = tuple(one for one in ground.protected_criteria if one in known)
    return form


def _address(request: HttpRequest, page: _Page, ground_id: str) -> str:
    words = f"&{SHOW_WORDS}=1" if words_are_asked(request) else ""
    chosen = f"&fondement={ground_id}" if ground_id in page.book.grounds else ""
    return f"{reverse('qualify', args=[page.case.ref])}?contenu={page.content.pk}{chosen}{words}"


def _show(request: HttpRequest, page: _Page, form: ReadingForm | None, *, status: int = 200) -> HttpResponse:
    shown = words_are_asked(request)
    searched = request.GET.get("chercher", "").strip()[:MAX_CHARACTERS]
    found = find_grounds(page.book.having(Status.IN_FORCE), searched)
    context: dict[str, Any] = {
        "section": "queue",
        "case": page.case,
        "contents": page.contents,
        "content": page.content,
        "show_words": shown,
        "book": page.book,
        "said": showing.said(
            page.hints.facts, page.book, lang(), opened=form is None or _said(request.GET) is not None
        ),
        "families": showing.families(page.book, lang()),
        "searched": searched,
        # The only one that was found is opened; there is nothing to choose then.
        "found": [{"id": one.id, "title": one.title.said_in(lang())} for one in found] if len(found) > 1 else [],
        "has_found": len(found) == 1,
        "suggestions": [showing.suggestion(one, page.book, lang()) for one in page.hints.grounds],
        "declines": [showing.suggestion(one, page.book, lang()) for one in page.hints.declines],
        "publication_form": PublicationForm(),
        "here": _address(request, page, page.ground.id if page.ground else ""),
        "may_ask": may(page.actor, Action.QUALIFY, page.case.organisation_id),
    }
    context |= showing.form_context(form, page.content, page.book, lang(), shown=shown, now=timezone.now())
    return render(request, "qualification/qualify.html", context, status=status)
