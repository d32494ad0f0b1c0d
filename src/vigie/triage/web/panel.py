"""What the queue shows on the page of a case: what can be done with it, and what resembles it."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.casefile.models import CLOSING_LABELS, DANGER_LABELS, STAGE_LABELS, Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.queries import contents_of, joined_cases
from vigie.casefile.rules.masking import DOTS
from vigie.casefile.rules.state import Stage
from vigie.casefile.web.masking import words_are_asked
from vigie.core.errors import Refusal
from vigie.detection.detectors import Reader
from vigie.detection.hints import Hint, SourceStatus, Use
from vigie.learning.detectors import detector_of
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.triage import queries
from vigie.triage.actions import mover_of
from vigie.triage.models import HATE_KIND_LABELS, TARGET_LABELS
from vigie.triage.rules import moves
from vigie.triage.rules.moves import Kind, Move

TEXTS_READ = 20
CHARACTERS_READ = 20_000
MATCHES_SHOWN = 12


def hold(request: HttpRequest, case: Case) -> Panel:
    """Who holds the case, and what one may do about it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    stage = Stage(case.stage)
    context = {
        "is_mine": case.holder_id is not None and case.holder_id == actor.member_id,
        "is_free": case.holder_id is None,
        "holder": case.holder.display_name if case.holder else "",
        "is_closed": stage is Stage.CLOSED,
        "can_reopen": stage in {Stage.CLOSED, Stage.DECLINED} and not case.joined_into,
        "dangers": [(danger.value, label) for danger, label in DANGER_LABELS.items()],
        "closing_reasons": [(reason.value, label) for reason, label in CLOSING_LABELS.items()],
        "holders": queries.holders(actor) if may(actor, Action.ASSIGN_CASE, actor.organisation_id) else [],
    }
    return Panel(Slot.ACT, _("Ce dossier"), "triage/hold.html", context, order=10)


def hints(request: HttpRequest, case: Case) -> Panel | None:
    """What a detector noticed in the texts, and why: a suggestion, never a decision."""
    is_shown = words_are_asked(request)
    reader = detector_of(case.organisation_id)
    readings = [
        _read(reader, content.text[:CHARACTERS_READ], content.language) for content in contents_of(case)[:TEXTS_READ]
    ]
    noticed = [
        {
            "match": match,
            "said": match.text if is_shown else match.text[:1] + DOTS,
            "target": TARGET_LABELS[match.target],
            "use": _USES.get(match.use, ""),
            "is_sure": match.source_status is not SourceStatus.UNVERIFIED,
        }
        for hint, _moved in readings
        for match in hint.matches
    ]
    hint, moved = max(readings, key=lambda one: one[0].score, default=(None, ()))
    sentence = _sentence(hint) if hint else ""
    if not noticed and not sentence:
        return None
    context = {
        "noticed": noticed[:MATCHES_SHOWN],
        "sentence": sentence,
        "moved": [word if is_shown else word[:1] + DOTS for word in moved] if sentence else [],
    }
    return Panel(Slot.KNOW, _("Indices de la machine"), "triage/hints.html", context, order=50)


def _sentence(hint: Hint) -> str:
    """Return what the machine thinks of the most likely hateful text of the case; never a bare number."""
    how_likely = next((words for least, words in _LIKELY if hint.score >= least), None)
    if how_likely is None or hint.kind is None:
        return ""
    what = {"how": how_likely, "what": HATE_KIND_LABELS[hint.kind]}
    aimed = [str(TARGET_LABELS[target]) for target in hint.targets if target in TARGET_LABELS]
    if aimed:
        return _("%(how)s : %(what)s ; visés ou nommés : %(whom)s.") % {**what, "whom": ", ".join(aimed)}
    return _("%(how)s : %(what)s.") % what


_LIKELY = (
    (0.8, gettext_lazy("Très probable")),
    (0.5, gettext_lazy("Probable")),
    (0.25, gettext_lazy("Incertain")),
)
_USES = {
    Use.QUOTED: gettext_lazy("semble cité"),
    Use.RECLAIMED: gettext_lazy("semble dit de soi"),
    Use.ORDINARY: gettext_lazy("semble employé au sens ordinaire"),
}


@lru_cache(maxsize=512)
def _read(reader: Reader, text: str, language: str) -> tuple[Hint, tuple[str, ...]]:
    """Return the hint of a text and the words that spoke for it; remembered, for a page is often loaded again."""
    moved = reader.explain(text, language or None)
    return reader.read(text, language or None), tuple(word.text for word in moved if word.weight > 0)


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _can_join(request: HttpRequest, case: Case) -> bool:
    """Say whether a case may go together with others, as far as can be seen now; the action decides."""
    try:
        moves.check(Move(Kind.TOGETHER), case.state(), mover_of(actor_of(request)), holder="")
    except Refusal:
        return False
    return True


def together(request: HttpRequest, case: Case) -> Panel | None:
    """The contents handled together: add one, take one out, and the cases that were joined."""
    actor, joined = actor_of(request), joined_cases(case)
    handled = contents_of(case)
    may_change = may(actor, Action.TRIAGE_CASE, case.organisation_id) and _can_join(request, case)
    if not (may_change or joined):
        return None
    context = {
        "joined": joined,
        "can_change": may_change and case.holder_id == actor.member_id,
        "must_be_taken": may_change and case.holder_id is None,
        "others": list(enumerate(handled, 1))[1:],
    }
    return Panel(Slot.KNOW, _("Contenus traités ensemble"), "triage/together.html", context, order=61)


def resembling(request: HttpRequest, case: Case) -> Panel | None:
    """Earlier cases of the same contents, and cases whose text is nearly the same."""
    same = queries.other_cases(case)
    near = queries.near_cases(case)
    if not same and not near:
        return None
    labels = {stage.value: label for stage, label in STAGE_LABELS.items()}
    mine = may(actor_of(request), Action.TRIAGE_CASE, case.organisation_id) and _can_join(request, case)
    joins = {other.pk: mine and _can_join(request, other) for other in [*same, *(one.case for one in near)]}
    context = {
        "same": [(other, labels[other.stage], joins[other.pk]) for other in same],
        "near": [(one.case, one.percent, labels[one.case.stage], joins[one.case.pk]) for one in near],
        "can_join": any(joins.values()),
    }
    return Panel(Slot.KNOW, _("Dossiers proches"), "triage/resembling.html", context, order=60)
