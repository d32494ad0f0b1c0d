"""The letter against the facts, both ways. Pure.

What a hand must not take out: what the law asks for and what makes the answer find us. What it must not leave or put
in: a ground that nobody upheld, words that are not in the content. The check of the draft looks at the facts; the text
made from them may have been changed by a person, or may be older than they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.notice.rules.draft import Draft
from vigie.notice.rules.letter import Letter, compose, ground_heading
from vigie.notice.rules.lint import DSA_16, Finding
from vigie.qualification.rules.values import Bilingual, Catalogue


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
            reasons = [one.said.said_in(letter.language) for one in claim.stated() if one.said]
            if not claim.explanation.strip() and reasons and all(map(is_lost, reasons)):
                yield _lost(
                    "reasons-taken-out", f"Les raisons du fondement «\u00a0{claim.ground.title.fr}\u00a0» ont disparu du texte.",
                    f"The reasons of the ground “{claim.ground.title.en}” have disappeared from the text.", "(a)",
                )  # fmt: skip
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


def put_in(draft: Draft, letter: Letter, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Return a blocking finding for each ground and each quotation that the letter states and the case does not.

    Source: Regulation (EU) 2022/2065, art. 16(2)(a) and (d), art. 23(2) (manifestly unfounded notices).
    """
    return tuple(_put_in(draft, letter, catalogue))


def _put_in(draft: Draft, letter: Letter, catalogue: Catalogue) -> Iterator[Finding]:
    composed = {line.strip() for line in compose(draft, letter.language).body_text.splitlines()}
    upheld = {claim.ground.id for claim in draft.claims()}
    headings = {ground_heading(ground, letter.language): ground for ground in catalogue.grounds.values()}
    texts = _plain(" ".join(content.text for content in draft.contents))
    for line in map(str.strip, letter.body_text.splitlines()):
        if line in composed:
            continue
        ground = headings.get(line)
        if ground is not None and ground.id not in upheld:
            yield _lost(
                "ground-not-upheld", f"Le texte invoque «\u00a0{ground.title.fr}\u00a0», que le dossier ne retient pas ou plus.",
                f"The text invokes “{ground.title.en}”, which the case does not, or no longer, uphold.", "(a)",
            )  # fmt: skip
        quoted = _QUOTED.fullmatch(line)
        if quoted and _plain(quoted.group(1)) not in texts:
            yield _lost(
                "words-put-in", f"Les mots «\u00a0{quoted.group(1)}\u00a0» sont cités, mais ne figurent pas dans le contenu capturé.",
                f"The words “{quoted.group(1)}” are quoted, but are not in the captured content.", "(a), (d)",
            )  # fmt: skip


_QUOTED = re.compile(r"[«“]\s*([^«»“”]+?)\s*[»”]")
_GOOD_FAITH = re.compile(r"\b(?:de bonne foi|bona fide|good faith)\b", re.IGNORECASE)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _lost(rule_id: str, fr: str, en: str, letter: str) -> Finding:
    return Finding(rule_id, True, Bilingual(fr, en), DSA_16 + letter)
