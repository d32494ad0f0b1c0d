"""Plan what follows a notice, look, join replies, read them, raise reminders."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.casefile.journal import record
from vigie.casefile.models import Case, Content, JournalEntry, JournalHead
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Online, PlatformSays, Stage
from vigie.core.errors import Conflict, Refusal, kind_and_place
from vigie.core.words import N_
from vigie.followup.models import REASON_LABELS, Check, Cursor, Reminder, ReminderState, Reply
from vigie.followup.ports import Looker, Visit
from vigie.followup.rules.online import (
    AFTER_SENDING,
    OUR_FAULT,
    Glance,
    Look,
    after_our_fault,
    check_times,
    confirm_at,
    glance_of,
    of_the_case,
    what_is_online,
)
from vigie.followup.rules.reminders import CameBack, ReminderReason, Standing, due_times, reminder_standing
from vigie.followup.rules.replies import ReplyKind, Suggestion, classify_reply
from vigie.intake.actions import answer_reporter
from vigie.intake.doors.mailbox.actions import answer_joined, answer_of_nothing, log_stumble
from vigie.intake.doors.mailbox.letter import Letter
from vigie.intake.doors.mailbox.models import IncomingMail, MailKind, Reason
from vigie.intake.doors.mailbox.queries import answers_waiting, letter_of
from vigie.notice.actions import note_decision
from vigie.notice.models import Notice, NoticeChannel
from vigie.notice.queries import notice_of_reference
from vigie.notice.recipients import platform_of
from vigie.notice.rules.outcomes import ErrorReason, Outcome, meaning_of
from vigie.organisations.models import Member, Membership, Organisation
from vigie.organisations.rules.policy import Action, Actor, Role, require
from vigie.outbox.actions import note_returned, queue_mail
from vigie.outbox.queries import mail_of_message_id
from vigie.outbox.rules import Purpose

logger = logging.getLogger("vigie.followup")

ENTRIES_AT_ONCE = 200
REMINDERS_IN_A_MAIL = 50
HISTORY = 50  # looks at one content that are read to say what is online
_FOLLOWED = [Event.NOTICE_SENT, Event.NOTICE_SENT_BY_HAND, Event.REMINDER_SENT]


FAILURE_CHARACTERS = 40
PUT_OFF = timedelta(hours=12)
_DATABASE_GONE = (OperationalError, InterfaceError)  # no fault of the row at hand: nothing can be written of it


class NeverLookedAt(Refusal):
    """No content of the case may be opened from here."""


# --- what follows a notice that has left ---------------------------------------------------------------------


def plan_followup(now: datetime) -> bool:
    """Read the journals on from where they were left, and plan the looks and reminders of what was sent.

    The journal is the memory: an entry is numbered under a lock in the transaction it bears witness of, so none
    can appear behind the place already read.
    """
    read = dict(Cursor.objects.values_list("organisation_id", "seq"))
    did = False
    for head in JournalHead.objects.all():
        if head.seq <= read.get(head.organisation_id, 0):
            continue
        try:
            _read_on(head.organisation_id, now)
            did = True
        except _DATABASE_GONE:
            raise
        except Exception as fault:  # noqa: BLE001 what one association stumbles over stops no other
            logger.error("journal of %s: %s", head.organisation_id, kind_and_place(fault))  # noqa: TRY400
    return did


def _read_on(organisation_id: int, now: datetime) -> None:
    with transaction.atomic():
        Cursor.objects.get_or_create(organisation_id=organisation_id)
        cursor = Cursor.objects.select_for_update().get(organisation_id=organisation_id)
        entries = list(
            JournalEntry.objects.of(organisation_id)
            .filter(seq__gt=cursor.seq)
            .order_by("seq")
            .values_list("seq", "event", "data")[:ENTRIES_AT_ONCE]
        )
        for _seq, event, data in entries:
            if event in _FOLLOWED:
                _plan(organisation_id, Event(event), data)
        if entries:
            cursor.seq = entries[-1][0]
            cursor.save(update_fields=["seq"])


def _plan(organisation_id: int, event: Event, data: dict[str, str]) -> None:
    notice = notice_of_reference(organisation_id, data.get("reference", ""))
    if notice is None or notice.channel == NoticeChannel.PHAROS:
        return
    within = _decision_within(notice)
    if event is Event.REMINDER_SENT:
        _plan_after_reminder(notice, within)
        return
    sent_at = notice.sent_at
    if sent_at is None:
        return
    Check.across_associations.bulk_create(
        [
            Check(
                organisation_id=organisation_id, case_id=notice.case_id, content_id=about.content_id, notice=notice,
                label=label, due_at=due_at,
            )
            for about in notice.about()
            if not about.content.never_fetch
            for label, due_at in check_times(sent_at).items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    _plan_reminders(notice, due_times(sent_at, decision_within=within))


def _plan_after_reminder(notice: Notice, within: timedelta) -> None:
    """Start the clock of the decision again from the reminder; the silences it answers are dealt with."""
    latest = Notice.objects.of(notice.organisation_id).filter(reminder_of=notice).select_related("mail")
    sent = [moment for moment in (reminder.sent_at for reminder in latest) if moment is not None]
    if not sent:
        return
    Reminder.objects.of(notice.organisation_id).filter(notice=notice, state=ReminderState.DUE).update(
        state=ReminderState.SENT, settled_at=max(sent)
    )
    _plan_reminders(notice, {ReminderReason.NO_DECISION: max(sent) + within})


def _plan_reminders(notice: Notice, due: dict[ReminderReason, datetime]) -> None:
    Reminder.across_associations.bulk_create(
        [
            Reminder(
                organisation_id=notice.organisation_id, notice=notice, case_id=notice.case_id, reason=reason.value,
                due_at=due_at,
            )
            for reason, due_at in due.items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _decision_within(notice: Notice) -> timedelta:
    route = platform_of(notice.platform).notices
    trusted = notice.case.organisation.is_trusted_flagger
    return route.decision_within_if_trusted if trusted else route.decision_within


# --- looking -------------------------------------------------------------------------------------------------


def ask_checks(*, actor: Actor, case: Case, now: datetime, label: str = "asked") -> int:
    """Have the contents of a case looked at now; return how many."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    with transaction.atomic():
        Case.objects.of(actor.organisation_id).select_for_update().get(pk=case.pk)
        waiting = Check.objects.of(actor.organisation_id).filter(case=case, done_at=None, due_at__lte=now)
        already = set(waiting.values_list("content_id", flat=True))
        contents = [content for content in contents_of(case) if not content.never_fetch]
        if not contents:
            raise NeverLookedAt(N_("Ce contenu n’est jamais ouvert ici : il n’y a rien à contrôler."))
        for content in contents:
            if content.pk not in already:
                Check.objects.create(
                    organisation_id=actor.organisation_id, case=case, content=content, label=label, due_at=now
                )
        return len(contents)


