"""A row of everything that «Veille solidaire» may hold, made by the real actions: what a stranger must never reach.

Everything is invented. `SLUR` stands in every place where a stranger's words may stand.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from PIL import Image

from vigie.casefile import files
from vigie.casefile.actions import keep_content, open_case
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.state import Danger
from vigie.detection.hints import Kind as TermKind
from vigie.detection.hints import SourceStatus, Target
from vigie.detection.terms import Term
from vigie.evidence.tests.builders import make_capture, page_bundle
from vigie.followup.actions import join_reply
from vigie.followup.models import Check, Reminder, ReminderState
from vigie.intake.actions import add_reporter_message, answer_reporter, file_report, receive_report
from vigie.intake.doors.files.actions import hand_in, prepare, take
from vigie.intake.doors.files.models import ImportJob
from vigie.intake.doors.mailbox.actions import take_in
from vigie.intake.doors.mailbox.models import IncomingMail
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.models import Attachment, Report
from vigie.intake.rules.values import Contact, Door, Post, ReportState, Upload
from vigie.learning.actions import save_term
from vigie.learning.models import OwnTerm
from vigie.learning.rules.terms import TermState
from vigie.notice.actions import draft_notices, send_notice
from vigie.notice.models import PlatformContact
from vigie.notice.tests.builders import claim
from vigie.organisations.models import ApiToken, Membership
from vigie.organisations.tests.cast import Cast
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Fate
from vigie.platforms.resolve import resolve
from vigie.qualification.actions import Read, ask_second_opinion, qualify, save_answers
from vigie.qualification.models import Qualification
from vigie.qualification.rules.quotes import find_quote
from vigie.triage.actions import apply_bulk, save_filter
from vigie.triage.rules.filters import Filter
from vigie.triage.rules.moves import Kind, Move
from vigie.watch.actions import dismiss
from vigie.watch.models import Sighting, Surge
from vigie.watch.rules.values import DismissReason
from vigie.watch.tests.builders import give, make_post, make_source, make_watch

SLUR = "bougnoule"
REPORTER = Contact(name="Amina Essai", email="amina@courriel.example", phone="")
WORDS = f"sale {SLUR}"
TEXT = f"Message inventé : {WORDS}, voilà."
MEDIUM = "https://forum.example/image.png"
INSULT = "insult-public-origin-religion"


@dataclass
class Inhabited:
    """The keys of what was made, by the name under which addresses ask for it."""

    case: Case
    sent_case: Case
    keys: dict[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """What no page of another association may hold."""


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(out, "PNG")
    return out.getvalue()


def bundle() -> bytes:
    page = f"<article>Avant : {WORDS}.</article><article>{TEXT}<img src='{MEDIUM}' alt='{WORDS}'></article>"
    kept = {"evidence/screenshot.png": picture(), "evidence/text.txt": TEXT.encode()}
    return page_bundle(page, {MEDIUM: (200, picture())}, extra=kept)


def inhabit(cast: Cast) -> Inhabited:
    """Fill «Veille solidaire»; Bruno holds its case, Judith is asked, Chloé leads."""
    case = _reported(cast)
    content = contents_of(case)[0]
    kept = files.keep(bundle())
    capture = make_capture(
        case, bundle_sha256=kept.sha256, bundle_size=kept.size, manifest_sha256="ab" * 32, has_screenshot=True,
        http_status=200, final_address=f"https://forum.example/{SLUR}",
    )  # fmt: skip
    qualification = _read(cast, case, content)
    opinion = ask_second_opinion(
        actor=cast.bruno.actor, case=case, qualification=qualification, question=f"Est-ce une injure : {SLUR} ?",
        now=timezone.now(),
    )  # fmt: skip
    answer_reporter(actor=cast.bruno.actor, case=case, text="Merci de votre message.", now=timezone.now())

    sent_case = _qualified(cast)
    notice = draft_notices(actor=cast.bruno.actor, case=sent_case, now=timezone.now())[0]
    send_notice(actor=cast.bruno.actor, notice=notice, now=timezone.now())
    notice.proof_sha256 = files.keep(b"une preuve d'envoi").sha256
    notice.save(update_fields=["proof_sha256"])
    notice.refresh_from_db()
    OutgoingMail.objects.of(cast.veille).filter(pk=notice.mail_id).update(
        fate=Fate.UNKNOWN, settled_at=timezone.now(), last_error="the line dropped"
    )
    reply = join_reply(
        actor=cast.worker, notice=notice, source_key="mail:1", text=f"Vous écrivez « {WORDS} ». Nous regardons.",
        subject=f"Re: {WORDS}", sender="moderation@plateforme.example", received_at=timezone.now(), now=timezone.now(),
    )  # fmt: skip
    due_at = timezone.now() - timedelta(hours=1)
    reminder = Reminder.objects.create(
        organisation_id=cast.veille.pk, notice=notice, case=sent_case, reason="no-receipt", due_at=due_at,
        state=ReminderState.DUE,
    )  # fmt: skip
    Check.objects.create(
        organisation_id=cast.veille.pk, case=sent_case, content=contents_of(sent_case)[0], label="1h", due_at=due_at,
        done_at=due_at, glance="failed", online="not-determined", failure="unreachable",
    )  # fmt: skip
    held, letter = _held(cast), _letter(cast)
    saved = save_filter(actor=cast.chloe.actor, name="Partagé", wanted=Filter(danger=Danger.HIGH), shared=True)
    free = _free(cast)
    bulk = apply_bulk(
        actor=cast.bruno.actor, refs=[free.ref], move=Move(Kind.SET_DANGER, danger=Danger.HIGH), now=timezone.now()
    ).bulk
    assert bulk is not None
    token = ApiToken.objects.create(organisation=cast.veille, name="Partenaire", digest="0" * 64, roles=["moderator"])
    report = Report.objects.of(cast.veille).filter(report_cases__case=case).get()
    return Inhabited(
        case=case,
        sent_case=sent_case,
        keys={
            "ref": case.ref,
            "content_id": content.pk,
            "capture_id": capture.pk,
            "medium": hashlib.sha256(f"picture:{MEDIUM}".encode()).hexdigest()[:24],
            "attachment_id": Attachment.objects.of(cast.veille).get().pk,
            "report_id": report.pk,
            "qualification_id": qualification.pk,
            "opinion_id": opinion.pk,
            "notice_ref": notice.ref,
            "mail_id": notice.mail_id,
            "letter_id": letter.pk,
            "job_id": _import(cast).pk,
            "reply_id": reply.pk,
            "reminder_id": reminder.pk,
            "held_id": held.pk,
            "bulk_id": bulk.pk,
            "filter_id": saved.pk,
            "token_id": token.pk,
            "membership_id": Membership.objects.get(member=cast.bruno.member).pk,
            "free_ref": free.ref,
            "term_id": _term(cast).pk,
            **_watched(cast),
        },
        secrets=(
            SLUR, case.ref, sent_case.ref, free.ref, notice.ref, REPORTER.name, REPORTER.email, "Bruno", "Chloé",
            "Partenaire", "Partagé", "forum.example",
        ),
    )  # fmt: skip


def _reported(cast: Cast) -> Case:
    """A case as the public form opens it, with all that somebody may say and join."""
    url = "https://forum.example/fil/12"
    received = receive_report(
        actor=cast.public, door=Door.FORM, addresses=[url, f"pas une adresse, {WORDS}"],
        description=f"Il m’a traitée de {WORDS}.", contact=REPORTER, nonce="n" * 24, language="fr",
        attachments=[Upload(name=f"{SLUR}.png", content=picture())], now=timezone.now(),
        posts=[Post(url=url, text=TEXT, account=f"compte_{SLUR}", language="fr", published_at=timezone.now())],
    )  # fmt: skip
    [case] = file_report(received.report, timezone.now())
    report = Report.objects.of(cast.veille).get(pk=received.report.pk)
    add_reporter_message(
        actor=cast.public, report=report, text=f"Il recommence : {WORDS}.", nonce="m" * 24, now=timezone.now()
    )
    case.refresh_from_db()
    return case


def _read(cast: Cast, case: Case, content: Content) -> Qualification:
    made_out = claim(INSULT)
    return save_answers(
        actor=cast.bruno.actor, case=case, content=content, now=timezone.now(),
        read=Read(
            ground_id=INSULT, answers=made_out.answers, excluder_answers=made_out.excluder_answers,
            quotes=(find_quote(content.text, WORDS),), explanation="Une injure publique.",
        ),
    )  # fmt: skip


def _qualified(cast: Cast) -> Case:
    known = resolve("https://t.me/salon_invente/7")
    with transaction.atomic():
        content = keep_content(
            organisation_id=cast.veille.pk, key=known.key, platform=known.platform, kind=known.kind,
            url=known.canonical_url, text=TEXT, account=f"compte_{SLUR}", now=timezone.now(),
            published_at=timezone.now(),
        )  # fmt: skip
        case = open_case(actor=cast.public, content=content, door="form", now=timezone.now())
    made_out = claim(INSULT)
    qualify(
        actor=cast.bruno.actor, case=case, content=content, now=timezone.now(),
        read=Read(
            ground_id=INSULT, answers=made_out.answers, excluder_answers=made_out.excluder_answers,
            quotes=(find_quote(TEXT, WORDS),),
        ),
    )  # fmt: skip
    PlatformContact.objects.create(
        organisation_id=cast.veille.pk, platform=known.platform, email="dsa@plateforme.example", kept_at=timezone.now()
    )
    case.refresh_from_db()
    return case


def _free(cast: Cast) -> Case:
    """A case that nobody holds, whose text is not known and whose address says it all."""
    url = f"https://forum.example/{SLUR}/13"
    report = receive_report(actor=cast.public, door=Door.FORM, addresses=[url], nonce="f" * 24, now=timezone.now())
    [case] = file_report(report.report, timezone.now())
    return case


def _held(cast: Cast) -> Report:
    report = receive_report(
        actor=cast.public, door=Door.FORM, addresses=[f"https://forum.example/{SLUR}/14", f"encore ce {WORDS}"],
        description=TEXT, nonce="h" * 24, now=timezone.now(),
    ).report  # fmt: skip
    report.state = ReportState.HELD
    report.save(update_fields=["state"])
    return report


def _import(cast: Cast) -> ImportJob:
    """A file that was looked through and waits for somebody's yes."""
    rows = f"adresse,texte\nhttps://forum.example/{SLUR}/15,{TEXT}\npas une adresse,{WORDS}\n"
    now = timezone.now()
    job = hand_in(actor=cast.bruno.actor, name=f"{SLUR}.csv", content=io.BytesIO(rows.encode()), now=now)
    take(job, now)
    prepare(job)
    return job


