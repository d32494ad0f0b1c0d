"""Find grounds by words of their title, in either language, or by their article. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from vigie.qualification.rules.values import Ground

MAX_CHARACTERS = 200  # of what somebody types


def find_grounds(grounds: Iterable[Ground], typed: str) -> list[Ground]:
    """Return the grounds of which every typed word begins a word, in the order given; the one so titled alone if any.

    «apol terr» finds the praise of terrorism, «24 bis» what rests on that article; case and accents do not matter.
    """
    typed = typed[:MAX_CHARACTERS]
    wanted = _words(typed)
    if not wanted:
        return []
    grounds = list(grounds)
    titled = [one for one in grounds if wanted in (_words(one.title.said_in("fr")), _words(one.title.said_in("en")))]
    return titled or [one for one in grounds if _has(one, wanted)]


def _has(ground: Ground, wanted: list[str]) -> bool:
    told = f"{ground.title.said_in('fr')} {ground.title.said_in('en')} {ground.id}"
    words = [*_words(told), *(word for article in ground.articles for word in _words(str(article)))]
    return all(any(word.startswith(one) for word in words) for one in wanted)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
