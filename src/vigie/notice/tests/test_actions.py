"""A notice is drafted once, checked, approved where the association wants it, and leaves once."""

from __future__ import annotations

import pytest
from django.db import transaction

from vigie.casefile.journal import record, replayed
from vigie.casefile.models import JournalEntry
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Sending
from vigie.core.errors import Conflict, NotAllowed, NotFound
from vigie.intake.models import ReportCase
from vigie.intake.rules.values import Contact
from vigie.intake.tests.builders import receive
from vigie.notice import actions, facts, queries
from vigie.notice.forget import erase_forbidden
from vigie.notice.models import Notice, NoticeState, PlatformContact
from vigie.notice.tests.cases import (
    NOW,
    WORDS,
    address_of_platform,
    make_content,
    opened_case,
    qualified_case,
    read_as,
)
from vigie.organisations.rules.policy import Role
from vigie.organisations.tests.cast import make_person
from vigie.outbox.actions import _settle, settle_unknown
from vigie.outbox.models import Fate, OutgoingMail
from vigie.qualification.actions import withdraw
from vigie.qualification.models import Reading
from vigie.qualification.queries import qualification_of
from vigie.triage.actions import move_case
from vigie.triage.rules.moves import CaseIsClosed, HeldByAnother, Kind, Move, NoticeOnItsWay


def draft(person, case, **kwargs):
    return actions.draft_notices(actor=person.actor, case=case, language="fr", now=NOW, **kwargs)[0]


def events(case):
    return list(JournalEntry.objects.of(case.organisation_id).filter(case=case).values_list("event", flat=True))