def do_one_check(look: Looker, now: datetime) -> bool:
    """Do the look that has waited longest; say whether there was one.

    A fault of ours is a look that failed, with its kind and place; it is tried again some times, later.
    """
    check = _take_check(now)
    if check is None:
        return False
    content: Content = check.content
    try:
        visit = look(content.url, words=content.text)
        record_visit(check=check, visit=visit, now=now)
    except _DATABASE_GONE:
        raise
    except Exception as fault:  # noqa: BLE001 kept nowhere, it would come back after each lease for ever
        _record_fault(check, fault, now)
    return True


def _record_fault(check: Check, fault: Exception, now: datetime) -> None:
    logger.error("look %s: %s", check.pk, kind_and_place(fault))
    failure = f"{OUR_FAULT}{kind_and_place(fault).replace(' at ', ' ')}"[:FAILURE_CHARACTERS]
    # Should the writing itself be what stumbles: each wait is as long as all those before it.
    away = now + max(settings.VIGIE_LEASE, now - check.due_at)
    Check.across_associations.filter(pk=check.pk, done_at=None).update(taken_until=away)
    record_visit(check=check, visit=Visit(Look(status=None, failure=failure), text_digest="", looked_from=""), now=now)


def record_visit(*, check: Check, visit: Visit, now: datetime) -> Check:
    """Keep what one look saw, say what is online after it, and look again soon where it must be confirmed."""
    actor = Actor(name="worker", organisation_id=check.organisation_id)
    with transaction.atomic():
        case = Case.objects.of(check.organisation_id).select_for_update().get(pk=check.case_id)
        check = Check.objects.of(check.organisation_id).select_for_update().get(pk=check.pk)
        if check.done_at is not None:
            return check
        content = check.content
        overdue = _take_over_overdue(check, now)
        glance = glance_of(visit.look, platform=content.platform)
        glances = [*_glances(content), glance]
        online = what_is_online(glances)
        _finish(check, visit, glance, online, now)
        again = confirm_at(glances, now)
        if again is not None:
            Check.objects.create(
                organisation_id=check.organisation_id, case=case, content=content, notice=check.notice, label="confirm",
                due_at=again,
            )  # fmt: skip
        wait = after_our_fault(_failures(content))
        if wait is not None:
            Check.objects.create(
                organisation_id=check.organisation_id, case=case, content=content, notice=check.notice, label="again",
                due_at=now + wait,
            )  # fmt: skip
        record(
            Event.CHECK_DONE, actor=actor, now=now, case=case,
            data={
                "content": content.reference, "label": check.label, "status": check.status, "seen": glance.value,
                "online": online.value, "text_sha256": check.text_sha256, "failure": check.failure,
                **({"overdue": overdue} if overdue else {}),
            },
        )  # fmt: skip
        now_online = of_the_case([online_of(one) for one in contents_of(case)])
        if now_online.value != case.online:
            record(Event.ONLINE_CHANGED, actor=actor, now=now, case=case, data={"online": now_online.value})
        return check


