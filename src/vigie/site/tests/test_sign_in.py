"""What opens the desk, and what closes it again: password, second factor, passkey, sessions."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone

from vigie.core.errors import Refusal
from vigie.organisations.models import Member, Membership
from vigie.organisations.rules.policy import Role
from vigie.organisations.tests.cast import PASSWORD, Cast, prove_second_factor
from vigie.site import actions

SECRET = "JBSWY3DPEHPK3PXP"
NEW_PASSWORD = "une-autre-phrase-pour-les-essais"
DESK = "/bureau/"


@pytest.fixture(autouse=True)
def the_clock_of_codes_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time", lambda: iter([7]))


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, 7))


@pytest.fixture
def bruno(cast: Cast) -> Member:
    """Bruno with a password, and no second factor yet."""
    member = cast.bruno.member
    Authenticator.objects.filter(user=member).delete()
    member.set_password(PASSWORD)
    member.save()
    return member


@pytest.fixture
def enrolled(bruno: Member) -> list[str]:
    """Bruno with an application; his recovery codes, each good once."""
    TOTP.activate(bruno, SECRET)
    return list(RecoveryCodes.activate(bruno).get_unused_codes())


def by_password(member: Member) -> Client:
    browser = Client()
    browser.post("/compte/login/", {"login": member.email, "password": PASSWORD})
    return browser


def with_code(member: Member, given: str) -> Client:
    browser = by_password(member)
    browser.post("/compte/2fa/authenticate/", {"code": given})
    return browser


def is_open(browser: Client) -> bool:
    return browser.get(DESK).status_code == 200


def confirm_password(browser: Client) -> None:
    assert browser.post("/compte/reauthenticate/", {"password": PASSWORD}).status_code == 302


def enrol(browser: Client) -> None:
    page = browser.get("/compte/2fa/totp/activate/")
    assert page.status_code == 302
    assert page["Location"].startswith("/compte/reauthenticate/"), "a page left open must not add a factor"
    confirm_password(browser)
    secret = browser.get("/compte/2fa/totp/activate/").context["form"].secret
    wrong = browser.post("/compte/2fa/totp/activate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert not is_open(browser)
    assert browser.post("/compte/2fa/totp/activate/", {"code": code(secret)}).status_code == 302


# --- what opens it -------------------------------------------------------------------------------------------


def test_a_code_of_the_application_opens_the_desk_and_the_password_alone_does_not(
    bruno: Member, enrolled: list[str]
) -> None:
    browser = by_password(bruno)
    assert not is_open(browser)
    assert browser.post("/compte/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_open(browser)
    browser.post("/compte/2fa/authenticate/", {"code": code()})
    assert is_open(browser)


def test_a_recovery_code_opens_the_desk_once(bruno: Member, enrolled: list[str]) -> None:
    assert is_open(with_code(bruno, enrolled[0]))
    assert not is_open(with_code(bruno, enrolled[0]))
    assert is_open(with_code(bruno, enrolled[1]))


@pytest.mark.django_db(transaction=True)
def test_a_factor_added_in_a_session_counts_there_and_ends_every_other(bruno: Member) -> None:
    here, elsewhere = by_password(bruno), by_password(bruno)
    assert here.get(DESK)["Location"] == elsewhere.get(DESK)["Location"] == "/compte/2fa/"
    enrol(here)
    assert is_open(here)
    assert elsewhere.get(DESK)["Location"].startswith("/compte/login/")
    assert elsewhere.get("/compte/2fa/").status_code == 302


def test_a_session_without_its_second_factor_opens_nothing_and_ends(bruno: Member, enrolled: list[str]) -> None:
    """However it came to be: what counts is what was given in the session, not what the account has."""
    browser = Client()
    browser.force_login(bruno)
    assert browser.post("/bureau/association", {"organisation": "veille-solidaire"}).status_code == 404
    assert browser.get("/compte/2fa/").context["actor"] is None
    assert browser.get(DESK)["Location"] == f"/compte/login/?next={DESK}"
    assert browser.get("/compte/2fa/").status_code == 302


def test_a_second_factor_given_for_somebody_else_counts_for_nobody(
    cast: Cast, bruno: Member, enrolled: list[str]
) -> None:
    browser = Client()
    browser.force_login(bruno)
    prove_second_factor(browser, cast.chloe.member)
    assert not is_open(browser)


def test_recovery_codes_alone_are_no_second_factor(bruno: Member) -> None:
    RecoveryCodes.activate(bruno)
    browser = by_password(bruno)
    assert browser.get(DESK)["Location"] == "/compte/2fa/"


# --- what closes it ------------------------------------------------------------------------------------------


def test_a_new_password_ends_every_other_session(bruno: Member, enrolled: list[str]) -> None:
    here, elsewhere = with_code(bruno, enrolled[0]), with_code(bruno, enrolled[1])
    given = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post("/compte/password/change/", {**given, "oldpassword": "non"}).status_code == 200
    assert here.post("/compte/password/change/", given).status_code == 302
    assert is_open(here)
    assert not is_open(elsewhere)


def test_removing_a_factor_asks_who_one_is_and_ends_every_other_session(bruno: Member, enrolled: list[str]) -> None:
    here, elsewhere = with_code(bruno, enrolled[0]), with_code(bruno, enrolled[1])
    asked = here.post("/compte/2fa/totp/deactivate/")
    assert asked["Location"].startswith("/compte/reauthenticate/")
    assert Authenticator.objects.filter(user=bruno, type="totp").exists()
    confirm_password(here)
    here.post("/compte/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=bruno).exists()
    assert here.get(DESK)["Location"] == "/compte/2fa/", "the last one is gone: the desk is closed here too"
    assert elsewhere.get(DESK)["Location"].startswith("/compte/login/")


@pytest.mark.parametrize("page", ["/compte/2fa/recovery-codes/", "/compte/2fa/recovery-codes/download/"])
def test_recovery_codes_are_shown_to_nobody_who_found_a_page_left_open(
    bruno: Member, enrolled: list[str], page: str
) -> None:
    browser = with_code(bruno, enrolled[0])
    assert browser.get(page)["Location"].startswith("/compte/reauthenticate/")
    confirm_password(browser)
    assert enrolled[5] in browser.get(page).content.decode()


def test_second_factors_forgotten_by_the_administration_end_every_session(
    cast: Cast, bruno: Member, enrolled: list[str]
) -> None:
    browser = with_code(bruno, enrolled[0])
    actions.reset_second_factor(actor=cast.adele.actor, membership_id=cast.bruno.membership.pk, now=timezone.now())
    assert browser.get(DESK)["Location"].startswith("/compte/login/")
    assert by_password(bruno).get(DESK)["Location"] == "/compte/2fa/"


def test_somebody_whose_account_is_closed_is_out_at_once(bruno: Member, enrolled: list[str]) -> None:
    browser = with_code(bruno, enrolled[0])
    assert is_open(browser)
    Member.objects.filter(pk=bruno.pk).update(is_active=False)
    assert browser.get(DESK)["Location"].startswith("/compte/login/")
    assert not is_open(with_code(bruno, enrolled[1]))


def test_somebody_whose_role_was_taken_has_it_no_longer_on_the_page_they_hold_open(cast: Cast) -> None:
    browser = cast.adele.browser()
    assert browser.get("/bureau/membres/").status_code == 200
    second = cast.chloe.membership
    actions.change_member(
        actor=cast.adele.actor, membership_id=second.pk, roles=[Role.ADMINISTRATOR], is_active=True,
        now=timezone.now(),
    )  # fmt: skip
    actions.change_member(
        actor=Membership.objects.get(pk=second.pk).actor(),
        membership_id=cast.adele.membership.pk, roles=[Role.VOLUNTEER], is_active=True, now=timezone.now(),
    )  # fmt: skip
    assert browser.get("/bureau/membres/").status_code == 403
    assert browser.post("/bureau/reglages/jetons/", {"name": "T", "roles": ["volunteer"]}).status_code == 403


# --- somebody of two associations ----------------------------------------------------------------------------


def test_somebody_of_two_associations_works_under_the_one_they_chose(cast: Cast) -> None:
    Membership.objects.create(member=cast.bruno.member, organisation=cast.rive, roles=["analyst"])
    browser = cast.bruno.browser()
    page = browser.get(DESK)
    assert page.context["organisation"] == cast.veille
    assert 'name="organisation"' in page.content.decode()
    assert browser.post("/bureau/association", {"organisation": "autre-rive"})["Location"] == DESK
    assert browser.get(DESK).context["organisation"] == cast.rive
    assert 'name="organisation"' not in cast.chloe.browser().get(DESK).content.decode()


def test_nobody_chooses_an_association_they_do_not_belong_to(cast: Cast) -> None:
    left = Membership.objects.create(member=cast.bruno.member, organisation=cast.rive, roles=["lead"])
    browser = cast.bruno.browser()
    browser.post("/bureau/association", {"organisation": "autre-rive"})
    Membership.objects.filter(pk=left.pk).update(is_active=False)
    assert browser.get(DESK).context["organisation"] == cast.veille, "out of the one they left at once"
    for slug in ("autre-rive", "inconnue", "", "a\0b"):
        assert browser.post("/bureau/association", {"organisation": slug}).status_code == 404
    assert Client().post("/bureau/association", {"organisation": "autre-rive"}).status_code == 404


def test_a_factor_is_not_forgotten_for_somebody_whom_another_association_knows_too(
    cast: Cast, bruno: Member, enrolled: list[str]
) -> None:
    Membership.objects.create(member=bruno, organisation=cast.rive, roles=["analyst"])
    with pytest.raises(Refusal):
        actions.reset_second_factor(actor=cast.adele.actor, membership_id=cast.bruno.membership.pk, now=timezone.now())
    assert Authenticator.objects.filter(user=bruno, type="totp").exists()
