"""What platforms answer, in one vocabulary shared by all of them. Their own words stay with the reply.

Source: labels in use among French trusted flaggers; «disputed» and «error» from the first results of the
Code of conduct + monitoring (10 April 2026), where most platforms contested part of the notices.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vigie.casefile.rules.state import PlatformSays
from vigie.qualification.rules.values import Bilingual


class Outcome(StrEnum):
    """One answer, or the absence of one. «not recorded» is ours; «no answer» is theirs: never mix them."""

    ACCOUNT_REMOVED = "account-removed"
    CONTENT_REMOVED = "content-removed"
    LIVE_SUSPENDED = "live-suspended"
    REDUCED_VISIBILITY = "reduced-visibility"
    GEO_RESTRICTION = "geo-restriction"
    WARNING = "warning"
    ACCOUNT_SECURED = "account-secured"
    CONFIDENTIAL_MEASURES = "confidential-measures"
    ALREADY_REMOVED = "already-removed"
    NO_VIOLATION = "no-violation"
    DISPUTED = "disputed"
    URL_NOT_FOUND = "url-not-found"
    MISSING_INFORMATION = "missing-information"
    PRIVATE_MESSAGES = "private-messages"
    NOT_AUTHORISED = "not-authorised"
    WRONG_RECIPIENT = "wrong-recipient"
    DUPLICATE = "duplicate"
    ERROR = "error"
    ACKNOWLEDGEMENT_ONLY = "acknowledgement-only"
    NO_ANSWER = "no-answer"
    NOT_RECORDED = "not-recorded"


class ErrorReason(StrEnum):
    """Why a notice was classed «error»."""

    WRONG_CHANNEL = "wrong-channel"
    URL_NOT_FOUND = "url-not-found"
    MISSING_INFORMATION = "missing-information"
    NOT_AUTHORISED = "not-authorised"
    WRONG_RECIPIENT = "wrong-recipient"
    TECHNICAL = "technical"
    NOT_SAID = "not-said"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an outcome is called, and what it counts as.

    `is_receipt`: the platform has the notice. `is_decision`: it has decided. `is_removal`: it took the content
    (or its account) down because of the notice; restriction, «already removed» and confidential measures do
    not count as removal.
    """

    label: Bilingual
    says: PlatformSays
    is_receipt: bool
    is_decision: bool
    is_removal: bool


def _decision(fr: str, en: str, says: PlatformSays, *, removal: bool = False) -> Meaning:
    return Meaning(Bilingual(fr, en), says, is_receipt=True, is_decision=True, is_removal=removal)


def _pending(fr: str, en: str, says: PlatformSays, *, receipt: bool = False) -> Meaning:
    return Meaning(Bilingual(fr, en), says, is_receipt=receipt, is_decision=False, is_removal=False)


MEANINGS: dict[Outcome, Meaning] = {
    Outcome.ACCOUNT_REMOVED: _decision("compte supprimé", "account removed", PlatformSays.REMOVED, removal=True),
    Outcome.CONTENT_REMOVED: _decision("contenu retiré", "content removed", PlatformSays.REMOVED, removal=True),
    Outcome.LIVE_SUSPENDED: _decision("direct interrompu", "live suspended", PlatformSays.REMOVED, removal=True),
    Outcome.REDUCED_VISIBILITY: _decision("visibilité réduite", "reduced visibility", PlatformSays.RESTRICTED),
    Outcome.GEO_RESTRICTION: _decision("bloqué dans certains pays", "geo-restriction", PlatformSays.RESTRICTED),
    Outcome.WARNING: _decision("avertissement", "warning", PlatformSays.RESTRICTED),
    Outcome.ACCOUNT_SECURED: _decision("compte sécurisé", "account secured", PlatformSays.RESTRICTED),
    Outcome.CONFIDENTIAL_MEASURES: _decision(
        "mesures confidentielles", "confidential measures", PlatformSays.RESTRICTED
    ),
    Outcome.ALREADY_REMOVED: _decision("déjà retiré", "already removed", PlatformSays.REMOVED),
    Outcome.NO_VIOLATION: _decision("pas d’infraction aux règles", "no violation of T&C", PlatformSays.REFUSED),
    Outcome.DISPUTED: _decision("contesté", "disputed", PlatformSays.DISPUTED),
    Outcome.URL_NOT_FOUND: _pending("adresse introuvable", "URL not found", PlatformSays.ERROR, receipt=True),
    Outcome.MISSING_INFORMATION: _pending(
        "informations manquantes", "missing information", PlatformSays.QUESTION, receipt=True
    ),
    Outcome.PRIVATE_MESSAGES: _decision("messages privés (RGPD)", "private messages (GDPR)", PlatformSays.REFUSED),
    Outcome.NOT_AUTHORISED: _pending("signaleur non habilité", "not authorised", PlatformSays.ERROR, receipt=True),
    Outcome.WRONG_RECIPIENT: _pending("mauvais destinataire", "wrong recipient", PlatformSays.ERROR, receipt=True),
    Outcome.DUPLICATE: _pending("doublon", "duplicate", PlatformSays.RECEIVED, receipt=True),
    Outcome.ERROR: _pending("erreur", "error", PlatformSays.ERROR, receipt=True),
    Outcome.ACKNOWLEDGEMENT_ONLY: _pending(
        "accusé de réception seul", "acknowledgement only", PlatformSays.RECEIVED, receipt=True
    ),
    Outcome.NO_ANSWER: _pending("pas de réponse", "no answer", PlatformSays.NOTHING),
    Outcome.NOT_RECORDED: _pending("non consigné", "not recorded", PlatformSays.NOTHING),
}

ERROR_REASONS: dict[ErrorReason, Bilingual] = {
    ErrorReason.WRONG_CHANNEL: Bilingual("mauvais canal", "wrong channel"),
    ErrorReason.URL_NOT_FOUND: Bilingual("adresse introuvable", "URL not found"),
    ErrorReason.MISSING_INFORMATION: Bilingual("informations manquantes", "missing information"),
    ErrorReason.NOT_AUTHORISED: Bilingual("signaleur non habilité", "flagger not authorised"),
    ErrorReason.WRONG_RECIPIENT: Bilingual("mauvais destinataire", "wrong recipient"),
    ErrorReason.TECHNICAL: Bilingual("panne technique", "technical failure"),
    ErrorReason.NOT_SAID: Bilingual("sans raison donnée", "no reason given"),
}


def meaning_of(outcome: Outcome) -> Meaning:
    """Return what `outcome` is called and counts as."""
    return MEANINGS[outcome]
