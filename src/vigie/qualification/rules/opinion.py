"""When a second pair of eyes is needed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .assessment import Assessment, Verdict
from .values import Ground, Status, VerificationLevel

# «Check for coded antisemitism before declining; second opinion recommended»: the note of that entry.
_DECLINES_TO_READ_TWICE = frozenset({"not-illegal-state-criticism"})


class OpinionReason(StrEnum):
    """Why somebody else should look."""

    DOUBT = "doubt"
    EXCLUDER_HOLDS = "excluder-holds"
    RARELY_MANIFEST = "rarely-manifest"
    LAW_NOT_READ = "law-not-read"
    READ_TWICE_BEFORE_DECLINING = "read-twice-before-declining"


@dataclass(frozen=True, slots=True)
class OpinionNeed:
    """Whether a jurist must look before the reading stands, or had better look."""

    is_required: bool
    reasons: tuple[OpinionReason, ...]

    @property
    def is_recommended(self) -> bool:
        """Say whether there is a reason to ask, even though the reading may stand without it."""
        return bool(self.reasons)


def needs_second_opinion(ground: Ground, assessment: Assessment | None) -> OpinionNeed:
    """Return whether this reading needs a jurist. `assessment` is None when the case is being declined.

    Doubt and a holding excluder require one; a ground that is rarely manifest, or whose law nobody has read,
    makes it advisable.

    Source: catalogue, «element_logic»; house rule for the advisable ones.
    """
    reasons: list[OpinionReason] = []
    if assessment is not None and assessment.is_excluded:
        reasons.append(OpinionReason.EXCLUDER_HOLDS)
    elif assessment is not None and assessment.verdict is Verdict.DOUBTFUL:
        reasons.append(OpinionReason.DOUBT)
    required = bool(reasons)
    if ground.status is Status.IN_FORCE and not ground.manifest_typically:
        reasons.append(OpinionReason.RARELY_MANIFEST)
    if ground.status is Status.IN_FORCE and ground.verification.level is VerificationLevel.GENERAL_KNOWLEDGE:
        reasons.append(OpinionReason.LAW_NOT_READ)
    if ground.id in _DECLINES_TO_READ_TWICE:
        reasons.append(OpinionReason.READ_TWICE_BEFORE_DECLINING)
    return OpinionNeed(required, tuple(reasons))
