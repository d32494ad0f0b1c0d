"""What somebody told us of themselves, for the check that keeps it out of what leaves the house."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.casefile.models import Case
from vigie.intake import vault
from vigie.intake.models import Message, Report
from vigie.intake.rules.values import Contact, MessageFrom


@dataclass(frozen=True)
class Withheld:
    """Of one report: how to reach the person, and their own words."""

    contact: Contact
    told: tuple[str, ...]


def withheld_of(case: Case) -> list[Withheld]:
    """Return what must not stand in a letter about this case, by report.

    The vault is opened for a machine's comparison: what it holds is shown to nobody and written nowhere, which is
    why this, unlike a person's look, leaves no entry in the journal.
    """
    reports = list(
        Report.objects.of(case.organisation_id).filter(report_cases__case=case).select_related("identity").distinct()
    )
    told: dict[int, list[str]] = {report.pk: [report.description] for report in reports}
    wrote = Message.objects.of(case.organisation_id).filter(report__in=reports, sender=MessageFrom.REPORTER)
    for report_id, text in wrote.values_list("report_id", "text"):
        told[report_id].append(text)
    return [Withheld(_contact(report), tuple(filter(None, told[report.pk]))) for report in reports]


def _contact(report: Report) -> Contact:
    identity = getattr(report, "identity", None)
    if identity is None or identity.erased_at is not None:
        return Contact()
    return vault.unseal(identity.sealed, report_id=report.pk)
