"""A content that was worked on, and turns out to be sexual abuse of a child: hidden, decided upon, then gone everywhere.

Everything is invented, and nothing here shows or describes such a content. The world below puts the address, the words,
the account and the files of one content into every place that this house has for them.
"""

from __future__ import annotations

import base64
import io
import json
import os
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from PIL import Image

from vigie.casefile import files
from vigie.casefile.actions import open_case
from vigie.casefile.journal import first_break, replayed
from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.evidence.actions import ask_capture
from vigie.evidence.models import Capture
from vigie.evidence.tests.builders import make_capture
from vigie.followup.actions import join_waiting_answer
from vigie.followup.models import Check, Reply
from vigie.intake.actions import (
    add_reporter_message,
    answer_reporter,
    file_report,
    lift_referral,
    receive_report,
    settle_referral,
)
from vigie.intake.actions.bulk import Given, receive_many
from vigie.intake.doors.files.actions import hand_in, prepare, take
from vigie.intake.doors.mailbox.actions import take_in
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.models import Attachment, Report
from vigie.intake.rules.values import Contact, Door, Post, ReferralBody, ReportState, Upload
from vigie.learning.models import Example
from vigie.notice.actions import draft_notices, draft_reminder, note_pharos_reference, send_notice
from vigie.notice.models import PlatformContact
from vigie.notice.tests.builders import claim
from vigie.organisations.rules.policy import Role
from vigie.organisations.tests.cast import Cast, make_cast
from vigie.outbox.actions import _settle, deliver_one
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Fate
from vigie.platforms.resolve import resolve
from vigie.qualification.actions import Read, ask_second_opinion, qualify
from vigie.qualification.rules.quotes import find_quote
from vigie.site.actions import make_token
from vigie.site.worker import CHORES
from vigie.triage.actions import save_filter
from vigie.triage.rules.filters import Filter
from vigie.watch.actions import dismiss
from vigie.watch.models import Wave
from vigie.watch.rules.values import DismissReason
from vigie.watch.tests.builders import give, make_post, make_source, make_watch

HOST = "forum-scelle.example"
ADDRESS = f"https://{HOST}/fil/adresse-7719"
AS_SHARED = f"https://www.{HOST}/fil/adresse-7719?utm_source=essai"
WORDS = "les Zorglubs zinzolins"
TEXT = f"Message inventé : {WORDS} sont des parasites, voilà ce qu’ils sont, et qu’on se le dise partout ici."
ACCOUNT = "compte-incarnat"
NEEDLES = (HOST, "adresse-7719", "zinzolin", ACCOUNT)
INSULT = "insult-public-origin-religion"
ELSEWHERE = "https://autre-forum.example/fil/2"

ERASERS = [
    "vigie.intake.doors.mailbox.tasks.erase_old_letters",
    "vigie.intake.tasks.search_traces",
    "vigie.evidence.tasks.erase_forbidden",
    "vigie.triage.tasks.erase_forbidden",
    "vigie.qualification.tasks.erase_forbidden",
    "vigie.notice.tasks.erase_forbidden",
    "vigie.followup.tasks.erase_forbidden",
    "vigie.watch.tasks.erase_forbidden",
    "vigie.learning.tasks.erase_forbidden",
]
GO_OUTSIDE = {
    "vigie.outbox.tasks.deliver",
    "vigie.evidence.tasks.capture_next",
    "vigie.followup.tasks.do_check",
    "vigie.intake.doors.mailbox.tasks.read_mailboxes",
    "vigie.watch.tasks.ask_sources",
    "vigie.watch.tasks.listen_to_streams",
}


@dataclass
class World:
    cast: Cast
    case: Case
    other: Case
    """A case about something else, which must lose nothing."""
    its_file: str


@pytest.fixture
def world(settings: Any, tmp_path: Path, transactional_db: None) -> World:
    settings.VIGIE_DATA = tmp_path
    return fill(make_cast())


pytestmark = pytest.mark.django_db(transaction=True)


def noise() -> bytes:
    """A picture like no other, so that its bytes are found wherever they lie."""
    out = io.BytesIO()
    Image.frombytes("RGB", (24, 24), os.urandom(24 * 24 * 3)).save(out, "PNG")
    return out.getvalue()


