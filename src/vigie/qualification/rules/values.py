"""What a legal catalogue says, as values that cannot change under our feet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from vigie.core.errors import NotFound
from vigie.core.words import N_

Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One sentence, in French and in English."""

    fr: str
    en: str

    def said_in(self, language: str) -> str:
        """Return the sentence in `language`; any language but French reads the English."""
        return self.fr if language.lower().startswith("fr") else self.en


class Status(StrEnum):
    """What an entry of the catalogue may be used for."""

    IN_FORCE = "in-force"
    AGGRAVATING = "aggravating-circumstance"
    NOT_AN_OFFENCE = "not-an-offence"
    DECLINE_REASON = "decline-reason"


class Publicity(StrEnum):
    """Where the words must have been said for the ground to apply."""

    PUBLIC = "public"
    NON_PUBLIC = "non-public"
    ANY = "any"


class Urgency(StrEnum):
    """How fast a content of this kind has to be handled, and by whom first."""

    STANDARD = "standard"
    HIGH = "high"
    IMMINENT_DANGER = "imminent-danger"
    TERRORIST = "terrorist"
    CSAM = "csam"

    @property
    def pharos_comes_first(self) -> bool:
        """Say whether PHAROS has to see the content before the platform takes it down.

        Its agents save what they see; a platform told first may remove the evidence.

        Source: service-public.gouv.fr R17674; Regulation (EU) 2021/784, art. 3.
        """
        return self in {Urgency.HIGH, Urgency.IMMINENT_DANGER, Urgency.TERRORIST, Urgency.CSAM}


class MediaStorage(StrEnum):
    """What of the pictures and sounds may be kept."""

    ALLOWED = "allowed"
    BLURRED_ONLY = "blurred-only"
    FORBIDDEN = "forbidden"


class VerificationLevel(StrEnum):
    """How far somebody read the law behind an entry."""

    OFFICIAL = "retrieved-official"
    OFFICIAL_AND_SECONDARY = "retrieved-official+secondary"
    SECONDARY = "retrieved-secondary"
    GENERAL_KNOWLEDGE = "general-knowledge"

    @property
    def is_weak(self) -> bool:
        """Say whether nobody has read the text of the law for this entry."""
        return self in {VerificationLevel.SECONDARY, VerificationLevel.GENERAL_KNOWLEDGE}


class LimitationStart(StrEnum):
    """The day from which the limitation period runs."""

    PUBLICATION = "publication"
    ACT = "act"
    LAST_ACT = "last-act"
    VICTIM_MAJORITY = "victim-majority"


@dataclass(frozen=True, slots=True)
class Question:
    """One question put to the reader; its `id` never changes within a ground."""

    id: str
    text: Bilingual


@dataclass(frozen=True, slots=True)
class Element(Question):
    """What must be true for the ground to be made out, and what a notice says of it when it is."""

    said: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Excluder(Question):
    """What, if true, stands in the way."""


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the law provides at most. `prison_months_max` 0 means a fine alone."""

    category: str
    prison_months_max: int | None
    fine_eur_max: int | None
    aggravations: tuple[Bilingual, ...] = ()
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class LimitationPeriod:
    """How long prosecution stays possible. `months` is None when no simple count exists."""

    months: int | None
    basis: str
    start: LimitationStart
    start_text: Bilingual
    caution: Bilingual | None = None
    caution_months: int | None = None
    period: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """Whether prosecution needs the victim's complaint. A notice to a platform never does."""

    required: bool
    note: Bilingual | None


@dataclass(frozen=True, slots=True)
class DsaCategory:
    """Category and keywords of the DSA Transparency Database."""

    category: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """How far an entry was verified, and the day this was recorded."""

    level: VerificationLevel
    label: Bilingual
    note: Bilingual | None
    verified_at: date


@dataclass(frozen=True, slots=True)
class Ground:
    """One entry of the catalogue: an offence, an aggravation, a trap or a reason to decline."""

    id: str
    family: str
    status: Status
    title: Bilingual
    articles: tuple[str, ...]
    elements: tuple[Element, ...]
    made_out_by: tuple[tuple[str, ...], ...]
    excluders: tuple[Excluder, ...]
    protected_criteria: tuple[str, ...]
    publicity: Publicity
    penalty: Penalty | None
    limitation: LimitationPeriod | None
    complaint: Complaint | None
    civil_party: tuple[Bilingual, ...]
    manifest_typically: bool
    manifest_note: Bilingual | None
    pharos_category: str | None
    dsa: DsaCategory | None
    eu_instruments: tuple[str, ...]
    urgency: Urgency
    urgency_note: Bilingual | None
    media_storage: MediaStorage
    related: tuple[str, ...]
    excluded_grounds: tuple[str, ...]
    withholds_words: bool
    valid_from: date | None
    valid_to: date | None
    verification: Verification
    sources: tuple[str, ...]

    @property
    def can_stand_alone(self) -> bool:
        """Say whether a content can be qualified under this entry."""
        return self.status is Status.IN_FORCE

    @property
    def informing(self) -> frozenset[str]:
        """Return the ids of the elements that inform (an aggravation, a referral) and decide nothing."""
        deciding = {element_id for way in self.made_out_by for element_id in way}
        return frozenset(element.id for element in self.elements if element.id not in deciding)

    def is_in_force_on(self, day: date) -> bool:
        """Say whether the entry may be relied on for words published on `day`."""
        if self.status is not Status.IN_FORCE:
            return False
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def question(self, question_id: str) -> Question:
        """Return the element or excluder called `question_id`.

        Raises:
            KeyError: this ground asks no such question.
        """
        for question in (*self.elements, *self.excluders):
            if question.id == question_id:
                return question
        raise KeyError(f"{self.id}: no question «{question_id}»")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All the entries of one jurisdiction as they stood in one version."""

    jurisdiction: str
    version: str
    law_as_of: Bilingual
    disclaimer: Bilingual
    criteria: Mapping[str, Bilingual]
    pharos_categories: Mapping[str, Bilingual]
    grounds: Mapping[str, Ground] = field(repr=False)

    def ground(self, ground_id: str) -> Ground:
        """Return one entry.

        Raises:
            UnknownGround: this version has no such entry.
        """
        try:
            return self.grounds[ground_id]
        except KeyError:
            raise UnknownGround(ground_id, self.version) from None

    def having(self, status: Status) -> tuple[Ground, ...]:
        """Return the entries with this status, in the order of the file."""
        return tuple(ground for ground in self.grounds.values() if ground.status is status)


class UnknownGround(NotFound):
    """The catalogue of this version has no such entry."""

    def __init__(self, ground_id: str, version: str) -> None:
        super().__init__(N_("Le catalogue du %(version)s n’a pas d’entrée « %(ground)s »."),
                         ground=ground_id, version=version)  # fmt: skip
