"""What a report says of danger orders the queue."""

from __future__ import annotations

import pytest
from django.utils import timezone

from vigie.casefile.models import Case
from vigie.casefile.rules.state import Danger
from vigie.intake.actions import file_report, receive_report
from vigie.intake.rules.danger import danger_said
from vigie.intake.rules.values import About, Door, ReporterRole
from vigie.organisations.tests.cast import Cast


@pytest.mark.parametrize(
    ("about", "role", "is_minor", "danger"),
    [
        (About.THREAT, ReporterRole.WITNESS, None, Danger.HIGH),
        (About.TERRORISM, ReporterRole.UNKNOWN, None, Danger.HIGH),
        (About.HARASSMENT, ReporterRole.VICTIM, True, Danger.HIGH),
        (About.HARASSMENT, ReporterRole.WITNESS, True, Danger.STANDARD),
        (About.RACISM, ReporterRole.VICTIM, False, Danger.STANDARD),
    ],
)
def test_threats_terrorism_and_targeted_children_come_first(
    about: About, role: ReporterRole, is_minor: bool | None, danger: Danger
) -> None:
    assert danger_said(about, role, is_minor) is danger


def test_a_later_report_of_a_threat_lifts_the_case_and_a_milder_one_does_not_lower_it(cast: Cast) -> None:
    for number, about in enumerate([About.RACISM, About.THREAT, About.RACISM]):
        now = timezone.now()
        received = receive_report(
            actor=cast.public, door=Door.FORM, addresses=["https://forum.example/1"], about=about,
            source_key=f"essai:{number}", now=now,
        )  # fmt: skip
        file_report(received.report, now)
    assert Case.objects.of(cast.veille).get().danger == Danger.HIGH
