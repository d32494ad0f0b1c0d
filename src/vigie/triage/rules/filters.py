"""A filter of the queue, and the address it is written as. Pure.

`/bureau/?etape=new&plateforme=x&danger=1&tenu=personne` can be saved, sent to a colleague, kept as a bookmark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from vigie.casefile.rules.state import Danger, Stage
from vigie.core.errors import UnusableInput
from vigie.core.words import N_

E = TypeVar("E", bound=StrEnum)

LONGEST_SEARCH = 2000  # characters: an address with everything trackers add to it
MOST_DAYS = 3650


class Held(StrEnum):
    """Who holds the case."""

    ANYBODY = ""
    ME = "moi"
    NOBODY = "personne"
    OTHERS = "autres"


class UnreadableFilter(UnusableInput):
    """A filter says something this version does not know: showing everything instead would mislead."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(N_("Le filtre « %(name)s=%(value)s » n’est pas connu."), name=name, value=value)


@dataclass(frozen=True)
class Filter:
    """Which cases are listed; every field left as it is lets everything through.

    Attributes:
        stage: None is what waits for somebody: new or in triage.
        danger: at least that.
        within_days: the limitation date falls within so many days, or has passed.
        search: an address or a reference; it looks at every stage and leaves the rest of the filter aside.
    """

    stage: Stage | None = None
    platform: str = ""
    door: str = ""
    danger: Danger = Danger.STANDARD
    held: Held = Held.ANYBODY
    second_opinion: bool = False
    within_days: int | None = None
    search: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """Return the filter that an address asks for; what is not part of a filter is left alone.

        Raises:
            UnreadableFilter: a value is none of those that exist.
        """
        given = {name: query.get(name, "").strip() for name in ADDRESS_NAMES.values()}
        return cls(
            stage=_one_of(Stage, "etape", given["etape"]) if given["etape"] else None,
            platform=given["plateforme"][:40],
            door=given["porte"][:20],
            danger=Danger(_number("danger", given["danger"], most=max(Danger)) or 0),
            held=_one_of(Held, "tenu", given["tenu"]),
            second_opinion=bool(given["avis"]),
            within_days=_number("prescription", given["prescription"], most=MOST_DAYS),
            search=given["q"][:LONGEST_SEARCH],
        )

    def query(self) -> str:
        """Return the filter as the query of an address, always written the same way."""
        plain = Filter()
        written = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(plain, field.name):
                written[ADDRESS_NAMES[field.name]] = "1" if value is True else getattr(value, "value", value)
        return urlencode(written)

    @property
    def is_plain(self) -> bool:
        return self == Filter()


# The field of the filter, and its name in the address.
ADDRESS_NAMES = {
    "stage": "etape",
    "platform": "plateforme",
    "door": "porte",
    "danger": "danger",
    "held": "tenu",
    "second_opinion": "avis",
    "within_days": "prescription",
    "search": "q",
}


def _one_of(kind: type[E], name: str, value: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise UnreadableFilter(name, value) from None


def _number(name: str, value: str, *, most: int) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 6 and int(value) <= most):
        raise UnreadableFilter(name, value)
    return int(value)
