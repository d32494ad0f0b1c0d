"""Preview a notice exactly as it leaves, change it, send it, or note that it was sent by hand."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vigie.casefile import files
from vigie.casefile.models import Case
from vigie.casefile.queries import access_case, contents_of
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.notice import actions, facts, queries
from vigie.notice.models import CHANNEL_LABELS, STATE_LABELS, Notice, NoticeChannel
from vigie.notice.recipients import route_of
from vigie.notice.rules.lint import Finding, may_leave
from vigie.notice.rules.pharos import PORTAL
from vigie.notice.web.forms import ContactForm, EditForm, PharosForm, SentForm
from vigie.organisations.rules.policy import Action, Actor, may
from vigie.organisations.web.gate import desk
from vigie.outbox.actions import settle_unknown
from vigie.outbox.models import FATE_LABELS, Fate, OutgoingMail

PREVIEWED = ("From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To")


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@desk(Action.SEE_CASE)
@require_GET
def notice_page(request: HttpRequest, ref: str, notice_ref: str = "") -> HttpResponse:
    """Show one notice of a case: the one asked for, else the first still being written, else the latest."""
    actor = actor_of(request)
    case = access_case(actor, ref)
    known = queries.notices_of_case(actor, case)
    notice = _chosen(known, notice_ref)
    context: dict[str, Any] = {
        "section": "queue",
        "case": case,
        "notice": notice,
        "notices": [(one, STATE_LABELS[one.state]) for one in known],
        "holds": case.holder_id == actor.member_id,
        "pharos_first": queries.pharos_comes_first(case),
        "pharos_reports": queries.pharos_reports(actor, case),
    }
    if notice is not None:
        context |= _shown(actor, notice)
    return render(request, "notice/notice.html", context)


def _chosen(known: list[Notice], reference: str) -> Notice | None:
    if reference:
        for notice in known:
            if notice.ref == reference:
                return notice
        raise NotFound(N_("Cette notification n’existe pas."))
    platform = [notice for notice in known if notice.channel != NoticeChannel.PHAROS]
    return next((notice for notice in platform if notice.is_being_written), platform[-1] if platform else None)


def _shown(actor: Actor, notice: Notice) -> dict[str, Any]:
    language = get_language() or "fr"
    findings = facts.findings_of(notice, timezone.now()) if notice.is_being_written else ()
    by_mail = notice.channel == NoticeChannel.EMAIL
    message = queries.as_it_leaves(notice) if by_mail else EmailMessage()
    contents = [kept.content for kept in notice.about()]
    own = notice.drafted_by_id == actor.member_id
    return {
        "state": STATE_LABELS[notice.state],
        "channel": CHANNEL_LABELS[NoticeChannel(notice.channel)],
        "headers": [(name, message[name]) for name in PREVIEWED if name in message],
        "findings": [_finding(finding, language) for finding in findings],
        "ready": may_leave(findings),
        "route": route_of(contents[0]),
        "contents": contents,
        "is_outdated": notice.is_being_written and not notice.reminder_of_id and facts.is_outdated(notice),
        "other_language": "en" if notice.language == "fr" else "fr",
        "must_wait": notice.case.organisation.requires_approval
        and notice.step != "approved"
        and not may(actor, Action.APPROVE_NOTICE, notice.organisation_id),
        "own_draft": own,
        "by_hand": notice.channel == NoticeChannel.BY_HAND,
        "sent_form": SentForm(),
        "contact_form": ContactForm(),
        "fields": _fields(notice) if notice.channel == NoticeChannel.BY_HAND else [],
    }


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    return {
        "is_blocking": finding.is_blocking,
        "sentence": finding.sentence.said_in(language),
        "source": finding.source,
        "rule": finding.rule_id,
    }


def _fields(notice: Notice) -> list[tuple[str, str]]:
    """Return the texts a platform's form asks for, to copy one by one."""
    organisation = notice.case.organisation
    addresses = "\n".join(kept.url for kept in notice.about())
    if notice.reminder_of_id:
        return [(_("Adresse du contenu"), addresses), (_("Message"), notice.body)]
    draft = facts.draft_of_notice(notice)
    quotes = "\n".join(
        quote.text for content in draft.contents if not content.withholds_words for quote in content.quotes
    )
    between = " ; " if notice.language == "fr" else "; "
    law = "\n".join(
        dict.fromkeys(
            f"{claim.ground.title.said_in(notice.language)} ({between.join(claim.ground.articles)})"
            for claim in draft.claims()
        )
    )
    fields = [
        (_("Adresse exacte du contenu"), addresses),
        (_("Compte affiché"), "\n".join(dict.fromkeys(filter(None, (content.account for content in draft.contents))))),
        (_("Mots concernés"), quotes),
        (_("Loi enfreinte"), law),
        (_("Explication"), notice.body),
        (_("Votre nom"), organisation.legal_name or organisation.name),
        (_("Votre e-mail"), actions.answers_go_to(notice)),
        (_("Votre référence"), notice.ref),
    ]
    return [(name, value) for name, value in fields if value]