def fill(cast: Cast) -> World:
    now = timezone.now()
    url = ADDRESS
    received = receive_report(
        actor=cast.public, door=Door.FORM, addresses=[url, f"{HOST} /fil/adresse-7719 coupée"], nonce="n" * 24,
        description=f"On y lit : {WORDS}. C’est à {url}", contact=Contact(name="Amina", email="amina@courriel.example"),
        attachments=[Upload(f"{ACCOUNT}.png", noise())], now=now,
        posts=[Post(url=url, text=TEXT, account=ACCOUNT, language="fr", published_at=now - timedelta(days=2))],
    )  # fmt: skip
    [case] = file_report(received.report, now)
    report = Report.objects.of(cast.veille).get(pk=received.report.pk)
    add_reporter_message(actor=cast.public, report=report, text=f"Encore : {WORDS}", nonce="m" * 24, now=now)
    answer_reporter(actor=cast.bruno.actor, case=case, text=f"Vous citez « {WORDS} ».", now=now)
    for raw in (letter(url), letter(url, "Auto-Submitted: auto-replied\r\n")):
        mail = take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=now)
        if mail.report:
            file_report(mail.report, now)
    token = make_token(actor=cast.adele.actor, name="Partenaire", roles=[Role.MODERATOR], now=now)
    partners = {
        "urls": [AS_SHARED],
        "source_key": AS_SHARED,
        "attachments": [{"name": "b.png", "content": base64_of(noise())}],
    }
    answer = Client(headers={"authorization": f"Bearer {token}"}).post("/api/v1/reports", partners, "application/json")
    assert answer.status_code == 201
    held = receive_report(
        actor=cast.public, door=Door.FORM, addresses=[url], description=WORDS, nonce="h" * 24, now=now,
        attachments=[Upload("h.png", noise())],
    ).report  # fmt: skip
    held.state = ReportState.HELD
    held.save(update_fields=["state"])
    run(["vigie.intake.tasks.file_waiting"])
    known = resolve(url)
    receive_many(
        actor=cast.bruno.actor, now=now,
        given=[Given("import:1", known, Post(url=url, text=TEXT, account=ACCOUNT), note=f"Vu chez {ACCOUNT}")],
    )  # fmt: skip
    waiting = f"adresse,texte,compte\n{url},{TEXT},{ACCOUNT}\n{ELSEWHERE},autre chose,\n"
    job = hand_in(actor=cast.bruno.actor, name="essai.csv", content=io.BytesIO(waiting.encode()), now=now)
    take(job, now)
    prepare(job)

    case.refresh_from_db()
    content = contents_of(case)[0]
    assert content.text == TEXT
    kept = files.keep(bundle())
    make_capture(
        case, bundle_sha256=kept.sha256, bundle_size=kept.size, manifest_sha256="ab" * 32, has_screenshot=True,
        http_status=200, final_address=f"{url}#vu", marks=["login_wall"],
        missing=[{"what": "image", "code": "http", "detail": url}],
    )  # fmt: skip
    ask_capture(actor=cast.bruno.actor, case=case, content=content, now=now)
    made_out = claim(INSULT)
    qualification = qualify(
        actor=cast.bruno.actor, case=case, content=content, now=now,
        read=Read(
            ground_id=INSULT, answers=made_out.answers, excluder_answers=made_out.excluder_answers,
            quotes=(find_quote(TEXT, WORDS),), explanation=f"« {WORDS} » est une injure.",
        ),
    )  # fmt: skip
    ask_second_opinion(
        actor=cast.bruno.actor, case=case, qualification=qualification, question=f"« {WORDS} », vraiment ?", now=now
    )
    PlatformContact.objects.create(
        organisation_id=cast.veille.pk, platform="web", email="dsa@hebergeur.example", kept_at=now
    )
    sent(cast, case)
    note_pharos_reference(
        actor=cast.bruno.actor, case=case, content=content, reference=url, sent_at=now, now=now,
        proof_sha256=files.keep(noise()).sha256,
    )  # fmt: skip
    watched(cast)
    run(["vigie.triage.tasks.mark_texts", "vigie.learning.tasks.pull_examples"])
    save_filter(actor=cast.chloe.actor, name="Lui", wanted=Filter(search=AS_SHARED), shared=True)
    with transaction.atomic():
        open_case(actor=cast.worker, content=content, door="desk", now=now)

    elsewhere = receive_report(
        actor=cast.public, door=Door.FORM, addresses=[ELSEWHERE], description=f"Le même qu’à {url} !", nonce="e" * 24,
        attachments=[Upload("e.png", noise())], now=now,
    ).report  # fmt: skip
    [other] = file_report(elsewhere, now)
    its_file = Attachment.objects.of(cast.veille).get(report=elsewhere).sha256
    return World(cast, case, other, its_file)


