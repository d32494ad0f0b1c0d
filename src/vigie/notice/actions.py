"""Draft, check, approve, send, note what was sent by hand, withdraw."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from vigie.casefile.journal import lock_cases, record
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import PlatformSays, Sending, Stage
from vigie.core.errors import Conflict, NotAllowed, Refusal
from vigie.core.references import new_notice_ref, without_address
from vigie.core.words import N_
from vigie.notice import facts
from vigie.notice.models import BEING_WRITTEN, Notice, NoticeChannel, NoticeContent, NoticeState, PlatformContact, Step
from vigie.notice.recipients import Route, groups_of, route_of
from vigie.notice.rules.addresses import reply_address, subject_with
from vigie.notice.rules.letter import compose
from vigie.notice.rules.lint import Finding, may_leave
from vigie.notice.rules.reminder import Silence, compose_reminder
from vigie.organisations.models import Membership
from vigie.organisations.rules.policy import Action, Actor, Role, may, require
from vigie.outbox.actions import give_up, queue_mail, retry_failed
from vigie.outbox.models import Fate, OutgoingMail
from vigie.outbox.queries import graver, in_balance
from vigie.outbox.rules import Purpose
from vigie.qualification.queries import standing_readings
from vigie.triage.actions import require_holder
from vigie.triage.rules.moves import CaseIsClosed

PHAROS = "pharos"


class NotQualified(Refusal):
    """Nothing can be notified before somebody has said which law it breaks."""


class NeverNotified(Refusal):
    """Child abuse suspected: the address alone goes to PHAROS or Point de Contact."""


class AlreadyNotified(Conflict):
    """The same content was notified to the same platform, which has not decided yet."""


class NotReady(Refusal):
    """A blocking finding stands."""


class NeedsApproval(Refusal):
    """A lead looks first."""


class NotBeingWritten(Conflict):
    """It has left, or was withdrawn: its text is fixed."""


def draft_notices(*, actor: Actor, case: Case, language: str = "", now: datetime) -> list[Notice]:
    """Return the drafts of a case, one for each recipient, made from the qualification where they are missing.

    Asking again gives the same drafts. What is already notified is left out.

    Raises:
        NotQualified: no content of the case has a ground.
        NeverNotified: its contents may only be referred.
        AlreadyNotified: all of it was notified and awaits a decision.
    """
    require(actor, Action.DRAFT_NOTICE, case.organisation_id)
    with transaction.atomic():
        case = Case.objects.of(actor.organisation_id).select_related("organisation").select_for_update().get(pk=case.pk)
        contents = _contents_to_notify(case)
        require_holder(actor, case)
        standing = _being_written(case)
        covered = {kept.content_id for notice in standing for kept in notice.about()}
        barring = {content.pk: barring_notice(content) for content in contents if content.pk not in covered}
        for route, group in groups_of(content for content in contents if content.pk not in covered):
            free = [content for content in group if barring[content.pk] is None]
            if free:
                standing.append(_draft(actor, case, free, route, language, now))
        if not standing:
            raise _already_notified(next(notice for notice in barring.values() if notice is not None))
        return standing


def _contents_to_notify(case: Case) -> list[Content]:
    readings = standing_readings(case)
    read = [content for content in contents_of(case) if content.pk in readings]
    if case.stage != Stage.QUALIFIED or not read:
        raise NotQualified(
            N_("Qualifiez d’abord ce dossier : une notification dit quelle loi est enfreinte, et pourquoi.")
        )
    allowed = [content for content in read if not content.never_fetch]
    if not allowed:
        raise _never_notified()
    return allowed


def _being_written(case: Case) -> list[Notice]:
    return list(
        Notice.objects.of(case.organisation_id)
        .filter(case=case, step__in=BEING_WRITTEN, reminder_of=None)
        .select_related("case__organisation", "mail")
        .order_by("pk")
    )


def _draft(actor: Actor, case: Case, contents: list[Content], route: Route, language: str, now: datetime) -> Notice:
    language = language or route.language_for(case.organisation.language)
    reference = new_notice_ref()
    draft = facts.draft_of(case, contents, reference=reference, route=route)
    letter = compose(draft, language)
    versions = sorted({claim.catalogue_version for claim in draft.claims()})
    notice = Notice.objects.create(
        organisation_id=case.organisation_id,
        case=case,
        ref=reference,
        platform=route.platform,
        site=route.site,
        channel=route.channel.value,
        recipient=route.email,
        language=letter.language,
        subject=letter.subject,
        body=letter.body_text,
        facts_digest=facts.digest_of(draft),
        catalogue_version=versions[-1] if versions else "",
        drafted_at=now,
        drafted_by_id=_member(actor),
    )
    for position, content in enumerate(contents):
        NoticeContent.objects.create(
            organisation_id=case.organisation_id, notice=notice, content=content, url=content.url, position=position
        )
    _record_draft(actor, notice, now, contents=[content.reference for content in contents])
    return notice


def edit_notice(*, actor: Actor, notice: Notice, subject: str, body: str, now: datetime) -> Notice:
    """Change the text by hand; what was checked or approved must be so again."""
    with transaction.atomic():
        notice = _lock_for_writing(actor, notice)
        require_holder(actor, notice.case)
        reference = notice.reminder_of.ref if notice.reminder_of else notice.ref
        subject, body = subject_with(reference, subject), body.replace("\r\n", "\n").strip() + "\n"
        if (subject, body) == (notice.subject, notice.body):
            return notice
        notice.subject, notice.body, notice.is_edited = subject, body, True
        notice.drafted_by_id = _member(actor)  # whose words these now are: somebody else approves them
        _back_to_draft(notice, "subject", "body", "is_edited", "drafted_by")
        _record_draft(actor, notice, now, edited=True)
        return notice


def rewrite_notice(*, actor: Actor, notice: Notice, language: str, now: datetime) -> Notice:
    """Compose the text anew from the facts as they stand, in `language`; changes made by hand are lost."""
    with transaction.atomic():
        notice = _lock_for_writing(actor, notice)
        require_holder(actor, notice.case)
        if notice.reminder_of:
            was_received = notice.case.platform_says != PlatformSays.NOTHING
            letter = compose_reminder(_silence(notice.reminder_of, was_received=was_received), language)
        else:
            draft = facts.draft_of_notice(notice)
            letter, notice.facts_digest = compose(draft, language), facts.digest_of(draft)
        notice.subject, notice.body, notice.language = letter.subject, letter.body_text, letter.language
        notice.is_edited = False
        _back_to_draft(notice, "subject", "body", "language", "is_edited", "facts_digest")
        _record_draft(actor, notice, now, language=letter.language)
        return notice


def check_notice(*, actor: Actor, notice: Notice, now: datetime) -> Notice:
    """Say that the notice is ready; where a lead approves, it now waits for one.

    Raises:
        NotReady: a blocking finding stands; the sentence is the first one's.
    """
    with transaction.atomic():
        notice = _lock_for_writing(actor, notice)
        require_holder(actor, notice.case)
        _check(actor, notice, now)
        return notice


def approve_notice(*, actor: Actor, notice: Notice, now: datetime) -> Notice:
    """A lead agrees that it leaves.

    Raises:
        NeedsApproval: one's own draft, while another lead could look.
        NotReady: a blocking finding stands.
    """
    require(actor, Action.APPROVE_NOTICE, notice.organisation_id)
    with transaction.atomic():
        notice = _lock_for_writing(actor, notice)
        _check(actor, notice, now)
        _approve(actor, notice, now)
        return notice


def send_notice(*, actor: Actor, notice: Notice, now: datetime) -> Notice:
    """Give the notice to the outbox, in one transaction with its checks; sending it twice changes nothing.

    Raises:
        NotAllowed: the role, or a case somebody else holds.
        NeedsApproval: the association wants a lead's eyes on it first.
        NotReady: a blocking finding stands.
        AlreadyNotified: the platform already has this content and has not decided.
    """
    require(actor, Action.SEND_NOTICE, notice.organisation_id)
    with transaction.atomic():
        notice = _lock(actor, notice)
        if notice.step == Step.HANDED_OVER:
            return notice
        _ready_to_leave(actor, notice, now)
        if notice.channel != NoticeChannel.EMAIL:
            raise Refusal(
                N_("Cette plateforme n’a pas d’adresse e-mail : remplissez son formulaire, puis notez l’envoi.")
            )
        first = notice.reminder_of
        mail_reference = first.ref if first else notice.ref
        notice.mail = queue_mail(
            actor=actor,
            purpose=Purpose.REMINDER if first else Purpose.NOTICE,
            key=f"notice:{notice.ref}",
            recipient=notice.recipient,
            sender=notice.case.organisation.notice_email,
            subject=notice.subject,
            body=notice.body,
            now=now,
            case=notice.case,
            reference=mail_reference,
            reply_to=answers_go_to(notice),
            in_reply_to=first.mail.message_id if first and first.mail else "",
        )
        notice.step = Step.HANDED_OVER
        notice.save(update_fields=["mail", "step"])
        return notice


def note_sent_by_hand(
    *,
    actor: Actor,
    notice: Notice,
    sent_at: datetime,
    platform_reference: str = "",
    proof_sha256: str = "",
    now: datetime,
) -> Notice:
    """A person filled in the platform's form: when, under which reference of theirs, and what shows it."""
    require(actor, Action.SEND_NOTICE, notice.organisation_id)
    if sent_at > now:
        raise Refusal(N_("L’heure de l’envoi est dans le futur."))
    with transaction.atomic():
        notice = _lock(actor, notice)
        if notice.step == Step.HANDED_OVER:
            return notice
        _ready_to_leave(actor, notice, now)
        notice.channel, notice.step = NoticeChannel.BY_HAND.value, Step.HANDED_OVER
        notice.recipient = ""
        notice.sent_by_hand_at = sent_at
        notice.platform_reference, notice.proof_sha256 = platform_reference.strip(), proof_sha256
        notice.save(
            update_fields=["channel", "step", "recipient", "sent_by_hand_at", "platform_reference", "proof_sha256"]
        )
        event = Event.REMINDER_SENT if notice.reminder_of_id else Event.NOTICE_SENT_BY_HAND
        data = {
            "reference": notice.reminder_of.ref if notice.reminder_of else notice.ref,
            "sent_at": sent_at.isoformat(),
            "platform_reference": without_address(notice.platform_reference),
            "proof": proof_sha256,
            **_unless_in_balance(notice, Sending.SENT),
        }
        record(event, actor=actor, now=now, case=notice.case, data=data)
        return notice


