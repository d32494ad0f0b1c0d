"""Save a reading, let it stand, decline, ask a jurist, answer as one, take it up again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language

from vigie.casefile.actions import set_published_at
from vigie.casefile.journal import record
from vigie.casefile.models import Case, CaseContent, Content
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger, Stage
from vigie.core.errors import Conflict, NotFound, Refusal, UnusableInput
from vigie.core.words import N_
from vigie.intake.actions.conversation import answer_reporter
from vigie.intake.actions.referral import confirm, set_aside
from vigie.intake.rules.values import MessageKind
from vigie.organisations.rules.policy import Action, Actor, may, require
from vigie.qualification import catalogue
from vigie.qualification.models import Decline, Qualification, Reading, SecondOpinion
from vigie.qualification.queries import OPEN, decline_of, earliest_limitation, standing_of
from vigie.qualification.rules.assessment import Answer, NotABaseGround, Verdict
from vigie.qualification.rules.quotes import NoWords, Quote, check_quotes, text_digest
from vigie.qualification.rules.values import Catalogue, Status, Urgency
from vigie.triage.actions import require_holder
from vigie.triage.rules.moves import CaseIsClosed

DANGER = {
    Urgency.STANDARD: Danger.STANDARD,
    Urgency.HIGH: Danger.HIGH,
    Urgency.CSAM: Danger.HIGH,
    Urgency.TERRORIST: Danger.TERRORIST,
    Urgency.IMMINENT_DANGER: Danger.IMMINENT,
}


class NotInTheCase(NotFound):
    """The case is not about this content."""


class NotMadeOut(Refusal):
    """The answers do not establish the ground."""


class NeedsOpinion(Refusal):
    """A doubt remains, and no jurist has upheld the reading."""


class NothingToReopen(Conflict):
    """No reading stands."""


class AlreadyDeclined(Conflict):
    """The case was declined already: declining it again would answer whoever reported twice."""


class OwnReading(Refusal):
    """A second opinion is somebody else's."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a person read of one content under one ground. An answer that is absent was not given."""

    ground_id: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    excluder_answers: Mapping[str, Answer] = field(default_factory=dict)
    quotes: tuple[Quote, ...] = ()
    criteria: tuple[str, ...] = ()
    explanation: str = ""
    media_description: str = ""


def save_answers(*, actor: Actor, case: Case, content: Content, read: Read, now: datetime) -> Qualification:
    """Keep a reading as far as it has come. Saving the same again changes nothing.

    Answers that change after a jurist upheld them are no longer upheld.

    Raises:
        NotAllowed: this role qualifies nothing.
        HeldByAnother: somebody else works on the case.
        NotABaseGround: the entry cannot carry a qualification.
        WordsNotInContent: the words are not in the text.
        UnknownQuestion: an answer to a question the ground does not ask.
    """
    require(actor, Action.QUALIFY, case.organisation_id)
    with transaction.atomic():
        case = _held(actor, case, now)
        return _save(actor, case, content, read, now)


def qualify(*, actor: Actor, case: Case, content: Content, read: Read, now: datetime) -> Qualification:
    """Let a ground stand for a content. Other grounds that stand keep standing.

    Raises:
        NotMadeOut: the answers do not establish it.
        NeedsOpinion: a doubt remains that no jurist has upheld.
        NoWords: the content has words and none was quoted, nor is it described.
        and all that `save_answers` raises.
    """
    require(actor, Action.QUALIFY, case.organisation_id)
    with transaction.atomic():
        case = _held(actor, case, now)
        if catalogue.current().ground(read.ground_id).urgency is Urgency.CSAM:
            read = replace(read, quotes=(), media_description="", explanation="")  # the address alone may be kept
        qualification = _save(actor, case, content, read, now, will_stand=True)
        _require_made_out(qualification)
        _require_words(qualification, content)
        if qualification.is_standing and case.stage == Stage.QUALIFIED:
            return qualification
        qualification.status = Qualification.Status.STANDING
        qualification.settled_by_id, qualification.settled_at = actor.member_id, now
        qualification.save(update_fields=["status", "settled_by", "settled_at"])
        ground = qualification.ground()
        if ground.urgency is Urgency.CSAM:
            _set_aside(actor, content, now)
        _let_opinions_lapse(case, now)
        record(
            Event.QUALIFIED, actor=actor, now=now, case=case,
            data={
                "content": content.reference, "ground": ground.id, "catalogue": qualification.catalogue_version,
                "answers": qualification.answers, "excluders": qualification.excluder_answers,
                "upheld": qualification.is_upheld, "danger": int(DANGER[ground.urgency]),
                "limitation_on": _limitation_on(case, now),
            },
        )  # fmt: skip
        return qualification


