"""Why a source could not be read. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from vigie.core.words import N_


class Why(StrEnum):
    """Why a source could not be read. A closed list: each has its sentence, and nothing of the outside is quoted."""

    REFUSED = "refused"  # the key or token is refused: trying again does not help
    NOT_FOUND = "not-found"  # no such feed, channel or account
    BUSY = "busy"  # asked to wait (429)
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"  # it answered, but not in the form we know
    SPENT = "spent"  # the budget set for it is used up
    TOO_OLD = "too-old"  # the cursor is older than what the source still holds: a gap
    FORBIDDEN = "forbidden"  # an address the gate does not let through
    OUR_FAULT = "our-fault"  # a mistake of ours; the log has where


FAULT_SENTENCES = {
    Why.REFUSED: N_("La source refuse la clé ou le jeton : corrigez-les."),
    Why.NOT_FOUND: N_("La source n’existe pas, ou plus, à cette adresse."),
    Why.BUSY: N_("La source demande d’attendre ; Vigie reprendra où elle en était."),
    Why.UNREACHABLE: N_("La source ne répond pas ; Vigie réessaie de plus en plus rarement."),
    Why.UNREADABLE: N_("La source a répondu sous une forme que Vigie ne sait pas lire."),
    Why.SPENT: N_("Le budget fixé pour cette source est épuisé ; la lecture reprend à la période suivante."),
    Why.TOO_OLD: N_("La source ne garde plus ce qui a été publié pendant l’arrêt : il y a un trou."),
    Why.FORBIDDEN: N_("Cette adresse n’est pas de celles que Vigie visite."),
    Why.OUR_FAULT: N_("Vigie a trébuché sur cette source ; le journal de la machine dit où."),
}


class SourceFault(Exception):
    """A source could not be read; `retry_after` is what it asked for, `permanent` says that waiting does not help."""

    def __init__(self, why: Why, *, permanent: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.permanent = permanent
        self.retry_after = retry_after
