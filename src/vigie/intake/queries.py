"""Questions about reports: the reporter's, by their code; the desk's, by their role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.intake.models import Attachment, Identity, Message, Report, ReportCase
from vigie.intake.rules.status import Step, step_of
from vigie.intake.rules.values import ReportState
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.platforms.registry import registry
from vigie.platforms.resolve import UnreadableAddress, resolve

# A report that still waits after that long has stumbled on something: a person should know.
FILED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Told:
    """What is told of one case to the person who reported."""

    place: str
    step: Step
    notified_at: datetime | None
    pharos_at: datetime | None


def told(report: Report) -> list[Told]:
    """Return where each case of a report stands, in words that hold nothing of the content."""
    return [_told(case) for case in cases_of(report)]


def cases_of(report: Report) -> list[Case]:
    """Return the cases a report was filed into."""
    joined = ReportCase.objects.of(report.organisation_id).filter(report=report).values("case_id")
    return list(Case.objects.of(report.organisation_id).filter(pk__in=joined).order_by("pk"))


def _told(case: Case) -> Told:
    contents = contents_of(case)
    moments = dict(
        JournalEntry.objects.of(case.organisation_id)
        .filter(case=case, event__in=[Event.NOTICE_SENT, Event.NOTICE_SENT_BY_HAND, Event.PHAROS_REFERENCE_NOTED])
        .order_by("-seq")
        .values_list("event", "at")
    )
    return Told(
        place=_place_of(contents),
        step=step_of(case.state(), is_referral=any(content.never_fetch for content in contents)),
        notified_at=moments.get(Event.NOTICE_SENT) or moments.get(Event.NOTICE_SENT_BY_HAND),
        pharos_at=moments.get(Event.PHAROS_REFERENCE_NOTED),
    )


def _place_of(contents: list[Content]) -> str:
    """Return where the first content stands: the platform's name, or the site; never the address, which may hold words."""
    if not contents:
        return ""
    first, known = contents[0], registry()
    return known[first.platform].name if first.platform in known else urlsplit(first.url).hostname or ""


def conversation(report: Report) -> list[Message]:
    """Return the messages of a report, oldest first."""
    return list(Message.objects.of(report.organisation_id).filter(report=report).order_by("at", "pk"))


def has_identity(report: Report) -> bool:
    return bool(Identity.objects.of(report.organisation_id).filter(report=report, erased_at=None).exists())


@dataclass(frozen=True)
class ReportAtDesk:
    """One report as the desk sees it, without who made it."""

    report: Report
    attachments: list[Attachment]
    messages: list[Message]
    has_identity: bool


def reports_of_case(actor: Actor, case: Case, *, at_most: int = 50) -> list[ReportAtDesk]:
    """Return the reports of a case, latest first, with their files and conversation; four queries however many."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    joined = ReportCase.objects.of(case.organisation_id).filter(case=case).values("report_id")
    reports = list(
        Report.objects.of(case.organisation_id).filter(pk__in=joined).order_by("-received_at", "-pk")[:at_most]
    )
    attachments = Attachment.objects.of(case.organisation_id).filter(report__in=reports).order_by("pk")
    messages = Message.objects.of(case.organisation_id).filter(report__in=reports).order_by("at", "pk")
    known = set(
        Identity.objects.of(case.organisation_id)
        .filter(report__in=reports, erased_at=None)
        .values_list("report_id", flat=True)
    )
    return [
        ReportAtDesk(
            report=report,
            attachments=[attachment for attachment in attachments if attachment.report_id == report.pk],
            messages=[message for message in messages if message.report_id == report.pk],
            has_identity=report.pk in known,
        )
        for report in reports
    ]


def access_report(actor: Actor, case: Case, report_id: int) -> Report:
    """Return a report of a case that the actor already reached.

    Raises:
        NotFound: it is not one of this case.
    """
    require(actor, Action.SEE_CASE, case.organisation_id)
    joined = ReportCase.objects.of(case.organisation_id).filter(case=case, report_id=report_id)
    link = joined.select_related("report").first()
    if link is None:
        raise NotFound(N_("Ce signalement n’existe pas."))
    report: Report = link.report
    return report


def access_attachment(actor: Actor, case: Case, attachment_id: int) -> Attachment:
    """Return a file of a report of a case that the actor already reached."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    found: Attachment | None = Attachment.objects.of(case.organisation_id).filter(pk=attachment_id).first()
    if found is None:
        raise NotFound(N_("Ce fichier n’existe pas."))
    access_report(actor, case, found.report_id)
    return found


def held_reports(actor: Actor) -> OwnedQuerySet:
    """Return the reports held back in a flood, oldest first."""
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    return Report.objects.of(actor.organisation_id).filter(state=ReportState.HELD).order_by("received_at", "pk")


def stumbling_reports(actor: Actor, now: datetime) -> OwnedQuerySet:
    """Return the reports that should have been sorted into cases by now."""
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    waiting = Report.objects.of(actor.organisation_id).filter(
        state__in=[ReportState.RECEIVED, ReportState.REFERRED], filed_at=None, received_at__lt=now - FILED_WITHIN
    )
    return waiting.order_by("received_at", "pk")


def unreadable_addresses(report: Report) -> list[str]:
    """Return the addresses as given that lead nowhere: somebody cut them, or wrote words in their place."""
    return [address for address in report.addresses if not _can_be_read(address)]


def _can_be_read(address: str) -> bool:
    try:
        resolve(address)
    except UnreadableAddress:
        return False
    return True