def note_pharos_reference(
    *,
    actor: Actor,
    case: Case,
    content: Content,
    reference: str,
    sent_at: datetime,
    proof_sha256: str = "",
    now: datetime,
) -> Notice:
    """A person filed this content on PHAROS; noting the same twice changes nothing."""
    require(actor, Action.SEND_NOTICE, case.organisation_id)
    if sent_at > now:
        raise Refusal(N_("L’heure de l’envoi est dans le futur."))
    with transaction.atomic():
        case = Case.objects.of(actor.organisation_id).select_for_update().get(pk=case.pk)
        require_holder(actor, case)
        reference = reference.strip()
        same = Notice.objects.of(actor.organisation_id).filter(
            case=case, channel=NoticeChannel.PHAROS, notice_contents__content=content, platform_reference=reference
        )
        known: Notice | None = same.first()
        if known is not None:
            return known
        notice = Notice.objects.create(
            organisation_id=case.organisation_id,
            case=case,
            ref=new_notice_ref(),
            platform=PHAROS,
            channel=NoticeChannel.PHAROS.value,
            language="fr",
            step=Step.HANDED_OVER.value,
            drafted_at=now,
            drafted_by_id=_member(actor),
            sent_by_hand_at=sent_at,
            platform_reference=reference,
            proof_sha256=proof_sha256,
        )
        NoticeContent.objects.create(
            organisation_id=case.organisation_id, notice=notice, content=content, url=content.url
        )
        record(
            Event.PHAROS_REFERENCE_NOTED, actor=actor, now=now, case=case,
            data={
                "notice": notice.ref, "content": content.reference, "reference": without_address(reference),
                "sent_at": sent_at.isoformat(), "qualified": case.stage == Stage.QUALIFIED,
            },
        )  # fmt: skip
        return notice


