"""What a person says about a platform's answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from vigie.followup.rules.replies import ReplyKind
from vigie.notice.rules.outcomes import ERROR_REASONS, MEANINGS, Outcome, meaning_of
from vigie.notice.web.forms import LOCAL_MOMENT

# What is chosen nine times in ten stands first and has a key; the rest lies behind «others».
USUAL = (
    Outcome.CONTENT_REMOVED, Outcome.NO_VIOLATION, Outcome.ACKNOWLEDGEMENT_ONLY, Outcome.MISSING_INFORMATION,
    Outcome.ACCOUNT_REMOVED, Outcome.GEO_RESTRICTION, Outcome.ALREADY_REMOVED, Outcome.URL_NOT_FOUND, Outcome.DISPUTED,
)  # fmt: skip


def said(outcome: Outcome) -> str:
    """Return what an outcome is called, in the reader's language."""
    return meaning_of(outcome).label.said_in(get_language() or "fr")


def _outcomes() -> list[tuple[str, str]]:
    others = [outcome for outcome in MEANINGS if outcome not in USUAL and outcome is not Outcome.NOT_RECORDED]
    return [(outcome.value, said(outcome)) for outcome in (*USUAL, *others)]


# What a person says of a machine's message: nobody answered.
UNANSWERED = {
    ReplyKind.BOUNCE: _("non remise : la notification n’est pas arrivée"),
    ReplyKind.AUTOMATIC: _("message automatique : rien à retenir"),
}


def _reasons() -> list[tuple[str, Any]]:
    language = get_language() or "fr"
    return [("", "—"), *((reason.value, label.said_in(language)) for reason, label in ERROR_REASONS.items())]


class ReadForm(forms.Form):
    """One letter, read into the shared vocabulary."""

    outcome = forms.ChoiceField(label=_("Ce que dit la plateforme"), choices=_outcomes, widget=forms.RadioSelect)
    error_reason = forms.ChoiceField(label=_("Raison de l’erreur, s’il y en a une"), choices=_reasons, required=False)
    words = forms.CharField(
        label=_("Ses propres mots"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La phrase sur laquelle vous vous appuyez. Elle reste avec la réponse."),
    )  # fmt: skip
    platform_reference = forms.CharField(label=_("Sa référence"), max_length=120, required=False)
    tell = forms.BooleanField(label=_("Prévenir la personne qui a signalé"), required=False)
    message = forms.CharField(
        label=_("Message pour elle"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=5000,
        help_text=_("Sans répéter les propos. Elle le lira sur sa page de suivi."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: ReplyKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first = len(USUAL)
        if kind in UNANSWERED:
            self.fields["outcome"].choices = [(Outcome.NOT_RECORDED.value, UNANSWERED[kind]), *_outcomes()]  # type: ignore[attr-defined]
            self.first += 1


class WriteDownForm(forms.Form):
    """An answer that came another way than by mail."""

    received_at = forms.DateTimeField(
        label=_("Reçue le"), input_formats=[LOCAL_MOMENT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_MOMENT),
    )  # fmt: skip
    text = forms.CharField(
        label=_("La réponse, recopiée"), widget=forms.Textarea(attrs={"rows": 10}), max_length=50_000
    )
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_at"].initial = timezone.localtime().strftime(LOCAL_MOMENT)
