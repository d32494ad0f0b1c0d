"""What a decision of people teaches about hatred: which grounds and which reasons to decline say something. Pure.

A content that is unlawful for another reason (private pictures, a scam) says nothing of hatred, and a racist remark
that no text forbids is not a false alarm: such decisions are kept, and left out of every measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from vigie.casefile.rules.events import Event


class Label(StrEnum):
    HATEFUL = "hateful"
    LAWFUL = "lawful"
    """People found no hatred in it: whoever flags it raises a false alarm."""
    SILENT = "silent"
    """Decided for a reason that says nothing of hatred."""


HATEFUL_GROUNDS = frozenset({
    "provocation-hatred-origin-religion", "provocation-hatred-sex-orientation-disability", "apologia-crimes",
    "holocaust-denial", "genocide-denial-other", "insult-public-origin-religion",
    "insult-public-sex-orientation-disability", "defamation-public-origin-religion",
    "defamation-public-sex-orientation-disability", "provocation-non-public", "defamation-non-public",
    "insult-non-public", "terrorism-apology-provocation", "threat-crime", "threat-death", "threat-condition",
    "threat-property-place-worship", "sexist-outrage", "discrimination", "conversion-practices", "nazi-insignia",
    "desecration",
})  # fmt: skip
LAWFUL_REASONS = frozenset({
    "not-illegal-simple-insult", "not-illegal-opinion", "not-illegal-religion-criticism",
    "not-illegal-state-criticism", "not-illegal-irony-satire", "not-illegal-counter-speech",
    "not-illegal-news-history", "not-illegal-private-dispute",
})  # fmt: skip
CHANGE_LABELS = (Event.QUALIFIED, Event.DECLINED, Event.READING_REOPENED, Event.LIMITATION_COUNTED)
TOUCH = (*CHANGE_LABELS, Event.CONTENT_REMOVED, Event.REFERRAL_MADE, Event.REFERRAL_LIFTED)
"""Events after which a case is read again."""


@dataclass(frozen=True)
class Decided:
    """What stands of the decisions on one content of a case."""

    label: Label
    at: datetime
    seq: int
    """Number of the entry that decided."""
    grounds: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class CaseDecisions:
    """What stands of the decisions on a case: on each content read (by its reference), or on all of them."""

    of_contents: Mapping[str, Decided] = field(default_factory=dict)
    of_all: Decided | None = None


def label_of_grounds(grounds: Iterable[str]) -> Label:
    return Label.HATEFUL if set(grounds) & HATEFUL_GROUNDS else Label.SILENT


def label_of_reason(reason: str) -> Label:
    return Label.LAWFUL if reason in LAWFUL_REASONS else Label.SILENT


def decisions_of(entries: Iterable[tuple[int, str, Mapping[str, Any], datetime]]) -> CaseDecisions:
    """Return what stands after all entries of a case's journal, in their order."""
    read: dict[str, Decided] = {}
    declined: Decided | None = None
    for seq, event, data, at in entries:
        if event == Event.QUALIFIED:
            declined = None
            content, before = data["content"], read.get(data["content"])
            grounds = tuple(dict.fromkeys([*(before.grounds if before else ()), data["ground"]]))
            read[content] = Decided(label_of_grounds(grounds), at, seq, grounds)
        elif event == Event.DECLINED:
            read = {}
            declined = Decided(label_of_reason(data["reason"]), at, seq, reason=data["reason"])
        elif event == Event.READING_REOPENED:
            read, declined = {}, None
        elif event == Event.LIMITATION_COUNTED and data.get("withdrawn") and data.get("content") in read:
            left = tuple(one for one in read[data["content"]].grounds if one != data["withdrawn"])
            if left:
                read[data["content"]] = Decided(label_of_grounds(left), at, seq, left)
            else:
                del read[data["content"]]
    return CaseDecisions(read, declined)
