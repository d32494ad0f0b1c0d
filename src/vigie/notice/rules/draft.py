"""What a notice is made of, before it is words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from vigie.qualification.rules.assessment import Answer, Assessment, assess
from vigie.qualification.rules.quotes import Quote
from vigie.qualification.rules.values import Bilingual, Element, Ground

_NO_ANSWERS: Mapping[str, Answer] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Claim:
    """One ground claimed for one content, with the answers a person gave to its questions.

    `explanation` is the moderator's own sentence, in the language of the letter. `settled_by_jurist` says that
    a second opinion upheld the reading in spite of a doubt. `criteria` are those of the ground's protected criteria
    that the person named: by reason of what somebody was targeted.
    """

    ground: Ground
    catalogue_version: str
    answers: Mapping[str, Answer] = field(default_factory=lambda: _NO_ANSWERS)
    excluder_answers: Mapping[str, Answer] = field(default_factory=lambda: _NO_ANSWERS)
    explanation: str = ""
    settled_by_jurist: bool = False
    criteria: tuple[Bilingual, ...] = ()

    def assessment(self) -> Assessment:
        """Return what the answers establish.

        Raises:
            NotABaseGround: the entry cannot carry a notice.
        """
        return assess(self.ground, self.answers, self.excluder_answers)

    def stated(self) -> tuple[Element, ...]:
        """Return the elements answered yes, in the order asked."""
        return tuple(one for one in self.ground.elements if self.answers.get(one.id) is Answer.YES)


@dataclass(frozen=True, slots=True)
class Notified:
    """One content as it is notified.

    `kind` is what the address leads to (`post`, `comment`, `video`, `account`, `page`…). `text` is the captured
    text the quotes were cut from; `media_description` describes a content without words.
    """

    key: str
    kind: str
    urls: tuple[str, ...]
    claims: tuple[Claim, ...]
    quotes: tuple[Quote, ...] = ()
    text: str = ""
    media_description: str = ""
    account: str = ""
    published_at: datetime | None = None
    captured_at: datetime | None = None
    manifest_sha256: str = ""

    @property
    def withholds_words(self) -> bool:
        """Say whether a ground forbids repeating the words (an address, a telephone number…)."""
        return any(claim.ground.withholds_words for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Notifier:
    """The association in whose name the notice is sent; never a moderator, never the person who reported."""

    name: str
    email: str
    postal_address: str = ""
    is_trusted_flagger: bool = False
    expertise: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who receives the notice, and what their channel can take. No languages: nothing is known of them."""

    name: str
    languages: tuple[str, ...] = ()
    max_characters: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """All a letter needs. `assessed_by_person` and `in_good_faith` are stated by whoever sends it."""

    reference: str
    addressee: Addressee
    notifier: Notifier
    contents: tuple[Notified, ...]
    assessed_by_person: bool = True
    in_good_faith: bool = True

    def claims(self) -> tuple[Claim, ...]:
        """Return every claim of every content."""
        return tuple(claim for content in self.contents for claim in content.claims)

    @property
    def has_priority(self) -> bool:
        """Say whether the notice may be marked as a trusted flagger's.

        Only with the status, and only when each ground lies within the designated expertise.

        Source: Regulation (EU) 2022/2065, art. 22(1), recital 61.
        """
        families = {claim.ground.family for claim in self.claims()}
        return self.notifier.is_trusted_flagger and bool(families) and families <= self.notifier.expertise