def _set_aside(actor: Actor, content: Content, now: datetime) -> None:
    """Hide what was found to be child abuse; where the actor may settle that, it is confirmed, and erased."""
    set_aside(actor, content, url=content.url, now=now)
    if may(actor, Action.TRIAGE_CASE, content.organisation_id):
        confirm(content, now)


def withdraw(*, actor: Actor, qualification: Qualification, now: datetime) -> None:
    """Give up one ground; when none stands any more, the case goes back to triage."""
    require(actor, Action.QUALIFY, qualification.organisation_id)
    with transaction.atomic():
        case = _held(actor, qualification.reading.case, now)
        locked = Qualification.objects.of(actor.organisation_id).select_for_update().get(pk=qualification.pk)
        if locked.status == Qualification.Status.WITHDRAWN:
            return
        was_standing = locked.is_standing
        locked.status = Qualification.Status.WITHDRAWN
        locked.save(update_fields=["status"])
        if was_standing:
            _stands_no_more(actor, case, locked, now)


def _stands_no_more(actor: Actor, case: Case, qualification: Qualification, now: datetime) -> None:
    """Witness that a ground which stood does not any more: what is written, counted and due rests on the others."""
    if not standing_of(case).exists():
        record(Event.READING_REOPENED, actor=actor, now=now, case=case, data={"ground": qualification.ground_id})
        return
    record(
        Event.LIMITATION_COUNTED, actor=actor, now=now, case=case,
        data={
            "limitation_on": _limitation_on(case, now), "withdrawn": qualification.ground_id,
            "content": qualification.reading.content.reference,
        },
    )  # fmt: skip


def decline(*, actor: Actor, case: Case, reason_id: str, now: datetime, note: str = "", answer: str = "") -> Decline:
    """Take a case no further, for a reason of the catalogue. Grounds that stood no longer do.

    Args:
        answer: what to say to everybody who reported, as a person read and amended it; sent with the decline.

    Raises:
        MessageTooLong: the answer is longer than anybody would read.
        UnusableInput: the entry is no reason to decline.
        HeldByAnother: somebody else works on the case.
        AlreadyDeclined: for another reason; for the same one, the decline that stands is returned.
    """
    require(actor, Action.QUALIFY, case.organisation_id)
    book = catalogue.current()
    if book.ground(reason_id).status is not Status.DECLINE_REASON:
        raise UnusableInput(N_("Ce n’est pas une raison de ne pas retenir."))
    with transaction.atomic():
        case = _held(actor, case, now)
        known = decline_of(case)
        if known is not None:
            if known.reason_id == reason_id:
                return known
            raise AlreadyDeclined(
                N_("Ce dossier n’a pas été retenu, pour une autre raison : reprenez d’abord la lecture.")
            )
        standing_of(case).update(status=Qualification.Status.WITHDRAWN)
        declined = Decline.objects.create(
            organisation_id=actor.organisation_id, case=case, catalogue_version=book.version,
            jurisdiction=book.jurisdiction, reason_id=reason_id, note=note.strip(), answer=answer.strip(),
            declined_by_id=actor.member_id, declined_at=now,
        )  # fmt: skip
        _let_opinions_lapse(case, now)
        record(
            Event.DECLINED, actor=actor, now=now, case=case,
            data={"reason": reason_id, "catalogue": book.version, "answered": bool(declined.answer)},
        )  # fmt: skip
        if declined.answer:
            answer_reporter(actor=actor, case=case, text=declined.answer, kind=MessageKind.DECISION, now=now)
        return declined


def ask_second_opinion(
    *, actor: Actor, case: Case, now: datetime, qualification: Qualification | None = None, question: str = ""
) -> SecondOpinion:
    """Put a question to a jurist. Asking while one is open returns the open one.

    Raises:
        HeldByAnother: somebody else works on the case.
    """
    require(actor, Action.QUALIFY, case.organisation_id)
    with transaction.atomic():
        case = _held(actor, case, now)
        opened = SecondOpinion.objects.of(actor.organisation_id).filter(case=case, **OPEN).first()
        if opened is not None:
            return opened
        asked = SecondOpinion.objects.create(
            organisation_id=actor.organisation_id, case=case, qualification=qualification,
            question=question.strip(), asked_by_id=actor.member_id, asked_at=now,
        )  # fmt: skip
        record(
            Event.SECOND_OPINION_ASKED, actor=actor, now=now, case=case,
            data={"opinion": asked.pk, "ground": qualification.ground_id if qualification else None},
        )  # fmt: skip
        return asked