@desk(Action.DRAFT_NOTICE)
@require_POST
def draft(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    case = access_case(actor, ref)
    actions.draft_notices(actor=actor, case=case, now=timezone.now())
    return redirect("notice", ref=ref)


@desk(Action.DRAFT_NOTICE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    actor = actor_of(request)
    notice = _notice(actor, ref, notice_ref)
    form = EditForm(request.POST or None, initial={"subject": notice.subject, "body": notice.body})
    if request.method == "POST" and form.is_valid():
        actions.edit_notice(
            actor=actor, notice=notice, subject=form.cleaned_data["subject"], body=form.cleaned_data["body"],
            now=timezone.now(),
        )  # fmt: skip
        return redirect("notice-one", ref=ref, notice_ref=notice_ref)
    return render(
        request, "notice/edit.html", {"section": "queue", "case": notice.case, "notice": notice, "form": form}
    )


@desk(Action.DRAFT_NOTICE)
@require_POST
def rewrite(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    actor = actor_of(request)
    language = "en" if request.POST.get("language") == "en" else "fr"
    notice = _notice(actor, ref, notice_ref)
    actions.rewrite_notice(actor=actor, notice=notice, language=language, now=timezone.now())
    return redirect("notice-one", ref=ref, notice_ref=notice_ref)


@desk(Action.DRAFT_NOTICE)
@require_POST
def check(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    actor = actor_of(request)
    actions.check_notice(actor=actor, notice=_notice(actor, ref, notice_ref), now=timezone.now())
    messages.success(request, _("La notification attend l’approbation d’une personne responsable."))
    return redirect("notice-one", ref=ref, notice_ref=notice_ref)


@desk(Action.APPROVE_NOTICE)
@require_POST
def approve(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    actor = actor_of(request)
    actions.approve_notice(actor=actor, notice=_notice(actor, ref, notice_ref), now=timezone.now())
    messages.success(request, _("Notification approuvée."))
    return redirect("notice-one", ref=ref, notice_ref=notice_ref)


@desk(Action.SEND_NOTICE)
@require_POST
def send(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    actor = actor_of(request)
    notice = actions.send_notice(actor=actor, notice=_notice(actor, ref, notice_ref), now=timezone.now())
    messages.success(request, _("%(reference)s part maintenant.") % {"reference": notice.ref})
    return _after_sending(ref, notice)


@desk(Action.SEND_NOTICE)
@require_POST
def sent_by_hand(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    actor = actor_of(request)
    notice = _notice(actor, ref, notice_ref)
    form = SentForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return redirect("notice-one", ref=ref, notice_ref=notice_ref)
    actions.note_sent_by_hand(
        actor=actor, notice=notice, sent_at=form.cleaned_data["sent_at"],
        platform_reference=form.cleaned_data["platform_reference"],
        proof_sha256=_kept(form.cleaned_data["proof"]), now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("Envoi noté."))
    return _after_sending(ref, notice)


@desk(Action.SEE_CASE)
@require_GET
def proof(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    """Give back, as it came, the file that shows a notice was submitted."""
    notice = _notice(actor_of(request), ref, notice_ref)
    if not notice.proof_sha256:
        raise NotFound(N_("Aucune preuve n’est jointe à cet envoi."))
    response = HttpResponse(files.read(notice.proof_sha256), content_type=files.OCTETS)
    # Whatever the bytes are, a browser neither guesses their kind nor runs anything in them.
    response.headers["Content-Disposition"] = f'attachment; filename="{notice.ref}-preuve"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response


@desk(Action.DRAFT_NOTICE)
@require_POST
def withdraw(request: HttpRequest, ref: str, notice_ref: str) -> HttpResponse:
    actor = actor_of(request)
    actions.withdraw_notice(actor=actor, notice=_notice(actor, ref, notice_ref), now=timezone.now())
    messages.success(request, _("Notification retirée."))
    return redirect("case", ref=ref)


@desk(Action.DRAFT_NOTICE)
@require_POST
def keep_contact(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    case = access_case(actor, ref)
    wanted = request.POST.get("content", "")
    content = next((one for one in contents_of(case) if str(one.pk) == wanted), None)
    form = ContactForm(request.POST)
    if content is None:
        raise NotFound(N_("Ce contenu n’est pas de ce dossier."))
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return redirect("notice", ref=ref)
    actions.keep_contact(
        actor=actor,
        content=content,
        email=form.cleaned_data["email"],
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    return redirect("notice", ref=ref)


@desk(Action.SEE_CASE)
@require_http_methods(["GET", "POST"])
def pharos(request: HttpRequest, ref: str) -> HttpResponse:
    """Show the sheets to copy into the portal, one address each, and note what it answered."""
    actor = actor_of(request)
    case = access_case(actor, ref)
    if request.method == "POST":
        return _note_pharos(request, actor, case)
    by_url = {content.url: content for content in contents_of(case)}
    filed = queries.pharos_reports(actor, case)
    sheets = [
        {
            "sheet": sheet,
            "content": by_url[sheet.url],
            "filed": filed.get(by_url[sheet.url].pk),
            "form": PharosForm(initial={"content": by_url[sheet.url].pk}, auto_id=f"id_{by_url[sheet.url].pk}_%s"),
        }
        for sheet in queries.pharos_of_case(actor, case)
    ]
    context = {
        "section": "queue", "case": case, "sheets": sheets, "portal": PORTAL, "first": queries.pharos_comes_first(case),
        "urgent": queries.pharos_before_the_reading(case),
        "language": get_language() or "fr", "holds": case.holder_id == actor.member_id,
    }  # fmt: skip
    return render(request, "notice/pharos.html", context)


def _note_pharos(request: HttpRequest, actor: Actor, case: Case) -> HttpResponse:
    form = PharosForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _first_error(form))
        return redirect("pharos", ref=case.ref)
    content = next((one for one in contents_of(case) if one.pk == form.cleaned_data["content"]), None)
    if content is None:
        raise NotFound(N_("Ce contenu n’est pas de ce dossier."))
    actions.note_pharos_reference(
        actor=actor, case=case, content=content, reference=form.cleaned_data["platform_reference"],
        sent_at=form.cleaned_data["sent_at"], proof_sha256=_kept(form.cleaned_data["proof"]), now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("Référence notée."))
    return redirect("pharos", ref=case.ref)


@desk(Action.SEE_CASE)
@require_GET
def undelivered(request: HttpRequest) -> HttpResponse:
    """List the messages that wait for a person, and say plainly what can be done."""
    waiting = [(mail, FATE_LABELS[Fate(mail.fate)]) for mail in queries.undelivered(actor_of(request))]
    return render(request, "notice/undelivered.html", {"section": "followup", "waiting": waiting})


@desk(Action.SETTLE_UNKNOWN)
@require_POST
def settle(request: HttpRequest, mail_id: int) -> HttpResponse:
    actor = actor_of(request)
    it_left = request.POST.get("it_left") == "yes"
    settle_unknown(actor=actor, mail=_mail(actor, mail_id), it_left=it_left, now=timezone.now())
    messages.success(request, _("Noté : ce message est parti.") if it_left else _("Ce message repart."))
    return redirect("undelivered")


@desk(Action.SEND_NOTICE)
@require_POST
def retry(request: HttpRequest, mail_id: int) -> HttpResponse:
    actor = actor_of(request)
    actions.send_again(actor=actor, mail=_mail(actor, mail_id), now=timezone.now())
    messages.success(request, _("Ce message repart."))
    return redirect("undelivered")


def _mail(actor: Actor, mail_id: int) -> OutgoingMail:
    mail: OutgoingMail | None = OutgoingMail.objects.of(actor.organisation_id).filter(pk=mail_id).first()
    if mail is None:
        raise NotFound(N_("Ce message n’existe pas."))
    return mail


def _notice(actor: Actor, ref: str, notice_ref: str) -> Notice:
    notice = queries.access_notice(actor, notice_ref)
    if notice.case.ref != ref:
        raise NotFound(N_("Cette notification n’existe pas."))
    return notice


def _after_sending(ref: str, notice: Notice) -> HttpResponse:
    """Go on to the next notice of the case that is being written, else back to the case."""
    others = Notice.objects.of(notice.organisation_id).filter(case_id=notice.case_id, reminder_of=None)
    if any(other.is_being_written for other in others):
        return redirect("notice", ref=ref)
    return redirect("case", ref=ref)


def _kept(proof: UploadedFile | None) -> str:
    return files.keep(cast(BinaryIO, proof.file)).sha256 if proof and proof.file else ""


def _first_error(form: Any) -> str:
    name, errors = next(iter(form.errors.items()))
    return f"{form.fields[name].label} : {errors[0]}" if name in form.fields else str(errors[0])
