"""The pages of notices: preview, send, by hand, PHAROS, messages that wait."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from vigie.casefile import files
from vigie.casefile.queries import contents_of, journal_of
from vigie.casefile.rules.state import Danger, Stage
from vigie.notice import actions
from vigie.notice.models import Notice
from vigie.notice.tests.cases import NOW, WORDS, make_content, opened_case, qualified_case, read_as
from vigie.outbox.models import Fate, OutgoingMail
from vigie.qualification.models import Reading
from vigie.triage.actions import move_case
from vigie.triage.rules.moves import Kind, Move


def page(case, *more):
    return f"/bureau/dossiers/{case.ref}/notification/" + "/".join(more)


def local_now():
    return timezone.localtime(NOW).strftime("%Y-%m-%dT%H:%M")


def the_notice(cast):
    return Notice.objects.of(cast.veille).get()


def test_from_the_case_to_the_sent_notice_in_two_presses(cast):
    case = qualified_case(cast.bruno)
    browser = cast.bruno.browser()
    assert 'data-key="e"' in browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    shown = browser.post(page(case, "preparer"), follow=True)
    body = unescape(shown.content.decode())
    notice = the_notice(cast)
    for piece in (f"Reply-To: signalements+{notice.ref}@veille.example", "To: abuse@telegram.org", WORDS, notice.body):
        assert piece in body
    assert 'data-key="e"' in body
    sent = browser.post(page(case, notice.ref, "envoyer"), follow=True)
    assert sent.redirect_chain[-1][0] == f"/bureau/dossiers/{case.ref}/"
    assert "en cours d’envoi" in sent.content.decode()
    assert OutgoingMail.objects.of(cast.veille).count() == 1


def test_a_blocking_finding_is_shown_and_closes_the_button(cast):
    case = qualified_case(cast.bruno)
    Reading.objects.of(cast.veille).update(quotes=[])
    browser = cast.bruno.browser()
    body = browser.post(page(case, "preparer"), follow=True).content.decode()
    assert "Aucun mot n’est cité" in body
    assert 'data-key="e" disabled' in body
    refused = browser.post(page(case, the_notice(cast).ref, "envoyer"))
    assert refused.status_code == 422
    assert "La notification ne peut pas partir" in refused.content.decode()


def test_a_form_only_platform_gives_texts_to_copy_and_keeps_the_proof(cast):
    content = make_content(cast.bruno, platform="x", url="https://x.com/i/status/77")
    case = qualified_case(cast.bruno, contents=[content])
    browser = cast.bruno.browser()
    body = browser.post(page(case, "preparer"), follow=True).content.decode()
    assert "https://help.x.com/forms/dsa/report" in body
    assert body.count("<textarea readonly") >= 6
    notice = the_notice(cast)
    proof = SimpleUploadedFile("recu.png", b"une image inventee", content_type="image/png")
    browser.post(
        page(case, notice.ref, "envoyee-a-la-main"),
        {"sent_at": local_now(), "platform_reference": "X-1", "proof": proof},
    )
    notice.refresh_from_db()
    assert (notice.sent_by_hand_at, notice.platform_reference) == (NOW, "X-1")
    assert files.read(notice.proof_sha256) == b"une image inventee"
    address = page(case, notice.ref, "preuve")
    assert address in browser.get(page(case, notice.ref) + "/").content.decode()
    given_back = browser.get(address)
    assert given_back.content == b"une image inventee"
    assert given_back["Content-Disposition"].startswith("attachment")
    assert given_back["X-Content-Type-Options"] == "nosniff"
    assert cast.dario.browser().get(address).status_code == 404


def test_an_address_kept_by_the_association_turns_the_form_into_a_mail(cast):
    content = make_content(cast.bruno, platform="x", url="https://x.com/i/status/78")
    case = qualified_case(cast.bruno, contents=[content])
    browser = cast.bruno.browser()
    browser.post(page(case, "preparer"))
    browser.post(page(case, "adresse"), {"content": content.pk, "email": "dsa@x.example", "note": "leur page"})
    notice = the_notice(cast)
    assert (notice.channel, notice.recipient) == ("email", "dsa@x.example")


def test_a_moderator_submits_and_a_lead_approves_and_sends(cast):
    cast.veille.requires_approval = True
    cast.veille.save()
    case = qualified_case(cast.bruno)
    browser, lead = cast.bruno.browser(), cast.chloe.browser()
    body = browser.post(page(case, "preparer"), follow=True).content.decode()
    notice = the_notice(cast)
    assert "Soumettre à l’approbation" in body
    assert notice.ref not in lead.get("/bureau/suites/").content.decode()
    browser.post(page(case, notice.ref, "verifier"))
    assert notice.ref in lead.get("/bureau/suites/").content.decode()
    assert browser.post(page(case, notice.ref, "approuver")).status_code == 403
    assert "Approuver et envoyer" in lead.get(page(case, notice.ref) + "/").content.decode()
    lead.post(page(case, notice.ref, "envoyer"))
    notice.refresh_from_db()
    assert notice.approved_by == cast.chloe.member
    assert notice.mail is not None


def test_pharos_sheet_and_its_reference(cast):
    case = qualified_case(cast.bruno, ground="terrorism-apology-provocation")
    browser = cast.bruno.browser()
    assert "PHAROS avant la plateforme" in browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    address = f"/bureau/dossiers/{case.ref}/pharos/"
    body = browser.get(address).content.decode()
    content = contents_of(case)[0].pk
    assert "Terrorisme" in body
    browser.post(
        address,
        {
            "content": content,
            "sent_at": local_now(),
            "platform_reference": "P-9",
        },
    )
    assert "P-9" in browser.get(address).content.decode()


@pytest.mark.parametrize(
    ("danger", "says", "category"),
    [
        (Danger.IMMINENT, "Appelez d’abord le 17 ou le 112", "Mise en danger des personnes"),
        (Danger.TERRORIST, "PHAROS peut être prévenu tout de suite", "Terrorisme"),
        (Danger.HIGH, "PHAROS peut être prévenu tout de suite", "à choisir"),
    ],
)
def test_a_danger_has_its_pharos_sheet_before_the_reading_marked_as_not_yet_qualified(cast, danger, says, category):
    case = opened_case(cast.bruno, [make_content(cast.bruno)])
    browser = cast.bruno.browser()
    here, address = f"/bureau/dossiers/{case.ref}/", f"/bureau/dossiers/{case.ref}/pharos/"
    assert address not in browser.get(here).content.decode()
    for move in (Move(Kind.CLAIM), Move(Kind.SET_DANGER, danger=danger)):
        move_case(actor=cast.bruno.actor, ref=case.ref, move=move, now=NOW)
    shown = browser.get(here).content.decode()
    assert address in shown
    assert says in shown
    sheet = browser.get(address).content.decode()
    assert "Pas encore qualifié." in sheet
    assert category in sheet
    assert "Contenu pas encore qualifié en droit" in sheet
    assert contents_of(case)[0].url in sheet
    assert WORDS not in sheet  # nobody has chosen which words are concerned
    browser.post(address, {"content": contents_of(case)[0].pk, "sent_at": local_now(), "platform_reference": "P-17"})
    assert "P-17" in browser.get(address).content.decode()
    entry = journal_of(case).first()
    assert (entry.event, entry.data["reference"], entry.data["qualified"]) == (
        "pharos.reference-noted", "P-17", False,
    )  # fmt: skip
    again = browser.get(here).content.decode()
    assert says not in again
    assert "PHAROS" in again
    case.refresh_from_db()
    assert case.stage == Stage.TRIAGE

    # Once it is read, the sheet says what it is, and is noted as filed all the same.
    read_as(cast.bruno, case, contents_of(case)[0], ground="threat-death")
    full = browser.get(address).content.decode()
    assert "Pas encore qualifié" not in full
    assert "P-17" in full


def test_a_case_without_danger_has_no_sheet_before_its_reading_and_another_association_never_one(cast):
    case = opened_case(cast.bruno, [make_content(cast.bruno)])
    address = f"/bureau/dossiers/{case.ref}/pharos/"
    assert "Rien ici n’entre dans le champ de PHAROS" in cast.bruno.browser().get(address).content.decode()
    assert cast.dario.browser().get(address).status_code == 404


@pytest.mark.parametrize("fate", [Fate.UNKNOWN, Fate.FAILED])
def test_messages_that_wait_are_settled_by_a_person(cast, fate):
    case = qualified_case(cast.bruno)
    notice = actions.draft_notices(actor=cast.bruno.actor, case=case, now=NOW)[0]
    actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    OutgoingMail.objects.of(cast.veille).update(fate=fate, settled_at=NOW, last_error="the line dropped")
    mail = OutgoingMail.objects.of(cast.veille).get()
    assert "the line dropped" in cast.bruno.browser().get("/bureau/envois/").content.decode()
    if fate is Fate.UNKNOWN:
        assert cast.bruno.browser().post(f"/bureau/envois/{mail.pk}/sort", {"it_left": "no"}).status_code == 403
        cast.chloe.browser().post(f"/bureau/envois/{mail.pk}/sort", {"it_left": "yes"})
        mail.refresh_from_db()
        assert mail.fate == Fate.SENT
    else:
        cast.bruno.browser().post(f"/bureau/envois/{mail.pk}/renvoyer")
        mail.refresh_from_db()
        assert mail.fate == Fate.QUEUED


def test_another_association_finds_no_page(cast):
    case = qualified_case(cast.bruno)
    notice = actions.draft_notices(actor=cast.bruno.actor, case=case, now=NOW)[0]
    dario = cast.dario.browser()
    for address in (page(case), page(case, notice.ref) + "/", f"/bureau/dossiers/{case.ref}/pharos/"):
        assert dario.get(address).status_code == 404
    assert dario.post(page(case, notice.ref, "envoyer")).status_code == 404
    assert "abuse@telegram.org" not in dario.get("/bureau/envois/").content.decode()


def test_the_text_can_be_changed_by_hand_and_put_into_english(cast):
    case = qualified_case(cast.bruno)
    notice = actions.draft_notices(actor=cast.bruno.actor, case=case, language="fr", now=NOW)[0]
    browser = cast.bruno.browser()
    assert notice.ref in browser.get(page(case, notice.ref, "modifier/")).content.decode()
    browser.post(page(case, notice.ref, "modifier/"), {"subject": notice.subject, "body": notice.body + "\nMerci."})
    notice.refresh_from_db()
    assert notice.body.endswith("Merci.\n")
    browser.post(page(case, notice.ref, "recomposer"), {"language": "en"})
    notice.refresh_from_db()
    assert "Exact address" in notice.body