def test_a_draft_says_all_that_article_16_asks(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    content = notice.about()[0].content
    for piece in (content.url, WORDS, "Loi du 29 juillet 1881", "Association Veille solidaire",
                  "signalements@veille.example", "de bonne foi", notice.ref):  # fmt: skip
        assert piece in notice.body
    assert (notice.channel, notice.recipient) == ("email", "abuse@telegram.org")
    case.refresh_from_db()
    assert case.sending == Sending.DRAFT


def test_the_letter_names_the_criteria_that_were_ticked_and_the_check_says_when_none_is(cast):
    content = make_content(cast.bruno)
    case = opened_case(cast.bruno, [content])
    read_as(cast.bruno, case, content, criteria=("religion", "disability"))  # the second is not one of this ground's
    notice = draft(cast.bruno, case)
    assert "À raison de : religion\n" in notice.body
    assert not [finding for finding in facts.findings_of(notice, NOW) if finding.rule_id == "no-criterion"]
    read_as(cast.bruno, case, content, criteria=())
    assert facts.is_outdated(notice)
    [said] = [finding for finding in facts.findings_of(notice, NOW) if finding.rule_id == "no-criterion"]
    assert not said.is_blocking


def test_drafting_twice_gives_the_same_draft(cast):
    case = qualified_case(cast.bruno)
    assert draft(cast.bruno, case) == draft(cast.bruno, case)
    assert events(case).count("notice.drafted") == 1


def test_a_platform_that_takes_one_address_each_gets_one_notice_each(cast):
    contents = [make_content(cast.bruno, platform="x", url=f"https://x.com/i/status/{n}") for n in (11, 12)]
    case = qualified_case(cast.bruno, contents=contents)
    drafts = actions.draft_notices(actor=cast.bruno.actor, case=case, now=NOW)
    assert [notice.about()[0].content for notice in drafts] == contents
    assert {notice.channel for notice in drafts} == {"by-hand"}


def test_a_platform_that_takes_many_addresses_gets_one_notice(cast):
    case = qualified_case(cast.bruno, contents=[make_content(cast.bruno), make_content(cast.bruno)])
    drafts = actions.draft_notices(actor=cast.bruno.actor, case=case, now=NOW)
    assert len(drafts) == 1
    assert len(drafts[0].about()) == 2


def test_nothing_is_drafted_before_the_legal_reading(cast):
    case = opened_case(cast.bruno, [make_content(cast.bruno)])
    with pytest.raises(actions.NotQualified):
        draft(cast.bruno, case)


def test_only_the_holder_writes(cast):
    case = qualified_case(cast.bruno)
    with pytest.raises(HeldByAnother):
        draft(cast.chloe, case)
    with pytest.raises(NotAllowed):
        draft(cast.judith, case)


def test_the_address_of_child_abuse_is_never_notified(cast):
    content = make_content(cast.bruno)
    content.never_fetch = True
    content.save(update_fields=["never_fetch"])
    case = qualified_case(cast.bruno, contents=[content])
    with pytest.raises(actions.NeverNotified):
        draft(cast.bruno, case)


def test_what_is_suspected_since_the_draft_never_leaves_nor_stays_written_once_confirmed(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    content = notice.about()[0].content
    content.never_fetch = True
    content.save(update_fields=["never_fetch"])
    with pytest.raises(actions.NeverNotified):
        actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    assert not erase_forbidden(NOW)
    content.forbidden_at = NOW
    content.save(update_fields=["forbidden_at"])
    assert erase_forbidden(NOW)
    assert not erase_forbidden(NOW)
    notice.refresh_from_db()
    assert (notice.state, notice.body) == (NoticeState.WITHDRAWN, "")


def test_sending_writes_one_mail_however_often_the_button_is_pressed(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    for _ in range(3):
        sent = actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    mail = OutgoingMail.objects.of(cast.veille).get()
    assert sent.mail == mail
    assert sent.state is NoticeState.QUEUED
    assert mail.reply_to == f"signalements+{notice.ref}@veille.example"
    assert mail.message_id == f"<notice.{notice.ref}@veille.example>"
    assert notice.ref in mail.subject
    assert mail.body == sent.body
    assert events(case)[-3:] == ["notice.drafted", "notice.checked", "notice.queued"]
    assert replayed(case).sending is Sending.QUEUED


def test_without_plus_addresses_the_subject_alone_carries_the_reference(cast, settings):
    settings.VIGIE_MAIL_PLUS_ADDRESSES = False
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    mail = OutgoingMail.objects.of(cast.veille).get()
    assert mail.reply_to == "signalements@veille.example"
    assert notice.ref in mail.subject


def test_what_is_shown_is_what_leaves(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    shown = queries.as_it_leaves(notice)
    sent = actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    left = queries.as_it_leaves(sent)
    for header in ("From", "To", "Subject", "Message-ID", "Reply-To"):
        assert shown[header] == left[header]
    assert shown.get_content() == left.get_content()


def test_a_notice_with_a_blocking_finding_does_not_leave(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    Reading.objects.of(cast.veille).update(quotes=[])
    with pytest.raises(actions.NotReady, match="Aucun mot n’est cité"):
        actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    assert not OutgoingMail.objects.of(cast.veille).exists()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("https://t.me/", "address-taken-out"),
        (WORDS, "words-taken-out"),
        ("Fondement", "ground-taken-out"),
        ("signalements@veille.example", "notifier-taken-out"),
        ("de bonne foi", "good-faith-taken-out"),
        ("Référence à rappeler", "reference-taken-out"),
    ],
)
def test_what_the_law_asks_for_cannot_be_deleted_by_hand(cast, line, rule):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    kept = "\n".join(text for text in notice.body.splitlines() if line not in text)
    edited = actions.edit_notice(actor=cast.bruno.actor, notice=notice, subject=notice.subject, body=kept, now=NOW)
    assert rule in [finding.rule_id for finding in facts.findings_of(edited, NOW) if finding.is_blocking]


def test_the_reasons_cannot_all_be_deleted_by_hand(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    kept = "\n".join(text for text in notice.body.splitlines() if not text.startswith("– "))
    edited = actions.edit_notice(actor=cast.bruno.actor, notice=notice, subject=notice.subject, body=kept, now=NOW)
    assert "reasons-taken-out" in blocking(edited)


def blocking(notice) -> set[str]:
    return {finding.rule_id for finding in facts.findings_of(notice, NOW) if finding.is_blocking}


def test_a_ground_given_up_since_the_draft_does_not_leave(cast):
    """The draft was made, even approved, when two grounds stood; one was given up since."""
    cast.veille.requires_approval = True
    cast.veille.save()
    case, second = qualified_case(cast.bruno), "provocation-hatred-origin-religion"
    [content] = contents_of(case)
    read_as(cast.bruno, case, content, ground=second)
    notice = draft(cast.bruno, case)
    approved = actions.approve_notice(actor=cast.chloe.actor, notice=notice, now=NOW)
    withdraw(actor=cast.bruno.actor, qualification=qualification_of(case, content, second), now=NOW)
    assert blocking(approved) == {"ground-not-upheld"}
    with pytest.raises(actions.NotReady, match="que le dossier ne retient pas ou plus"):
        actions.send_notice(actor=cast.bruno.actor, notice=approved, now=NOW)
    anew = actions.rewrite_notice(actor=cast.bruno.actor, notice=approved, language="fr", now=NOW)
    assert blocking(anew) == set()
    assert anew.state is NoticeState.DRAFT


@pytest.mark.parametrize(
    ("line", "rule"),
    [("« mort aux Syldaves »", "words-put-in"), ("Fondement : Menace de mort", "ground-not-upheld")],
)
def test_what_the_case_does_not_hold_cannot_be_put_in_by_hand(cast, line, rule):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    body = notice.body.replace("Mots concernés :", f"Mots concernés :\n{line}")
    edited = actions.edit_notice(actor=cast.bruno.actor, notice=notice, subject=notice.subject, body=body, now=NOW)
    assert blocking(edited) == {rule}


def test_more_of_the_captured_words_may_be_quoted_by_hand(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    body = notice.body.replace("Mots concernés :", "Mots concernés :\n« Les Syldaves sont tous des parasites »")
    edited = actions.edit_notice(actor=cast.bruno.actor, notice=notice, subject=notice.subject, body=body, now=NOW)
    assert blocking(edited) == set()


def test_a_draft_of_a_case_that_was_closed_and_reopened_waits_for_a_new_reading(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    with transaction.atomic():
        record(Event.CASE_CLOSED, actor=cast.bruno.actor, now=NOW, case=case, data={"reason": "mistake"})
        record(Event.CASE_REOPENED, actor=cast.bruno.actor, now=NOW, case=case, data={})
        record(Event.CASE_CLAIMED, actor=cast.bruno.actor, now=NOW, case=case, data={"holder": cast.bruno.member.pk})
    with pytest.raises(actions.NotQualified, match="rouvert"):
        actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    read_as(cast.bruno, case, contents_of(case)[0])
    assert actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW).state is NoticeState.QUEUED


def test_another_recipient_voids_the_approval_of_the_first(cast):
    cast.veille.requires_approval = True
    cast.veille.save()
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    actions.check_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    actions.approve_notice(actor=cast.chloe.actor, notice=notice, now=NOW)
    [content] = contents_of(case)
    actions.keep_contact(actor=cast.bruno.actor, content=content, email="dsa@telegram.example", now=NOW)
    notice.refresh_from_db()
    assert (notice.recipient, notice.state, notice.approved_by) == ("dsa@telegram.example", NoticeState.DRAFT, None)
    assert replayed(case).sending is Sending.DRAFT
    with pytest.raises(actions.NeedsApproval):
        actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)


def test_a_lead_who_rewrote_somebodys_draft_does_not_approve_their_own_words(cast):
    cast.veille.requires_approval = True
    cast.veille.save()
    make_person(cast.veille, "Célia", Role.LEAD)
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    with transaction.atomic():
        record(Event.CASE_CLAIMED, actor=cast.chloe.actor, now=NOW, case=case, data={"holder": cast.chloe.member.pk})
    edited = actions.edit_notice(
        actor=cast.chloe.actor, notice=notice, subject=notice.subject, body=f"{notice.body}\nMerci.", now=NOW
    )
    with pytest.raises(actions.NeedsApproval, match="propre brouillon"):
        actions.approve_notice(actor=cast.chloe.actor, notice=edited, now=NOW)


def test_the_person_who_reported_is_never_in_a_notice(cast):
    case = qualified_case(cast.bruno)
    with transaction.atomic():
        told = receive(cast.public, contact=Contact(name="Amina Exemple", email="amina@personne.example")).report
        ReportCase.objects.create(organisation_id=cast.veille.pk, report=told, case=case)
    notice = draft(cast.bruno, case)
    actions.edit_notice(
        actor=cast.bruno.actor, notice=notice, subject=notice.subject,
        body=notice.body + "\nSignalé par amina@personne.example", now=NOW,
    )  # fmt: skip
    with pytest.raises(actions.NotReady, match="adresse électronique"):
        actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)


def test_an_edited_notice_must_be_checked_and_approved_again(cast):
    cast.veille.requires_approval = True
    cast.veille.save()
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    actions.check_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    approved = actions.approve_notice(actor=cast.chloe.actor, notice=notice, now=NOW)
    assert approved.state is NoticeState.APPROVED
    edited = actions.edit_notice(
        actor=cast.bruno.actor, notice=notice, subject="Autre objet", body=notice.body, now=NOW
    )
    assert edited.state is NoticeState.DRAFT
    assert edited.approved_by is None
    assert edited.subject == f"{notice.ref} · Autre objet"
    actions.check_notice(actor=cast.bruno.actor, notice=edited, now=NOW)  # the reference put back is no gap to fill in


def test_where_a_lead_approves_a_moderator_cannot_send_alone(cast):
    cast.veille.requires_approval = True
    cast.veille.save()
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    with pytest.raises(actions.NeedsApproval):
        actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    with pytest.raises(NotAllowed):
        actions.approve_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    actions.approve_notice(actor=cast.chloe.actor, notice=notice, now=NOW)
    sent = actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    assert sent.approved_by == cast.chloe.member
    assert sent.state is NoticeState.QUEUED


def test_a_lead_approves_their_own_draft_only_when_alone(cast):
    cast.veille.requires_approval = True
    cast.veille.save()
    notice = draft(cast.chloe, qualified_case(cast.chloe))
    second = make_person(cast.veille, "Célia", Role.LEAD)
    with pytest.raises(actions.NeedsApproval, match="propre brouillon"):
        actions.send_notice(actor=cast.chloe.actor, notice=notice, now=NOW)
    second.membership.is_active = False
    second.membership.save()
    assert actions.send_notice(actor=cast.chloe.actor, notice=notice, now=NOW).state is NoticeState.QUEUED


def test_the_same_content_is_not_notified_twice(cast):
    content = make_content(cast.bruno)
    first_case = qualified_case(cast.bruno, contents=[content])
    second_case = qualified_case(cast.bruno, contents=[content])
    first, second = draft(cast.bruno, first_case), draft(cast.bruno, second_case)
    actions.send_notice(actor=cast.bruno.actor, notice=first, now=NOW)
    with pytest.raises(actions.AlreadyNotified, match=rf"Déjà notifié le 20/11/2026 \({first.ref}\)"):
        actions.send_notice(actor=cast.bruno.actor, notice=second, now=NOW)
    with pytest.raises(actions.AlreadyNotified):
        draft(cast.bruno, first_case)


def test_once_decided_a_content_may_be_notified_anew(cast):
    content = make_content(cast.bruno)
    first = draft(cast.bruno, qualified_case(cast.bruno, contents=[content]))
    actions.send_notice(actor=cast.bruno.actor, notice=first, now=NOW)
    actions.note_decision(actor=cast.bruno.actor, notice=first, decided_at=NOW)
    second = draft(cast.bruno, qualified_case(cast.bruno, contents=[content]))
    assert actions.send_notice(actor=cast.bruno.actor, notice=second, now=NOW).state is NoticeState.QUEUED


def test_a_failed_notice_is_withdrawn_and_written_to_another_address(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    sent = actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    _settle(sent.mail, Fate.FAILED, now=NOW)
    assert [mail.pk for mail in queries.undelivered(cast.bruno.actor)] == [sent.mail_id]
    actions.withdraw_notice(actor=cast.bruno.actor, notice=sent, now=NOW)
    assert not queries.undelivered(cast.bruno.actor).exists()
    address_of_platform(cast.bruno, "telegram", "notices@telegram.example")
    assert draft(cast.bruno, case).recipient == "notices@telegram.example"


def test_a_sent_notice_is_neither_edited_nor_withdrawn(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    with pytest.raises(actions.NotBeingWritten):
        actions.edit_notice(actor=cast.bruno.actor, notice=notice, subject="x", body="y", now=NOW)
    with pytest.raises(actions.NotBeingWritten):
        actions.withdraw_notice(actor=cast.bruno.actor, notice=notice, now=NOW)


def test_a_notice_sent_by_hand_keeps_when_where_and_its_proof(cast):
    content = make_content(cast.bruno, platform="x", url="https://x.com/i/status/99")
    case = qualified_case(cast.bruno, contents=[content])
    notice = draft(cast.bruno, case)
    sent = actions.note_sent_by_hand(
        actor=cast.bruno.actor, notice=notice, sent_at=NOW, platform_reference="X-4711", proof_sha256="cd" * 32, now=NOW
    )
    assert sent.state is NoticeState.SENT
    assert sent.sent_at == NOW
    case.refresh_from_db()
    assert case.sending == Sending.SENT
    with pytest.raises(actions.AlreadyNotified):
        draft(cast.bruno, case)


def test_a_pharos_reference_is_noted_once_and_does_not_bar_the_platform(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    content = notice.about()[0].content
    for _ in range(2):
        actions.note_pharos_reference(
            actor=cast.bruno.actor, case=case, content=content, reference="P-123", sent_at=NOW, now=NOW
        )
    assert queries.pharos_reports(cast.bruno.actor, case)[content.pk].platform_reference == "P-123"
    assert events(case).count("pharos.reference-noted") == 1
    assert actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW).state is NoticeState.QUEUED


def test_grave_matters_go_to_pharos_first(cast):
    grave = qualified_case(cast.bruno, ground="terrorism-apology-provocation")
    assert queries.pharos_comes_first(grave)
    assert not queries.pharos_comes_first(qualified_case(cast.bruno))
    sheet = queries.pharos_of_case(cast.bruno.actor, grave)[0]
    assert sheet.fields[3].value == sheet.url
    assert sheet.fields[2].value == "Telegram (t.me)"


def test_a_reminder_is_no_new_notice(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    sent = actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    OutgoingMail.objects.of(cast.veille).update(fate=Fate.SENT, settled_at=NOW)
    reminder = actions.draft_reminder(actor=cast.bruno.actor, notice=sent, was_received=False, now=NOW)
    assert notice.ref in reminder.body
    assert reminder == actions.draft_reminder(actor=cast.bruno.actor, notice=sent, was_received=False, now=NOW)
    actions.send_notice(actor=cast.bruno.actor, notice=reminder, now=NOW)
    mail = OutgoingMail.objects.of(cast.veille).get(purpose="reminder")
    assert mail.in_reply_to == sent.mail.message_id
    assert mail.reply_to == f"signalements+{notice.ref}@veille.example"
    assert queries.notice_of_reference(cast.veille.pk, mail.subject) == notice


def test_a_draft_is_in_a_language_the_platform_reads(cast):
    case = qualified_case(cast.bruno)
    assert actions.draft_notices(actor=cast.bruno.actor, case=case, now=NOW)[0].language == "en"


def test_a_language_the_person_chose_recomposes_the_letter(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    english = actions.rewrite_notice(actor=cast.bruno.actor, notice=notice, language="en", now=NOW)
    assert "Exact address" in english.body
    assert "bona fide" in english.body
    assert not [finding for finding in facts.findings_of(english, NOW) if finding.is_blocking]


def test_facts_that_changed_since_the_draft_are_noticed(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    assert not facts.is_outdated(notice)
    read_as(cast.bruno, notice.case, notice.about()[0].content, explanation="« Vermine » vise les Syldaves.")
    assert facts.is_outdated(notice)


def test_another_association_sees_none_of_it(cast):
    notice = draft(cast.bruno, qualified_case(cast.bruno))
    with pytest.raises(NotFound):
        queries.access_notice(cast.dario.actor, notice.ref)
    assert list(queries.notices(cast.dario.actor)) == []
    assert not Notice.objects.all().exists()


def failed(cast, notice):
    sent = actions.send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)
    _settle(sent.mail, Fate.FAILED, now=NOW)
    return sent


def test_what_was_withdrawn_is_not_sent_again_by_somebody_whose_page_is_old(cast):
    case = qualified_case(cast.bruno)
    sent = failed(cast, draft(cast.bruno, case))
    actions.withdraw_notice(actor=cast.bruno.actor, notice=sent, now=NOW)
    address_of_platform(cast.bruno, "telegram", "notices@telegram.example")
    actions.send_notice(actor=cast.bruno.actor, notice=draft(cast.bruno, case), now=NOW)
    with pytest.raises(actions.NotBeingWritten):
        actions.send_again(actor=cast.chloe.actor, mail=sent.mail, now=NOW)
    assert OutgoingMail.objects.of(cast.veille).filter(fate=Fate.QUEUED).count() == 1


def test_what_is_being_sent_again_is_not_withdrawn_by_somebody_whose_page_is_old(cast):
    case = qualified_case(cast.bruno)
    sent = failed(cast, draft(cast.bruno, case))
    actions.send_again(actor=cast.chloe.actor, mail=sent.mail, now=NOW)
    with pytest.raises(Conflict):
        actions.withdraw_notice(actor=cast.bruno.actor, notice=sent, now=NOW)


def test_a_failed_notice_is_not_sent_again_once_another_told_the_platform(cast):
    content = make_content(cast.bruno)
    first_case = qualified_case(cast.bruno, contents=[content])
    sent = failed(cast, draft(cast.bruno, first_case))
    second_case = qualified_case(cast.bruno, contents=[content])
    actions.send_notice(actor=cast.bruno.actor, notice=draft(cast.bruno, second_case), now=NOW)
    with pytest.raises(actions.AlreadyNotified):
        actions.send_again(actor=cast.bruno.actor, mail=sent.mail, now=NOW)


def two_notices(cast):
    """A case whose two contents go to two platforms; both notices are written."""
    case = qualified_case(
        cast.bruno,
        contents=[make_content(cast.bruno), make_content(cast.bruno, platform="web", url="https://forum.example/1")],
    )
    address_of_platform(cast.bruno, "web", "abuse@forum.example")
    PlatformContact.objects.of(cast.veille).filter(platform="web").update(site="forum.example")
    first, second = actions.draft_notices(actor=cast.bruno.actor, case=case, language="fr", now=NOW)
    return case, first, second


def test_a_notice_of_unknown_fate_is_not_hidden_by_what_happens_to_another(cast):
    case, first, second = two_notices(cast)
    sent = actions.send_notice(actor=cast.bruno.actor, notice=first, now=NOW)
    _settle(sent.mail, Fate.UNKNOWN, now=NOW)
    actions.edit_notice(actor=cast.bruno.actor, notice=second, subject="Autre", body=second.body, now=NOW)
    case.refresh_from_db()
    assert case.sending == Sending.UNKNOWN
    other = actions.send_notice(actor=cast.bruno.actor, notice=second, now=NOW)
    _settle(other.mail, Fate.SENT, now=NOW)
    case.refresh_from_db()
    assert case.sending == Sending.UNKNOWN
    with pytest.raises(NoticeOnItsWay):
        move_case(actor=cast.bruno.actor, ref=case.ref, move=Move(Kind.CLOSE, reason=ClosingReason.DONE), now=NOW)
    settle_unknown(actor=cast.chloe.actor, mail=sent.mail, it_left=True, now=NOW)
    case.refresh_from_db()
    assert case.sending == Sending.SENT
    assert replayed(case) == case.state()


def test_a_draft_given_up_does_not_hide_a_notice_that_was_sent(cast):
    case, first, second = two_notices(cast)
    _settle(actions.send_notice(actor=cast.bruno.actor, notice=first, now=NOW).mail, Fate.SENT, now=NOW)
    actions.withdraw_notice(actor=cast.bruno.actor, notice=second, now=NOW)
    case.refresh_from_db()
    assert case.sending == Sending.SENT
    assert replayed(case) == case.state()


def test_nothing_leaves_from_a_closed_case(cast):
    case = qualified_case(cast.bruno)
    notice = draft(cast.bruno, case)
    move_case(actor=cast.bruno.actor, ref=case.ref, move=Move(Kind.CLOSE, reason=ClosingReason.GONE), now=NOW)
    with pytest.raises(CaseIsClosed):
        actions.send_notice(actor=cast.chloe.actor, notice=notice, now=NOW)