def withdraw_notice(*, actor: Actor, notice: Notice, now: datetime) -> Notice:
    """Give up a notice that has not left, or that certainly could not."""
    require(actor, Action.DRAFT_NOTICE, notice.organisation_id)
    with transaction.atomic():
        notice = _lock(actor, notice)
        require_holder(actor, notice.case)
        if not notice.is_being_written and notice.state is not NoticeState.FAILED:
            raise NotBeingWritten(N_("Cette notification est partie : elle ne peut plus être retirée."))
        if notice.mail:
            give_up(notice.mail)
        notice.step = Step.WITHDRAWN
        notice.save(update_fields=["step"])
        if not notice.reminder_of_id:
            left = sending_without(notice)
            record(
                Event.NOTICE_WITHDRAWN, actor=actor, now=now, case=notice.case,
                data={"reference": notice.ref, "sending": left.value},
            )  # fmt: skip
        return notice


def send_again(*, actor: Actor, mail: OutgoingMail, now: datetime) -> None:
    """Queue a message that certainly did not leave once more; of a notice, as long as it still may leave.

    Raises:
        NotBeingWritten: it was withdrawn meanwhile.
        AlreadyNotified: another notice has told the platform of the same content since.
        Conflict: it is no longer failed.
    """
    require(actor, Action.SEND_NOTICE, mail.organisation_id)
    with transaction.atomic():
        found = Notice.objects.of(actor.organisation_id).filter(mail=mail).first()
        if found is not None:
            notice = _lock(actor, found)
            if notice.step == Step.WITHDRAWN:
                raise NotBeingWritten(N_("Cette notification a été retirée."))
            _refuse_if_notified(notice)
        retry_failed(actor=actor, mail=mail, now=now)


