"""What waits for somebody after a notice, asked on behalf of an actor."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from vigie.casefile.models import Case
from vigie.casefile.rules.state import Referral
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.followup.models import Check, Reminder, ReminderState, Reply
from vigie.followup.rules.online import Glance
from vigie.followup.rules.replies import ReplyKind
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet


def replies(actor: Actor) -> OwnedQuerySet:
    """Return the replies of the actor's association, oldest first."""
    require(actor, Action.SEE_CASE, actor.organisation_id)
    shown = Reply.objects.of(actor.organisation_id).filter(notice__case__referral=Referral.NONE)
    return shown.select_related("notice__case", "notice__mail", "read_by")


def replies_to_read(actor: Actor) -> OwnedQuerySet:
    """Return the replies nobody has read yet, oldest first."""
    return replies(actor).filter(outcome="", read_at=None)  # the second says the same, and has the index


def receipts_to_read(actor: Actor) -> OwnedQuerySet:
    """Return those of the replies to read that seem to be no more than a confirmation of receipt."""
    return replies_to_read(actor).filter(suggested_kind=ReplyKind.RECEIPT)


def replies_listed(actor: Actor) -> OwnedQuerySet:
    """Return the other replies to read, oldest first, with what a list shows of them: no letter."""
    others = replies_to_read(actor).exclude(suggested_kind=ReplyKind.RECEIPT).select_related(None)
    return others.select_related("notice__case").only(
        "received_at", "suggested_kind", "suggested_outcome", "notice__platform", "notice__case__ref"
    )


def access_reply(actor: Actor, reply_id: int) -> Reply:
    """Return one reply.

    Raises:
        NotFound: there is none, or it is another association's.
    """
    reply: Reply | None = replies(actor).filter(pk=reply_id).first()
    if reply is None:
        raise NotFound(N_("Cette réponse n’existe pas."))
    return reply


def replies_of_case(actor: Actor, case: Case) -> list[Reply]:
    """Return the replies about a case, oldest first."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    if case.referral:
        return []
    return list(Reply.objects.of(actor.organisation_id).filter(notice__case=case))


def checks_of_case(actor: Actor, case: Case) -> list[Check]:
    """Return the looks at a case's contents, done and planned, latest first."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    rows = Check.objects.of(actor.organisation_id).filter(case=case)
    return list(rows.order_by("-due_at", "-pk"))


def reminders_due(actor: Actor) -> OwnedQuerySet:
    """Return the silences that are late, oldest first."""
    require(actor, Action.SEE_CASE, actor.organisation_id)
    due = Reminder.objects.of(actor.organisation_id).filter(state=ReminderState.DUE, case__referral=Referral.NONE)
    return due.select_related("case", "notice").order_by("due_at", "pk")


def reminders_listed(actor: Actor) -> OwnedQuerySet:
    """Return the silences that are late, with what a list shows of them: no letter."""
    return reminders_due(actor).only("due_at", "reason", "notice__platform", "case__ref", "case__holder_id")


def reminders_of_case(actor: Actor, case: Case) -> list[Reminder]:
    """Return the silences of a case that are late or will be, soonest first."""
    require(actor, Action.SEE_CASE, case.organisation_id)
    rows = Reminder.objects.of(actor.organisation_id).filter(
        case=case, state__in=[ReminderState.WAITING, ReminderState.DUE]
    )
    return list(rows.order_by("due_at", "pk"))


def access_reminder(actor: Actor, reminder_id: int) -> Reminder:
    """Return one reminder.

    Raises:
        NotFound: there is none, or it is another association's.
    """
    require(actor, Action.SEE_CASE, actor.organisation_id)
    reminder: Reminder | None = (
        Reminder.objects.of(actor.organisation_id)
        .select_related("notice__case", "notice__mail")
        .filter(pk=reminder_id, case__referral=Referral.NONE)
        .first()
    )
    if reminder is None:
        raise NotFound(N_("Cette relance n’existe pas."))
    return reminder


def checks_in_trouble(actor: Actor) -> OwnedQuerySet:
    """Return the looks without a usable answer that nothing has followed yet, latest first, with what a list shows."""
    require(actor, Action.SEE_CASE, actor.organisation_id)
    checks = Check.objects.of(actor.organisation_id).filter(content__never_fetch=False)
    later = checks.filter(content_id=OuterRef("content_id"), done_at__gt=OuterRef("done_at"))
    failed = checks.filter(glance=Glance.FAILED.value).exclude(Exists(later))
    shown = failed.select_related("content", "case").only("done_at", "content__platform", "case__ref")
    return shown.order_by("-done_at", "-pk")