def _take_over_overdue(check: Check, now: datetime) -> list[str]:
    """Let one look stand for those of the same plan whose time went by as well; return their labels.

    A worker that was away for a week, or a sending noted days later, would otherwise look three times in one
    second and call gone what stumbled once. What is written down is the look that was made, when it was made.
    """
    if check.label not in AFTER_SENDING:
        return []
    same = Check.objects.of(check.organisation_id).filter(
        notice=check.notice_id, content=check.content_id, done_at=None, due_at__lte=now, label__in=AFTER_SENDING
    )
    late = list(same.exclude(pk=check.pk).order_by("due_at").values_list("pk", "label"))
    if late:
        Check.objects.of(check.organisation_id).filter(pk__in=[pk for pk, _label in late]).delete()
        check.label, overdue = late[-1][1], [check.label, *(label for _pk, label in late[:-1])]
        return overdue
    return []


def online_of(content: Content) -> Online:
    """Return what is online after the latest look at a content."""
    latest = Check.objects.of(content.organisation_id).filter(content=content).exclude(done_at=None)
    check = latest.order_by("-done_at", "-pk").first()
    return Online(check.online) if check else Online.NOT_CHECKED


def _glances(content: Content) -> list[Glance]:
    return [Glance(glance) for glance in _history(content, "glance")]


def _failures(content: Content) -> list[str]:
    return _history(content, "failure")


def _history(content: Content, column: str) -> list[str]:
    """Return one column of the latest looks at a content, oldest first."""
    done = Check.objects.of(content.organisation_id).filter(content=content).exclude(done_at=None)
    return list(reversed(done.order_by("-done_at", "-pk").values_list(column, flat=True)[:HISTORY]))


def _take_check(now: datetime) -> Check | None:
    with transaction.atomic():
        free = Q(taken_until=None) | Q(taken_until__lt=now)
        waiting = Check.across_associations.filter(
            free, done_at=None, due_at__lte=now, content__never_fetch=False
        ).order_by("due_at", "pk")
        skip = connection.features.has_select_for_update_skip_locked
        check: Check | None = (
            waiting.select_related("content").select_for_update(skip_locked=skip, of=("self",)).first()
        )
        if check is not None:
            check.taken_until = now + settings.VIGIE_LEASE
            check.save(update_fields=["taken_until"])
        return check


def _finish(check: Check, visit: Visit, glance: Glance, online: Online, now: datetime) -> None:
    check.done_at, check.taken_until = now, None
    check.glance, check.online = glance.value, online.value
    check.status, check.failure = visit.look.status, visit.look.failure
    check.text_sha256, check.looked_from = visit.text_digest, visit.looked_from
    check.save()


