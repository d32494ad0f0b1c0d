"""Members, settings and tokens: the pages of an association's administration."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from vigie.core.errors import NotFound, Refusal
from vigie.core.words import N_
from vigie.learning.sharing import set_sharing, shares_examples
from vigie.organisations.models import ROLE_LABELS, ApiToken, Member, Membership, Organisation
from vigie.organisations.rules.policy import Action, Role
from vigie.organisations.web.gate import desk
from vigie.site import actions
from vigie.site.middleware import translated

ROLE_CHOICES = [(role.value, ROLE_LABELS[role]) for role in Role]
# What a partner's program may be: it never decides, sends or manages.
TOKEN_ROLES = [(role.value, ROLE_LABELS[role]) for role in (Role.VOLUNTEER, Role.MODERATOR, Role.ANALYST)]


class InvitationForm(forms.Form):
    display_name = forms.CharField(label=gettext_lazy("Nom ou pseudonyme"), max_length=80)
    email = forms.EmailField(label=gettext_lazy("Adresse e-mail"))
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Rôles"), choices=ROLE_CHOICES, widget=forms.CheckboxSelectMultiple
    )


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg] # the stub is generic, the class is not
    website = forms.URLField(label=gettext_lazy("Site"), required=False, assume_scheme="https")

    class Meta:
        model = Organisation
        fields = (
            "name", "legal_name", "notice_email", "postal_address", "website", "requires_approval",
            "is_trusted_flagger", "receives_public_reports",
        )  # fmt: skip
        widgets: ClassVar = {"postal_address": forms.Textarea(attrs={"rows": 3})}
        labels = {
            "name": gettext_lazy("Nom public"),
            "legal_name": gettext_lazy("Nom légal, écrit dans les notifications"),
            "notice_email": gettext_lazy("Adresse e-mail des notifications (les réponses y arrivent)"),
            "postal_address": gettext_lazy("Adresse postale"),
            "requires_approval": gettext_lazy("Une personne responsable approuve chaque notification avant l’envoi"),
            "is_trusted_flagger": gettext_lazy("Signaleur de confiance (DSA, art. 22)"),
            "receives_public_reports": gettext_lazy("Reçoit les signalements du public"),
        }


class TokenForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("À qui est ce jeton ?"), max_length=80)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Il peut agir comme"), choices=TOKEN_ROLES, widget=forms.CheckboxSelectMultiple
    )


@desk(Action.MANAGE_MEMBERS)
def members_page(request: Any) -> HttpResponse:
    """List the members, and invite one."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            membership = actions.invite_member(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, translated(refusal))
        else:
            said = _("Invitation envoyée à %(email)s.") % {"email": membership.member.email}
            messages.success(request, said)
            return redirect("members")
    rows = [
        {
            "membership": membership,
            "roles": [ROLE_LABELS[Role(name)] for name in membership.roles],
            "second_factor": bool(membership.member.second_factors()),
        }
        for membership in Membership.objects.filter(organisation=request.organisation)
        .select_related("member")
        .order_by("-is_active", "member__display_name")
    ]
    context = {"section": "members", "form": form, "rows": rows}
    return render(request, "site/members.html", context, status=422 if form.errors else 200)


@desk(Action.MANAGE_MEMBERS)
def member_page(request: Any, membership_id: int) -> HttpResponse:
    """Change one member's roles, end their membership, or reset their second factor."""
    found = Membership.objects.filter(organisation=request.organisation, pk=membership_id).select_related("member")
    membership = found.first()
    if membership is None:
        raise NotFound(N_("Cette personne n’est pas membre de l’association."))
    if request.method == "POST":
        now = timezone.now()
        if "second_factor" in request.POST:
            actions.reset_second_factor(actor=request.actor, membership_id=membership_id, now=now)
        else:
            actions.change_member(
                actor=request.actor,
                membership_id=membership_id,
                roles=[Role(name) for name in request.POST.getlist("roles") if name in set(Role)],
                is_active="leave" not in request.POST,
                now=now,
            )
        messages.success(request, _("C’est enregistré."))
        return redirect("members")
    roles = [(value, label, value in membership.roles) for value, label in ROLE_CHOICES]
    return render(request, "site/member.html", {"section": "members", "membership": membership, "roles": roles})


@desk(Action.MANAGE_SETTINGS)
def settings_page(request: Any) -> HttpResponse:
    """What notices say of the association, and the tokens of its partners' programs."""
    form = SettingsForm(request.POST or None, instance=Organisation.objects.get(pk=request.organisation.pk))
    if request.method == "POST" and form.is_valid():
        actions.change_settings(actor=request.actor, changes=form.cleaned_data, now=timezone.now())
        messages.success(request, _("C’est enregistré."))
        return redirect("settings")
    tokens = ApiToken.objects.filter(organisation=request.organisation).order_by("revoked_at", "-created_at")
    context = {"section": "settings", "form": form, "tokens": tokens, "token_form": TokenForm()}
    context["shares_examples"] = shares_examples(request.organisation.pk)
    return render(request, "site/settings.html", context, status=422 if form.errors else 200)


@desk(Action.MANAGE_SETTINGS)
@require_POST
def share_examples(request: Any) -> HttpResponse:
    """Agree that the association's examples train others' detectors, or agree no more."""
    set_sharing(actor=request.actor, shares="partage" in request.POST, now=timezone.now())
    messages.success(request, _("C’est enregistré."))
    return redirect("settings")


@desk(Action.MANAGE_TOKENS)
@require_POST
def make_token(request: Any) -> HttpResponse:
    """Make a token and show it, this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Donnez un nom au jeton et choisissez au moins un rôle."))
        return redirect("settings")
    secret = actions.make_token(actor=request.actor, now=timezone.now(), **form.cleaned_data)
    return render(request, "site/token.html", {"section": "settings", "secret": secret})


@desk(Action.MANAGE_TOKENS)
@require_POST
def revoke_token(request: Any, token_id: int) -> HttpResponse:
    actions.revoke_token(actor=request.actor, token_id=token_id, now=timezone.now())
    messages.success(request, _("Le jeton ne fonctionne plus."))
    return redirect("settings")


def invitation(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """A member who was invited chooses their password; the link works once."""
    member = _invited(uid)
    if member is None or not default_token_generator.check_token(member, token):
        raise NotFound(N_("Ce lien n’est plus valable. Demandez une nouvelle invitation à votre administration."))
    form = SetPasswordForm(member, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(
            request, _("Votre mot de passe est enregistré. Connectez-vous, puis ajoutez un second facteur.")
        )
        return redirect("account_login")
    return render(request, "site/invitation.html", {"form": form}, status=422 if form.errors else 200)


def _invited(uid: str) -> Member | None:
    try:
        return Member.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
    except (ValueError, OverflowError):
        return None