def draft_reminder(*, actor: Actor, notice: Notice, was_received: bool, now: datetime) -> Notice:
    """Return the reminder being written for a notice, composed if there is none.

    A reminder is no new notice: it goes to the same recipient in the same conversation, and is counted apart.
    """
    require(actor, Action.DRAFT_NOTICE, notice.organisation_id)
    with transaction.atomic():
        notice = _lock(actor, notice)
        first: Notice = notice.reminder_of or notice
        if first.sent_at is None:
            raise Refusal(N_("Cette notification n’est pas partie : il n’y a rien à relancer."))
        written = Notice.objects.of(actor.organisation_id).filter(reminder_of=first, step__in=BEING_WRITTEN).first()
        if written is not None:
            return written  # type: ignore[no-any-return]
        letter = compose_reminder(_silence(first, was_received=was_received), first.language)
        return Notice.objects.create(  # type: ignore[no-any-return]
            organisation_id=first.organisation_id,
            case=first.case,
            ref=new_notice_ref(),
            platform=first.platform,
            site=first.site,
            channel=first.channel,
            recipient=first.recipient,
            language=letter.language,
            subject=letter.subject,
            body=letter.body_text,
            drafted_at=now,
            drafted_by_id=_member(actor),
            reminder_of=first,
        )


def note_decision(*, actor: Actor, notice: Notice, decided_at: datetime) -> None:
    """Note that the platform has decided: this notice no longer stands in the way of another."""
    require(actor, Action.READ_REPLY, notice.organisation_id)
    with transaction.atomic():
        notice = _lock(actor, notice)
        notice.decided_at = decided_at
        notice.save(update_fields=["decided_at"])


def keep_contact(*, actor: Actor, content: Content, email: str, note: str = "", now: datetime) -> PlatformContact:
    """Keep the e-mail address at which this content's platform takes notices; drafts to come go there."""
    require(actor, Action.DRAFT_NOTICE, content.organisation_id)
    route = route_of(content)
    written = Notice.objects.of(actor.organisation_id).filter(
        platform=route.platform, site=route.site, step__in=BEING_WRITTEN, reminder_of=None
    )
    with transaction.atomic():
        lock_cases(actor.organisation_id, written.values_list("case__ref", flat=True))
        contact, _ = PlatformContact.objects.of(actor.organisation_id).update_or_create(
            organisation_id=actor.organisation_id,
            platform=route.platform,
            site=route.site,
            defaults={"email": email, "note": note, "kept_at": now},
        )
        record(
            Event.SETTINGS_CHANGED, actor=actor, now=now,
            data={"setting": "platform-contact", "platform": route.platform},
        )  # fmt: skip
        for notice in written.exclude(channel=NoticeChannel.EMAIL.value, recipient=email).order_by("pk"):
            _send_elsewhere(actor, notice, email, now)
        return contact  # type: ignore[no-any-return]


def _send_elsewhere(actor: Actor, notice: Notice, email: str, now: datetime) -> None:
    """Change the recipient of a notice being written; who had checked or approved it had agreed to the other one."""
    notice = _lock(actor, notice)
    if not notice.is_being_written:
        return
    was_draft = notice.step == Step.DRAFT
    notice.channel, notice.recipient = NoticeChannel.EMAIL.value, email
    _back_to_draft(notice, "channel", "recipient")
    if not was_draft:
        _record_draft(actor, notice, now)


