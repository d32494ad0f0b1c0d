"""What a hand must not take out of the letter: what the law asks for and what makes the answer find us. Pure.

The check of the draft looks at the facts; a person may still delete a line of the text made from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.notice.rules.draft import Draft
from vigie.notice.rules.letter import Letter, compose
from vigie.notice.rules.lint import DSA_16, Finding
from vigie.qualification.rules.values import Bilingual


def taken_out(draft: Draft, letter: Letter) -> tuple[Finding, ...]:
    """Return a blocking finding for each thing the composed letter states and `letter` no longer does.

    Source: Regulation (EU) 2022/2065, art. 16(2).
    """
    return tuple(_taken_out(draft, letter))


def _taken_out(draft: Draft, letter: Letter) -> Iterator[Finding]:
    composed, body = _plain(compose(draft, letter.language).body_text), _plain(letter.body_text)

    def is_lost(piece: str) -> bool:
        return bool(piece.strip()) and _plain(piece) in composed and _plain(piece) not in body

    for content in draft.contents:
        for url in content.urls:
            if is_lost(url):
                yield _lost(
                    "address-taken-out", f"L’adresse {url} a disparu du texte.",
                    f"The address {url} has disappeared from the text.", "(b)",
                )  # fmt: skip
        if any(is_lost(quote.text) for quote in content.quotes):
            yield _lost(
                "words-taken-out", "Des mots cités ont disparu du texte ou y ont été changés.",
                "Some quoted words have disappeared from the text, or were changed there.", "(a)",
            )  # fmt: skip
        for claim in content.claims:
            if is_lost(claim.ground.title.said_in(letter.language)):
                yield _lost(
                    "ground-taken-out", f"Le fondement «\u00a0{claim.ground.title.fr}\u00a0» a disparu du texte.",
                    f"The ground “{claim.ground.title.en}” has disappeared from the text.", "(a)",
                )  # fmt: skip
    if is_lost(draft.notifier.name) or is_lost(draft.notifier.email):
        yield _lost(
            "notifier-taken-out", "Le nom ou l’adresse électronique de l’association a disparu du texte.",
            "The association’s name or e-mail address has disappeared from the text.", "(c)",
        )  # fmt: skip
    if not _GOOD_FAITH.search(body):
        yield _lost(
            "good-faith-taken-out", "La déclaration de bonne foi a disparu du texte.",
            "The statement of good faith has disappeared from the text.", "(d)",
        )  # fmt: skip
    if is_lost(draft.reference):
        yield _lost(
            "reference-taken-out", "La référence à rappeler a disparu du texte.",
            "The reference to quote has disappeared from the text.", "",
        )  # fmt: skip


_GOOD_FAITH = re.compile(r"\b(?:de bonne foi|bona fide|good faith)\b", re.IGNORECASE)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _lost(rule_id: str, fr: str, en: str, letter: str) -> Finding:
    return Finding(rule_id, True, Bilingual(fr, en), DSA_16 + letter)
