"""What is due after a notice, each with its next step; and the reading of an answer."""

from __future__ import annotations

import secrets
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.casefile.queries import access_case
from vigie.casefile.rules.state import PlatformSays
from vigie.casefile.web.masking import hides_words, words_are_asked
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.followup import actions, queries
from vigie.followup.models import KIND_LABELS, REASON_LABELS, Reply
from vigie.followup.rules.reminders import ReminderReason
from vigie.followup.rules.replies import ReplyKind
from vigie.followup.web.forms import ReadForm, WriteDownForm, said
from vigie.notice.actions import draft_reminder
from vigie.notice.queries import access_notice, undelivered, waiting_for_approval
from vigie.notice.recipients import platform_of
from vigie.notice.rules.outcomes import ErrorReason, Outcome, meaning_of
from vigie.organisations.rules.policy import Action, Actor
from vigie.organisations.web.gate import desk

SHOWN = 30  # of each list on one page


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@desk(Action.SEE_CASE)
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """List what waits for somebody, the most urgent kind first; of each list, the part that this page shows."""
    actor, asked = actor_of(request), request.GET.get("page", "")[:4]
    number = max(int(asked), 1) if asked.isascii() and asked.isdigit() else 1
    start = (number - 1) * SHOWN
    to_approve, to_read, late, trouble = (
        list(waiting[start : start + SHOWN + 1])
        for waiting in (
            waiting_for_approval(actor),
            queries.replies_listed(actor),
            queries.reminders_listed(actor),
            queries.checks_in_trouble(actor),
        )
    )
    context = {
        "section": "followup",
        "number": number,
        "has_more": any(len(rows) > SHOWN for rows in (to_approve, to_read, late, trouble)),
        "undelivered": undelivered(actor).count(),
        "to_approve": [(notice, platform_of(notice.platform).name) for notice in to_approve[:SHOWN]],
        "replies": [_row(reply) for reply in to_read[:SHOWN]],
        "receipts": queries.receipts_to_read(actor).count(),
        "reminders": [
            {
                "reminder": row,
                "reason": REASON_LABELS[ReminderReason(row.reason)],
                "platform": platform_of(row.notice.platform).name,
                "mine": row.case.holder_id == actor.member_id,
            }
            for row in late[:SHOWN]
        ],
        "trouble": trouble[:SHOWN],
    }
    return render(request, "followup/due.html", context)


def _row(reply: Reply) -> dict[str, Any]:
    outcome = said(Outcome(reply.suggested_outcome)) if reply.suggested_outcome else ""
    return {
        "reply": reply,
        "kind": KIND_LABELS[ReplyKind(reply.suggested_kind)],
        "outcome": outcome,
        "platform": platform_of(reply.notice.platform).name,
    }


@desk(Action.READ_REPLY)
@require_POST
def receipts(request: HttpRequest) -> HttpResponse:
    number = actions.read_receipts(actor=actor_of(request), now=timezone.now())
    said_so = ngettext("%(number)s accusé de réception noté.", "%(number)s accusés de réception notés.", number)
    messages.success(request, said_so % {"number": number})
    return redirect("followup")