# --- replies -------------------------------------------------------------------------------------------------


def join_reply(
    *,
    actor: Actor,
    notice: Notice,
    source_key: str,
    text: str,
    received_at: datetime,
    now: datetime,
    subject: str = "",
    sender: str = "",
    suggestion: Suggestion | None = None,
    mail: IncomingMail | None = None,
) -> Reply:
    """Join what came back to its notice, with a suggestion of what it says; the same letter twice is one reply."""
    with transaction.atomic():
        notice = notice.reminder_of or notice
        known = Reply.objects.of(actor.organisation_id).filter(source_key=source_key).first()
        if known is not None:
            return known  # type: ignore[no-any-return]
        suggestion = suggestion or classify_reply(subject, text)
        reply: Reply = Reply.objects.create(
            organisation_id=actor.organisation_id,
            notice=notice,
            mail=mail,
            source_key=source_key,
            received_at=received_at,
            sender=sender[:300],
            subject=subject[:500],
            text=text,
            suggested_kind=suggestion.kind.value,
            suggested_outcome=suggestion.outcome.value if suggestion.outcome else "",
            suggested_sentence=suggestion.sentence,
        )
        record(
            Event.REPLY_RECEIVED, actor=actor, now=now, case=notice.case,
            data={
                "reference": notice.ref, "reply": reply.pk, "suggested": suggestion.kind.value,
                "received_at": received_at.isoformat(),
            },
        )  # fmt: skip
        return reply


def join_waiting_answer(now: datetime) -> bool:
    """Join the answer that has waited longest to its notice; say whether there was one.

    An answer whose reference belongs to no notice goes to the tray, to a person; so does one that our own program
    stumbles over, so that it does not stand in the way of the next.
    """
    for organisation_id in Organisation.objects.values_list("pk", flat=True):
        waiting = answers_waiting(organisation_id).values_list("pk", flat=True).first()
        if waiting is None:
            continue
        try:
            _with_answer(organisation_id, waiting, lambda mail: _join_or_hand_over(mail, now))
        except _DATABASE_GONE:
            raise
        except Exception as fault:  # noqa: BLE001 whatever a stranger wrote, one letter must not stop the others
            log_stumble(fault)
            hand_over = partial(answer_of_nothing, reason=Reason.UNREADABLE, now=now)
            _with_answer(organisation_id, waiting, hand_over)
        return True
    return False


def _with_answer(organisation_id: int, pk: int, do: Callable[[IncomingMail], None]) -> None:
    with transaction.atomic():
        mail = IncomingMail.objects.of(organisation_id).select_for_update().get(pk=pk)
        if mail.settled_at is None and mail.kind == MailKind.ANSWER:
            do(mail)


def _join_or_hand_over(mail: IncomingMail, now: datetime) -> None:
    found = [notice_of_reference(mail.organisation_id, reference) for reference in mail.reference.split()]
    notices = list({notice.pk: notice for notice in found if notice is not None}.values())
    if not notices:
        answer_of_nothing(mail, now=now)
        return
    letter = letter_of(mail) or Letter()
    if letter.delivery and letter.delivery.action == "failed" and _take_back(notices[0], letter, now):
        answer_joined(mail, settled_as="returned", now=now)
        return
    for notice in notices:
        join_reply(
            actor=Actor(name="worker", organisation_id=mail.organisation_id),
            notice=notice,
            source_key=f"mail:{mail.pk}:{notice.ref}",
            mail=mail,
            text=letter.text,
            subject=mail.subject,
            sender=letter.sender,
            received_at=mail.received_at,
            suggestion=_of_a_delivery_report(letter)
            or classify_reply(mail.subject, letter.text, is_bounce=_is_returned(letter)),
            now=now,
        )
    answer_joined(mail, now=now)


