"""What the page of a case shows of what follows: answers, looks, what is late."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from vigie.casefile.models import ONLINE_LABELS, Case
from vigie.casefile.panels import Panel, Slot
from vigie.casefile.rules.state import Online
from vigie.followup import queries
from vigie.followup.models import KIND_LABELS, REASON_LABELS, Check
from vigie.followup.rules.online import OUR_FAULT, Glance
from vigie.followup.rules.reminders import ReminderReason
from vigie.followup.rules.replies import ReplyKind
from vigie.followup.web.forms import said
from vigie.notice.models import Notice, NoticeChannel, NoticeState
from vigie.notice.queries import notices_of_case
from vigie.notice.rules.outcomes import Outcome
from vigie.organisations.rules.policy import Actor

LOOKS_SHOWN = 12


def panel(request: HttpRequest, case: Case) -> list[Panel]:
    """Return the cards of answers and of looks; none before something was sent or looked at."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    sent = [
        notice
        for notice in notices_of_case(actor, case)
        if notice.state is NoticeState.SENT and notice.channel != NoticeChannel.PHAROS and not notice.reminder_of_id
    ]
    checks = queries.checks_of_case(actor, case)
    panels = []
    if sent:
        panels.append(Panel(Slot.ACT, _("Réponses"), "followup/panel.html", _answers(actor, case, sent), order=60))
    if sent or checks:
        panels.append(Panel(Slot.KNOW, _("En ligne"), "followup/looks.html", _looks(checks), order=60))
    return panels


def _answers(actor: Actor, case: Case, sent: list[Notice]) -> dict[str, object]:
    replies = queries.replies_of_case(actor, case)
    return {
        "replies": [
            (reply, said(Outcome(reply.outcome)) if reply.outcome else KIND_LABELS[ReplyKind(reply.suggested_kind)])
            for reply in replies
        ],
        "reminders": [
            (row, REASON_LABELS[ReminderReason(row.reason)]) for row in queries.reminders_of_case(actor, case)
        ],
        "notices": sent,
    }


def _looks(checks: list[Check]) -> dict[str, object]:
    done = [check for check in checks if check.done_at]
    waiting = [check.due_at for check in checks if not check.done_at]
    return {
        "looks": [
            {"check": check, "online": ONLINE_LABELS[Online(check.online)], "seen": _seen(check)}
            for check in done[:LOOKS_SHOWN]
        ],
        "next": min(waiting) if waiting else None,
        "is_now": bool(waiting) and min(waiting) <= timezone.now(),
    }


def _seen(check: Check) -> str:
    if check.failure.startswith(OUR_FAULT):
        return _("une panne de notre côté (%(fault)s)") % {"fault": check.failure.removeprefix(OUR_FAULT)}
    return SEEN[Glance(check.glance)]()


SEEN = {
    Glance.PRESENT: lambda: _("la page et ses mots sont là"),
    Glance.CHANGED: lambda: _("une page est là, les mots n’y sont pas"),
    Glance.REMOVED: lambda: _("la page dit : retiré par la plateforme"),
    Glance.DELETED: lambda: _("la page dit : supprimé par son auteur"),
    Glance.SUSPENDED: lambda: _("la page dit : compte suspendu"),
    Glance.GONE: lambda: _("plus rien à cette adresse, sans explication"),
    Glance.WITHHELD: lambda: _("refusé dans ce pays"),
    Glance.LOGIN: lambda: _("il faut se connecter"),
    Glance.BLIND: lambda: _("cette plateforme ne montre rien à une visite simple"),
    Glance.FAILED: lambda: _("pas de réponse utilisable"),
}
