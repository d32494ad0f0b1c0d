"""The tray of letters at the desk: what Vigie could not sort by itself, read safely and settled by a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from vigie.casefile.web.masking import spans_to_mask, words_are_asked
from vigie.core.errors import UnusableInput, VigieError
from vigie.intake.actions import file_report
from vigie.intake.doors.mailbox import actions, queries
from vigie.intake.doors.mailbox.letter import Letter
from vigie.intake.doors.mailbox.models import IncomingMail
from vigie.intake.doors.mailbox.sorting import REASONS, Reason
from vigie.organisations.rules.policy import Action, Actor
from vigie.organisations.web.gate import desk

SHOWN = 100
MOST_CHARACTERS_SHOWN = 20_000


class ReportForm(forms.Form):
    addresses = forms.CharField(
        label=gettext_lazy("Adresses des contenus, une par ligne"), widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000
    )  # fmt: skip


class AnswerForm(forms.Form):
    suggested = forms.MultipleChoiceField(
        label=gettext_lazy("Notifications qui parlent de ces adresses, envoyées à cet expéditeur"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    reference = forms.CharField(
        label=gettext_lazy("Référence de la notification"), max_length=200, required=False, help_text="N-7K3M-Q2XA"
    )

    def __init__(self, *args: Any, suggestions: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["suggested"].choices = suggestions  # type: ignore[attr-defined]
        if not suggestions:
            del self.fields["suggested"]

    def references(self) -> list[str]:
        return [*self.cleaned_data.get("suggested", []), *self.cleaned_data["reference"].split()]


class AsideForm(forms.Form):
    why = forms.ChoiceField(
        label=gettext_lazy("Pourquoi"),
        choices=lambda: [("", "")] + [(code, _(words)) for code, words in actions.WHY_ASIDE.items()],
    )


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@desk(Action.TRIAGE_CASE)
@require_GET
def tray(request: HttpRequest) -> HttpResponse:
    """Show the letters that wait for a person, oldest first."""
    waiting = queries.waiting_for_a_person(_actor(request))
    shown = [(mail, _(REASONS[Reason(mail.reason)])) for mail in waiting[:SHOWN]]
    return render(
        request, "intake/mailbox/tray.html", {"section": "queue", "letters": shown, "number": waiting.count()}
    )


@desk(Action.TRIAGE_CASE)
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Show one letter as plain words, and settle it."""
    actor = _actor(request)
    mail = queries.access_mail(actor, letter_id)
    read = queries.letter_of(mail)
    report_form, answer_form, aside_form = _forms(request, mail, read)
    if request.method == "POST":
        done = _settle(request, actor, mail, report_form, answer_form, aside_form)
        if done is not None:
            return done
    context = {
        "section": "queue", "mail": mail, "reason": _(REASONS[Reason(mail.reason)]), "letter": read,
        "sender": _veiled(read.sender) if read else "", "text": _shown_text(read), "shown": words_are_asked(request),
        "enclosures": [enclosure.name for enclosure in read.all_enclosures()] if read else [],
        "report_form": report_form, "answer_form": answer_form, "aside_form": aside_form,
    }  # fmt: skip
    invalid = any(form.is_bound and form.errors for form in (report_form, answer_form, aside_form))
    return render(request, "intake/mailbox/letter.html", context, status=422 if invalid else 200)


def _forms(request: HttpRequest, mail: IncomingMail, read: Letter | None) -> tuple[ReportForm, AnswerForm, AsideForm]:
    """Return the three forms of the page; the one that was sent is bound."""
    sent = request.POST.get("do") if request.method == "POST" else None
    # What our program stumbled over once is not put to it again: the page has to open.
    is_read = read is not None and mail.reason != Reason.UNREADABLE
    suggested = "\n".join(actions.suggested_addresses(mail, read)) if read and is_read else ""
    if spans_to_mask(suggested) and not words_are_asked(request):
        suggested = ""  # an address can hold the words too: they come when they are asked for
    return (
        ReportForm(request.POST if sent == "report" else None, initial={"addresses": suggested}, prefix="report"),
        AnswerForm(
            request.POST if sent == "answer" else None,
            prefix="answer",
            suggestions=_suggestions(request, mail, read) if read and is_read else (),
        ),
        AsideForm(request.POST if sent == "aside" else None, prefix="aside"),
    )


def _suggestions(request: HttpRequest, mail: IncomingMail, read: Letter) -> list[tuple[str, str]]:
    """Return the notices that the letter may answer, each with what tells it from the others."""
    spoken_of: dict[str, list[actions.MayAnswer]] = {}
    for one in actions.suggested_notices(mail.organisation, read, now=mail.received_at):
        spoken_of.setdefault(one.reference, []).append(one)
    shown = words_are_asked(request)
    choices = []
    for reference, found in spoken_of.items():
        first = found[0]
        # An address can hold the words too: it comes when they are asked for.
        addresses = [one.address for one in found if shown or not spans_to_mask(one.address)]
        day = date_format(timezone.localtime(first.sent_at), "SHORT_DATE_FORMAT")
        choices.append((reference, " · ".join([reference, first.case, day, *addresses])))
    return choices


def _settle(
    request: HttpRequest,
    actor: Actor,
    mail: IncomingMail,
    report_form: ReportForm,
    answer_form: AnswerForm,
    aside_form: AsideForm,
) -> HttpResponse | None:
    """Do what the sent form asks; None when the form has to be shown again."""
    now = timezone.now()
    if report_form.is_bound and report_form.is_valid():
        addresses = [line.strip() for line in report_form.cleaned_data["addresses"].splitlines() if line.strip()]
        try:
            report = actions.make_report(actor=actor, mail=mail, addresses=addresses, now=now)
        except UnusableInput as fault:
            report_form.add_error("addresses", _sentence(fault))
            return None
        cases = file_report(report, now)
        messages.success(request, _("Le courriel est devenu un signalement."))
        return redirect("case", ref=cases[0].ref) if cases else redirect("letters")
    if answer_form.is_bound and answer_form.is_valid():
        try:
            actions.call_it_an_answer(actor=actor, mail=mail, references=answer_form.references(), now=now)
        except actions.NotALetterOfThis as fault:
            answer_form.add_error("reference", _sentence(fault))
            return None
        messages.success(request, _("Le courriel rejoint sa notification."))
        return redirect("letters")
    if aside_form.is_bound and aside_form.is_valid():
        actions.set_aside(actor=actor, mail=mail, now=now, **aside_form.cleaned_data)
        messages.success(request, _("Le courriel est mis de côté. Il reste conservé."))
        return redirect("letters")
    return None


def _sentence(fault: VigieError) -> str:
    return _(fault.sentence) % fault.values if fault.values else _(fault.sentence)


def _veiled(address: str) -> str:
    """Return the server of an address of mail, without the person: enough to tell a platform from somebody."""
    return f"…@{address.rpartition('@')[2]}" if address else ""


def _shown_text(read: Letter | None) -> str:
    if read is None:
        return ""
    return "\n\n".join(filter(None, (one.text for one in read.all_letters())))[:MOST_CHARACTERS_SHOWN]