def sent(cast: Cast, case: Case) -> None:
    """A notice that left, its answer, a look, a reminder that is being written."""
    now = timezone.now()
    content = contents_of(case)[0]
    [notice] = draft_notices(actor=cast.bruno.actor, case=case, now=now)
    type(notice).objects.of(cast.veille).filter(pk=notice.pk).update(channel="email", recipient="dsa@hebergeur.example")
    notice.refresh_from_db()
    notice = send_notice(actor=cast.bruno.actor, notice=notice, now=now)
    _settle(notice.mail, Fate.SENT, now=now)
    raw = (
        f"From: dsa@hebergeur.example\r\nTo: signalements@veille.example\r\nSubject: Re: {notice.ref} {ACCOUNT}\r\n"
        f"In-Reply-To: {notice.mail.message_id}\r\nMessage-ID: <r@hebergeur.example>\r\n\r\nVous citez {WORDS} à {ADDRESS}.\r\n"
    ).encode()
    take_in(organisation=cast.veille, arrival=Arrival("2", len(raw), raw), now=now)
    assert join_waiting_answer(now)
    assert WORDS in Reply.objects.of(cast.veille).get().text
    Check.objects.create(
        organisation_id=cast.veille.pk, case=case, content=content, notice=notice, label="1h", due_at=now, done_at=now,
        glance="present", online="present", text_sha256="cd" * 32,
    )  # fmt: skip
    reminder = draft_reminder(actor=cast.bruno.actor, notice=notice, was_received=False, now=now)
    assert ADDRESS in reminder.body


def watched(cast: Cast) -> None:
    """The same post seen by a watch: one that waits, one that was dismissed and taught, one that became a case."""
    source = make_source(cast.anatole.actor, address=ELSEWHERE)
    make_watch(cast.anatole.actor, source, terms=("parasites",))
    make_watch(cast.anatole.actor, source, accounts=(ELSEWHERE,), terms=("parasites",))
    give(source, [make_post(TEXT, url=ADDRESS, author=ACCOUNT)])
    wave = Wave.objects.of(cast.veille).get()
    dismiss(actor=cast.bruno.actor, wave=wave, reason=DismissReason.LAWFUL, now=timezone.now())
    make_watch(cast.anatole.actor, source, terms=("partout",))
    give(source, [make_post(TEXT, url=ADDRESS, author=ACCOUNT)])


def letter(url: str, extra: str = "") -> bytes:
    return (
        f"From: Zoé <zoe@courriel.example>\r\nTo: signalements@veille.example\r\nSubject: {ACCOUNT}\r\n{extra}"
        f"Message-ID: <{secrets.token_hex(6)}@courriel.example>\r\n\r\nRegardez {url} : {WORDS}.\r\n"
    ).encode()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def bundle() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("evidence/screenshot.png", noise())
        archive.writestr("evidence/text.txt", TEXT)
        archive.writestr("archive/data.warc", f"WARC-Target-URI: {ADDRESS}")
    return out.getvalue()


def run(chores: list[str]) -> None:
    """Do what the worker does until nothing waits any more."""
    now = timezone.now() + timedelta(seconds=2)
    for _ in range(200):
        did = [import_string(name)(now) for name in chores]
        if not any(did):
            return
    pytest.fail("the worker never comes to rest")


def told_who_decides(world: World) -> Any:
    """The mails that tell members of the case, which say nothing of it."""
    return OutgoingMail.objects.of(world.cast.veille).filter(key__startswith="alert:referral:")


