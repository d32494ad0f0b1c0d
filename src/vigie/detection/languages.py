"""Guess the language of a text from its small words. Enough to route; «und» when it is not plain."""

from __future__ import annotations

import re

UNDETERMINED = "und"
_LEAST_WORDS = 2
_WORD = re.compile(r"[^\W\d_]+")
_SMALL_WORDS = {
    "fr": "le la les un une des du de et est sont dans pour pas que qui ce cette ces il elle ils elles nous vous je tu "
    "avec sur plus mais ou où au aux se ne son sa ses leur leurs tout tous faut ça c'est j'ai on y en être avoir",
    "en": "the a an of and is are in to for not that this these those it he she they we you i with on more but or "
    "at by from have has be was were will would there their his her our your my what who all",
    "de": "der die das ein eine und ist sind in zu für nicht dass dieser diese es er sie wir ihr ich mit auf mehr "
    "aber oder von den dem des im am wird wurde haben hat sein alle auch nur noch wenn wie",
    "es": "el la los las un una unos unas y es son en para no que este esta estos ella ellos nosotros yo tú con "
    "más pero del al se su sus todo todos hay muy como por lo le les ha han ser",
    "it": "il lo la i gli le un uno una e è sono in per non che questo questa questi lei loro noi voi io tu con su "
    "più ma del della dei delle al alla si suo sua tutto tutti come di da ha hanno essere",
}
_SPEAKS_FOR: dict[str, tuple[str, ...]] = {
    word: tuple(lang for lang, words in _SMALL_WORDS.items() if word in words.split())
    for words in _SMALL_WORDS.values()
    for word in words.split()
}


def guess_language(text: str) -> str:
    """Return a two-letter code, or `und` when too few small words speak or two languages tie."""
    spoken = dict.fromkeys(_SMALL_WORDS, 0)
    for word in _WORD.findall(text[:2_000].lower()):
        for lang in _SPEAKS_FOR.get(word, ()):
            spoken[lang] += 1
    (second, _), (most, lang) = sorted((count, lang) for lang, count in spoken.items())[-2:]
    return lang if most >= _LEAST_WORDS and most > second else UNDETERMINED
