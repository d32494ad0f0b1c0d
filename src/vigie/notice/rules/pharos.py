"""The sheet to copy into PHAROS, one address each, and when it goes before the platform.

Source: service-public.gouv.fr R17674 and F31979 (steps and fields); the labels of the live form were not
retrieved, categories are mapped on the public list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from vigie.casefile.rules.state import Danger, Stage
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
    is_qualified: bool = True


NOT_YET_QUALIFIED = "Contenu pas encore qualifié en droit"
# What a person at the desk says of a danger, as the portal asks for it; of the day's urgent matters it says too little.
_OF_DANGER = {Danger.IMMINENT: "danger-imminent", Danger.TERRORIST: "terrorisme"}


def may_go_before_the_reading(stage: Stage, danger: Danger) -> bool:
    """Say whether a case is too urgent to wait for its legal reading before PHAROS sees it.

    Source: service-public.gouv.fr R17674 (17 or 112 first when somebody is in danger, PHAROS at once).
    """
    return stage in {Stage.NEW, Stage.TRIAGE} and danger >= Danger.HIGH


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


def urgent_sheets(draft: Draft, categories: Mapping[str, Bilingual], danger: Danger) -> tuple[Sheet, ...]:
    """Return one sheet for each address of contents that nobody has qualified yet: it claims no ground and says so."""
    category = categories[_OF_DANGER[danger]].fr if danger in _OF_DANGER else f"à choisir ({NOT_YET_QUALIFIED.lower()})"
    return tuple(
        Sheet(url, _about(draft, content, url, category, _urgent_comment(draft, content)), is_qualified=False)
        for content in draft.contents
        for url in content.urls
        if url
    )


def _urgent_comment(draft: Draft, content: Notified) -> str:
    lines = [f"Signalement urgent transmis par {draft.notifier.name}, référence {draft.reference}."]
    lines.append(f"{NOT_YET_QUALIFIED} : l’urgence a été relevée à la première lecture.")
    return "\n".join([*lines, *_circumstances(content)])


def _circumstances(content: Notified) -> list[str]:
    shown = [f"Compte affiché : {content.account}"] if content.account else []
    return shown + ([f"Capturé le {moment_text(content.captured_at, 'fr')}."] if content.captured_at else [])


def _category(content: Notified) -> str:
    known = {claim.ground.pharos_category for claim in content.claims} - {OUT_OF_SCOPE, None}
    return next((category for category in _GRAVITY if category in known), "")


def _fields(draft: Draft, content: Notified, url: str, categories: Mapping[str, Bilingual]) -> tuple[Field, ...]:
    return _about(draft, content, url, categories[_category(content)].fr, _comment(draft, content))


def _about(draft: Draft, content: Notified, url: str, category: str, comment: str) -> tuple[Field, ...]:
    published = moment_text(content.published_at, "fr") if content.published_at else "non connue"
    return (
        Field(Bilingual("Catégorie", "Category"), category),
        Field(Bilingual("Date et heure de publication", "Date and time of publication"), published),
        Field(Bilingual("Lieu", "Place"), f"{draft.addressee.name} ({urlsplit(url).hostname or ''})"),
        Field(Bilingual("Adresse (URL)", "Address (URL)"), url),
        Field(Bilingual("Commentaire", "Comment"), comment),
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
    lines.extend(_circumstances(content))
    lines.extend(f"Fondement envisagé : {claim.ground.title.fr}." for claim in content.claims)
    return "\n".join(lines)