def say_child_abuse(world: World) -> None:
    report = receive_report(
        actor=world.cast.public, door=Door.FORM, addresses=[AS_SHARED], about="child-abuse", nonce="c" * 24,
        description="mots", now=timezone.now(),
    ).report  # fmt: skip
    file_report(report, timezone.now())


def confirm(world: World, *, without: str = "") -> None:
    settle_referral(
        actor=world.cast.chloe.actor, case=world.case, body=ReferralBody.PHAROS, reference="PH-1", now=timezone.now()
    )
    run([chore.run for chore in CHORES if chore.run not in {*GO_OUTSIDE, without}])


def stored(names: Iterator[str] | list[str]) -> Iterator[tuple[str, str]]:
    """Yield every value of every table as text, with where it stands."""
    with connection.cursor() as cursor:
        for table in names:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, bytes | memoryview):
                        yield f"{table}.{column}", bytes(value).decode("utf-8", "replace")
                    elif value is not None:
                        text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
                        # As JSON columns of SQLite write letters with accents.
                        yield f"{table}.{column}", text.encode().decode("unicode_escape", "replace") + text


def traces(world: World) -> set[str]:
    """Return where the address, the words, the account or a file still lie."""
    tables = connection.introspection.table_names()
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True)} <= set(tables)
    found = {place for place, value in stored(tables) for needle in NEEDLES if needle in value}
    for path in files.path_of("0" * 64).parents[2].rglob("*"):
        if path.is_file() and path.name != world.its_file:
            found.add(f"file {files.media_type_of(path.read_bytes())} {path.name[:8]}")
    # An example holds no word: that the house still learns from the content is the trace.
    found |= {f"example {one.pk}" for one in Example.across_associations.filter(content__forbidden_at__isnull=False)}
    return found


def everything(world: World) -> dict[str, list[Any]]:
    """Return what a referral must leave as it was, until a person has decided."""
    rows = {
        model._meta.label: sorted(str(row[model.__name__ == "TextMark" :]) for row in model._base_manager.values_list())
        for model in apps.get_models()
        if model.__name__ in {"Attachment", "Message", "Reading", "Qualification", "SecondOpinion", "Notice", "Reply",
                              "IncomingMail", "OutgoingMail", "Capture", "NoticeContent", "TextMark", "Identity"}
    }  # fmt: skip
    of_contents = Content.across_associations.order_by("pk").values_list("key", "url", "account", "text")
    of_cases = Case.across_associations.order_by("pk").values_list("stage", "danger", "holder", "sending", "in_queue")
    on_disk = sorted(path.name for path in files.path_of("0" * 64).parents[2].rglob("*") if path.is_file())
    return rows | {"contents": list(of_contents), "cases": list(of_cases), "files": on_disk}


def test_the_word_of_a_stranger_hides_everything_and_destroys_nothing(world: World) -> None:
    cast, ref = world.cast, world.case.ref
    run([chore.run for chore in CHORES if chore.run not in GO_OUTSIDE])
    before = everything(world)
    file, capture = Attachment.objects.of(cast.veille).first(), Capture.objects.of(cast.veille).first()
    reply = Reply.objects.of(cast.veille).get()
    notice = reply.notice.ref
    browser = cast.chloe.browser()
    say_child_abuse(world)
    run([chore.run for chore in CHORES if chore.run not in GO_OUTSIDE])
    pages = [
        f"/bureau/dossiers/{ref}/fichiers/{file.pk}", f"/bureau/dossiers/{ref}/images/{file.pk}/",
        f"/bureau/dossiers/{ref}/captures/{capture.pk}/", f"/bureau/dossiers/{ref}/captures/{capture.pk}/preuve.wacz",
        f"/bureau/dossiers/{ref}/notification/", f"/bureau/dossiers/{ref}/notification/{notice}/",
        f"/bureau/dossiers/{ref}/pharos/", f"/bureau/dossiers/{ref}/qualifier/", f"/bureau/reponses/{reply.pk}/",
        f"/bureau/dossiers/{ref}/contenus/{contents_of(world.case)[0].pk}/sortie/",
    ]  # fmt: skip
    assert {page: browser.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)
    seen = [
        browser.get(page).content.decode()
        for page in (f"/bureau/dossiers/{ref}/?mots=1", "/bureau/?mots=1", "/bureau/suites/")
    ]
    assert not any(needle in page for page in seen for needle in ("zinzolin", ACCOUNT))
    assert "À décider sans attendre" in seen[0]
    assert ADDRESS in seen[0]
    assert seen[1].index(ref) < seen[1].index(world.other.ref)  # first in the queue, though it was qualified
    case = Case.objects.of(cast.veille).get(ref=ref)
    assert (case.referral, case.in_queue, case.stage) == ("waiting", True, "qualified")
    assert replayed(case) == case.state()

    told_who_decides(world).delete()
    lift_referral(actor=cast.chloe.actor, case=case, now=timezone.now())
    assert everything(world) == before
    case.refresh_from_db()
    assert replayed(case) == case.state()
    assert browser.get(pages[3]).status_code == 200