def give_second_opinion(
    *, actor: Actor, opinion: SecondOpinion, verdict: SecondOpinion.Verdict, text: str, now: datetime
) -> None:
    """Answer as a jurist. Upholding lets a doubtful reading stand; a refuted element stays refuted.

    Raises:
        NotAllowed: this is for a jurist.
        OwnReading: they asked the question themselves, or made the reading.
        Conflict: it was already answered.
    """
    require(actor, Action.GIVE_SECOND_OPINION, opinion.organisation_id)
    with transaction.atomic():
        locked = (
            SecondOpinion.objects.of(actor.organisation_id)
            .select_related("case")
            .select_for_update(of=("self",))
            .get(pk=opinion.pk)
        )
        if locked.given_at is not None or locked.lapsed_at is not None:
            raise Conflict(N_("Cette question n’attend plus de réponse."))
        concerned = locked.qualification
        if actor.member_id in {locked.asked_by_id, concerned.saved_by_id if concerned else None}:
            raise OwnReading(N_("Un second avis vient de quelqu’un d’autre que l’auteur de la lecture."))
        locked.verdict, locked.opinion = verdict, text.strip()
        locked.given_by_id, locked.given_at = actor.member_id, now
        locked.save(update_fields=["verdict", "opinion", "given_by", "given_at"])
        if concerned is not None and not concerned.is_standing:
            concerned.is_upheld = verdict == SecondOpinion.Verdict.UPHELD
            concerned.save(update_fields=["is_upheld"])
        record(
            Event.SECOND_OPINION_GIVEN, actor=actor, now=now, case=locked.case,
            data={"opinion": locked.pk, "verdict": str(verdict), "ground": concerned.ground_id if concerned else None},
        )  # fmt: skip


def reopen(*, actor: Actor, case: Case, now: datetime, why: str = "") -> None:
    """Take the legal reading up again: what stood becomes a draft, a decline is lifted.

    Args:
        why: a word for the journal, not free text (`refused`, `mistake`…).

    Raises:
        NothingToReopen: the case is neither qualified nor declined.
    """
    require(actor, Action.QUALIFY, case.organisation_id)
    with transaction.atomic():
        case = _held(actor, case, now)
        if case.stage not in {Stage.QUALIFIED, Stage.DECLINED}:
            raise NothingToReopen(N_("Ce dossier n’est ni qualifié ni écarté."))
        standing_of(case).update(status=Qualification.Status.DRAFT)
        Decline.objects.of(actor.organisation_id).filter(case=case, reopened_at=None).update(reopened_at=now)
        record(Event.READING_REOPENED, actor=actor, now=now, case=case, data={"why": why} if why else {})


def set_publication(*, actor: Actor, case: Case, content: Content, published_at: datetime, now: datetime) -> None:
    """Note when a content was first put online, as a member read it, and count the limitation again.

    Raises:
        UnusableInput: the moment has not come yet.
        HeldByAnother: somebody else works on the case.
    """
    require(actor, Action.QUALIFY, case.organisation_id)
    if published_at > now:
        raise UnusableInput(N_("Cette date de publication n’est pas encore venue."))
    with transaction.atomic():
        case = _held(actor, case, now)
        set_published_at(actor=actor, case=case, content=content, published_at=published_at, source="member", now=now)
        if standing_of(case).exists():
            record(
                Event.LIMITATION_COUNTED, actor=actor, now=now, case=case,
                data={"limitation_on": _limitation_on(case, now)},
            )  # fmt: skip


def _limitation_on(case: Case, now: datetime) -> str | None:
    """Return the earliest day on which a standing ground becomes time-barred, as the journal writes it."""
    first = earliest_limitation(case, now)
    return first.prudent_day.isoformat() if first and first.prudent_day else None


def _held(actor: Actor, case: Case, now: datetime) -> Case:
    """Lock the case; take it if nobody holds it, refuse if somebody else does."""
    locked: Case = Case.objects.of(actor.organisation_id).select_for_update().get(pk=case.pk)
    if locked.stage == Stage.CLOSED:
        raise CaseIsClosed
    if locked.holder_id is None and actor.member_id is not None:
        record(Event.CASE_CLAIMED, actor=actor, now=now, case=locked, data={"holder": actor.member_id})
    require_holder(actor, locked)
    return locked