def _take_back(notice: Notice, letter: Letter, now: datetime) -> bool:
    """Let a notice, or its reminder, count as not delivered, because a mail server brought it back.

    What was planned from that sending is planned again from the next one, if a person decides on one.
    """
    returned = notice.mail
    for inner in letter.nested:
        returned = mail_of_message_id(notice.organisation_id, inner.message_id) or returned
    if returned is None or not note_returned(returned, why=letter.delivery.why if letter.delivery else "", now=now):
        return False
    if returned == notice.mail:
        _forget_plans(notice, now)
    return True


def _forget_plans(notice: Notice, now: datetime) -> None:
    Check.objects.of(notice.organisation_id).filter(notice=notice, done_at=None, label__in=AFTER_SENDING).delete()
    Reminder.objects.of(notice.organisation_id).filter(
        notice=notice, state__in=[ReminderState.WAITING, ReminderState.DUE]
    ).update(state=ReminderState.SETTLED, settled_at=now)


def _of_a_delivery_report(letter: Letter) -> Suggestion | None:
    """Return what a mail server says of a letter on its way; «delayed» and «delivered» are nobody's answer."""
    if letter.delivery is None:
        return None
    kind = ReplyKind.BOUNCE if letter.delivery.action == "failed" else ReplyKind.AUTOMATIC
    return Suggestion(kind, Outcome.NOT_RECORDED, " ".join((letter.delivery.action, letter.delivery.why)).strip())


def _is_returned(letter: Letter) -> bool:
    """Say whether a machine returns our letter: by who writes (RFC 5321 §4.5.1 and custom), or nobody does (RFC 3834)."""
    local = letter.sender.partition("@")[0]
    return local in {"postmaster", "mailer-daemon"} or (not local and letter.is_auto_reply)


def write_down_reply(
    *, actor: Actor, notice: Notice, form_key: str, text: str, received_at: datetime, now: datetime
) -> Reply:
    """A member copies what the platform answered elsewhere: in its own messages, on its form's page."""
    require(actor, Action.READ_REPLY, notice.organisation_id)
    if received_at > now:
        raise Refusal(N_("Cette réponse serait arrivée dans le futur."))
    return join_reply(
        actor=actor, notice=notice, source_key=f"form:{form_key}", text=text, received_at=received_at, now=now
    )


def read_reply(
    *,
    actor: Actor,
    reply: Reply,
    outcome: Outcome,
    now: datetime,
    words: str = "",
    error_reason: ErrorReason | None = None,
    platform_reference: str = "",
    decided_at: datetime | None = None,
    tell_reporters: str = "",
) -> Reply:
    """A person says what the letter means. Reading it again corrects; the journal keeps both.

    A removal has the content looked at now; a decision ends the reminders and frees the content for a new notice.

    Args:
        tell_reporters: what to write to those who reported; nothing when empty.
    """
    require(actor, Action.READ_REPLY, reply.organisation_id)
    meaning = meaning_of(outcome)
    with transaction.atomic():
        reply = (
            Reply.objects.of(actor.organisation_id)
            .select_related("notice__case", "notice__mail")
            .select_for_update(of=("self",))
            .get(pk=reply.pk)
        )
        reply.outcome, reply.words = outcome.value, words.strip()
        reply.error_reason = error_reason.value if error_reason else ""
        reply.platform_reference = platform_reference.strip()
        reply.decided_at = (decided_at or reply.received_at) if meaning.is_decision else None
        reply.read_at, reply.read_by_id = now, actor.member_id
        reply.save()
        notice: Notice = reply.notice
        says_not_delivered = reply.suggested_kind == ReplyKind.BOUNCE and outcome is Outcome.NOT_RECORDED
        if says_not_delivered and notice.mail and note_returned(notice.mail, why=reply.suggested_sentence, now=now):
            _forget_plans(notice, now)
        record(
            Event.REPLY_READ, actor=actor, now=now, case=notice.case,
            data={
                "reference": notice.ref, "reply": reply.pk, "outcome": outcome.value,
                "error_reason": reply.error_reason, "platform_says": _says(notice).value,
                "decided_at": reply.decided_at.isoformat() if reply.decided_at else None,
            },
        )  # fmt: skip
        if meaning.is_decision and reply.decided_at:
            note_decision(actor=actor, notice=notice, decided_at=reply.decided_at)
        _settle_answered(notice, now)
        if tell_reporters.strip():
            answer_reporter(
                actor=actor, case=notice.case, text=tell_reporters, now=now, nonce=f"reply:{reply.pk}:{outcome.value}"
            )
        if meaning.is_removal:
            ask_checks(actor=actor, case=notice.case, now=now, label="decision")
        return reply


