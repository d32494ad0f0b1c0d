"""Values of this room as a page shows them: in the reader's language, masked where words would hurt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.casefile.models import Case, Content
from vigie.casefile.web.masking import masked_html
from vigie.intake.models import Report, ReportCase
from vigie.intake.rules.values import ReportState
from vigie.qualification import models
from vigie.qualification.rules.assessment import Answer, Verdict
from vigie.qualification.rules.limitation import Limitation, limitation
from vigie.qualification.rules.opinion import OpinionReason, needs_second_opinion
from vigie.qualification.rules.penalties import duration_text, penalty_text, suggest_aggravations
from vigie.qualification.rules.quotes import Quote
from vigie.qualification.rules.suggestion import Act, Facts, Suggestion, Target
from vigie.qualification.rules.values import Catalogue, Ground, Question, Status, Urgency
from vigie.qualification.web.forms import ReadingForm
from vigie.qualification.web.selectable import passage_html, selectable_html

ANSWERS = (
    (Answer.YES, gettext_lazy("Oui"), "o"),
    (Answer.NO, gettext_lazy("Non"), "n"),
    (Answer.DOUBTFUL, gettext_lazy("Doute"), "d"),
)
VERDICTS = {
    Verdict.MADE_OUT: gettext_lazy("établi"),
    Verdict.DOUBTFUL: gettext_lazy("doute"),
    Verdict.NOT_MADE_OUT: gettext_lazy("non établi"),
    Verdict.INCOMPLETE: gettext_lazy("en cours"),
}
FAMILIES = {
    "press-hate": gettext_lazy("Haine (loi de 1881)"),
    "press-other": gettext_lazy("Autres infractions de presse et voisines"),
    "threats": gettext_lazy("Menaces"),
    "terrorism": gettext_lazy("Terrorisme"),
    "harassment": gettext_lazy("Harcèlement"),
    "privacy-image": gettext_lazy("Vie privée et image"),
    "minors-safety": gettext_lazy("Mineurs et sécurité des personnes"),
    "discrimination": gettext_lazy("Discrimination"),
    "symbols": gettext_lazy("Symboles"),
    "non-public": gettext_lazy("Non public"),
}
OPINION_REASONS = {
    OpinionReason.DOUBT: gettext_lazy("une réponse est douteuse"),
    OpinionReason.EXCLUDER_HOLDS: gettext_lazy("une exclusion s’applique"),
    OpinionReason.RARELY_MANIFEST: gettext_lazy("ce fondement est rarement manifeste"),
    OpinionReason.LAW_NOT_READ: gettext_lazy("le texte de loi n’a pas été lu pour ce catalogue"),
    OpinionReason.READ_TWICE_BEFORE_DECLINING: gettext_lazy("cette raison se relit à deux avant d’écarter"),
}
URGENCIES = {
    Urgency.HIGH: gettext_lazy("À traiter aujourd’hui ; PHAROS avant la plateforme."),
    Urgency.IMMINENT_DANGER: gettext_lazy("Danger : 17 ou 112 d’abord, puis PHAROS, puis la plateforme."),
    Urgency.TERRORIST: gettext_lazy("PHAROS d’abord ; la plateforme en parallèle."),
    Urgency.CSAM: gettext_lazy(
        "Ne rien ouvrir, copier ni envoyer : l’adresse seule va à PHAROS ou à Point de Contact."
    ),
}
ACTS = {
    Act.INSULTS: gettext_lazy("injurie ou méprise"),
    Act.IMPUTES: gettext_lazy("accuse d’un fait précis"),
    Act.CALLS: gettext_lazy("appelle à la haine, à la discrimination ou à la violence"),
    Act.CALLS_CRIME: gettext_lazy("appelle à un acte précis (tuer, frapper, brûler…)"),
    Act.THREATENS_DEATH: gettext_lazy("menace de mort"),
    Act.THREATENS: gettext_lazy("menace autrement"),
    Act.DENIES: gettext_lazy("nie la Shoah"),
    Act.DENIES_OTHER: gettext_lazy("nie un autre génocide ou crime jugé"),
    Act.PRAISES_CRIME: gettext_lazy("fait l’éloge d’un crime"),
    Act.PRAISES_TERROR: gettext_lazy("fait l’éloge du terrorisme"),
    Act.CALLS_TERROR: gettext_lazy("appelle au terrorisme"),
    Act.HARASSES: gettext_lazy("harcèle une personne"),
    Act.PILES_ON: gettext_lazy("participe à un raid"),
    Act.HARASSES_SEXUALLY: gettext_lazy("impose des propos sexuels ou sexistes"),
    Act.DISCLOSES: gettext_lazy("divulgue des informations privées"),
    Act.SHARES_INTIMATE: gettext_lazy("diffuse une image intime"),
    Act.BLACKMAILS: gettext_lazy("fait chanter avec une image intime"),
    Act.FAKES: gettext_lazy("montre un montage ou un hypertrucage"),
    Act.FAKES_SEXUAL: gettext_lazy("montre un montage sexuel"),
    Act.IMPERSONATES: gettext_lazy("usurpe une identité"),
    Act.SHOWS_VIOLENCE: gettext_lazy("montre des violences réelles"),
    Act.PUSHES_TO_SUICIDE: gettext_lazy("pousse au suicide"),
    Act.SEXUALISES_MINOR: gettext_lazy("sexualise un mineur, d’après la description"),
    Act.REFUSES_SERVICE: gettext_lazy("refuse un bien, un emploi, un logement ou un service"),
    Act.PROMISES_CONVERSION: gettext_lazy("promet de « changer » une orientation ou une identité"),
    Act.DISPLAYS_SYMBOL: gettext_lazy("montre un symbole nazi ou d’un crime"),
    Act.DESECRATES: gettext_lazy("montre ou revendique une profanation"),
    Act.OBSTRUCTS: gettext_lazy("entrave une réunion ou une association par des menaces"),
    Act.THREATENS_TO_OBTAIN: gettext_lazy("menace pour obtenir quelque chose"),
    Act.THREATENS_PLACE: gettext_lazy("menace un lieu"),
    Act.STATES_HOSTILITY: gettext_lazy("dit son hostilité, sans appel ni injure"),
    Act.QUOTES_TO_DENOUNCE: gettext_lazy("cite pour dénoncer"),
    Act.JOKES: gettext_lazy("plaisante ou imagine"),
    Act.INFORMS: gettext_lazy("informe, archive ou étudie"),
}
TARGETS = {
    Target.PERSON: gettext_lazy("une personne"),
    Target.GROUP: gettext_lazy("un groupe de personnes"),
    Target.OFFICIAL: gettext_lazy("un élu, un agent public"),
    Target.BELIEF: gettext_lazy("une croyance, une doctrine"),
    Target.STATE: gettext_lazy("un État, une politique"),
    Target.NOBODY: gettext_lazy("personne en particulier"),
}


def said(facts: Facts, book: Catalogue, language: str, *, opened: bool) -> dict[str, Any]:
    """Return the plain questions with what is answered or hinted."""
    first = ("origin", "religion", "ethnicity", "nation", "alleged-race", "sex", "sexual-orientation",
             "gender-identity", "disability")  # fmt: skip
    return {
        "opened": opened,
        "acts": [(act.value, label, act in facts.acts) for act, label in ACTS.items()],
        "targets": [(target.value, label, target is facts.target) for target, label in TARGETS.items()],
        "criteria": [(code, book.criteria[code].said_in(language), code in facts.criteria) for code in first],
        "public": facts.is_public,
    }


def families(book: Catalogue, language: str) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Return the grounds in force, by family, for the list to choose from."""
    found: dict[str, list[tuple[str, str]]] = {}
    for ground in book.having(Status.IN_FORCE):
        found.setdefault(ground.family, []).append((ground.id, ground.title.said_in(language)))
    return [(FAMILIES.get(family, family), grounds) for family, grounds in found.items()]