def _term(cast: Cast) -> OwnTerm:
    """A slur of the association's own, which no other association shall read."""
    term = Term(
        term=f"{SLUR}-zinzolin", variants=(SLUR,), kind=TermKind.SLUR, target=Target.ANY, sense=f"Insulte inventée : {SLUR}",
        needs_context=False, source_status=SourceStatus.UNVERIFIED,
    )  # fmt: skip
    return save_term(actor=cast.anatole.actor, state=TermState(term), now=timezone.now())


def _watched(cast: Cast) -> dict[str, int]:
    """A watch with a word nobody should meet unasked, what it found, and what was decided of it."""
    actor = cast.anatole.actor
    source = make_source(actor, name=f"Blog {SLUR}", address=f"https://blog.example/{SLUR}.xml")
    watch = make_watch(actor, source, name=f"Le mot {SLUR}", terms=(WORDS, SLUR))
    texts = [f"{TEXT} Et encore, sur le mur.", f"Un autre message tout à fait inventé avec {WORDS} dedans."]
    give(source, [make_post(text, url=f"https://forum.example/{SLUR}/{n}") for n, text in enumerate(texts, 40)])
    kept, gone = Sighting.objects.of(cast.veille).order_by("pk")
    decision = dismiss(actor=cast.bruno.actor, wave=gone.wave, reason=DismissReason.SPAM, now=timezone.now())
    surge = Surge.objects.create(
        organisation_id=cast.veille.pk, watch=watch, kind="term", name=SLUR, onset_at=timezone.now(),
        called_at=timezone.now(), seen=40, expected=2, window_minutes=5,
    )  # fmt: skip
    return {
        "surge_id": surge.pk,
        "source_id": source.pk,
        "watch_id": watch.pk,
        "wave_id": kept.wave_id,
        "decision_id": decision.pk,
    }


def _letter(cast: Cast) -> IncomingMail:
    """A letter without an address, which waits in the tray."""
    raw = (
        f"From: {REPORTER.name} <{REPORTER.email}>\r\nTo: signalements@veille.example\r\nSubject: {WORDS}\r\n"
        f"Message-ID: <1@courriel.example>\r\n\r\nOn me traite de {WORDS}.\r\n"
    ).encode()
    return take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=timezone.now())
