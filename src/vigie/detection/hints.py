"""What a detector says about a text, and what anything calling itself a detector offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What sort of term it is."""

    SLUR = "slur"
    """A word that insults a group by itself."""
    CODED = "coded"
    """A word that stands for a group or an idea among those who know."""
    NUMBER = "number"
    """Figures with a meaning: dates, alphabet codes."""
    SLOGAN = "slogan"
    """A set phrase, a rallying cry."""


class Target(StrEnum):
    """Whom a term is aimed at."""

    JEWS = "jews"
    MUSLIMS = "muslims"
    ARABS = "arabs"
    BLACK_PEOPLE = "black-people"
    ASIANS = "asians"
    ROMA = "roma"
    MIGRANTS = "migrants"
    OTHER_ORIGINS = "other-origins"
    WOMEN = "women"
    LGBT = "lgbt"
    DISABLED_PEOPLE = "disabled-people"
    NEO_NAZI = "neo-nazi"
    """Not a target but a recognition sign: it tells who speaks."""
    POLITICAL = "political"
    ANY = "any"


class HateKind(StrEnum):
    """What a hateful text does; one text may do several, the strongest is named."""

    INSULT = "insult"
    CONTEMPT = "contempt"
    """Stereotype, inferiority, disgust: hateful without insult or appeal."""
    DEHUMANISATION = "dehumanisation"
    INCITEMENT = "incitement"
    """A call to exclude, to harm or to discriminate, a wish of death included."""
    THREAT = "threat"
    DENIAL = "denial"
    """Denial or praise of a crime against humanity."""


class Use(StrEnum):
    """How a term stands among the words around it, as far as they tell."""

    PLAIN = "plain"
    """Nothing around it says otherwise: it is meant as it looks."""
    QUOTED = "quoted"
    """Within quotation marks, or reported as said by somebody."""
    RECLAIMED = "reclaimed"
    """Somebody says it of themselves, or among friends."""
    UNSURE = "unsure"
    """The term has an ordinary use too, and nothing around it tells which."""
    ORDINARY = "ordinary"
    """The words around it point to its ordinary use."""


class SourceStatus(StrEnum):
    """How far a term's meaning was verified."""

    RETRIEVED = "retrieved"
    """Read in the page given as its source."""
    REPO = "repo"
    """Stands in a public keyword list or glossary that was read."""
    UNVERIFIED = "unverified"
    """General knowledge: somebody who knows the field must confirm it."""


@dataclass(frozen=True)
class Match:
    """One term found in a text; [start, end) counts characters of the text as given."""

    term: str
    start: int
    end: int
    text: str
    sense: str
    kind: Kind
    target: Target
    needs_context: bool
    source_status: SourceStatus
    use: Use = Use.PLAIN


@dataclass(frozen=True)
class SecondReading:
    """A text was worth reading twice: what the fast reader said alone, and what came of the second reading."""

    fast: float
    """The score that the fast reader gave."""
    second: float | None
    """The score of the second reader, as it gave it; None where it did not read."""
    why: str = ""
    """Why it did not read, in one word (`readers.ports.Unread`): the score is then the fast one."""


@dataclass(frozen=True)
class Hint:
    """What a detector noticed. It orders and explains; it never sends, closes or hides anything."""

    score: float
    """Calibrated probability in [0, 1] that a trained moderator would find the text hateful."""
    lang: str
    targets: tuple[Target, ...]
    grounds: tuple[str, ...]
    """Ids of the legal catalogue worth looking at first; never a qualification."""
    matches: tuple[Match, ...]
    detector_version: str
    kind: HateKind | None = None
    """What the text does, if it is hateful; None where the score is too low to say."""
    second: SecondReading | None = None
    """There where the text was worth reading twice, even if the second reader then failed."""


class Detector(Protocol):
    """Anything that reads texts and gives hints.

    The same text gives the same hint as long as `version` is the same; `version` is kept with every hint.
    """

    @property
    def version(self) -> str: ...

    def read(self, text: str, lang: str | None = None) -> Hint:
        """Return the hint for one text. `lang` is a two-letter code where it is known."""
        ...

    def read_many(self, texts: Iterable[tuple[str, str | None]]) -> Iterator[Hint]:
        """Return one hint for each (text, language or None), in order."""
        ...
