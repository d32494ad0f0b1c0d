"""From several looks at an address to what is online. Pure.

One look decides little: a server stumbles, a page is slow, a visit is refused. A content is called gone only
when three looks in a row found it gone; what those looks said of the reason is then believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vigie.casefile.rules.state import Online

LOOKS_BEFORE_GONE = 3
AFTER_SENDING = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
# A server that says why (410, «removed by…») is asked again soon; a bare 404 may be a passing fault.
CONFIRM_SAID = (timedelta(seconds=20), timedelta(minutes=1))
CONFIRM_UNSAID = (timedelta(minutes=10), timedelta(hours=1))


# A fault of ours is rarely gone a moment later; the planned looks come all the same.
OUR_FAULT = "fault "
AFTER_OUR_FAULT = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))


class Glance(StrEnum):
    """What one look saw."""

    PRESENT = "present"
    CHANGED = "changed"  # a page is there, the words are not
    REMOVED = "removed"  # it says: by the platform
    DELETED = "deleted"  # it says: by the author
    SUSPENDED = "suspended"  # it says: the account
    GONE = "gone"  # it says nothing more
    WITHHELD = "withheld"  # not in this country
    LOGIN = "login"
    BLIND = "blind"  # this platform shows nothing without scripts: it may be there or not
    FAILED = "failed"  # no usable answer


GONE = {Glance.REMOVED, Glance.DELETED, Glance.SUSPENDED, Glance.GONE}
SAID = {Glance.REMOVED, Glance.DELETED, Glance.SUSPENDED}
_ONLINE = {
    Glance.PRESENT: Online.PRESENT,
    Glance.REMOVED: Online.REMOVED_BY_PLATFORM,
    Glance.DELETED: Online.DELETED_BY_AUTHOR,
    Glance.SUSPENDED: Online.ACCOUNT_SUSPENDED,
    # Gone without a word of why: we can only say that it is not there for us.
    Glance.GONE: Online.UNAVAILABLE_FROM_HERE,
    Glance.WITHHELD: Online.UNAVAILABLE_FROM_HERE,
    Glance.LOGIN: Online.BEHIND_LOGIN,
    Glance.BLIND: Online.NOT_DETERMINED,
    Glance.FAILED: Online.NOT_DETERMINED,
}


@dataclass(frozen=True)
class Look:
    """What one visit brought back. `title` and `text` are read here and kept nowhere.

    `has_words`: whether the words of the content stand in the page; None when we know no words.
    """

    status: int | None
    title: str = ""
    text: str = ""
    has_words: bool | None = None
    marks: frozenset[str] = frozenset()
    failure: str = ""


# Platforms whose pages are empty without scripts: an answer 200 says nothing about the content.
SCRIPTS_ONLY = frozenset({"x", "facebook", "instagram", "threads", "tiktok", "linkedin", "snapchat", "discord"})
# What a status means where it does not mean what it means elsewhere.
# Source: docs.joinmastodon.org, «410 Gone» is answered for a suspended or deleted account.
STATUS_MEANS: Mapping[str, Mapping[int, Glance]] = {"mastodon": {410: Glance.SUSPENDED}}

_BY_AUTHOR = re.compile(
    r"(?:supprim|retir|effac)\w+ par (?:son auteur|son autrice|l'auteur|l'autrice|l'utilisat\w+)"
    r"|(?:deleted|removed) by (?:its|the|their) (?:author|owner|user|uploader|poster)|\[deleted by user\]"
)
_SUSPENDED = re.compile(
    r"compte (?:a été |est )?(?:suspendu|fermé|supprimé|désactivé|bloqué)"
    r"|account (?:(?:associated with this video )?(?:has been|is|was) )?(?:suspended|terminated|disabled|banned)"
)
_BY_PLATFORM = re.compile(
    r"(?:supprim|retir|effac|bloqu)\w+ par (?:la modération|la plateforme|nos|notre|l'équipe|les modérat)"
    r"|(?:la |notre )?modération \S{0,20} ?a (?:retiré|supprimé)"
    r"|(?:removed|taken down|deleted) by (?:the |our )?(?:moderat|platform|admin|reddit|staff)"
    r"|(?:removed|unavailable|taken down) (?:for|because|due to|following)\b[^.]{0,80}(?:violat|legal|terms|policy|rules|law)"
    r"|(?:enfrei\w+|viol\w+|contrai\w+)[^.]{0,40}(?:règles|conditions|loi)|violates? (?:our|the) "
)
_WITHHELD = re.compile(
    r"(?:withheld|not available|unavailable|restricted|blocked) in (?:your|this) (?:country|region)|withheld in "
    r"|(?:indisponible|pas disponible|bloqué\w*|restreint\w*) dans (?:votre|ce) (?:pays|région)"
)


def glance_of(look: Look, *, platform: str) -> Glance:
    """Return what one look saw, as far as a page without scripts tells."""
    if look.failure or look.status is None or look.status == 429 or look.status >= 500:
        return Glance.FAILED
    if look.has_words and look.status < 400:
        return Glance.PRESENT
    said = _said(look)
    if look.status in {404, 410}:
        by_status = Glance.REMOVED if look.status == 410 else Glance.GONE
        return said or STATUS_MEANS.get(platform, {}).get(look.status, by_status)
    if look.status == 451 or said is Glance.WITHHELD:
        return Glance.WITHHELD
    if look.status == 401:
        return Glance.LOGIN
    if look.status >= 400:
        if "login_wall" in look.marks:
            return Glance.LOGIN
        return said or Glance.FAILED
    return _of_a_page(look, said, platform)


def _of_a_page(look: Look, said: Glance | None, platform: str) -> Glance:
    if "not_available" in look.marks:
        return said or Glance.GONE
    if "login_wall" in look.marks:
        return Glance.LOGIN
    if platform in SCRIPTS_ONLY:
        return Glance.BLIND
    return Glance.CHANGED if look.has_words is False else Glance.PRESENT


def _said(look: Look) -> Glance | None:
    words = f"{look.title}\n{look.text[:2000]}".lower().replace("’", "'")
    tests = ((_WITHHELD, Glance.WITHHELD), (_BY_AUTHOR, Glance.DELETED), (_SUSPENDED, Glance.SUSPENDED))
    for pattern, glance in (*tests, (_BY_PLATFORM, Glance.REMOVED)):
        if pattern.search(words):
            return glance
    return None


def what_is_online(glances: Sequence[Glance]) -> Online:
    """Return what is online after these looks, oldest first.

    Three looks in a row that found it gone make it gone, whatever failed in between; fewer leave it not
    determined. A look without an answer never undoes what was established as gone.

    Source: house rule; the states of the design.
    """
    if not glances:
        return Online.NOT_CHECKED
    answered = [glance for glance in glances if glance is not Glance.FAILED]
    gone = _gone_at_the_end(answered)
    if len(gone) >= LOOKS_BEFORE_GONE:
        reasons = [glance for glance in gone if glance in SAID]
        return _ONLINE[reasons[-1] if reasons else Glance.GONE]
    if gone or glances[-1] is Glance.FAILED:
        return Online.NOT_DETERMINED
    if glances[-1] is Glance.CHANGED:
        # The words may never have stood in the page as we know them; only their disappearance tells.
        return Online.EDITED if Glance.PRESENT in glances else Online.PRESENT
    return _ONLINE[glances[-1]]


def looks_to_confirm(glances: Sequence[Glance]) -> int:
    """Return how many more looks it takes to call the content gone; 0 when it is settled, or not in question."""
    gone = len(_gone_at_the_end([glance for glance in glances if glance is not Glance.FAILED]))
    return LOOKS_BEFORE_GONE - gone if 0 < gone < LOOKS_BEFORE_GONE else 0


def confirm_at(glances: Sequence[Glance], now: datetime) -> datetime | None:
    """Return when to look again to confirm that a content is gone; None when there is nothing to confirm."""
    missing = looks_to_confirm(glances)
    if not missing:
        return None
    waits = CONFIRM_SAID if glances[-1] in SAID else CONFIRM_UNSAID
    return now + waits[LOOKS_BEFORE_GONE - 1 - missing]


def after_our_fault(failures: Sequence[str]) -> timedelta | None:
    """Return how long to wait before a look that stumbled over a fault of ours; None when it was tried often enough.

    Args:
        failures: of the looks at this content, oldest first, the one that just stumbled last.
    """
    faults = 0
    for failure in reversed(failures):
        if not failure.startswith(OUR_FAULT):
            break
        faults += 1
    return AFTER_OUR_FAULT[faults - 1] if 0 < faults <= len(AFTER_OUR_FAULT) else None


def check_times(sent_at: datetime) -> dict[str, datetime]:
    """Return when to look after a notice was sent at `sent_at`: 1 h, 24 h, 3 d, 7 d, 30 d.

    Source: the issue's list; re-uploads are looked for after removal at 24 h, 7 d and 30 d.
    """
    return {name: sent_at + after for name, after in AFTER_SENDING.items()}


def of_the_case(states: Sequence[Online]) -> Online:
    """Return what a case of several contents shows: the state that still asks for something first."""
    order = (
        Online.PRESENT, Online.EDITED, Online.NOT_DETERMINED, Online.BEHIND_LOGIN, Online.UNAVAILABLE_FROM_HERE,
        Online.NOT_CHECKED, Online.REMOVED_BY_PLATFORM, Online.ACCOUNT_SUSPENDED, Online.DELETED_BY_AUTHOR,
    )  # fmt: skip
    return min(states, key=order.index, default=Online.NOT_CHECKED)


def _gone_at_the_end(answered: Sequence[Glance]) -> list[Glance]:
    gone: list[Glance] = []
    for glance in reversed(answered):
        if glance not in GONE:
            break
        gone.insert(0, glance)
    return gone
