"""The sheet to copy into PHAROS, one address each, and when it goes before the platform.

Source: service-public.gouv.fr R17674 and F31979 (steps and fields); the labels of the live form were not
retrieved, categories are mapped on the public list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from vigie.qualification.rules.values import Bilingual, Ground, Urgency

from .draft import Draft, Notified
from .letter import moment_text

PORTAL = "https://www.internet-signalement.gouv.fr/"
OUT_OF_SCOPE = "hors-perimetre"
# The gravest category is asked for first: it decides who reads the report.
_GRAVITY = (
    "danger-imminent", "terrorisme", "atteinte-mineurs", "menaces-violence", "haine-discrimination",
    "incitation-infraction",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the portal and what to put in it."""

    name: Bilingual
    value: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the portal asks about one address."""

    url: str
    fields: tuple[Field, ...]


def goes_to_pharos_first(ground: Ground) -> bool:
    """Say whether PHAROS must see the content before the platform takes it down.

    Source: PHAROS agents save what they see (service-public R17674); Regulation (EU) 2021/784, art. 3.
    """
    return ground.urgency.pharos_comes_first and ground.pharos_category != OUT_OF_SCOPE


def pharos_takes(content: Notified) -> bool:
    """Say whether one of the grounds is within PHAROS's remit; it takes no victim of simple insult or defamation.

    Source: service-public.gouv.fr F31979.
    """
    return bool(_category(content))


def pharos_sheets(draft: Draft, categories: Mapping[str, Bilingual]) -> tuple[Sheet, ...]:
    """Return one sheet for each address of each content that PHAROS takes.

    The comment quotes the words in French, without the association's reasoning by element: agents qualify anew.
    """
    return tuple(
        Sheet(url, _fields(draft, content, url, categories))
        for content in draft.contents
        if pharos_takes(content)
        for url in content.urls
    )


def _category(content: Notified) -> str:
    known = {claim.ground.pharos_category for claim in content.claims} - {OUT_OF_SCOPE, None}
    return next((category for category in _GRAVITY if category in known), "")


def _fields(draft: Draft, content: Notified, url: str, categories: Mapping[str, Bilingual]) -> tuple[Field, ...]:
    published = moment_text(content.published_at, "fr") if content.published_at else "non connue"
    return (
        Field(Bilingual("Catégorie", "Category"), categories[_category(content)].fr),
        Field(Bilingual("Date et heure de publication", "Date and time of publication"), published),
        Field(Bilingual("Lieu", "Place"), f"{draft.addressee.name} ({urlsplit(url).hostname or ''})"),
        Field(Bilingual("Adresse (URL)", "Address (URL)"), url),
        Field(Bilingual("Commentaire", "Comment"), _comment(draft, content)),
    )


def _comment(draft: Draft, content: Notified) -> str:
    if any(claim.ground.urgency is Urgency.CSAM for claim in content.claims):
        # Nothing is described or copied: the address alone goes out.
        return f"Signalement transmis par {draft.notifier.name} sans consultation du contenu."
    lines = [f"Signalement transmis par {draft.notifier.name}, référence {draft.reference}."]
    if content.quotes and not content.withholds_words:
        lines.append("Mots concernés : " + " / ".join(f"« {quote.text} »" for quote in content.quotes))
    if content.media_description:
        lines.append(f"Ce que montre le contenu : {content.media_description}")
    if content.account:
        lines.append(f"Compte affiché : {content.account}")
    if content.captured_at:
        lines.append(f"Capturé le {moment_text(content.captured_at, 'fr')}.")
    lines.extend(f"Fondement envisagé : {claim.ground.title.fr}." for claim in content.claims)
    return "\n".join(lines)
