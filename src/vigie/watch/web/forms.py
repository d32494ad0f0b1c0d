"""The forms of this room: a watch, a source."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.core.errors import UnusableInput
from vigie.organisations.rules.policy import Actor
from vigie.watch import queries
from vigie.watch.actions import Wanted
from vigie.watch.models import DOES_LABELS, Source, Watch
from vigie.watch.ports import FieldKind, Manifest
from vigie.watch.rules.question import Question
from vigie.watch.rules.values import Does
from vigie.watch.sources.reading import lines
from vigie.watch.web.words import masked_name, target_choices

LANGUAGES = [
    ("fr", gettext_lazy("français")),
    ("en", gettext_lazy("anglais")),
    ("de", gettext_lazy("allemand")),
    ("it", gettext_lazy("italien")),
    ("es", gettext_lazy("espagnol")),
    ("nl", gettext_lazy("néerlandais")),
]


class WatchForm(forms.Form):
    """A watch in plain words."""

    name = forms.CharField(label=gettext_lazy("Nom de la veille"), max_length=80)
    sources = forms.MultipleChoiceField(
        label=gettext_lazy("Où regarder ?"), widget=forms.CheckboxSelectMultiple, required=False
    )
    terms = forms.CharField(
        label=gettext_lazy("Mots ou expressions"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Un par ligne. Les majuscules et les accents ne comptent pas ; le mot entier doit s’y trouver."),
    )  # fmt: skip
    targets = forms.MultipleChoiceField(
        label=gettext_lazy("Mots du lexique qui visent"), required=False, widget=forms.CheckboxSelectMultiple
    )
    hashtags = forms.CharField(
        label=gettext_lazy("Mots-dièses"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Un par ligne, avec ou sans #."),
    )  # fmt: skip
    least_score = forms.IntegerField(
        label=gettext_lazy("Score du détecteur, au moins (en %)"), min_value=0, max_value=100, initial=0, required=False,
        help_text=gettext_lazy("0 : le score ne compte pas. Sans mot ni lexique, c’est lui seul qui décide."),
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Langues (aucune : toutes)"), choices=LANGUAGES, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    least_reach = forms.IntegerField(
        label=gettext_lazy("Portée, au moins"), min_value=0, initial=0, required=False,
        help_text=gettext_lazy("Vues ou abonnés, quand la source le dit ; ce dont la portée est inconnue est alors laissé."),
    )  # fmt: skip
    accounts = forms.CharField(
        label=gettext_lazy("Comptes à suivre"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Un par ligne. Seulement pour un motif écrit et jusqu’à une date : ce sont les contenus qui comptent, pas leurs auteurs."),
    )  # fmt: skip
    accounts_reason = forms.CharField(
        label=gettext_lazy("Motif du suivi de ces comptes"), max_length=300, required=False
    )
    accounts_until = forms.DateField(
        label=gettext_lazy("Suivre ces comptes jusqu’au"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    campaign = forms.ChoiceField(label=gettext_lazy("Campagne"), required=False)
    does = forms.ChoiceField(
        label=gettext_lazy("Ce qui répond"), choices=[(one.value, label) for one, label in DOES_LABELS.items()],
        widget=forms.RadioSelect, initial=Does.SHOW.value,
    )  # fmt: skip

    def __init__(self, data: Any, *, actor: Actor, watch: Watch | None = None) -> None:
        super().__init__(data, initial=_initial(watch) if watch else {})
        self.fields["sources"].choices = [(str(one.pk), masked_name(one.name)) for one in queries.sources_of(actor)]  # type: ignore[attr-defined]
        self.fields["targets"].choices = target_choices()  # type: ignore[attr-defined]
        campaigns = [(str(one.pk), masked_name(one.name)) for one in queries.campaigns_of(actor)]
        self.fields["campaign"].choices = [("", _("aucune")), *campaigns]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            self.question = _question(given)
        except UnusableInput as empty:
            raise forms.ValidationError(
                _(empty.sentence) % empty.values if empty.values else _(empty.sentence)
            ) from None
        return given

    def wanted(self) -> Wanted:
        """Return the watch as it was written."""
        given = self.cleaned_data
        return Wanted(
            name=given["name"], question=self.question, sources=[int(one) for one in given["sources"]],
            does=Does(given["does"]), campaign=int(given["campaign"]) if given["campaign"] else None,
            accounts_reason=given["accounts_reason"], accounts_until=given["accounts_until"],
        )  # fmt: skip


def _question(given: dict[str, Any]) -> Question:
    return Question(
        terms=tuple(lines(given["terms"], most=10_000)), targets=tuple(given["targets"]),
        hashtags=tuple(lines(given["hashtags"])), accounts=tuple(lines(given["accounts"])),
        least_score=(given["least_score"] or 0) / 100, languages=tuple(given["languages"]),
        least_reach=given["least_reach"] or 0,
    )  # fmt: skip


def _initial(watch: Watch) -> dict[str, Any]:
    asked = watch.asked()
    return {
        "name": watch.name,
        "sources": [str(one.pk) for one in watch.sources_asked()],
        "terms": "\n".join(asked.terms),
        "targets": list(asked.targets),
        "hashtags": "\n".join(asked.hashtags),
        "accounts": "\n".join(asked.accounts),
        "least_score": round(100 * asked.least_score),
        "languages": list(asked.languages),
        "least_reach": asked.least_reach,
        "accounts_reason": watch.accounts_reason,
        "accounts_until": watch.accounts_until,
        "campaign": str(watch.campaign_id or ""),
        "does": watch.does,
    }


class SourceForm(forms.Form):
    """What a source needs, as its manifest lists it. A secret is never shown again: left empty, it stays."""

    name = forms.CharField(label=gettext_lazy("Nom, pour s’y retrouver"), max_length=80)

    def __init__(self, data: Any, *, manifest: Manifest, source: Source | None = None) -> None:
        known = {"name": source.name, **source.settings} if source else {}
        initial = {name: "\n".join(value) if isinstance(value, list) else value for name, value in known.items()}
        super().__init__(data, initial=initial)
        for one in manifest.fields:
            required = one.required and not (one.kind is FieldKind.SECRET and source is not None)
            shape: dict[str, Any] = {
                "label": _(one.label),
                "help_text": _(one.help) if one.help else "",
                "required": required,
            }
            shape["initial"] = one.initial or None
            match one.kind:
                case FieldKind.LINES:
                    field: forms.Field = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **shape)
                case FieldKind.NUMBER:
                    field = forms.IntegerField(min_value=0, **shape)
                case FieldKind.SECRET:
                    field = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "off"}), **shape)
                case _:
                    field = forms.CharField(max_length=500, **shape)
            self.fields[one.name] = field
