"""From the answers given to what they establish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vigie.core.errors import Refusal, UnusableInput
from vigie.core.words import N_

from .values import Ground, Question


class Answer(StrEnum):
    """What a person answered to one question. No answer yet is `None`, never a default."""

    YES = "yes"
    NO = "no"
    DOUBTFUL = "doubtful"


class Verdict(StrEnum):
    """What the answers given so far establish."""

    MADE_OUT = "made-out"
    DOUBTFUL = "doubtful"
    NOT_MADE_OUT = "not-made-out"
    INCOMPLETE = "incomplete"


class Because(StrEnum):
    """Why a verdict is what it is, question by question."""

    ELEMENT_REFUTED = "element-refuted"
    ELEMENT_DOUBTFUL = "element-doubtful"
    ELEMENT_UNANSWERED = "element-unanswered"
    EXCLUDER_HOLDS = "excluder-holds"
    EXCLUDER_DOUBTFUL = "excluder-doubtful"
    EXCLUDER_UNANSWERED = "excluder-unanswered"


@dataclass(frozen=True, slots=True)
class Reason:
    """One question that keeps the ground from being made out."""

    because: Because
    question: Question


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict and every question that weighed on it, in the order asked."""

    verdict: Verdict
    reasons: tuple[Reason, ...]

    @property
    def is_excluded(self) -> bool:
        """Say whether an excluder was answered yes: a second opinion, or a reason to decline."""
        return any(reason.because is Because.EXCLUDER_HOLDS for reason in self.reasons)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Return the ids of the questions that still wait for an answer and could change the verdict."""
        waiting = {Because.ELEMENT_UNANSWERED, Because.EXCLUDER_UNANSWERED}
        return tuple(reason.question.id for reason in self.reasons if reason.because in waiting)


class NotABaseGround(Refusal):
    """An aggravation, a struck-down text or a reason to decline cannot carry a qualification."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(N_("« %(ground)s » ne peut pas fonder à lui seul une qualification."), ground=ground.title.fr)


class UnknownQuestion(UnusableInput):
    """An answer was given to a question the ground does not ask."""

    def __init__(self, ground: Ground, question_id: str) -> None:
        super().__init__(
            N_("Le fondement « %(ground)s » ne pose pas de question « %(question)s »."),
            ground=ground.id,
            question=question_id,
        )


def assess(ground: Ground, answers: Mapping[str, Answer], excluder_answers: Mapping[str, Answer]) -> Assessment:
    """Return what the answers establish under `ground`.

    All elements yes and all excluders no: made out. An element that is no in every way of making out the
    ground refutes it, whatever is still unanswered. An excluder that holds, or any doubt, is doubtful:
    a second opinion or a reason to decline, never a notice by itself.

    Raises:
        NotABaseGround: the entry cannot carry a qualification.
        UnknownQuestion: an answer names a question the ground does not ask.

    Source: catalogue, «element_logic»; alternatives in «made_out_by» are a house reading.
    """
    if not ground.can_stand_alone or not ground.made_out_by:
        raise NotABaseGround(ground)
    _refuse_unknown(ground, answers, excluder_answers)

    elements = _of_the_ways(ground, answers)
    verdict = elements
    if verdict is not Verdict.NOT_MADE_OUT:
        verdict = _weigh_excluders(ground, excluder_answers, elements)
    if verdict is Verdict.MADE_OUT:
        return Assessment(verdict, ())
    return Assessment(verdict, _reasons(ground, answers, excluder_answers, elements))


def _refuse_unknown(ground: Ground, answers: Mapping[str, Answer], excluder_answers: Mapping[str, Answer]) -> None:
    for asked, given in ((ground.elements, answers), (ground.excluders, excluder_answers)):
        known = {question.id for question in asked}
        for question_id in given:
            if question_id not in known:
                raise UnknownQuestion(ground, question_id)


def _of_the_ways(ground: Ground, answers: Mapping[str, Answer]) -> Verdict:
    ways = {_of_one_way([answers.get(element_id) for element_id in way]) for way in ground.made_out_by}
    for verdict in (Verdict.MADE_OUT, Verdict.INCOMPLETE, Verdict.DOUBTFUL):
        if verdict in ways:
            return verdict
    return Verdict.NOT_MADE_OUT


def _of_one_way(answers: list[Answer | None]) -> Verdict:
    if Answer.NO in answers:
        return Verdict.NOT_MADE_OUT
    if None in answers:
        return Verdict.INCOMPLETE
    return Verdict.DOUBTFUL if Answer.DOUBTFUL in answers else Verdict.MADE_OUT


def _weigh_excluders(ground: Ground, answers: Mapping[str, Answer], elements: Verdict) -> Verdict:
    given = [answers.get(excluder.id) for excluder in ground.excluders]
    if elements is Verdict.INCOMPLETE or None in given:
        return Verdict.INCOMPLETE
    if Answer.YES in given or Answer.DOUBTFUL in given:
        return Verdict.DOUBTFUL
    return elements


def _reasons(
    ground: Ground,
    answers: Mapping[str, Answer],
    excluder_answers: Mapping[str, Answer],
    elements: Verdict,
) -> tuple[Reason, ...]:
    """Return the questions that weigh: a way already refuted no longer waits for its other answers."""
    if elements is Verdict.NOT_MADE_OUT:
        return tuple(
            Reason(Because.ELEMENT_REFUTED, element)
            for element in ground.elements
            if answers.get(element.id) is Answer.NO and element.id not in ground.informing
        )
    open_ways = [way for way in ground.made_out_by if Answer.NO not in map(answers.get, way)]
    asked = set() if elements is Verdict.MADE_OUT else {element_id for way in open_ways for element_id in way}
    weighing = [
        Reason(_BECAUSE_ELEMENT[given], element)
        for element in ground.elements
        if element.id in asked and (given := answers.get(element.id)) is not Answer.YES
    ]
    standing_in_the_way = [
        Reason(_BECAUSE_EXCLUDER[given], excluder)
        for excluder in ground.excluders
        if (given := excluder_answers.get(excluder.id)) is not Answer.NO
    ]
    return (*weighing, *standing_in_the_way)


_BECAUSE_ELEMENT = {
    None: Because.ELEMENT_UNANSWERED,
    Answer.DOUBTFUL: Because.ELEMENT_DOUBTFUL,
}
_BECAUSE_EXCLUDER = {
    None: Because.EXCLUDER_UNANSWERED,
    Answer.YES: Because.EXCLUDER_HOLDS,
    Answer.DOUBTFUL: Because.EXCLUDER_DOUBTFUL,
}
