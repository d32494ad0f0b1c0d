"""What people fill in about a notice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PROOF_MAX_BYTES = 15 * 1024 * 1024
LOCAL_MOMENT = "%Y-%m-%dT%H:%M"


class EditForm(forms.Form):
    """The text of a notice, by hand."""

    subject = forms.CharField(label=_("Objet"), max_length=300)
    body = forms.CharField(label=_("Texte"), widget=forms.Textarea(attrs={"rows": 30, "class": "mono"}))


class SentForm(forms.Form):
    """When it was sent by hand, under which reference of theirs, and what shows it."""

    sent_at = forms.DateTimeField(
        label=_("Envoyé le"),
        input_formats=[LOCAL_MOMENT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL_MOMENT),
    )
    platform_reference = forms.CharField(
        label=_("Leur référence"),
        max_length=120,
        required=False,
        help_text=_("Le numéro affiché après l’envoi, s’il y en a un."),
    )
    proof = forms.FileField(
        label=_("Preuve de l’envoi"),
        required=False,
        help_text=_("Une capture de la page de confirmation. Elle est conservée scellée."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sent_at"].initial = timezone.localtime().strftime(LOCAL_MOMENT)

    def clean_proof(self) -> Any:
        proof = self.cleaned_data["proof"]
        if proof and proof.size > PROOF_MAX_BYTES:
            raise forms.ValidationError(_("Ce fichier dépasse 15 Mo."))
        return proof


class PharosForm(SentForm):
    """What PHAROS answered, for one content."""

    content = forms.IntegerField(widget=forms.HiddenInput)


class ContactForm(forms.Form):
    """At which e-mail address a platform takes notices."""

    email = forms.EmailField(
        label=_("Adresse e-mail de la plateforme"),
        help_text=_("Celle qu’elle publie pour les notifications (DSA, article 16), pas une adresse personnelle."),
    )
    note = forms.CharField(label=_("Où l’avez-vous trouvée ?"), max_length=200, required=False)