def barring_notice(content: Content, *, beside: Notice | None = None) -> Notice | None:
    """Return the notice about this content that its platform already has, or may have, without having decided."""
    others = (
        Notice.objects.of(content.organisation_id)
        .filter(
            Q(mail=None) | ~Q(mail__fate=Fate.FAILED),
            notice_contents__content=content,
            step=Step.HANDED_OVER,
            reminder_of=None,
            decided_at=None,
        )
        .exclude(channel=NoticeChannel.PHAROS)
    )
    if beside is not None:
        others = others.exclude(pk=beside.pk)
    return others.select_related("mail").order_by("-pk").first()  # type: ignore[no-any-return]


def answers_go_to(notice: Notice) -> str:
    """Return the Reply-To of a notice; a reminder keeps that of its notice."""
    reference = notice.reminder_of.ref if notice.reminder_of else notice.ref
    return reply_address(notice.case.organisation.notice_email, reference, plus=settings.VIGIE_MAIL_PLUS_ADDRESSES)


# --- the steps, inside a transaction that holds the notice ---------------------------------------------------


def _ready_to_leave(actor: Actor, notice: Notice, now: datetime) -> None:
    if notice.step == Step.WITHDRAWN:
        raise NotBeingWritten(N_("Cette notification a été retirée."))
    if notice.case.stage == Stage.CLOSED:
        raise CaseIsClosed
    # A case reopened or read anew since the draft: what the letter says may hold no more. A reminder claims nothing.
    if notice.case.stage != Stage.QUALIFIED and not notice.reminder_of_id:
        raise NotQualified(
            N_("Ce dossier a été rouvert depuis ce brouillon : qualifiez-le de nouveau avant d’envoyer.")
        )
    if not may(actor, Action.APPROVE_NOTICE, notice.organisation_id):
        require_holder(actor, notice.case)
    _refuse_if_notified(notice)
    if notice.case.organisation.requires_approval and notice.step != Step.APPROVED:
        if not may(actor, Action.APPROVE_NOTICE, notice.organisation_id):
            raise NeedsApproval(N_("Votre association veut qu’une personne responsable approuve chaque notification."))
        _check(actor, notice, now)
        _approve(actor, notice, now)
        return
    _check(actor, notice, now)


def _refuse_if_notified(notice: Notice) -> None:
    contents = [kept.content_id for kept in notice.about()]
    # Two cases may be about the same content: whoever sends first holds it until the end of the transaction.
    for content in (
        Content.objects.of(notice.organisation_id).filter(pk__in=contents).order_by("pk").select_for_update()
    ):
        if content.never_fetch:
            raise _never_notified()
        other = None if notice.reminder_of_id else barring_notice(content, beside=notice)
        if other is not None:
            raise _already_notified(other)


def _check(actor: Actor, notice: Notice, now: datetime) -> None:
    findings = facts.findings_of(notice, now)
    if not may_leave(findings):
        first = next(finding for finding in findings if finding.is_blocking)
        raise NotReady(N_("La notification ne peut pas partir : %(reason)s"), reason=_said(first))
    if notice.step == Step.DRAFT:
        notice.step = Step.CHECKED
        notice.save(update_fields=["step"])
        if not notice.reminder_of_id:
            advice = [finding.rule_id for finding in findings]
            record(
                Event.NOTICE_CHECKED, actor=actor, now=now, case=notice.case,
                data={"reference": notice.ref, "advice": advice, **_unless_in_balance(notice, Sending.CHECKED)},
            )  # fmt: skip


def _approve(actor: Actor, notice: Notice, now: datetime) -> None:
    if notice.drafted_by_id == actor.member_id and _has_another_lead(actor):
        raise NeedsApproval(N_("C’est votre propre brouillon : une autre personne responsable doit l’approuver."))
    notice.step, notice.approved_by_id, notice.approved_at = Step.APPROVED, _member(actor), now
    notice.save(update_fields=["step", "approved_by", "approved_at"])
    if not notice.reminder_of_id:
        record(
            Event.NOTICE_APPROVED, actor=actor, now=now, case=notice.case,
            data={"reference": notice.ref, **_unless_in_balance(notice, Sending.APPROVED)},
        )  # fmt: skip


