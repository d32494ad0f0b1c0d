"""What the person who reported is told of a case: honest, plain, and never more than is known. Pure."""

from __future__ import annotations

from enum import StrEnum

from vigie.casefile.rules.state import CaseState, Online, PlatformSays, Referral, Sending, Stage


class Step(StrEnum):
    RECEIVED = "received"
    EXAMINED = "examined"
    QUALIFIED = "qualified"
    NOTIFIED = "notified"
    REMOVED = "removed"
    DELETED = "deleted"
    SUSPENDED = "suspended"
    RESTRICTED = "restricted"
    REFUSED = "refused"
    DECLINED = "declined"
    CLOSED = "closed"
    TO_BE_REFERRED = "to-be-referred"
    REFERRED = "referred"


_GONE = {
    Online.REMOVED_BY_PLATFORM: Step.REMOVED,
    Online.DELETED_BY_AUTHOR: Step.DELETED,
    Online.ACCOUNT_SUSPENDED: Step.SUSPENDED,
}
_SAID = {
    PlatformSays.REMOVED: Step.REMOVED,
    PlatformSays.RESTRICTED: Step.RESTRICTED,
    PlatformSays.REFUSED: Step.REFUSED,
}


def step_of(state: CaseState, *, is_referral: bool) -> Step:
    """Return the step to tell: what was seen online first, then what the platform said, then what we did.

    Args:
        is_referral: this report itself says child abuse. The others are told so only once a person has confirmed it.

    A message of unknown fate is not told as sent: nobody knows that it left.
    """
    if state.referral is Referral.MADE:
        return Step.REFERRED
    if is_referral:
        return Step.TO_BE_REFERRED
    if state.online in _GONE:
        return _GONE[state.online]
    if state.platform_says in _SAID:
        return _SAID[state.platform_says]
    if state.stage is Stage.DECLINED:
        return Step.DECLINED
    if state.sending is Sending.SENT:
        return Step.NOTIFIED
    if state.stage is Stage.CLOSED:
        return Step.CLOSED
    if state.stage is Stage.QUALIFIED:
        return Step.QUALIFIED
    return Step.EXAMINED if state.stage is Stage.TRIAGE else Step.RECEIVED
