"""Invented drafts. Every account, post and person is ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from vigie.notice.rules.draft import Addressee, Claim, Draft, Notified, Notifier
from vigie.notice.rules.letter import compose
from vigie.notice.rules.lint import Circumstances, Finding, Reporter, lint
from vigie.qualification import catalogue
from vigie.qualification.rules.assessment import Answer
from vigie.qualification.rules.quotes import find_quote

VERSION = "2026-11-20"
BOOK = catalogue.load(VERSION)
INSULT = "insult-public-origin-religion"
INCITEMENT = "provocation-hatred-origin-religion"
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TEXT = "Encore eux. Les Zorglubs sont des parasites, voilà ce qu’ils sont."
URL = "https://x.com/compte_invente/status/1234567890"


def claim(ground_id: str = INSULT, **changes: Any) -> Claim:
    ground = BOOK.ground(ground_id)
    made_out = Claim(
        ground=ground,
        catalogue_version=VERSION,
        answers=dict.fromkeys((element.id for element in ground.elements), Answer.YES),
        excluder_answers=dict.fromkeys((excluder.id for excluder in ground.excluders), Answer.NO),
        criteria=tuple(BOOK.criteria[code] for code in ground.protected_criteria[:1]),
    )
    return replace(made_out, **changes)


def content(**changes: Any) -> Notified:
    post = Notified(
        key="x:1234567890",
        kind="post",
        urls=(URL,),
        claims=(claim(),),
        quotes=(find_quote(TEXT, "Les Zorglubs sont des parasites"),),
        text=TEXT,
        account="@compte_invente",
        published_at=datetime(2026, 11, 1, 22, 5, tzinfo=UTC),
        captured_at=datetime(2026, 11, 20, 13, 0, tzinfo=UTC),
        manifest_sha256="ab" * 32,
    )
    return replace(post, **changes)


def notifier(**changes: Any) -> Notifier:
    veille = Notifier(
        name="Association Veille solidaire",
        email="signalements@veille.example",
        postal_address="1 rue de l’Exemple, 75000 Paris",
    )
    return replace(veille, **changes)


def draft(*contents: Notified, **changes: Any) -> Draft:
    made = Draft(
        reference="N-7K3M-Q2XA",
        addressee=Addressee(name="X", languages=("fr", "en")),
        notifier=notifier(),
        contents=contents or (content(),),
    )
    return replace(made, **changes)


def checked(one: Draft, *reporters: Reporter, language: str = "fr", now: datetime = NOW) -> dict[str, Finding]:
    found = lint(one, compose(one, language), Circumstances(BOOK, now, reporters))
    return {finding.rule_id: finding for finding in found}