def test_no_notice_leaves_while_a_person_decides_and_it_leaves_once_lifted(world: World) -> None:
    class Post:
        sent: list[str] = []

        def send(self, message: Any, *, before_handover: Any) -> None:
            before_handover()
            self.sent.append(message["Subject"])

    mail = OutgoingMail.objects.of(world.cast.veille).get(purpose="notice")
    OutgoingMail.objects.of(world.cast.veille).exclude(pk=mail.pk).delete()
    OutgoingMail.objects.of(world.cast.veille).update(fate=Fate.QUEUED)
    say_child_abuse(world)
    told_who_decides(world).delete()
    post = Post()
    later = timezone.now() + timedelta(minutes=1)
    assert not deliver_one(post, later)
    lift_referral(actor=world.cast.chloe.actor, case=world.case, now=timezone.now())
    assert deliver_one(post, later)
    assert post.sent == [mail.subject]


def test_a_content_confirmed_late_is_nowhere_any_more(world: World) -> None:
    assert traces(world)
    say_child_abuse(world)
    confirm(world)
    assert traces(world) == set()
    cases = Case.objects.of(world.cast.veille).exclude(pk=world.other.pk)
    assert set(cases.values_list("referral", "in_queue")) == {("made", False)}
    assert all(replayed(case) == case.state() for case in cases)
    assert first_break(world.cast.veille.pk) is None
    # What was about something else is still there, without the address in passing.
    elsewhere = Report.objects.of(world.cast.veille).get(report_cases__case=world.other)
    assert elsewhere.description == "Le même qu’à […] !"
    assert files.read(world.its_file)


@pytest.mark.parametrize("eraser", ERASERS)
def test_without_one_of_its_erasers_something_would_stay(world: World, eraser: str) -> None:
    say_child_abuse(world)
    confirm(world, without=eraser)
    assert traces(world)


def test_every_eraser_of_the_worker_is_tried_here() -> None:
    named = {chore.run for chore in CHORES if "erase_forbidden" in chore.run or "may not be kept" in chore.name}
    assert named <= set(ERASERS)


def test_what_waits_to_leave_never_does_once_confirmed(world: World) -> None:
    OutgoingMail.objects.of(world.cast.veille).filter(purpose="notice").update(fate=Fate.QUEUED)
    say_child_abuse(world)
    confirm(world)
    assert traces(world) == set()
    assert OutgoingMail.objects.of(world.cast.veille).get(purpose="notice").fate == Fate.GIVEN_UP
    events = JournalEntry.objects.of(world.cast.veille).filter(case=world.case).values_list("event", flat=True)
    assert Event.NOTICE_WITHDRAWN in events


def test_the_same_address_said_again_is_an_address_alone(world: World) -> None:
    say_child_abuse(world)
    confirm(world)
    with transaction.atomic():
        again = receive_report(
            actor=world.cast.public, door=Door.FORM, addresses=[ADDRESS], description=WORDS, nonce="z" * 24,
            attachments=[Upload("z.png", noise())], now=timezone.now(),
        ).report  # fmt: skip
    [case] = file_report(again, timezone.now())
    assert case.referral == "waiting"
    confirm(world)
    assert traces(world) == set()
