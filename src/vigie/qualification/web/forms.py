"""What a browser sends of a reading, turned into values; nothing is guessed where nothing was answered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from vigie.core.errors import VigieError
from vigie.qualification.actions import Read
from vigie.qualification.models import Qualification, Reading, SecondOpinion
from vigie.qualification.rules.assessment import Answer
from vigie.qualification.rules.quotes import Quote, WordsNotInContent, check_quotes, find_quote
from vigie.qualification.rules.values import Ground

_PASSAGE = re.compile(r"(\d{1,7})-(\d{1,7})")


@dataclass(slots=True)
class ReadingForm:
    """What stands in the form: what was kept before, then what was just sent."""

    ground: Ground
    answers: dict[str, Answer] = field(default_factory=dict)
    excluder_answers: dict[str, Answer] = field(default_factory=dict)
    quotes: tuple[Quote, ...] = ()
    not_found: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    explanation: str = ""
    media_description: str = ""
    faults: list[VigieError] = field(default_factory=list)

    def read(self) -> Read:
        """Return what the person read, for the action."""
        return Read(
            ground_id=self.ground.id,
            answers=self.answers,
            excluder_answers=self.excluder_answers,
            quotes=self.quotes,
            criteria=self.criteria,
            explanation=self.explanation,
            media_description=self.media_description,
        )

    def with_every_element_yes(self) -> ReadingForm:
        """Return the form with each deciding question answered yes, for a person to look over before they send it."""
        yes = {one.id: Answer.YES for one in self.ground.elements if one.id not in self.ground.informing}
        return replace(self, answers={**self.answers, **yes})

    def with_no_excluder(self) -> ReadingForm:
        """Return the form with each exclusion answered no, for a person to look over before they send it."""
        return replace(self, excluder_answers={one.id: Answer.NO for one in self.ground.excluders})


def kept_form(ground: Ground, reading: Reading | None, qualification: Qualification | None, text: str) -> ReadingForm:
    """Return the form as it was last kept; words that the text no longer holds are looked for again, or dropped."""
    form = ReadingForm(ground)
    if reading is not None:
        form.quotes = tuple(quote for kept in reading.words() if (quote := _still_there(kept, text)))
        form.criteria = tuple(reading.criteria)
        form.media_description = reading.media_description
    if qualification is not None:
        known = {question.id for question in (*ground.elements, *ground.excluders)}
        form.answers = {k: v for k, v in qualification.element_answers().items() if k in known}
        form.excluder_answers = {k: v for k, v in qualification.excluder_answers_given().items() if k in known}
        form.explanation = qualification.explanation
    return form


def sent_form(ground: Ground, data: QueryDict, text: str) -> ReadingForm:
    """Return the form as it was just sent. Words that are not in the text are kept aside with their fault."""
    form = ReadingForm(
        ground,
        answers=_answers(data, [element.id for element in ground.elements]),
        excluder_answers=_answers(data, [excluder.id for excluder in ground.excluders]),
        criteria=tuple(data.getlist("critere")),
        explanation=data.get("explication", "").strip(),
        media_description=data.get("description", "").strip(),
    )
    found: list[Quote] = []
    not_found: list[str] = []
    for passage in data.getlist("passage"):
        quote = _passage(passage, text)
        if quote is not None:
            found.append(quote)
    if data.get("tout") and text.strip():
        found.append(find_quote(text, text))
    for words in data.getlist("mots"):
        if not words.strip():
            continue
        try:
            found.append(find_quote(text, words))
        except WordsNotInContent as fault:
            not_found.append(words)
            form.faults.append(fault)
    form.quotes = tuple(dict.fromkeys(sorted(found, key=lambda quote: (quote.start, quote.end))))
    form.not_found = tuple(not_found)
    return form


class PublicationForm(forms.Form):
    """When a content was first put online, as somebody read it on the page, in Paris time."""

    publie = forms.DateTimeField(
        label=_("Première mise en ligne"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"],
        error_messages={
            "required": _("Donnez une date."), "invalid": _("Écrivez la date ainsi : 21/11/2026 14:30."),
        },
    )  # fmt: skip

    def moment(self) -> datetime:
        """Return the moment, aware."""
        given: datetime = self.cleaned_data["publie"]
        return given


class OpinionForm(forms.Form):
    """What a jurist answers."""

    verdict = forms.ChoiceField(
        label=_("Votre avis"), choices=SecondOpinion.Verdict.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une réponse.")},
    )  # fmt: skip
    texte = forms.CharField(label=_("Pourquoi"), required=False, widget=forms.Textarea(attrs={"rows": 4}))


def _answers(data: QueryDict, questions: list[str]) -> dict[str, Answer]:
    given = {question: data.get(question, "") for question in questions}
    return {question: Answer(said) for question, said in given.items() if said in set(Answer)}


def _passage(passage: str, text: str) -> Quote | None:
    """Return the words between two positions, without the blanks around them; None when there are none."""
    numbers = _PASSAGE.fullmatch(passage)
    if numbers is None:
        return None
    start, end = int(numbers[1]), min(int(numbers[2]), len(text))
    words = text[start:end]
    if not words.strip():
        return None
    start += len(words) - len(words.lstrip())
    return Quote(start, start + len(words.strip()), words.strip())


def _still_there(quote: Quote, text: str) -> Quote | None:
    try:
        check_quotes(text, [quote])
    except WordsNotInContent:
        try:
            return find_quote(text, quote.text)
        except WordsNotInContent:
            return None
    return quote
