"""Guess the language of texts from their small words and from the words we know. «und» when it is not plain."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from .flat import Flat, Hashes, fold_word, forms_of, lay_flat
from .tables import NumberTable

UNDETERMINED = "und"
_LEAST = 1.0
_SMALL_WORDS = {
    "fr": "le la les un une des du de et est sont dans pour pas que qui ce cette ces il elle ils elles nous vous je tu "
    "avec sur plus mais ou où au aux se ne son sa ses leur leurs tout tous faut ça c'est j'ai on y en être avoir "
    "l d j c qu n s m t mon ma mes notre nos votre vos fait suis sans comme quand aussi bien très si rien chez ils toi moi "
    "était ont va deux trop encore jamais toujours faire dit même alors parce donc",
    "en": "the a an of and is are in to for not that this these those it he she they we you i with on more but or "
    "at by from have has be was were will would there their his her our your my what who all just so do don t s m "
    "re can if about them him me us no up out like how when get got people should as been why because",
    "de": "der die das ein eine und ist sind in zu für nicht dass dieser diese es er sie wir ihr ich mit auf mehr "
    "aber oder von den dem des im am wird wurde haben hat sein alle auch nur noch wenn wie einen einem einer sich "
    "man was kein keine mich mir dir uns euch bei nach aus vor über schon immer doch hier war mal sehr kann muss",
    "es": "el la los las un una unos unas y es son en para no que este esta estos ella ellos nosotros yo tú con "
    "más pero del al se su sus todo todos hay muy como por lo le les ha han ser está están me te mi ya si cuando "
    "porque sin nada esto eso qué quien siempre nunca también",
    "it": "il lo la i gli le un uno una e è sono in per non che questo questa questi lei loro noi voi io tu con su "
    "più ma del della dei delle al alla si suo sua tutto tutti come di da ha hanno essere mi ti ci se anche nel "
    "nella cosa quando perché sempre mai ho hai solo degli alle agli",
    "nl": "de het een en is zijn in te voor niet dat dit deze die hij zij ze wij we jullie ik met op meer maar of van "
    "aan bij uit er wordt werd hebben heeft alle ook nog als hoe geen je jij mijn ons onze hun naar over wat wie "
    "waar moet kan zo al dan door om",
}  # fmt: skip


class LanguageTable:
    """Which languages a word speaks for, and how strongly; `more` are further words of each language, half as strong."""

    def __init__(self, more: Mapping[str, Hashes] | None = None) -> None:
        self.langs = tuple(_SMALL_WORDS)
        numbers, columns, weights = [], [], []
        for column, lang in enumerate(self.langs):
            small = forms_of([fold_word(one) for one in _SMALL_WORDS[lang].replace("'", " ").split()]).hashes
            for hashes, weight in ((small, 1.0), ((more or {}).get(lang, small[:0]), 0.5)):
                numbers.append(hashes)
                columns.append(np.full(hashes.size, column))
                weights.append(np.full(hashes.size, weight))
        known, rows = np.unique(np.concatenate(numbers), return_inverse=True)
        table = np.zeros((known.size, len(self.langs)))
        np.maximum.at(table, (rows, np.concatenate(columns)), np.concatenate(weights))
        self._votes = table / np.maximum((table > 0).sum(axis=1, keepdims=True), 1)
        self._table = NumberTable(known)

    def guess(self, flat: Flat) -> list[str]:
        """Return the language of each text of a batch."""
        count = len(flat.texts)
        places, rows = self._table.find(flat.word)
        post = flat.post[places]
        scores = np.stack([
            np.bincount(post, weights=self._votes[rows, column], minlength=count) for column in range(len(self.langs))
        ], axis=1) if places.size else np.zeros((count, len(self.langs)))  # fmt: skip
        ordered = np.sort(scores, axis=1)
        best, second = ordered[:, -1], ordered[:, -2]
        winner = scores.argmax(axis=1)
        is_plain = (best > second) & (best >= 0.5)
        return [
            self.langs[won] if sure else UNDETERMINED
            for won, sure in zip(winner.tolist(), is_plain.tolist(), strict=True)
        ]


@lru_cache(maxsize=1)
def _plain_table() -> LanguageTable:
    return LanguageTable()


def guess_language(text: str) -> str:
    """Return the two-letter code of the language most small words speak for, or `und`."""
    return _plain_table().guess(lay_flat([text]))[0]