def suggestion(one: Suggestion, book: Catalogue, language: str) -> dict[str, Any]:
    """Return a suggested entry with its reasons."""
    return {
        "id": one.ground_id,
        "title": book.ground(one.ground_id).title.said_in(language),
        "why": [reason.said_in(language) for reason in one.reasons],
    }


def form_context(
    form: ReadingForm | None, content: Content, book: Catalogue, language: str, *, shown: bool, now: datetime
) -> dict[str, Any]:
    """Return what the form shows: the text with its words, the questions, what follows in law."""
    quotes = form.quotes if form else ()
    context: dict[str, Any] = {"text": selectable_html(content.text, shown=shown, quotes=quotes), "form": form}
    if form is None:
        return context
    ground = form.ground
    return context | {
        "ground": entry(ground, book, language),
        "elements": [
            _question(one, form.answers, language) | {"informs": one.id in ground.informing} for one in ground.elements
        ],
        "excluders": [_question(one, form.excluder_answers, language) for one in ground.excluders],
        "either": len(ground.made_out_by) > 1,
        "quotes": [_quote(quote, content.text, shown=shown) for quote in form.quotes],
        "whole": any(quote.text.strip() == content.text.strip() for quote in form.quotes),
        "criteria": [
            (code, book.criteria[code].said_in(language), code in form.criteria) for code in ground.protected_criteria
        ],
        "limitation": limitation_shown(
            limitation(ground, content.published_at, now, seen_at=content.created_at), language
        ),
        "aggravations": [
            {
                "title": one.ground.title.said_in(language),
                "articles": one.ground.articles,
                "maximum": duration_text(one.prison_months_max).said_in(language),
                "criteria": [book.criteria[code].said_in(language) for code in one.criteria],
            }
            for one in suggest_aggravations(ground, form.criteria, book)
        ],
        "opinion": [str(OPINION_REASONS[why]) for why in needs_second_opinion(ground, None).reasons],
    }