def _save(
    actor: Actor, case: Case, content: Content, read: Read, now: datetime, *, will_stand: bool = False
) -> Qualification:
    if not CaseContent.objects.of(actor.organisation_id).filter(case=case, content=content).exists():
        raise NotInTheCase(N_("Ce contenu n’est pas dans le dossier."))
    reading, words_changed = _save_reading(actor, case, content, read, now)
    known = Qualification.objects.of(actor.organisation_id).filter(reading=reading, ground_id=read.ground_id).first()
    book = _book_for(known)
    ground = book.ground(read.ground_id)
    if not ground.can_stand_alone:
        raise NotABaseGround(ground)
    qualification = known or Qualification(
        organisation_id=actor.organisation_id, reading=reading, ground_id=ground.id, saved_at=now
    )
    before = _said(qualification) if known else None
    qualification.jurisdiction, qualification.catalogue_version = book.jurisdiction, book.version
    qualification.answers = {question: str(given) for question, given in read.answers.items()}
    qualification.excluder_answers = {question: str(given) for question, given in read.excluder_answers.items()}
    qualification.explanation = read.explanation.strip()
    qualification.assessment()  # refuses answers to questions never asked
    after = _said(qualification)
    was_standing = qualification.is_standing
    if before != after:
        if before is not None and before[:3] != after[:3]:
            qualification.is_upheld = False
        qualification.status = Qualification.Status.DRAFT
        qualification.saved_by_id, qualification.saved_at = actor.member_id, now
        qualification.save()
    if before != after or words_changed:
        record(
            Event.READING_SAVED, actor=actor, now=now, case=case,
            data={"content": content.reference, "ground": ground.id, "catalogue": book.version},
        )  # fmt: skip
    if was_standing and before != after and not will_stand:
        _stands_no_more(actor, case, qualification, now)
    return qualification


def _book_for(known: Qualification | None) -> Catalogue:
    """Return the current catalogue, but keep an entry's own version while it stands as it was made."""
    return known.book() if known is not None and known.is_standing else catalogue.current()


def _said(qualification: Qualification) -> tuple[object, ...]:
    """Return what a person said, to tell whether it changed; the first three are what a jurist upholds."""
    return (
        qualification.catalogue_version,
        dict(qualification.answers),
        dict(qualification.excluder_answers),
        qualification.explanation,
        qualification.status == Qualification.Status.WITHDRAWN,
    )


def _save_reading(actor: Actor, case: Case, content: Content, read: Read, now: datetime) -> tuple[Reading, bool]:
    check_quotes(content.text, read.quotes)
    known = Reading.objects.of(actor.organisation_id).filter(case=case, content=content).first()
    reading = known or Reading(organisation_id=actor.organisation_id, case=case, content=content)
    said = {
        "quotes": [{"start": q.start, "end": q.end, "text": q.text} for q in _in_order(read.quotes)],
        "text_sha256": text_digest(content.text),
        "media_description": read.media_description.strip(),
        "criteria": sorted(set(read.criteria) & set(catalogue.current().criteria)),
    }
    changed = known is None or any(getattr(reading, name) != value for name, value in said.items())
    if changed:
        for name, value in said.items():
            setattr(reading, name, value)
        reading.saved_at = now
        reading.save()
    return reading, changed


def _in_order(quotes: Iterable[Quote]) -> list[Quote]:
    return sorted(set(quotes), key=lambda quote: (quote.start, quote.end))


def _require_made_out(qualification: Qualification) -> None:
    assessment = qualification.assessment()
    if assessment.verdict is Verdict.MADE_OUT:
        return
    if assessment.verdict is Verdict.DOUBTFUL:
        if qualification.is_upheld:
            return
        raise NeedsOpinion(N_("Un doute subsiste : demandez un second avis, ou ne retenez pas."))
    question = assessment.reasons[0].question.text.said_in(get_language() or "fr")
    if assessment.verdict is Verdict.INCOMPLETE:
        raise NotMadeOut(N_("Il reste à répondre : « %(question)s »"), question=question)
    raise NotMadeOut(N_("Ce fondement ne tient pas : la réponse est non à « %(question)s »"), question=question)


def _require_words(qualification: Qualification, content: Content) -> None:
    ground, reading = qualification.ground(), qualification.reading
    if ground.urgency is Urgency.CSAM or reading.media_description:
        return
    if ground.withholds_words:
        raise Refusal(N_("Décrivez le contenu sans recopier les informations qu’il divulgue."))
    if not reading.quotes:
        raise NoWords


def _let_opinions_lapse(case: Case, now: datetime) -> None:
    """A case settled otherwise ends the question: the jurist's list must not keep it."""
    SecondOpinion.objects.of(case.organisation_id).filter(case=case, **OPEN).update(lapsed_at=now)
