"""The public door and the reporter's page, as a browser without JavaScript sees them; and this room at the desk."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from vigie.casefile.journal import record
from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.rules.events import Event
from vigie.core.references import typed_receipt
from vigie.intake.actions import file_next, settle_held
from vigie.intake.models import Attachment, Identity, Message, Report
from vigie.intake.rules.values import Contact, ReportState
from vigie.intake.tests.builders import ADDRESS, png, received_and_filed
from vigie.organisations.tests.cast import Cast
from vigie.outbox.actions import message_of
from vigie.outbox.models import OutgoingMail

pytestmark = pytest.mark.django_db


def nonce_of(page: HttpResponse) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def code_on(page: HttpResponse) -> str:
    found = re.search(r'id="code">([0-9 ]+)<', page.content.decode())
    assert found
    code = typed_receipt(found[1])
    assert code
    return code


def send(client: Client, **given: object) -> HttpResponse:
    return client.post("/", {"nonce": nonce_of(client.get("/")), "addresses": ADDRESS, **given})


def test_a_report_without_javascript_gives_a_code_and_sets_no_cookie(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    page = send(client, description="essai", role="witness", age="minor", about="racism")
    assert page.status_code == 200
    assert code_on(page)
    assert not client.cookies
    assert page.headers["Cache-Control"] == "no-store"
    report = Report.objects.of(cast.veille).get()
    assert (report.role, report.is_minor, report.about, report.unproven) == ("witness", True, "racism", True)


def test_the_empty_form_is_drawn_once_and_yet_each_visitor_gets_a_nonce_of_their_own(cast: Cast) -> None:
    first, second = Client().get("/"), Client().get("/")
    assert nonce_of(first) != nonce_of(second)
    assert first.content.replace(nonce_of(first).encode(), b"") == second.content.replace(
        nonce_of(second).encode(), b""
    )
    assert second.headers["Cache-Control"] == "no-store"


def test_the_form_that_is_drawn_once_follows_the_language_the_address_and_the_association(cast: Cast) -> None:
    Client().get("/")
    assert 'lang="en"' in Client().get("/", headers={"accept-language": "en"}).content.decode()
    cast.veille.name, cast.veille.notice_email = "Vigilance", "nouvelle@veille.example"
    cast.veille.save()
    page = Client().get("/").content.decode()
    assert "Vigilance" in page
    assert "nouvelle@veille.example" in page
    other = f"/a/{cast.veille.slug}/"
    assert f'action="{other}"' in Client().get(other).content.decode()


def test_the_page_loaded_again_shows_the_same_code_and_makes_no_second_report(cast: Cast) -> None:
    client = Client()
    given = {"nonce": nonce_of(client.get("/")), "addresses": ADDRESS}
    assert code_on(client.post("/", given)) == code_on(client.post("/", given))
    assert Report.objects.of(cast.veille).count() == 1


def test_files_and_contact_are_kept_each_in_its_place(cast: Cast) -> None:
    page = send(
        Client(), name="Amina", email="amina@essai.example", consent="on",
        attachments=[
            SimpleUploadedFile("écran.png", png()),
            SimpleUploadedFile("m.eml", b"From: a@b.example\nSubject: x\n\ny"),
        ],
    )  # fmt: skip
    assert page.status_code == 200
    kinds = Attachment.objects.of(cast.veille).values_list("media_type", flat=True)
    assert sorted(kinds) == ["image/png", "message/rfc822"]
    assert Identity.objects.of(cast.veille).get().has_email


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"addresses": ""}, "addresses", "Donnez l’adresse du contenu"),
        ({"email": "amina"}, "email", "e-mail"),
        ({"email": "amina@essai.example"}, "consent", "Cochez cette case"),
        ({"attachments": SimpleUploadedFile("a.exe", b"MZ\x90\x00")}, "attachments", "n’est ni une image"),
        ({"addresses": "\n".join(f"https://a.example/{n}" for n in range(51))}, "addresses", "Cinquante"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    cast: Cast, given: dict[str, object], field: str, words: str
) -> None:
    page = send(Client(), about="racism", **given)
    html = page.content.decode()
    assert page.status_code == 422
    assert words in html
    assert f'id="id_{field}_error"' in html
    assert re.search(rf'name="{field}"[^>]*aria-describedby="[^"]*id_{field}_error"', html)
    assert 'value="racism" selected' in html
    assert not Report.objects.of(cast.veille).exists()


def test_words_among_the_addresses_are_kept_as_words(cast: Cast) -> None:
    send(Client(), addresses=f"voir {ADDRESS} et la suite\nhttps://a.example/2", description="essai")
    report = Report.objects.of(cast.veille).get()
    assert report.addresses == [ADDRESS, "https://a.example/2"]
    assert report.description == f"essai\n\nvoir {ADDRESS} et la suite"


def test_child_abuse_leads_to_the_authorities_at_once_and_keeps_nothing_else(cast: Cast) -> None:
    file = SimpleUploadedFile("e.png", png("red"))
    contact = {"email": "a@essai.example", "consent": "on"}
    page = send(Client(), about="child-abuse", description="mots", attachments=file, **contact)
    html = page.content.decode()
    assert "internet-signalement.gouv.fr" in html
    assert "pointdecontact.net" in html
    assert "Signalez aussi vous-même" in html
    report = Report.objects.of(cast.veille).get()
    assert (report.state, report.description) == (ReportState.REFERRED, "")
    assert not Attachment.objects.of(cast.veille).exists()
    assert not Identity.objects.of(cast.veille).exists()


def test_another_association_has_its_own_door(cast: Cast) -> None:
    client = Client()
    client.post("/a/autre-rive/", {"nonce": nonce_of(client.get("/a/autre-rive/")), "addresses": ADDRESS})
    assert Report.objects.of(cast.rive).count() == 1
    assert not Report.objects.of(cast.veille).exists()


def test_an_association_that_receives_nothing_has_no_door(cast: Cast) -> None:
    cast.rive.receives_public_reports = False
    cast.rive.save()
    assert Client().get("/a/autre-rive/").status_code == 404


def test_a_body_larger_than_a_report_is_not_read(cast: Cast) -> None:
    answer = Client().post("/", {"addresses": ADDRESS}, CONTENT_LENGTH=10**9)
    assert answer.status_code == 422
    assert "trop lourd" in answer.content.decode()


def test_the_page_speaks_english_and_says_so(cast: Cast) -> None:
    page = Client().get("/", headers={"accept-language": "en"})
    assert '<html lang="en">' in page.content.decode()


def test_nothing_on_the_public_pages_comes_from_elsewhere(cast: Cast) -> None:
    for address in ("/", "/suivi"):
        html = Client().get(address).content.decode()
        assert not re.search(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="https?:', html)
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*src=)", html)


def test_a_mail_joined_without_an_address_brings_its_own(cast: Cast) -> None:
    letter = f"From: a@b.example\nSubject: regarde\n\nVoir {ADDRESS} et dis-moi.".encode()
    send(Client(), addresses="", attachments=SimpleUploadedFile("m.eml", letter))
    assert Report.objects.of(cast.veille).get().addresses == [ADDRESS]


# --- the reporter's page -------------------------------------------------------------------------------------


def open_page(code: str, **given: object) -> str:
    return Client().post("/suivi", {"code": code, **given}).content.decode()


def test_the_code_opens_the_page_however_it_is_typed(cast: Cast) -> None:
    code = code_on(send(Client()))
    for typed in (code, f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}", f"{code[:8]}-{code[8:]}"):
        assert "Où en est-il ?" in open_page(typed)


def test_a_code_nobody_was_given_opens_nothing(cast: Cast) -> None:
    answer = Client().post("/suivi", {"code": "1234 5678 9012 3456"})
    assert answer.status_code == 422
    assert "Ce code n’ouvre aucun signalement" in answer.content.decode()


def test_guessing_is_stopped_and_the_one_who_has_a_code_is_not(cast: Cast) -> None:
    code = code_on(send(Client()))
    for _ in range(3):
        open_page(code)
    statuses = [Client().post("/suivi", {"code": f"{n:016d}"}).status_code for n in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/suivi", {"code": code}).status_code == 200


def test_the_status_follows_the_case_in_plain_words(cast: Cast) -> None:
    code = code_on(send(Client()))
    assert "Reçu. Quelqu’un va l’examiner." in open_page(code)
    file_next(timezone.now())
    case = Case.objects.of(cast.veille).get()
    steps = [
        (Event.CASE_CLAIMED, {"holder": cast.bruno.member.pk}, "En cours d’examen"),
        (Event.QUALIFIED, {}, "contraire à la loi"),
        (Event.NOTICE_SENT, {"notice": "N-0000-0000"}, "Notifié à la plateforme"),
        (Event.REPLY_READ, {"platform_says": "refused"}, "a refusé"),
        (Event.ONLINE_CHANGED, {"online": "removed-by-platform"}, "Retiré par la plateforme"),
    ]
    for event, data, words in steps:
        record(event, actor=cast.bruno.actor, now=timezone.now(), case=case, data=data)
        assert words in open_page(code)


def test_the_conversation_goes_both_ways(cast: Cast) -> None:
    code = code_on(send(Client()))
    file_next(timezone.now())
    case = Case.objects.of(cast.veille).get()
    page = open_page(code, text="J’ai une précision.", nonce="m" * 22)
    assert "J’ai une précision." in page
    desk_page = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/")
    assert "J’ai une précision." in desk_page.content.decode()
    cast.bruno.browser().post(
        f"/bureau/dossiers/{case.ref}/repondre", {"text": "Merci, c’est noté.", "nonce": nonce_of(desk_page)}
    )
    assert "Merci, c’est noté." in open_page(code)
    assert Message.objects.of(cast.veille).count() == 2


def test_a_message_sent_twice_is_one_message(cast: Cast) -> None:
    code = code_on(send(Client()))
    for _ in range(2):
        open_page(code, text="Bonjour.", nonce="m" * 22)
    assert Message.objects.of(cast.veille).count() == 1


def test_a_message_that_points_to_child_abuse_is_not_kept(cast: Cast) -> None:
    code = code_on(send(Client(), description="essai"))
    file_next(timezone.now())
    page = open_page(code, text="Ce sont des images pédophiles.", nonce="m" * 22)
    assert "pointdecontact.net" in page
    assert not Message.objects.of(cast.veille).exists()
    assert Content.objects.of(cast.veille).get().never_fetch
    assert Case.objects.of(cast.veille).get().referral == "waiting"
    assert Report.objects.of(cast.veille).get().description == "essai"


def test_a_person_may_erase_their_own_contact(cast: Cast) -> None:
    code = code_on(send(Client(), email="amina@essai.example", consent="on"))
    assert "Vos coordonnées sont effacées." in open_page(code, erase="1")
    assert not bytes(Identity.objects.of(cast.veille).get().sealed)


def test_neither_page_nor_address_holds_the_code_in_the_open(cast: Cast) -> None:
    page = send(Client())
    assert code_on(page) not in page.content.decode()  # only in four groups, for people
    assert page.request["QUERY_STRING"] == ""


# --- the desk ------------------------------------------------------------------------------------------------


def test_an_answer_queues_a_mail_that_says_nothing_of_the_content(cast: Cast) -> None:
    contact = Contact(name="Amina", email="amina@essai.example")
    _, [case] = received_and_filed(cast.public, contact=contact)
    cast.bruno.browser().post(f"/bureau/dossiers/{case.ref}/repondre", {"text": "Réponse d’essai.", "nonce": "m" * 22})
    mail = OutgoingMail.objects.of(cast.veille).get()
    assert mail.purpose == "answer"
    said = message_of(mail).get_content()
    assert "Réponse d’essai" not in said + mail.subject
    assert "/suivi" in said
    assert mail.recipient == mail.body == ""


def test_only_a_lead_opens_an_identity_and_the_journal_says_why(cast: Cast) -> None:
    received, [case] = received_and_filed(cast.public, contact=Contact(name="Amina", email="amina@essai.example"))
    address = f"/bureau/dossiers/{case.ref}/signalements/{received.report.pk}/identite"
    assert cast.bruno.browser().post(address, {"purpose": "protection"}).status_code == 403
    assert cast.chloe.browser().post(address, {"purpose": ""}).status_code == 422
    page = cast.chloe.browser().post(address, {"purpose": "protection"})
    assert "amina@essai.example" in page.content.decode()
    entry = JournalEntry.objects.of(cast.veille).get(event=Event.IDENTITY_OPENED)
    assert entry.data == {"report": received.report.pk, "purpose": "protection"}


def test_another_association_reaches_neither_report_nor_file_nor_identity(cast: Cast) -> None:
    from vigie.intake.rules.values import Upload

    received, [case] = received_and_filed(
        cast.public, contact=Contact(name="Amina"), attachments=[Upload("e.png", png())]
    )
    file = Attachment.objects.of(cast.veille).get()
    dario = cast.dario.browser()
    base = f"/bureau/dossiers/{case.ref}"
    assert dario.get(f"{base}/fichiers/{file.pk}").status_code == 404
    assert dario.post(f"{base}/signalements/{received.report.pk}/identite", {"purpose": "answer"}).status_code == 404
    assert dario.post(f"{base}/repondre", {"text": "x", "nonce": "m" * 22}).status_code == 404
    assert cast.bruno.browser().get(f"{base}/fichiers/{file.pk}").content == png()


def test_a_file_is_handed_over_to_be_saved_never_shown(cast: Cast) -> None:
    from vigie.intake.rules.values import Upload

    _, [case] = received_and_filed(cast.public, attachments=[Upload('a"\r\n.png', png())])
    file = Attachment.objects.of(cast.veille).get()
    answer = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/fichiers/{file.pk}")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_referral_settled_leaves_no_address_behind(cast: Cast) -> None:
    received, [case] = received_and_filed(cast.public, about="child-abuse")
    page = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "À décider sans attendre" in page
    cast.bruno.browser().post(f"/bureau/dossiers/{case.ref}/transmission", {"body": "pharos", "reference": "PH-2026-1"})
    case.refresh_from_db()
    assert case.stage == "closed"
    assert Content.objects.of(cast.veille).get().url == ""
    report = Report.objects.of(cast.veille).get(pk=received.report.pk)
    assert (report.state, report.addresses) == (ReportState.PURGED, [])


def test_an_address_cannot_hide_in_the_reference_of_a_referral(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public, about="child-abuse")
    answer = cast.bruno.browser().post(
        f"/bureau/dossiers/{case.ref}/transmission", {"body": "pharos", "reference": "https://a.example/1"}
    )
    assert answer.status_code == 422
    assert Content.objects.of(cast.veille).get().url


def test_only_a_lead_says_that_it_was_not_child_abuse(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public, description="Il dit qu’ils violent des enfants.")
    address = f"/bureau/dossiers/{case.ref}/transmission"
    assert cast.bruno.browser().post(address, {"lift": "1"}).status_code == 403
    assert cast.chloe.browser().post(address, {"lift": "1"}).status_code == 302
    content = Content.objects.of(cast.veille).get()
    assert not content.never_fetch
    assert content.key == "x:post:1234567890123456789"


def test_held_reports_wait_in_the_tray_until_a_person_says_what_they_are(cast: Cast, settings: object) -> None:
    settings.VIGIE_UNPROVEN_PER_MINUTE = 0  # type: ignore[attr-defined]
    client = Client()
    for number in range(2):
        send(client, addresses=f"https://a.example/{number}")
    file_next(timezone.now())
    assert not Case.objects.of(cast.veille).exists()
    first, second = Report.objects.of(cast.veille).order_by("pk")
    bruno = cast.bruno.browser()
    assert "2 signalements en attente" in bruno.get("/bureau/a-verifier/").content.decode()
    bruno.post("/bureau/a-verifier/", {"report": first.pk, "file": "1"})
    bruno.post("/bureau/a-verifier/", {"report": second.pk, "aside": "1"})
    file_next(timezone.now())
    assert [report.state for report in Report.objects.of(cast.veille).order_by("pk")] == ["filed", "set-aside"]
    Report.across_associations.update(state="held")
    assert "2 signalements attendent" in bruno.get("/bureau/").content.decode()
    page = bruno.get("/bureau/a-verifier/").content.decode()
    shown = re.findall(r'name="shown" value="(\d+)"', page)
    bruno.post("/bureau/a-verifier/", {"shown": shown, "all": "1", "aside": "1"})
    assert Report.objects.of(cast.veille).filter(state="set-aside").count() == 2
    assert cast.dario.browser().get("/bureau/a-verifier/").content.decode().count("<tr>") == 0


def test_whoever_comes_back_with_their_code_is_not_a_robot(cast: Cast, settings: object) -> None:
    settings.VIGIE_UNPROVEN_PER_MINUTE = 0  # type: ignore[attr-defined]
    code = code_on(send(Client()))
    report = Report.objects.of(cast.veille).get()
    settle_held(actor=cast.bruno.actor, reports=[report.pk], are_reports=False, now=timezone.now())
    assert "pas été reconnu comme un signalement" in open_page(code)
    open_page(code, text="C’est bien un signalement.", nonce="m" * 22)
    file_next(timezone.now())
    assert Case.objects.of(cast.veille).get().reports_count == 1


def test_old_identities_are_erased_after_their_time(cast: Cast) -> None:
    from vigie.intake.forget import erase_old_identities

    received, _ = received_and_filed(cast.public, contact=Contact(name="Amina"))
    kept_at = received.report.received_at
    assert not erase_old_identities(kept_at + timedelta(days=364))
    assert erase_old_identities(kept_at + timedelta(days=366))
    assert Identity.objects.of(cast.veille).get().erased_at