@desk(Action.READ_REPLY)
@require_http_methods(["GET", "POST"])
def reply_page(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Show a letter as plain text, and take what a person reads in it."""
    actor = actor_of(request)
    reply = queries.access_reply(actor, reply_id)
    shown = words_are_asked(request)
    form = ReadForm(request.POST or None, initial=_initial(reply, shown=shown), kind=ReplyKind(reply.suggested_kind))
    if request.method == "POST" and form.is_valid():
        _read(actor, reply, form.cleaned_data)
        messages.success(request, _("Réponse lue et notée."))
        following = queries.replies_to_read(actor).first()
        return redirect("reply", reply_id=following.pk) if following else redirect("case", ref=reply.notice.case.ref)
    context = {
        "section": "followup", "reply": reply, "show_words": shown,
        "hides_words": hides_words(f"{reply.subject}\n{reply.text}"), "notice": reply.notice, "case": reply.notice.case, "form": form,
        "kind": KIND_LABELS[ReplyKind(reply.suggested_kind)], "usual": form.first,
        "platform": platform_of(reply.notice.platform).name,
        "choices": [(radio, _kind_words(Outcome(radio.data["value"]))) for radio in form["outcome"]],
        "earlier": [
            (other, said(Outcome(other.outcome)) if other.outcome else "")
            for other in queries.replies_of_case(actor, reply.notice.case)
            if other.pk != reply.pk
        ],
    }  # fmt: skip
    return render(request, "followup/reply.html", context)


def _initial(reply: Reply, *, shown: bool) -> dict[str, Any]:
    words = reply.words or reply.suggested_sentence
    outcome = reply.outcome or reply.suggested_outcome
    decides = bool(outcome) and meaning_of(Outcome(outcome)).is_decision
    return {
        "outcome": outcome,
        "error_reason": reply.error_reason,
        # A field cannot be masked: what would hurt comes into it with the words, when they are asked for.
        "words": words if shown or not hides_words(words) else "",
        "platform_reference": reply.platform_reference,
        "tell": decides and not reply.outcome and reply.notice.case.reports_count > 0,
        "message": _kind_words(Outcome(outcome)) if outcome else "",
    }


def _kind_words(outcome: Outcome) -> str:
    """Return what to tell the person who reported; nothing before the platform has decided."""
    meaning = meaning_of(outcome)
    if not meaning.is_decision:
        return ""
    if meaning.says is PlatformSays.REMOVED:
        return _("Bonne nouvelle : la plateforme nous dit avoir retiré ce que vous avez signalé. Merci de votre aide.")
    if meaning.says is PlatformSays.RESTRICTED:
        return _("La plateforme a limité la diffusion de ce que vous avez signalé. Merci de votre aide.")
    return _(
        "La plateforme n’a pas retiré ce que vous avez signalé. Cela ne veut pas dire que vous aviez tort : "
        "nous regardons ce qui peut encore être fait."
    )


def _message(given: dict[str, Any]) -> str:
    """Return what the person is told: one of our own texts left as it was follows the outcome that was chosen.

    Without this, choosing «refused» under a text that says «removed» would tell the person what is not true.
    """
    if not given["tell"]:
        return ""
    ours = {" ".join(_kind_words(outcome).split()) for outcome in Outcome}
    message: str = given["message"]
    return _kind_words(Outcome(given["outcome"])) if " ".join(message.split()) in ours else message


def _read(actor: Actor, reply: Reply, given: dict[str, Any]) -> None:
    actions.read_reply(
        actor=actor,
        reply=reply,
        outcome=Outcome(given["outcome"]),
        words=given["words"],
        error_reason=ErrorReason(given["error_reason"]) if given["error_reason"] else None,
        platform_reference=given["platform_reference"],
        tell_reporters=_message(given),
        now=timezone.now(),
    )


@desk(Action.READ_REPLY)
@require_http_methods(["GET", "POST"])
def write_down(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    """Copy an answer that came another way than by mail."""
    actor = actor_of(request)
    notice = access_notice(actor, notice_ref)
    if notice.case.ref != ref:
        raise NotFound(N_("Cette notification n’existe pas."))
    form = WriteDownForm(request.POST or None, initial={"form_key": secrets.token_hex(16)})
    if request.method == "POST" and form.is_valid():
        reply = actions.write_down_reply(actor=actor, notice=notice, now=timezone.now(), **form.cleaned_data)
        return redirect("reply", reply_id=reply.pk)
    context = {"section": "followup", "case": notice.case, "notice": notice, "form": form}
    return render(request, "followup/write_down.html", context)


@desk(Action.SEE_CASE)
@require_POST
def check_now(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    actions.ask_checks(actor=actor, case=access_case(actor, ref), now=timezone.now())
    messages.success(request, _("Contrôle demandé : le résultat s’affiche ici dans quelques instants."))
    return redirect("case", ref=ref)


@desk(Action.DRAFT_NOTICE)
@require_POST
def remind(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """Compose the reminder, for a person to read and send."""
    actor = actor_of(request)
    row = queries.access_reminder(actor, reminder_id)
    was_received = row.reason == ReminderReason.NO_DECISION and actions.came_back_for(row.notice).has_reply
    drafted = draft_reminder(actor=actor, notice=row.notice, was_received=was_received, now=timezone.now())
    return redirect("notice-one", ref=row.case.ref, notice_ref=drafted.ref)


@desk(Action.READ_REPLY)
@require_POST
def settle(request: HttpRequest, reminder_id: int) -> HttpResponse:
    actor = actor_of(request)
    actions.settle_reminder(actor=actor, reminder=queries.access_reminder(actor, reminder_id), now=timezone.now())
    return redirect("followup")
