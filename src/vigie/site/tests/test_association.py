"""Members, settings and tokens: the administration of an association."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from vigie.casefile.models import JournalEntry
from vigie.core.errors import NotAllowed, NotFound, Refusal
from vigie.organisations.models import ApiToken, Member, Membership
from vigie.organisations.rules.policy import Role
from vigie.organisations.tests.cast import Cast, make_cast
from vigie.outbox.actions import message_of
from vigie.outbox.models import OutgoingMail
from vigie.site import actions


def test_an_invited_member_chooses_a_password_once_and_then_needs_a_second_factor(cast: Cast) -> None:
    page = cast.adele.browser().post(
        "/bureau/membres/", {"display_name": "Emma", "email": "emma@veille.example", "roles": ["moderator"]}
    )
    assert page.status_code == 302
    mail = OutgoingMail.objects.of(cast.veille).get(purpose="invitation")
    link = re.search(r"http://testserver(/compte/invitation/\S+)", message_of(mail).get_content())
    assert link is not None
    passwords = {"new_password1": "trois-mots-et-un-phare", "new_password2": "trois-mots-et-un-phare"}
    browser = Client()
    assert browser.post(link[1], passwords).status_code == 302
    assert browser.post(link[1], passwords).status_code == 404
    browser.post("/compte/login/", {"login": "emma@veille.example", "password": "trois-mots-et-un-phare"})
    desk = browser.get("/bureau/membres/")
    assert desk.status_code == 302
    assert desk["Location"].startswith("/compte/2fa/")


def test_a_wrong_password_opens_nothing(cast: Cast) -> None:
    browser = Client()
    page = browser.post("/compte/login/", {"login": "bruno@veille-solidaire.example", "password": "non"})
    assert page.status_code == 200
    assert browser.get("/bureau/membres/").status_code == 302


def test_nobody_signs_up_by_themselves(db: None) -> None:
    page = Client().post("/compte/signup/", {"email": "x@example.org", "password1": "trois-mots-et-un-phare"})
    assert not Member.objects.filter(email="x@example.org").exists()
    assert page.status_code in {200, 302}


def test_an_administrator_of_another_association_reaches_nobody_here(cast: Cast) -> None:
    stranger = cast.dario.membership
    stranger.roles = [Role.ADMINISTRATOR.value]
    stranger.save()
    with pytest.raises(NotFound):
        actions.change_member(
            actor=stranger.actor(), membership_id=cast.bruno.membership.pk, roles=[Role.LEAD], is_active=True,
            now=timezone.now(),
        )  # fmt: skip
    assert cast.dario.browser().get(f"/bureau/membres/{cast.bruno.membership.pk}/").status_code == 404


def test_a_lead_does_not_manage_members(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        actions.invite_member(
            actor=cast.chloe.actor, email="a@b.example", display_name="A", roles=[Role.LEAD], now=timezone.now()
        )
    assert cast.chloe.browser().get("/bureau/membres/").status_code == 403


def test_the_last_administrator_stays(cast: Cast) -> None:
    with pytest.raises(Refusal):
        actions.change_member(
            actor=cast.adele.actor, membership_id=cast.adele.membership.pk, roles=[Role.LEAD], is_active=True,
            now=timezone.now(),
        )  # fmt: skip
    assert Membership.objects.get(pk=cast.adele.membership.pk).roles == ["administrator"]


def test_a_member_who_left_is_out_at_once(cast: Cast) -> None:
    browser = cast.bruno.browser()
    cast.adele.browser().post(f"/bureau/membres/{cast.bruno.membership.pk}/", {"leave": "1"})
    assert browser.get("/bureau/reglages/").status_code == 403


def test_a_token_is_shown_once_and_kept_as_a_digest(cast: Cast) -> None:
    page = cast.adele.browser().post("/bureau/reglages/jetons/", {"name": "Partenaire", "roles": ["volunteer"]})
    secret = re.search(r"vigie_[\w-]+", page.content.decode())
    assert secret is not None
    token = ApiToken.objects.get()
    assert secret[0] not in token.digest
    cast.adele.browser().post(f"/bureau/reglages/jetons/{token.pk}/revoquer/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    events = JournalEntry.objects.of(cast.veille).values_list("event", flat=True)
    assert {"token.made", "token.revoked"} <= set(events)


def test_settings_change_what_notices_say_and_the_journal_says_which(cast: Cast) -> None:
    page = cast.adele.browser().post(
        "/bureau/reglages/",
        {"name": "Veille solidaire", "legal_name": "Nouvelle", "notice_email": "n@veille.example", "requires_approval": "on"},
    )  # fmt: skip
    assert page.status_code == 302
    cast.veille.refresh_from_db()
    assert cast.veille.requires_approval
    entry = JournalEntry.objects.of(cast.veille).get(event="settings.changed")
    assert "requires_approval" in entry.data["settings"]


def test_nobody_takes_another_address_to_receive_an_invitation_meant_for_it(cast: Cast) -> None:
    browser = cast.dario.browser()
    given = {"action_add": "", "email": "nouvelle@veille.example"}
    assert browser.get("/compte/email/").status_code == 404
    assert browser.post("/compte/email/", given).status_code == 404


def test_a_token_form_sent_twice_makes_one_token(cast: Cast) -> None:
    browser, form = cast.adele.browser(), {"name": "Partenaire", "roles": ["volunteer"]}
    assert browser.post("/bureau/reglages/jetons/", form).status_code == 200
    again = browser.post("/bureau/reglages/jetons/", form)
    assert again.status_code == 409
    assert "révoquez-le" in again.content.decode()
    token = ApiToken.objects.get(organisation=cast.veille, name="Partenaire")
    browser.post(f"/bureau/reglages/jetons/{token.pk}/revoquer/")
    assert browser.post("/bureau/reglages/jetons/", form).status_code == 200  # a revoked one's name is free again


def test_the_log_in_page_answers_whatever_address_it_is_to_lead_to(cast: Cast) -> None:
    assert Client().get("/compte/login/", {"next": "http://[::1"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_at_the_same_instant_leave_one() -> None:
    cast = make_cast()
    other = cast.bruno.membership
    other.roles = [Role.ADMINISTRATOR.value]
    other.save()
    pairs = [(cast.adele.membership, other), (other, cast.adele.membership)]
    start = threading.Barrier(2)

    def remove(pair: tuple[Membership, Membership]) -> bool:
        one, another = pair
        try:
            start.wait()
            actions.change_member(
                actor=one.actor(), membership_id=another.pk, roles=[], is_active=False, now=timezone.now()
            )
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, pairs))
    assert sorted(done) == [False, True]
    left = Membership.objects.filter(organisation=cast.veille, is_active=True)
    assert sum(Role.ADMINISTRATOR in one.roles for one in left) == 1
