"""Who may do what: the one place that answers it. Pure.

An actor acts for one association at a time. Nothing of another association is ever allowed, whatever
the role; the administrator has, by right, no look into cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vigie.core.errors import NotAllowed
from vigie.core.words import N_


class Role(StrEnum):
    VOLUNTEER = "volunteer"
    MODERATOR = "moderator"
    LEAD = "lead"
    JURIST = "jurist"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    SUBMIT_REPORT = "submit-report"
    FOLLOW_OWN_REPORTS = "follow-own-reports"
    IMPORT_REPORTS = "import-reports"
    SEE_CASE = "see-case"  # the queue, the case, its evidence and journal
    CLAIM_CASE = "claim-case"
    ASSIGN_CASE = "assign-case"  # give it to somebody, take it from somebody
    TRIAGE_CASE = "triage-case"  # danger, dates, text, contents, reopening, bulk
    CAPTURE = "capture"
    QUALIFY = "qualify"  # qualify, decline, ask for a second opinion
    GIVE_SECOND_OPINION = "give-second-opinion"
    DRAFT_NOTICE = "draft-notice"
    SEND_NOTICE = "send-notice"  # where the association wants no second pair of eyes
    APPROVE_NOTICE = "approve-notice"
    SETTLE_UNKNOWN = "settle-unknown"  # say whether a message of unknown fate left
    READ_REPLY = "read-reply"
    CORRESPOND = "correspond"  # write to the person who reported
    OPEN_IDENTITY = "open-identity"
    SEE_FIGURES = "see-figures"
    EXPORT_FIGURES = "export-figures"
    SEE_LEXICON = "see-lexicon"  # the terms, and what the hints are worth
    MANAGE_LEXICON = "manage-lexicon"
    MANAGE_WATCH = "manage-watch"  # write watches, sources, campaigns
    SEE_WALL = "see-wall"  # what the watches found
    DECIDE_SIGHTING = "decide-sighting"  # make it a case, or dismiss it
    MANAGE_CATALOGUE = "manage-catalogue"
    MANAGE_MEMBERS = "manage-members"
    MANAGE_SETTINGS = "manage-settings"
    MANAGE_TOKENS = "manage-tokens"


_VOLUNTEER = {Action.SUBMIT_REPORT, Action.FOLLOW_OWN_REPORTS}
_MODERATOR = _VOLUNTEER | {
    Action.IMPORT_REPORTS, Action.SEE_CASE, Action.CLAIM_CASE, Action.TRIAGE_CASE, Action.CAPTURE, Action.QUALIFY,
    Action.DRAFT_NOTICE, Action.SEND_NOTICE, Action.READ_REPLY, Action.CORRESPOND, Action.SEE_FIGURES,
    Action.SEE_WALL, Action.DECIDE_SIGHTING, Action.SEE_LEXICON,
}  # fmt: skip
_LEAD = _MODERATOR | {
    Action.ASSIGN_CASE, Action.APPROVE_NOTICE, Action.SETTLE_UNKNOWN, Action.OPEN_IDENTITY, Action.EXPORT_FIGURES,
    Action.MANAGE_WATCH,
}  # fmt: skip
_JURIST = _VOLUNTEER | {
    Action.SEE_CASE, Action.CLAIM_CASE, Action.CAPTURE, Action.QUALIFY, Action.GIVE_SECOND_OPINION,
    Action.MANAGE_CATALOGUE, Action.SEE_FIGURES, Action.SEE_LEXICON,
}  # fmt: skip
_ANALYST = _VOLUNTEER | {
    Action.IMPORT_REPORTS, Action.SEE_FIGURES, Action.EXPORT_FIGURES, Action.MANAGE_LEXICON, Action.MANAGE_WATCH,
    Action.SEE_WALL, Action.SEE_LEXICON,
}  # fmt: skip
_ADMINISTRATOR = _VOLUNTEER | {Action.MANAGE_MEMBERS, Action.MANAGE_SETTINGS, Action.MANAGE_TOKENS}

MATRIX: dict[Role, frozenset[Action]] = {
    Role.VOLUNTEER: frozenset(_VOLUNTEER),
    Role.MODERATOR: frozenset(_MODERATOR),
    Role.LEAD: frozenset(_LEAD),
    Role.JURIST: frozenset(_JURIST),
    Role.ANALYST: frozenset(_ANALYST),
    Role.ADMINISTRATOR: frozenset(_ADMINISTRATOR),
}


@dataclass(frozen=True)
class Actor:
    """Somebody, or something, acting for one association.

    `name` is what the journal keeps: `member:12`, `token:3`, `public`, `worker`. Never a person's name.
    """

    name: str
    organisation_id: int
    roles: frozenset[Role] = frozenset()
    member_id: int | None = None


def may(actor: Actor, action: Action, organisation_id: int) -> bool:
    """Say whether `actor` may do `action` to a thing of that association."""
    if actor.organisation_id != organisation_id:
        return False
    return any(action in MATRIX[role] for role in actor.roles)


def require(actor: Actor, action: Action, organisation_id: int) -> None:
    """Let pass, or refuse.

    Raises:
        NotAllowed: the sentence names neither the thing nor its association.
    """
    if not may(actor, action, organisation_id):
        raise NotAllowed(N_("Votre rôle ne permet pas cette action."))