def _says(notice: Notice) -> PlatformSays:
    """Return what the platform says in this case: a receipt read late never covers a decision read before."""
    read = Reply.objects.of(notice.organisation_id).filter(notice__case_id=notice.case_id).exclude(outcome="")
    latest = max(read, key=_weight)
    return meaning_of(Outcome(latest.outcome)).says


def _weight(reply: Reply) -> tuple[bool, bool, datetime, int]:
    meaning = meaning_of(Outcome(reply.outcome))
    return meaning.is_decision, meaning.is_receipt, reply.received_at, reply.pk


def read_receipts(*, actor: Actor, now: datetime) -> int:
    """Note all that look like a mere confirmation of receipt as that, at once; return how many."""
    require(actor, Action.READ_REPLY, actor.organisation_id)
    waiting = Reply.objects.of(actor.organisation_id).filter(outcome="", suggested_kind=ReplyKind.RECEIPT)
    replies = list(waiting.order_by("pk"))
    for reply in replies:
        read_reply(
            actor=actor, reply=reply, outcome=Outcome.ACKNOWLEDGEMENT_ONLY, words=reply.suggested_sentence, now=now
        )
    return len(replies)


# --- reminders -----------------------------------------------------------------------------------------------


def raise_reminders(now: datetime) -> bool:
    """Raise the silences whose time has come, for one association at a time; say whether there were any."""
    late = Reminder.across_associations.filter(state=ReminderState.WAITING, due_at__lte=now).order_by("due_at", "pk")
    first = late.first()
    if first is None:
        return False
    with transaction.atomic():
        rows = list(
            Reminder.objects.of(first.organisation_id)
            .filter(state=ReminderState.WAITING, due_at__lte=now)
            .select_related("notice__case__holder", "notice__drafted_by", "notice__mail")
            .select_for_update(of=("self",))
            .order_by("due_at", "pk")[:REMINDERS_IN_A_MAIL]
        )
        due = [row for row in rows if _raise_or_put_off(row, now)]
        _tell_holders(first.organisation_id, due, now)
    return True


def _raise_or_put_off(row: Reminder, now: datetime) -> bool:
    """Raise one silence; one that our own program stumbles over comes again later and holds no other back."""
    try:
        with transaction.atomic():
            return _raise(row, now)
    except _DATABASE_GONE:
        raise
    except Exception as fault:  # noqa: BLE001 the same row would come first again, for every association
        logger.error("silence %s: %s", row.pk, kind_and_place(fault))  # noqa: TRY400 a traceback could quote an answer
        Reminder.objects.of(row.organisation_id).filter(pk=row.pk).update(due_at=now + PUT_OFF)
        return False


def _raise(row: Reminder, now: datetime) -> bool:
    standing = reminder_standing(ReminderReason(row.reason), came_back_for(row.notice))
    # A closed case sends nothing: its silence is nobody's to remind of.
    if standing is Standing.SETTLED or row.notice.case.stage == Stage.CLOSED:
        row.state, row.settled_at = ReminderState.SETTLED, now
        row.save(update_fields=["state", "settled_at"])
        return False
    if standing is Standing.WAIT:
        row.due_at = now + PUT_OFF  # somebody has a reply to read first
        row.save(update_fields=["due_at"])
        return False
    row.state, row.raised_at = ReminderState.DUE, now
    row.save(update_fields=["state", "raised_at"])
    record(
        Event.REMINDER_DUE, actor=Actor(name="worker", organisation_id=row.organisation_id), now=now, case=row.notice.case,
        data={"reference": row.notice.ref, "reason": row.reason},
    )  # fmt: skip
    return True


