"""The published figures: unit, clock, what counts, what is left out, what is missing. Pure.

Used by the pages, the CSV, the tests and docs/reference/figures.md alike: there is no second definition anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.core.words import N_
from vigie.insight.rules.facts import CaseFacts, NoticeFacts, Received


@dataclass(frozen=True)
class Occurrence:
    """One thing counted: when, and of which case. `until` is the end of what lasts; None while it goes on."""

    at: datetime
    case: CaseFacts
    notice: NoticeFacts | None = None
    report: Received | None = None
    until: datetime | None = None

    @property
    def platform(self) -> str:
        """Whom the notice went to; else that of the case's first content."""
        return self.notice.platform if self.notice else self.case.platform

    @property
    def door(self) -> str:
        """By which the report came; else that of the case's first report."""
        return self.report.door if self.report else self.case.door


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
    moment: str  # of `MOMENTS`: when what is counted happened


@dataclass(frozen=True)
class Delay:
    """A published delay: from one moment to another, for those that reached the second."""

    id: str
    name: str
    clock: str
    leaves_out: str
    spans: Callable[[CaseFacts], Iterable[Occurrence]]
    moment: str  # of `MOMENTS`: when what is measured began


def _all(*moments: datetime | None) -> list[datetime]:
    return [moment for moment in moments if moment]


# What may have happened to a case, each with the moments at which it did. A figure counts at some of those of one line.
MOMENTS: dict[str, Callable[[CaseFacts], Sequence[datetime]]] = {
    "opened": lambda case: [case.opened_at],
    "received": lambda case: [report.at for report in case.reports],
    "treated": lambda case: _all(case.treated_at),
    "qualified": lambda case: _all(case.qualified_at),
    "declined": lambda case: _all(case.declined_at),
    "sent": lambda case: [notice.sent_at for notice in case.notices],
    "gone": lambda case: _all(case.gone_at),
}
SEVERAL = frozenset({"received", "sent"})  # may have happened more than once to a case


def _received(case: CaseFacts) -> Iterator[Occurrence]:
    return (Occurrence(report.at, case, report=report) for report in case.reports)


def _opened(case: CaseFacts) -> Iterator[Occurrence]:
    if not case.is_handled_elsewhere:
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
        N_("ce qui attend encore d’être rattaché ; les adresses d’abus sexuels sur enfants déjà purgées"), _received, "received",
    ),
    Figure(
        "opened", N_("Dossiers ouverts"), N_("dossier"), N_("ouverture du dossier"),
        N_("chaque dossier ; un contenu signalé quarante fois est un dossier, et plusieurs dossiers réunis aussi"),
        N_("ceux qui ont été joints à un autre"), _opened, "opened",
    ),
    Figure(
        "treated", N_("Dossiers traités"), N_("dossier"), N_("première décision, dans un sens ou dans l’autre"),
        N_("les dossiers qualifiés ou non retenus, une seule fois chacun"), N_("les dossiers encore ouverts"), _treated, "treated",
    ),
    Figure(
        "qualified", N_("Dossiers qualifiés"), N_("dossier"), N_("première qualification"),
        N_("les dossiers dont la dernière lecture retient au moins un fondement"),
        N_("ceux qu’une lecture ultérieure n’a pas retenus"), _qualified, "qualified",
    ),
    Figure(
        "declined", N_("Dossiers non retenus"), N_("dossier"), N_("dernière décision de ne pas retenir"),
        N_("les dossiers dont la dernière lecture ne retient rien"), N_("ceux qui ont été qualifiés ensuite"), _declined, "declined",
    ),
    Figure(
        "notified", N_("Notifications envoyées"), N_("notification"), N_("acceptation par le serveur, ou envoi à la main"),
        N_("chaque notification partie, une fois ; une relance n’est pas une notification"),
        N_("celles dont le sort est inconnu, les brouillons, les échecs"), _notified, "sent",
    ),
    Figure(
        "removed", N_("Contenus retirés après notification"), N_("dossier"),
        N_("contrôle qui le constate, ou décision de la plateforme, pour le dernier des contenus notifiés"),
        N_("les dossiers dont tous les contenus notifiés ont disparu : retirés, supprimés par leur auteur, ou compte suspendu"),
        N_("ce qui avait disparu avant la notification, compté à part ; ce qu’un contrôle ultérieur voit en ligne"),
        _removed, "gone",
    ),
    Figure(
        "gone-before", N_("Disparus avant notification"), N_("dossier"), N_("premier contrôle qui le constate"),
        N_("les dossiers dont le contenu a disparu sans notification de notre part, ou que la plateforme dit «\u00a0déjà retiré\u00a0»"),
        N_("rien"), _gone_before, "gone",
    ),
]  # fmt: skip


def _to_treatment(case: CaseFacts) -> Iterator[Occurrence]:
    if not case.is_handled_elsewhere:
        yield Occurrence(case.opened_at, case, until=case.treated_at)


def _to_notice(case: CaseFacts) -> Iterator[Occurrence]:
    if case.qualified_at or case.notices:
        yield Occurrence(case.opened_at, case, until=case.notified_at)


def _to_receipt(case: CaseFacts) -> Iterator[Occurrence]:
    return (Occurrence(notice.sent_at, case, notice, until=notice.received_at) for notice in case.notices)


def _to_decision(case: CaseFacts) -> Iterator[Occurrence]:
    return (Occurrence(notice.sent_at, case, notice, until=notice.decided_at) for notice in case.notices)


def _to_removal(case: CaseFacts) -> Iterator[Occurrence]:
    if case.notified_at and not case.was_gone_before_notice:
        yield Occurrence(case.notified_at, case, until=case.gone_at)


DELAYS = [
    Delay(
        "to-treatment", N_("De l’ouverture à la première décision"), OUR_CLOCK, N_("les dossiers encore ouverts"),
        _to_treatment, "opened",
    ),
    Delay(
        "to-notice", N_("De l’ouverture à la notification"), OUR_CLOCK, N_("les dossiers qualifiés pas encore notifiés"),
        _to_notice, "opened",
    ),
    Delay(
        "to-receipt", N_("De la notification à l’accusé de réception"), OUR_CLOCK, N_("les notifications sans accusé"),
        _to_receipt, "sent",
    ),
    Delay(
        "to-decision", N_("De la notification à la décision"), OUR_CLOCK, N_("les notifications sans décision"),
        _to_decision, "sent",
    ),
    Delay(
        "to-removal", N_("De la notification à la disparition"), OUR_CLOCK, N_("les contenus encore en ligne"), _to_removal, "sent",
    ),
]  # fmt: skip

WITHIN = timedelta(hours=24)
# Code of conduct + (20 January 2025): two thirds of notices reviewed in 24 h; one half is the floor reported of it.
# Source: code of conduct on countering illegal hate speech online +, annex; see docs/reference/figures.md.
CODE_LINES = (0.5, 2 / 3)


def is_quick(notice: NoticeFacts) -> bool:
    """Say whether a notice was decided within 24 hours."""
    return notice.decided_at is not None and notice.decided_at - notice.sent_at <= WITHIN


def had_its_24_hours(notice: NoticeFacts, now: datetime) -> bool:
    """Say whether a notice may be counted in the share; one sent less than 24 h ago only if it was decided already."""
    return is_quick(notice) or now - notice.sent_at >= WITHIN
