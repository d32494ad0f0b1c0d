"""Questions about how cases were read, asked on behalf of an association."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vigie.casefile.models import Case, Content
from vigie.casefile.queries import once
from vigie.casefile.rules.state import Stage
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.qualification.models import Decline, Qualification, Reading, SecondOpinion
from vigie.qualification.rules.assessment import Answer
from vigie.qualification.rules.limitation import Limitation, earliest, limitation
from vigie.qualification.rules.quotes import Quote, text_digest
from vigie.qualification.rules.values import Ground

OPEN: dict[str, Any] = {"given_at": None, "lapsed_at": None}


@dataclass(frozen=True, slots=True)
class StandingGround:
    """A ground that stands, with the answers it stands on and the version they were given under."""

    qualification_id: int
    ground: Ground
    catalogue_version: str
    answers: Mapping[str, Answer]
    excluder_answers: Mapping[str, Answer]
    explanation: str
    is_upheld: bool


@dataclass(frozen=True, slots=True)
class StandingReading:
    """How one content was read: all that a notice needs to know of it.

    `is_stale`: the text of the content has changed since the words were cut from it.
    """

    content_id: int
    grounds: tuple[StandingGround, ...]
    quotes: tuple[Quote, ...]
    media_description: str
    criteria: tuple[str, ...]
    is_stale: bool


def standing_of(case: Case) -> OwnedQuerySet:
    """Return the qualifications that stand in a case."""
    return Qualification.objects.of(case.organisation_id).filter(
        reading__case=case, status=Qualification.Status.STANDING
    )


def standing_readings(case: Case) -> dict[int, StandingReading]:
    """Return how each content of a case stands qualified, by the content's row; contents not qualified are absent."""
    grounds: dict[int, list[StandingGround]] = {}
    readings: dict[int, Reading] = {}
    standing = [row for row in qualifications_of(case) if row.is_standing]
    for row in sorted(standing, key=lambda row: (row.settled_at or row.saved_at, row.pk)):
        readings[row.reading_id] = row.reading
        grounds.setdefault(row.reading_id, []).append(
            StandingGround(
                qualification_id=row.pk,
                ground=row.ground(),
                catalogue_version=row.catalogue_version,
                answers=row.element_answers(),
                excluder_answers=row.excluder_answers_given(),
                explanation=row.explanation,
                is_upheld=row.is_upheld,
            )
        )
    return {
        reading.content_id: StandingReading(
            content_id=reading.content_id,
            grounds=tuple(grounds[reading.pk]),
            quotes=reading.words(),
            media_description=reading.media_description,
            criteria=tuple(reading.criteria),
            is_stale=reading.text_sha256 != text_digest(reading.content.text),
        )
        for reading in readings.values()
    }


def earliest_limitation(case: Case, now: datetime) -> Limitation | None:
    """Return the limitation that ends first among the grounds that stand; None when none has a period."""
    return earliest_of(standing_of(case).select_related("reading__content"), now)


def earliest_of(rows: Iterable[Qualification], now: datetime) -> Limitation | None:
    """Return the limitation that ends first among these rows; None when none has a period."""
    return earliest(
        limitation(row.ground(), row.reading.content.published_at, now, seen_at=row.reading.content.created_at)
        for row in rows
    )


def reading_of(case: Case, content: Content) -> Reading | None:
    """Return what was read of a content in a case, if anything."""
    found: Reading | None = Reading.objects.of(case.organisation_id).filter(case=case, content=content).first()
    return found


def qualifications_of(case: Case) -> list[Qualification]:
    """Return the grounds read in a case, those given up left out."""
    rows = Qualification.objects.of(case.organisation_id).filter(reading__case=case)
    rows = rows.exclude(status=Qualification.Status.WITHDRAWN)
    rows = rows.select_related("reading__content", "saved_by", "settled_by").order_by("pk")
    return once(case, "qualifications", lambda: list(rows))


def qualification_of(case: Case, content: Content, ground_id: str) -> Qualification | None:
    """Return what was read of a content under one ground, if anything."""
    found: Qualification | None = (
        Qualification.objects.of(case.organisation_id)
        .filter(reading__case=case, reading__content=content, ground_id=ground_id)
        .select_related("reading")
        .first()
    )
    return found


def opinions_of(case: Case) -> list[SecondOpinion]:
    """Return the second opinions asked about a case, latest first."""
    rows = SecondOpinion.objects.of(case.organisation_id).filter(case=case)
    return list(rows.select_related("asked_by", "given_by", "qualification"))


def open_opinion(case: Case) -> SecondOpinion | None:
    """Return the question that waits for a jurist, if there is one."""
    return next((one for one in opinions_of(case) if one.is_open), None)


def opinions_waiting(organisation_id: int) -> OwnedQuerySet:
    """Return the questions that wait for a jurist, oldest first."""
    return SecondOpinion.objects.of(organisation_id).filter(**OPEN).select_related("case").order_by("asked_at")


def decline_of(case: Case) -> Decline | None:
    """Return the decline that stands, if one does: a case reopened in the queue is declined no more."""
    if case.stage not in {Stage.DECLINED, Stage.CLOSED}:
        return None
    found: Decline | None = (
        Decline.objects.of(case.organisation_id)
        .filter(case=case, reopened_at=None)
        .select_related("declined_by")
        .first()
    )
    return found
