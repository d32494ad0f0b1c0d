"""The published figures: unit, clock, what counts, what is left out, what is missing. Pure.

Used by the pages, the CSV, the tests and docs/reference/figures.md alike: there is no second definition anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.core.words import N_
from vigie.insight.rules.facts import CaseFacts, NoticeFacts


@dataclass(frozen=True)
class Occurrence:
    """One thing counted: when, and of which case."""

    at: datetime
    case: CaseFacts
    notice: NoticeFacts | None = None


@dataclass(frozen=True)
class Figure:
    """A published count."""

    id: str
    name: str
    unit: str
    clock: str
    counts: str
    leaves_out: str
    occurrences: Callable[[CaseFacts], Iterable[Occurrence]]


@dataclass(frozen=True)
class Delay:
    """A published delay: from one moment to another, for those that reached the second."""

    id: str
    name: str
    clock: str
    leaves_out: str
    spans: Callable[[CaseFacts], Iterable[tuple[datetime, datetime | None]]]


def _received(case: CaseFacts) -> Iterator[Occurrence]:
    return (Occurrence(at, case) for at in case.reports)


def _opened(case: CaseFacts) -> Iterator[Occurrence]:
    yield Occurrence(case.opened_at, case)


def _treated(case: CaseFacts) -> Iterator[Occurrence]:
    if case.treated_at:
        yield Occurrence(case.treated_at, case)


def _qualified(case: CaseFacts) -> Iterator[Occurrence]:
    if case.qualified_at:
        yield Occurrence(case.qualified_at, case)


def _declined(case: CaseFacts) -> Iterator[Occurrence]:
    if case.declined_at:
        yield Occurrence(case.declined_at, case)


def _notified(case: CaseFacts) -> Iterator[Occurrence]:
    return (Occurrence(notice.sent_at, case, notice) for notice in case.notices)


def _removed(case: CaseFacts) -> Iterator[Occurrence]:
    if case.gone_at and case.notices and not case.was_gone_before_notice:
        yield Occurrence(case.gone_at, case)


def _gone_before(case: CaseFacts) -> Iterator[Occurrence]:
    if case.gone_at and case.was_gone_before_notice:
        yield Occurrence(case.gone_at, case)


OUR_CLOCK = N_("notre horloge")

FIGURES = [
    Figure(
        "received", N_("Signalements reçus"), N_("signalement"), N_("moment où le signalement est rattaché à un dossier"),
        N_("chaque signalement, par quelque porte qu’il arrive ; quarante signalements d’un contenu comptent quarante"),
        N_("ce qui attend encore d’être rattaché ; les adresses d’abus sexuels sur enfants déjà purgées"), _received,
    ),
    Figure(
        "opened", N_("Dossiers ouverts"), N_("dossier"), N_("ouverture du dossier"),
        N_("chaque dossier ; un contenu signalé quarante fois est un dossier"), N_("rien"), _opened,
    ),
    Figure(
        "treated", N_("Dossiers traités"), N_("dossier"), N_("première décision, dans un sens ou dans l’autre"),
        N_("les dossiers qualifiés ou non retenus, une seule fois chacun"), N_("les dossiers encore ouverts"), _treated,
    ),
    Figure(
        "qualified", N_("Dossiers qualifiés"), N_("dossier"), N_("première qualification"),
        N_("les dossiers dont la dernière lecture retient au moins un fondement"),
        N_("ceux qu’une lecture ultérieure n’a pas retenus"), _qualified,
    ),
    Figure(
        "declined", N_("Dossiers non retenus"), N_("dossier"), N_("dernière décision de ne pas retenir"),
        N_("les dossiers dont la dernière lecture ne retient rien"), N_("ceux qui ont été qualifiés ensuite"), _declined,
    ),
    Figure(
        "notified", N_("Notifications envoyées"), N_("notification"), N_("acceptation par le serveur, ou envoi à la main"),
        N_("chaque notification partie, une fois ; une relance n’est pas une notification"),
        N_("celles dont le sort est inconnu, les brouillons, les échecs"), _notified,
    ),
    Figure(
        "removed", N_("Contenus retirés après notification"), N_("dossier"),
        N_("premier contrôle qui le constate, ou réponse de la plateforme"),
        N_("les dossiers notifiés dont le contenu a disparu : retiré, supprimé par son auteur, ou compte suspendu"),
        N_("ce qui avait disparu avant la notification, compté à part ; ce qui est revenu en ligne"), _removed,
    ),
    Figure(
        "gone-before", N_("Disparus avant notification"), N_("dossier"), N_("premier contrôle qui le constate"),
        N_("les dossiers dont le contenu a disparu sans notification de notre part"), N_("rien"), _gone_before,
    ),
]  # fmt: skip

DELAYS = [
    Delay(
        "to-treatment", N_("De l’ouverture à la première décision"), OUR_CLOCK, N_("les dossiers encore ouverts"),
        lambda case: [(case.opened_at, case.treated_at)],
    ),
    Delay(
        "to-notice", N_("De l’ouverture à la notification"), OUR_CLOCK, N_("les dossiers qualifiés pas encore notifiés"),
        lambda case: [(case.opened_at, case.notified_at)] if case.qualified_at or case.notices else [],
    ),
    Delay(
        "to-receipt", N_("De la notification à l’accusé de réception"), OUR_CLOCK, N_("les notifications sans accusé"),
        lambda case: [(notice.sent_at, notice.received_at) for notice in case.notices],
    ),
    Delay(
        "to-decision", N_("De la notification à la décision"), OUR_CLOCK, N_("les notifications sans décision"),
        lambda case: [(notice.sent_at, notice.decided_at) for notice in case.notices],
    ),
    Delay(
        "to-removal", N_("De la notification à la disparition"), OUR_CLOCK, N_("les contenus encore en ligne"),
        lambda case: [(case.notified_at, case.gone_at)] if case.notified_at and not case.was_gone_before_notice else [],
    ),
]  # fmt: skip

WITHIN = timedelta(hours=24)
# Code of conduct + (20 January 2025): two thirds of notices reviewed in 24 h; one half is the floor reported of it.
# Source: code of conduct on countering illegal hate speech online +, annex; see docs/reference/figures.md.
CODE_LINES = (0.5, 2 / 3)


def decided_within_24_hours(notices: Iterable[NoticeFacts], now: datetime) -> tuple[int, int]:
    """Return how many notices were decided within 24 h, of how many that have had their 24 h.

    A notice sent less than 24 h ago counts only if it was decided already: its time is not over.
    """
    part = whole = 0
    for notice in notices:
        quick = notice.decided_at is not None and notice.decided_at - notice.sent_at <= WITHIN
        if quick or now - notice.sent_at >= WITHIN:
            whole += 1
            part += quick
    return part, whole
