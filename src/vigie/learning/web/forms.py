"""The form of a term, in plain words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from vigie.detection.hints import Kind, SourceStatus, Target
from vigie.detection.terms import Term
from vigie.learning.models import KIND_LABELS, SOURCE_LABELS, TARGET_LABELS
from vigie.learning.rules.terms import Standing, TermState

STANDING_CHOICES = [
    (Standing.ACTIVE.value, gettext_lazy("Il compte : les textes sont lus avec lui")),
    (Standing.ENDED.value, gettext_lazy("Il ne compte plus (celui livré avec Vigie, s’il y en a un, compte à nouveau)")),
    (Standing.MUTED.value, gettext_lazy("Il est tu ici : même celui livré avec Vigie ne compte plus")),
]  # fmt: skip
LINES = {"rows": 3}


class TermForm(forms.Form):
    """A term as an analyst writes it; lists are one item a line."""

    term = forms.CharField(
        label=gettext_lazy("Le mot ou l’expression"), max_length=120,
        help_text=gettext_lazy("Ou un emoji, un nombre, un mot-dièse. Majuscules, accents, lettres étirées ou remplacées (0 pour o…) sont reconnus d’eux-mêmes."),
    )  # fmt: skip
    sense = forms.CharField(
        label=gettext_lazy("Ce qu’il veut dire"), max_length=300,
        help_text=gettext_lazy("Une phrase : c’est elle que lira la personne qui trie."),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("C’est…"), choices=[(one.value, label) for one, label in KIND_LABELS.items()],
        widget=forms.RadioSelect, initial=Kind.CODED.value,
    )  # fmt: skip
    target = forms.ChoiceField(
        label=gettext_lazy("Qui est visé"),
        # Nobody is chosen beforehand: a term saved in haste would name whoever stands first.
        choices=[("", gettext_lazy("— à choisir —")), *((one.value, label) for one, label in TARGET_LABELS.items())],
    )
    needs_context = forms.BooleanField(
        label=gettext_lazy("Il a aussi un sens ordinaire : seul, il ne prouve rien"), required=False, initial=True
    )
    variants = forms.CharField(
        label=gettext_lazy("Autres écritures"), required=False, widget=forms.Textarea(attrs=LINES),
        help_text=gettext_lazy("Une par ligne : féminin, verlan, orthographes voulues. Le pluriel en s est reconnu."),
    )  # fmt: skip
    beside = forms.CharField(
        label=gettext_lazy("Mots qui, à côté, disent que c’est bien ce sens"), required=False,
        widget=forms.Textarea(attrs=LINES), help_text=gettext_lazy("Un par ligne."),
    )  # fmt: skip
    unless = forms.CharField(
        label=gettext_lazy("Mots qui, à côté, disent que c’est le sens ordinaire"), required=False,
        widget=forms.Textarea(attrs=LINES), help_text=gettext_lazy("Un par ligne. Pour « golem » : argile, Prague."),
    )  # fmt: skip
    source = forms.CharField(
        label=gettext_lazy("D’où vient ce sens"), required=False, max_length=300,
        help_text=gettext_lazy("Une adresse ou une référence. Jamais le nom d’une personne qui a signalé."),
    )  # fmt: skip
    source_status = forms.ChoiceField(
        label=gettext_lazy("Est-ce vérifié ?"), choices=[(one.value, label) for one, label in SOURCE_LABELS.items()],
        initial=SourceStatus.UNVERIFIED.value,
    )  # fmt: skip
    since = forms.DateField(
        label=gettext_lazy("Connu dans ce sens depuis"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("Compte jusqu’au"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Vide : sans fin."),
    )  # fmt: skip
    examples = forms.CharField(
        label=gettext_lazy("Exemples inventés"), required=False, widget=forms.Textarea(attrs=LINES),
        help_text=gettext_lazy("Un par ligne. N’y copiez pas une publication : ils restent."),
    )  # fmt: skip
    is_public = forms.BooleanField(
        label=gettext_lazy("Le publier dans la liste ouverte aux plateformes (sans les exemples)"), required=False
    )
    standing = forms.ChoiceField(
        label=gettext_lazy("Compte-t-il ?"), choices=STANDING_CHOICES, widget=forms.RadioSelect,
        initial=Standing.ACTIVE.value,
    )  # fmt: skip

    def clean_term(self) -> str:
        return " ".join(str(self.cleaned_data["term"]).split())

    def state(self) -> TermState:
        """Return the term as it is written in a valid form."""
        given = self.cleaned_data
        term = Term(
            term=given["term"], variants=_lines(given["variants"]), kind=Kind(given["kind"]),
            target=Target(given["target"]), sense=given["sense"].strip(), needs_context=given["needs_context"],
            source_status=SourceStatus(given["source_status"]), source=given["source"].strip(), since=given["since"],
            until=given["until"], examples=_lines(given["examples"]), beside=_lines(given["beside"]),
            unless=_lines(given["unless"]),
        )  # fmt: skip
        return TermState(term, Standing(given["standing"]), given["is_public"])


def initial_of(state: TermState) -> dict[str, Any]:
    """Return a term as the form shows it."""
    kept = state.as_json()
    for name in ("variants", "beside", "unless", "examples"):
        kept[name] = "\n".join(kept[name])
    return kept | {"since": state.term.since, "until": state.term.until}


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for raw in text.splitlines() if (line := " ".join(raw.split()))))


class SearchForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Chercher un mot ou un sens"), required=False, max_length=120)


def days_asked(given: str, *, usual: int, most: int) -> int:
    """Return over how many days a change is tried."""
    return min(max(int(given), 1), most) if given.isascii() and given.isdigit() and len(given) < 5 else usual
