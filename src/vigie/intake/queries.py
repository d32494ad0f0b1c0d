"""Questions about reports: the reporter's, by their code; the desk's, by their role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.queries import contents_of, handled_in
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Referral
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
    """Return where each case of a report stands, in words that hold nothing of the content.

    Of a case that was joined to another, what becomes of that other is told: there it is handled.
    """
    is_referral = report.state in {ReportState.REFERRED, ReportState.PURGED}
    handled = {case.pk: case for case in map(handled_in, cases_of(report))}
    return [_told(case, is_referral=is_referral) for case in handled.values()]


def cases_of(report: Report) -> list[Case]:
    """Return the cases a report was filed into."""
    joined = ReportCase.objects.of(report.organisation_id).filter(report=report).values("case_id")
    return list(Case.objects.of(report.organisation_id).filter(pk__in=joined).order_by("pk"))


def _told(case: Case, *, is_referral: bool) -> Told:
    contents = contents_of(case)
    moments = dict(
        JournalEntry.objects.of(case.organisation_id)
        .filter(case=case, event__in=[Event.NOTICE_SENT, Event.NOTICE_SENT_BY_HAND, Event.PHAROS_REFERENCE_NOTED])
        .order_by("-seq")
        .values_list("event", "at")
    )
    return Told(
        place=_place_of(contents),
        step=step_of(case.state(), is_referral=is_referral and bool(case.referral)),
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
    is_hidden: bool = False
    """It also speaks of a content that is set aside: neither its words nor its files are shown."""


def reports_of_case(actor: Actor, case: Case, *, at_most: int = 50) -> list[ReportAtDesk]:
    """Return the reports of a case, latest first, with their files and conversation; four queries however many."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    joined = ReportCase.objects.of(case.organisation_id).filter(case=case).values("report_id")
    reports = list(
        Report.objects.of(case.organisation_id).filter(pk__in=joined).order_by("-received_at", "-pk")[:at_most]
    )
    hidden = hidden_reports(case.organisation_id, [report.pk for report in reports])
    shown = [report for report in reports if report.pk not in hidden]
    attachments = Attachment.objects.of(case.organisation_id).filter(report__in=shown).order_by("pk")
    messages = Message.objects.of(case.organisation_id).filter(report__in=shown).order_by("at", "pk")
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
            is_hidden=report.pk in hidden,
        )
        for report in reports
    ]


def hidden_reports(organisation_id: int, reports: Iterable[int]) -> set[int]:
    """Return those of the reports that speak of a case that is set aside, perhaps among others."""
    links = ReportCase.objects.of(organisation_id).filter(report__in=list(reports))
    return set(links.exclude(case__referral=Referral.NONE).values_list("report_id", flat=True))


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
    if hidden_reports(case.organisation_id, [found.report_id]):
        raise NotFound(N_("Ce fichier n’existe pas."))
    return found


def waiting_referrals(actor: Actor) -> OwnedQuerySet:
    """Return the cases that are set aside until a person decides, those that wait longest first."""
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    return Case.objects.of(actor.organisation_id).filter(referral=Referral.WAITING).order_by("pk")


@dataclass(frozen=True)
class SetAside:
    """What a person needs to decide about a case that is set aside: since when, which addresses, what is hidden."""

    since: datetime
    contents: list[Content]
    reports: int
    """Those that did not say child abuse, whose words and files are hidden and still there."""


def set_aside_of(actor: Actor, case: Case) -> SetAside | None:
    """Return what waits for a decision in a case; None when nothing does."""
    require(actor, Action.TRIAGE_CASE, case.organisation_id)
    contents = [content for content in contents_of(case) if content.never_fetch and content.url]
    said = JournalEntry.objects.of(case.organisation_id).filter(case=case, event=Event.CONTENT_NEVER_FETCH)
    latest = said.order_by("-seq").first()
    if not contents or latest is None:
        return None
    joined = ReportCase.objects.of(case.organisation_id).filter(case=case, report__state=ReportState.FILED)
    return SetAside(since=latest.at, contents=contents, reports=joined.count())


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