def came_back_for(notice: Notice) -> CameBack:
    """Return what has come back for a notice so far."""
    replies = Reply.objects.of(notice.organisation_id).filter(notice=notice)
    letters = [reply for reply in replies if _is_an_answer(reply)]
    outcomes = [Outcome(reply.outcome) for reply in letters if reply.outcome]
    return CameBack(
        has_reply=bool(letters),
        has_unread=any(not reply.outcome for reply in letters),
        is_decided=any(meaning_of(outcome).is_decision for outcome in outcomes),
    )


def _is_an_answer(reply: Reply) -> bool:
    """Say whether somebody answered: a person's reading counts, and before it what a machine sends does not."""
    if reply.outcome:
        return reply.outcome != Outcome.NOT_RECORDED
    return reply.suggested_kind not in {ReplyKind.BOUNCE, ReplyKind.AUTOMATIC}


def settle_reminder(*, actor: Actor, reminder: Reminder, now: datetime) -> None:
    """A person says that this silence needs nothing more."""
    require(actor, Action.READ_REPLY, reminder.organisation_id)
    with transaction.atomic():
        row = Reminder.objects.of(actor.organisation_id).select_for_update(of=("self",)).get(pk=reminder.pk)
        if row.state not in {ReminderState.DUE, ReminderState.WAITING}:
            raise Conflict(N_("Cette relance est déjà réglée."))
        row.state, row.settled_at = ReminderState.SETTLED, now
        row.save(update_fields=["state", "settled_at"])
        record(
            Event.REMINDER_SETTLED, actor=actor, now=now, case=row.case,
            data={"reference": row.notice.ref, "reason": row.reason},
        )  # fmt: skip


def _settle_answered(notice: Notice, now: datetime) -> None:
    came_back = came_back_for(notice)
    open_ones = Reminder.objects.of(notice.organisation_id).filter(
        notice=notice, state__in=[ReminderState.WAITING, ReminderState.DUE]
    )
    for row in open_ones:
        if reminder_standing(ReminderReason(row.reason), came_back) is Standing.SETTLED:
            row.state, row.settled_at = ReminderState.SETTLED, now
            row.save(update_fields=["state", "settled_at"])


def _tell_holders(organisation_id: int, due: list[Reminder], now: datetime) -> None:
    """Write to each holder what is late: references and platforms, never a word of a content."""
    by_member: dict[int, list[Reminder]] = {}
    members = Membership.objects.filter(organisation_id=organisation_id, is_active=True, member__is_active=True)
    here = {membership.member_id: Role.LEAD in membership.roles for membership in members}
    leads = [member for member, is_lead in here.items() if is_lead]
    for row in due:
        # Whoever left the association hears nothing more of it; then its leads are told.
        concerned = [row.notice.case.holder_id, row.notice.drafted_by_id]
        for told in [one for one in concerned if one in here][:1] or leads:
            by_member.setdefault(told, []).append(row)
    organisation = Organisation.objects.get(pk=organisation_id)
    actor = Actor(name="worker", organisation_id=organisation_id)
    for member in Member.objects.filter(pk__in=by_member):
        rows = by_member[member.pk]
        key = f"alert:reminder:{rows[0].pk}:{member.pk}:{int(now.timestamp())}"
        try:
            with transaction.atomic(), translation.override(member.language):
                subject, body = _alert(rows)
                queue_mail(
                    actor=actor, purpose=Purpose.ALERT, key=key, recipient=member.email,
                    sender=organisation.notice_email, subject=subject, body=body, now=now,
                )  # fmt: skip
        except _DATABASE_GONE:
            raise
        except Exception as fault:  # noqa: BLE001 what is late stands at the desk, whether this mail can be written or not
            logger.error("mail about silences: %s", kind_and_place(fault))  # noqa: TRY400


def _alert(rows: list[Reminder]) -> tuple[str, str]:
    subject = ngettext("Une relance est à faire", "%(number)s relances sont à faire", len(rows)) % {"number": len(rows)}
    lines = [
        f"– {row.notice.ref} · {platform_of(row.notice.platform).name} · {REASON_LABELS[ReminderReason(row.reason)]}"
        for row in rows
    ]
    where = _("À relancer, ou à régler, ici :") + f"\n{settings.VIGIE_URL}/bureau/suites/"
    return subject, "\n".join([_("La plateforme n’a pas répondu à temps :"), "", *lines, "", where, ""])