def _unless_in_balance(notice: Notice, after: Sending) -> dict[str, str]:
    """Return what an entry about this notice says of the whole case, when another notice needs watching more."""
    other = graver(after, in_balance(notice.case))
    return {"sending": other.value} if other else {}


def sending_without(notice: Notice) -> Sending:
    """Return where the sending of a case stands once this notice is given up."""
    watched = in_balance(notice.case)
    if watched is not None:
        return watched
    others = Notice.objects.of(notice.organisation_id).filter(case=notice.case, reminder_of=None).exclude(pk=notice.pk)
    steps = list(
        others.exclude(channel=NoticeChannel.PHAROS).exclude(step=Step.WITHDRAWN).values_list("step", flat=True)
    )
    written = [step for step in BEING_WRITTEN if step in steps]
    if written:
        return Sending(written[-1].value)
    return Sending.SENT if Step.HANDED_OVER in steps else Sending.NONE


def _has_another_lead(actor: Actor) -> bool:
    others = Membership.objects.filter(organisation_id=actor.organisation_id, is_active=True, member__is_active=True)
    return any(Role.LEAD in other.roles for other in others.exclude(member_id=_member(actor)))


def _lock(actor: Actor, notice: Notice) -> Notice:
    lock_cases(actor.organisation_id, [notice.case.ref])  # as everywhere: cases come first
    return (  # type: ignore[no-any-return]
        Notice.objects.of(actor.organisation_id)
        .select_related("case__organisation", "mail", "reminder_of__mail")
        .select_for_update(of=("self",))
        .get(pk=notice.pk)
    )


def _lock_for_writing(actor: Actor, notice: Notice) -> Notice:
    require(actor, Action.DRAFT_NOTICE, notice.organisation_id)
    locked = _lock(actor, notice)
    if not locked.is_being_written:
        raise NotBeingWritten(N_("Cette notification n’est plus un brouillon : son texte ne change plus."))
    return locked


def _back_to_draft(notice: Notice, *changed: str) -> None:
    notice.step, notice.approved_by, notice.approved_at = Step.DRAFT, None, None
    notice.save(update_fields=[*changed, "step", "approved_by", "approved_at"])


def _record_draft(actor: Actor, notice: Notice, now: datetime, **data: object) -> None:
    if notice.reminder_of_id:
        return  # it does not change where the sending of the case's notice stands
    kept = {
        "reference": notice.ref,
        "platform": notice.platform,
        "channel": notice.channel,
        "language": notice.language,
    }
    kept["catalogue"] = notice.catalogue_version
    kept |= _unless_in_balance(notice, Sending.DRAFT)
    record(Event.NOTICE_DRAFTED, actor=actor, now=now, case=notice.case, data={**kept, **data})


def _never_notified() -> NeverNotified:
    return NeverNotified(
        N_("Ce contenu ne se notifie pas : l’adresse seule va à PHAROS ou à Point de Contact, puis est purgée.")
    )


def _already_notified(notice: Notice) -> AlreadyNotified:
    when = notice.sent_at or (notice.mail.queued_at if notice.mail else notice.drafted_at)
    return AlreadyNotified(
        N_("Déjà notifié le %(day)s (%(reference)s), sans décision à ce jour : envoyez plutôt une relance."),
        day=f"{when:%d/%m/%Y}", reference=notice.ref,
    )  # fmt: skip


def _silence(notice: Notice, *, was_received: bool) -> Silence:
    sent_at = notice.sent_at
    if sent_at is None:
        raise Refusal(N_("Cette notification n’est pas partie : il n’y a rien à relancer."))
    organisation = notice.case.organisation
    return Silence(
        reference=notice.ref,
        subject=notice.subject,
        sent_at=sent_at,
        urls=[kept.url for kept in notice.about()],
        notifier_name=organisation.legal_name or organisation.name,
        notifier_email=organisation.notice_email,
        was_received=was_received,
        platform_reference=notice.platform_reference,
    )


def _said(finding: Finding) -> str:
    from django.utils.translation import get_language

    return finding.sentence.said_in(get_language() or "fr")


def _member(actor: Actor) -> int:
    if actor.member_id is None:
        raise NotAllowed(N_("Une notification est écrite par une personne."))
    return actor.member_id