def limitation_shown(found: Limitation | None, language: str) -> dict[str, Any] | None:
    """Return a limitation for a page, with its source; None when the ground has none."""
    if found is None:
        return None
    return {
        "last_day": found.last_day,
        "prudent_day": found.prudent_day if found.prudent_day != found.last_day else None,
        "no_later_than": found.no_later_than,
        "days_left": found.days_left,
        "level": found.level,
        "is_time_barred": found.is_time_barred,
        "is_unknown": found.is_unknown,
        "basis": found.basis,
        "start": found.start.said_in(language),
        "caution": found.caution.said_in(language) if found.caution else "",
    }


def entry(ground: Ground, book: Catalogue, language: str) -> dict[str, Any]:
    """Return an entry of the catalogue for a page."""
    penalty, verification = ground.penalty, ground.verification
    return {
        "id": ground.id,
        "title": ground.title.said_in(language),
        "articles": ground.articles,
        "version": book.version,
        "is_ground": ground.can_stand_alone,
        "elements": [one.text.said_in(language) for one in ground.elements],
        "excluders": [one.text.said_in(language) for one in ground.excluders],
        "penalty": penalty_text(ground, language),
        "aggravations": [one.said_in(language) for one in penalty.aggravations] if penalty else [],
        "penalty_note": penalty.note.said_in(language) if penalty and penalty.note else "",
        "basis": ground.limitation.basis if ground.limitation else "",
        "manifest_note": ground.manifest_note.said_in(language) if ground.manifest_note else "",
        "is_manifest": ground.manifest_typically,
        "complaint": ground.complaint.note.said_in(language) if ground.complaint and ground.complaint.note else "",
        "civil_party": [one.said_in(language) for one in ground.civil_party],
        "urgency": URGENCIES.get(ground.urgency, ""),
        "urgency_note": ground.urgency_note.said_in(language) if ground.urgency_note else "",
        "verification": verification.label.said_in(language),
        "verification_note": verification.note.said_in(language) if verification.note else "",
        "verified_at": verification.verified_at,
        "is_weak": verification.level.is_weak,
        "sources": ground.sources,
        "withholds_words": ground.withholds_words,
        "is_csam": ground.urgency is Urgency.CSAM,
    }


def qualification(row: models.Qualification, language: str) -> dict[str, Any]:
    """Return a ground as it was read, with its answers, for a page."""
    ground, book = row.ground(), row.book()
    answers = {**row.element_answers(), **row.excluder_answers_given()}
    labels = {answer: label for answer, label, _key in ANSWERS}
    return {
        "row": row,
        "entry": entry(ground, book, language),
        "verdict": VERDICTS[row.assessment().verdict],
        "answers": [
            (one.text.said_in(language), labels[answers[one.id]] if one.id in answers else _("sans réponse"))
            for one in (*ground.elements, *ground.excluders)
        ],
        "status": models.Qualification.Status(row.status).label,
    }


def content_with_words(content: Content, reading: models.Reading | None, *, shown: bool) -> dict[str, Any]:
    """Return a content with the words concerned marked in it."""
    quotes = reading.words() if reading else ()
    return {
        "content": content,
        "html": masked_html(content.text, shown=shown, quotes=quotes),
        "media_description": reading.media_description if reading else "",
    }


def reason(ground: Ground, is_suggested: bool, language: str) -> dict[str, Any]:
    """Return a reason to decline for a page."""
    return {
        "id": ground.id,
        "title": ground.title.said_in(language),
        "questions": [one.text.said_in(language) for one in ground.elements],
        "note": ground.manifest_note.said_in(language) if ground.manifest_note else "",
        "is_suggested": is_suggested,
    }


def read_twice(ground: Ground) -> bool:
    """Say whether this reason is better read by two people."""
    return needs_second_opinion(ground, None).is_recommended


def people_to_answer(case: Case) -> int:
    """Return how many reports an answer would reach: a line of a partner's file has nobody with a code behind it."""
    rows = ReportCase.objects.of(case.organisation_id).filter(case=case).values("report_id")
    reached = Report.objects.of(case.organisation_id).filter(pk__in=rows, receipt_digest__isnull=False)
    return reached.exclude(state=ReportState.PURGED).count()


def language_of_answer(case: Case) -> str:
    """Return the language in which whoever reported is answered: theirs, if one of them said English alone."""
    rows = ReportCase.objects.of(case.organisation_id).filter(case=case).values("report_id")
    spoken = set(Report.objects.of(case.organisation_id).filter(pk__in=rows).values_list("language", flat=True))
    return "en" if spoken == {"en"} else "fr"


def _question(question: Question, answers: dict[str, Answer], language: str) -> dict[str, Any]:
    given = answers.get(question.id)
    return {
        "id": question.id,
        "text": question.text.said_in(language),
        "choices": [(answer.value, label, key, given is answer) for answer, label, key in ANSWERS],
    }


def _quote(quote: Quote, text: str, *, shown: bool) -> dict[str, Any]:
    return {
        "passage": f"{quote.start}-{quote.end}",
        "html": passage_html(text, quote, shown=shown),
    }
