"""What each room shows on the page of a case: the list, in the order of the rooms."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from django.http import HttpRequest
from django.utils.module_loading import import_string

from vigie.casefile.models import Case
from vigie.casefile.panels import Panel, Slot

# Functions of (request, case) that return a Panel, several, or None when there is nothing to show.
PANELS = [
    "vigie.intake.web.panel.panel",
    "vigie.evidence.web.panel.panel",
    "vigie.triage.web.panel.hold",
    "vigie.triage.web.panel.hints",
    "vigie.triage.web.panel.resembling",
    "vigie.triage.web.panel.together",
    "vigie.qualification.web.panel.panel",
    "vigie.notice.web.panel.panel",
    "vigie.followup.web.panel.panel",
]
# All that a case shows which is set aside for the authorities: a new panel is not among it unless written here.
SET_ASIDE = ["vigie.intake.web.panel.referral"]


def panels_of(request: HttpRequest, case: Case) -> dict[str, list[Panel]]:
    """Return the panels of a case by slot, each slot in the order its panels ask for."""
    shown: dict[str, list[Panel]] = {slot.value: [] for slot in Slot}
    for name in SET_ASIDE if case.referral else PANELS:
        if not _is_there(name):
            continue
        answer = import_string(name)(request, case)
        for panel in [answer] if isinstance(answer, Panel) else answer or []:
            shown[panel.slot.value].append(panel)
    for panels in shown.values():
        panels.sort(key=lambda panel: panel.order)
    return shown


@cache
def _is_there(name: str) -> bool:
    """Say whether the room of that panel has been built."""
    module = name.rpartition(".")[0]
    room = ".".join(module.split(".")[:2])
    return all(find_spec(step) is not None for step in (room, f"{room}.web", module))
