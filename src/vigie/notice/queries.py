"""Questions about notices, asked on behalf of an actor."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import EmailMessage

from django.db.models import Q

from vigie.casefile.models import Case, Content
from vigie.casefile.queries import contents_of, once
from vigie.casefile.rules.state import Danger, Referral, Stage
from vigie.core.errors import NotFound
from vigie.core.references import NOTICE_REF
from vigie.core.words import N_
from vigie.notice import facts
from vigie.notice.actions import answers_go_to
from vigie.notice.models import Notice, NoticeChannel, Step
from vigie.notice.recipients import route_of
from vigie.notice.rules.pharos import (
    Sheet,
    goes_to_pharos_first,
    may_go_before_the_reading,
    pharos_sheets,
    urgent_sheets,
)
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.outbox.actions import message_of
from vigie.outbox.models import OutgoingMail
from vigie.outbox.queries import waiting_for_a_person
from vigie.qualification import catalogue
from vigie.qualification.queries import StandingReading, standing_readings


def access_notice(actor: Actor, ref: str) -> Notice:
    """Return the notice of that reference, for somebody who may see cases.

    Raises:
        NotFound: there is none, or it is another association's.
    """
    require(actor, Action.SEE_CASE, actor.organisation_id)
    notice: Notice | None = notices(actor).filter(ref=ref).first()
    if notice is None:
        raise NotFound(N_("Cette notification n’existe pas."))
    return notice


def notices(actor: Actor) -> OwnedQuerySet:
    """Return the notices of the actor's association, latest first, ready to tell their state.

    Those of a case that is set aside for the authorities are left out: they say what it is about.
    """
    require(actor, Action.SEE_CASE, actor.organisation_id)
    return (
        Notice.objects.of(actor.organisation_id)
        .filter(case__referral=Referral.NONE)
        .select_related("case__organisation", "mail", "reminder_of__mail", "drafted_by", "approved_by")
        .order_by("-pk")
    )


def notices_of_case(actor: Actor, case: Case) -> list[Notice]:
    """Return the notices of a case, oldest first; withdrawn ones are left out."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    found = Notice.objects.of(actor.organisation_id).filter(case=case).exclude(step=Step.WITHDRAWN)
    found = found.select_related("mail", "reminder_of__mail").order_by("pk")
    return once(case, "notices", lambda: list(found))


def notice_of_reference(organisation_id: int, text: str) -> Notice | None:
    """Return the notice whose reference stands in `text` (a subject, an address), its first one for a reminder."""
    for reference in NOTICE_REF.findall(text.upper()):
        notice: Notice | None = (
            Notice.objects.of(organisation_id).select_related("reminder_of", "mail").filter(ref=reference).first()
        )
        if notice is not None:
            return notice.reminder_of or notice
    return None


def as_it_leaves(notice: Notice) -> EmailMessage:
    """Return the e-mail of a notice: the one written, else the one that would be."""
    if notice.mail is not None:
        return message_of(notice.mail)
    sender = notice.case.organisation.notice_email
    first = notice.reminder_of
    return message_of(
        OutgoingMail(
            purpose="reminder" if first else "notice",
            recipient=notice.recipient,
            sender=sender,
            reply_to=answers_go_to(notice),
            subject=notice.subject,
            body=notice.body,
            message_id=f"<notice.{notice.ref}@{sender.rpartition('@')[2]}>",
            in_reply_to=first.mail.message_id if first and first.mail else "",
            queued_at=notice.drafted_at,
        )
    )


def pharos_of_case(actor: Actor, case: Case) -> tuple[Sheet, ...]:
    """Return the sheets to copy into PHAROS, one address each; none where nothing is within its remit.

    A danger does not wait for the legal reading: before it, the sheets say that nothing is qualified yet.
    """
    require(actor, Action.SEE_CASE, case.organisation_id)
    categories = catalogue.current().pharos_categories
    is_urgent = pharos_before_the_reading(case)
    contents = contents_of(case) if is_urgent else _read(case)
    drafts = [facts.draft_of(case, [one], reference=case.ref, route=route_of(one)) for one in contents]
    if is_urgent:
        return tuple(sheet for draft in drafts for sheet in urgent_sheets(draft, categories, Danger(case.danger)))
    return tuple(sheet for draft in drafts for sheet in pharos_sheets(draft, categories))


def pharos_before_the_reading(case: Case) -> bool:
    """Say whether the danger of a case is too high to wait for its legal reading before PHAROS sees it."""
    return may_go_before_the_reading(Stage(case.stage), Danger(case.danger))


def pharos_comes_first(case: Case) -> bool:
    """Say whether PHAROS must see one of the contents before the platform takes it down."""
    return goes_there_first(standing_readings(case).values())


def goes_there_first(readings: Iterable[StandingReading]) -> bool:
    """Say of readings at hand what `pharos_comes_first` says of a case."""
    return any(goes_to_pharos_first(standing.ground) for reading in readings for standing in reading.grounds)


def pharos_reports(actor: Actor, case: Case) -> dict[int, Notice]:
    """Return what was already filed on PHAROS, by content."""
    filed = notices(actor).filter(case=case, channel=NoticeChannel.PHAROS).order_by("pk")
    return {kept.content_id: notice for notice in filed for kept in notice.about()}


def waiting_for_approval(actor: Actor) -> OwnedQuerySet:
    """Return the notices somebody submitted to a lead, oldest first."""
    return notices(actor).filter(step=Step.CHECKED).order_by("drafted_at", "pk")


def undelivered(actor: Actor) -> OwnedQuerySet:
    """Return the messages that wait for a person, oldest first."""
    shown = Q(case=None) | Q(case__referral=Referral.NONE)
    return waiting_for_a_person(actor).filter(shown).select_related("case")


def _read(case: Case) -> list[Content]:
    readings = standing_readings(case)
    return [content for content in contents_of(case) if content.pk in readings]
