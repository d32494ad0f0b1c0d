"""The forms of the public door and of this room's part of the desk."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from vigie.casefile.files import media_type_of
from vigie.core.errors import UnusableInput
from vigie.core.references import typed_receipt
from vigie.intake.actions.conversation import MAX_MESSAGE_CHARACTERS
from vigie.intake.doors.mailbox.letter import read_letter
from vigie.intake.doors.mailbox.sorting import House, addresses_of
from vigie.intake.rules.addresses import Typed, read_typed
from vigie.intake.rules.values import Contact, OpeningPurpose, ReferralBody, Upload
from vigie.intake.uploads import ALLOWED, MAX_BYTES, check_number, checked_media_type
from vigie.intake.web.words import ABOUT_LABELS, BODY_LABELS, PURPOSE_LABELS, ROLE_LABELS

MAX_ADDRESSES = 50
MAIL_TYPE = "message/rfc822"
NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")
UNSAID = [("", _("Je préfère ne pas le dire"))]


def said(fault: UnusableInput) -> str:
    """Return the sentence of a refusal in the reader's language."""
    return now_(fault.sentence) % fault.values if fault.values else now_(fault.sentence)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFilesField(forms.FileField):
    """Several files at once, checked by content."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        given: list[UploadedFile] = [file for file in (data or []) if file]
        # One byte more than is taken: enough to see that it is too large, without reading the rest.
        uploads = [Upload(name=file.name or "", content=file.read(MAX_BYTES + 1)) for file in given]
        try:
            check_number(uploads)
        except UnusableInput as fault:
            raise forms.ValidationError(said(fault)) from fault
        faults = []
        for upload in uploads:
            try:
                checked_media_type(upload)
            except UnusableInput as fault:
                faults.append(said(fault))
        if faults:
            raise forms.ValidationError([*faults, now_("Choisissez de nouveau vos fichiers.")])
        return uploads


class ReportForm(forms.Form):
    """What a person may tell us. Nothing is compulsory but one of: an address, a file, a description."""

    addresses = forms.CharField(
        label=_("Adresse du contenu"),
        help_text=_(
            "Collez le lien de la publication, du commentaire, de la vidéo ou du compte. Plusieurs ? Un par ligne."
        ),
        required=False,
        max_length=40_000,
        strip=False,
        widget=forms.Textarea({"rows": 3, "inputmode": "url", "autocapitalize": "off", "spellcheck": "false"}),
    )
    about = forms.ChoiceField(
        label=_("De quoi s’agit-il ?"),
        required=False,
        choices=[("", _("Je ne sais pas")), *[(about.value, label) for about, label in ABOUT_LABELS.items()]],
    )
    description = forms.CharField(
        label=_("Ce que vous voulez nous en dire"),
        help_text=_("Facultatif : le contexte, qui est visé, depuis quand."),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
    )
    attachments = ManyFilesField(
        label=_("Captures d’écran ou courriel reçu"),
        help_text=_("Facultatif : cinq fichiers au plus, de 10 Mo chacun. Images, PDF, ou courriel (.eml)."),
        required=False,
        widget=ManyFilesInput({"accept": ",".join([*sorted(ALLOWED), ".eml"])}),
    )
    role = forms.ChoiceField(
        label=_("Vous et ce contenu"),
        required=False,
        choices=[*[(role.value, label) for role, label in ROLE_LABELS.items()], *UNSAID],
        widget=forms.RadioSelect,
    )
    age = forms.ChoiceField(
        label=_("Votre âge"),
        required=False,
        choices=[("adult", _("18 ans ou plus")), ("minor", _("Moins de 18 ans")), *UNSAID],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("Nom ou pseudonyme"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Adresse e-mail"), required=False, widget=forms.EmailInput({"autocomplete": "email"})
    )
    consent = forms.BooleanField(
        label=_("J’accepte que l’association garde ces coordonnées pour me répondre."), required=False
    )
    nonce = forms.RegexField(NONCE)

    def clean_addresses(self) -> Typed:
        typed = read_typed(self.cleaned_data["addresses"])
        if len(typed.addresses) > MAX_ADDRESSES:
            raise forms.ValidationError(
                now_("Cinquante adresses au plus à la fois. Envoyez les autres dans un second signalement.")
            )
        return typed

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        typed = given.get("addresses")
        says_something = typed is None or typed.addresses or given.get("attachments") or given.get("description")
        if not says_something and "attachments" not in self.errors:
            self.add_error("addresses", now_("Donnez l’adresse du contenu, ou à défaut un fichier ou une description."))
        if (given.get("name") or given.get("email")) and not given.get("consent"):
            self.add_error(
                "consent",
                now_("Cochez cette case, ou effacez vos coordonnées : nous ne les gardons qu’avec votre accord."),
            )
        return given

    def as_given(self) -> dict[str, Any]:
        """Return what `receive_report` asks for."""
        given = self.cleaned_data
        typed: Typed = given["addresses"]
        return {
            "addresses": typed.addresses or _in_letters(given["attachments"]),
            "description": "\n\n".join(words for words in (given["description"], typed.words) if words),
            "about": given["about"],
            "role": given["role"],
            "is_minor": {"minor": True, "adult": False}.get(given["age"]),
            "contact": Contact(name=given["name"], email=given["email"]),
            "attachments": given["attachments"],
            "nonce": given["nonce"],
        }


def _in_letters(uploads: list[Upload]) -> list[str]:
    """Return the addresses in the mails that were joined, for somebody who typed none."""
    letters = [upload for upload in uploads if media_type_of(upload.content) == MAIL_TYPE]
    found = [address for one in letters for address in addresses_of(read_letter(one.content), house=House())]
    return list(dict.fromkeys(found))[:MAX_ADDRESSES]


class ReceiptForm(forms.Form):
    """The 16 digits that open the reporter's page."""

    code = forms.CharField(
        label=_("Code de suivi"),
        help_text=_("Les 16 chiffres reçus après votre signalement."),
        max_length=60,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "size": 24}),
    )

    def clean_code(self) -> str:
        code = typed_receipt(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(now_("Un code de suivi compte 16 chiffres."))
        return code


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Votre message"), max_length=MAX_MESSAGE_CHARACTERS, widget=forms.Textarea({"rows": 4})
    )
    nonce = forms.RegexField(NONCE)


class OpenIdentityForm(forms.Form):
    purpose = forms.ChoiceField(
        label=_("Pourquoi ouvrir cette identité ?"),
        choices=[("", _("Choisir…")), *[(purpose.value, label) for purpose, label in PURPOSE_LABELS.items()]],
    )

    def clean_purpose(self) -> OpeningPurpose:
        return OpeningPurpose(self.cleaned_data["purpose"])


class ReferralForm(forms.Form):
    body = forms.ChoiceField(
        label=_("Transmis à"), choices=[(body.value, label) for body, label in BODY_LABELS.items()]
    )
    reference = forms.CharField(label=_("Référence reçue"), required=False, max_length=40)

    def clean_body(self) -> ReferralBody:
        return ReferralBody(self.cleaned_data["body"])
