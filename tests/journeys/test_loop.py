"""The whole way in a browser, with the demonstration's real parts: desk, worker, Agora, real SMTP, real Chromium.

Amina reports; Chloé sees it, qualifies, sends; Agora answers; a check sees it gone; Amina reads it; figures move.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browsing import press
from tests.ports import free_ports
from tests.processes.house import PATIENCE_SECONDS, House, a_house, answers, wait_for
from vigie.site.demo.cast import PASSWORD, PLAYERS, totp_code

pytestmark = [pytest.mark.browser]

CHLOE = next(player for player in PLAYERS if player.name == "Chloé")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[tuple[str, House]]:
    """`vigie serve --demo`, as the README starts it."""
    port = free_ports(3)  # the desk's, Agora's and its mail's
    with a_house(tmp_path_factory.mktemp("demo")) as house:
        desk = house.start("serve", "--demo", "--port", str(port))
        address = f"http://localhost:{port}"
        wait_for(lambda: answers(address), what="the demonstration starts")
        yield address, house
        desk.send_signal(signal.SIGINT)
        assert desk.wait(PATIENCE_SECONDS) == 0


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=[*sandbox, "--disable-background-networking"]
        )
        yield started
        started.close()


class Walker:
    """Somebody at a keyboard, whose gestures are counted; each page they come to must suit everyone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.gestures = 0
        self.faults: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on(
            "console", lambda said: self.faults.append(said.text) if "Content Security Policy" in said.text else None
        )

    def press(self, key: str, *, leads_to: str | None = None) -> None:
        self.gestures += 1
        if leads_to is None:
            press(self.page, key)
            return
        with self.page.expect_navigation(url=re.compile(leads_to)):
            press(self.page, key)
        self.suits_everyone()

    def goes_to(self, path: str) -> None:
        self.page.goto(path)
        self.suits_everyone()

    def suits_everyone(self) -> None:
        try:
            results = Axe().run(self.page)
        except PlaywrightError as fault:
            if "context was destroyed" not in str(fault):
                raise
            self.page.wait_for_load_state()  # a slow machine was still on its way to the page: look at that one
            results = Axe().run(self.page)
        assert results.violations_count == 0, f"{self.page.url}\n{results.generate_report()}"
        assert not self.faults


USED_CODES: set[str] = set()


def fresh_code(secret: str) -> str:
    """Return a code that nobody used yet, as each works once, early enough in its half minute to arrive within it."""

    def fresh() -> str | None:
        code = totp_code(secret)
        return code if code not in USED_CODES and code == totp_code(secret, time.time() + 8) else None

    code: str = wait_for(fresh, what="a code that can be used")
    USED_CODES.add(code)
    return code


def log_in(page: Page) -> None:
    page.goto("/compte/login/")
    page.fill("#id_login", CHLOE.email)
    page.fill("#id_password", PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/2fa/**")
    page.fill("#id_code", fresh_code(CHLOE.totp_secret))
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/bureau/$"))


WORDS = {
    "fr": {"sent": "envoyée", "gone": "retiré par la plateforme", "removed": "retiré"},
    "en": {"sent": "sent", "gone": "removed by the platform", "removed": "removed"},
}


@pytest.mark.parametrize(
    ("language", "locale", "post"),
    [("fr", "fr-FR", "@vent_mauvais/posts/4106"), ("en", "en-GB", "@rempart_du_val/posts/4115")],
)
def test_a_report_becomes_a_notice_is_answered_checked_and_counted(
    demonstration: tuple[str, House], browser: Browser, language: str, locale: str, post: str
) -> None:
    address, house = demonstration
    agora = f"http://localhost:{int(address.rpartition(':')[2]) + 1}"
    words = WORDS[language]

    # Amina reports, on a phone, without an account; no cookie is set.
    with browser.new_context(base_url=address, locale=locale, viewport={"width": 360, "height": 780}) as hers:
        amina = Walker(hers.new_page())
        amina.goes_to("/")
        amina.page.locator("textarea[name=addresses]").fill(f"{agora}/{post}")
        amina.page.locator("form button:not([type=button])").last.click()
        code = amina.page.locator("#code").inner_text()
        assert re.fullmatch(r"(\d{4} ){3}\d{4}", code)
        amina.suits_everyone()
        assert not hers.cookies()

    content = f"casefile_content.key = 'agora:post:{post.rpartition('/')[2]}'"
    joined = (
        "casefile_case JOIN casefile_casecontent ON casefile_casecontent.case_id = casefile_case.id "
        "JOIN casefile_content ON casefile_content.id = casefile_casecontent.content_id"
    )
    ref = wait_for(lambda: house.value(f"SELECT ref FROM {joined} WHERE {content}"), what="the report is filed")
    wait_for(
        lambda: house.value(f"SELECT casefile_content.text FROM {joined} WHERE {content}"),
        what="the content is captured and its text read",
    )  # fmt: skip

    # Chloé: from the queue to the sent notice, by keyboard alone.
    with browser.new_context(base_url=address, locale=locale) as theirs:
        chloe = Walker(theirs.new_page())
        log_in(chloe.page)
        chloe.goes_to("/bureau/")
        chloe.page.locator("[data-open]", has_text=ref).focus()
        chloe.press("Enter", leads_to=f"/dossiers/{ref}/")
        chloe.press("q", leads_to="/qualifier/")
        if language == "en":  # nothing was noticed in these invented words: the ground is chosen from the list
            chloe.page.locator("select[name=fondement], select[name=ground]").select_option(
                "insult-public-origin-religion"
            )
            chloe.page.get_by_role("button", name="Ask its questions").click()
            chloe.suits_everyone()
        chloe.press("t")
        chloe.press("o")
        chloe.press("x")
        chloe.press("Enter", leads_to="/notification/")
        chloe.press("e", leads_to="/notification/")  # compose
        letter = chloe.page.locator("pre.text").inner_text()
        assert f"{agora}/{post}" in letter
        assert "16" in letter
        chloe.press("e", leads_to=f"/dossiers/{ref}/$")  # send
        print(f"gestures from the queue to the sent notice ({language}): {chloe.gestures}")  # noqa: T201 a figure
        if language == "fr":
            assert chloe.gestures <= 12

        wait_for(
            lambda: house.value(f"SELECT sending FROM {joined} WHERE {content}") == "sent", what="it leaves by SMTP"
        )
        wait_for(
            lambda: (
                house.value(
                    "SELECT count(*) FROM followup_reply JOIN notice_notice ON notice_notice.id = followup_reply.notice_id "
                    f"JOIN casefile_case ON casefile_case.id = notice_notice.case_id WHERE casefile_case.ref = '{ref}'"
                )
                >= 2
            ),
            what="Agora's receipt and decision join their notice",
        )

        # The decision is read by a person; the suggestion is the machine's, the outcome is hers.
        chloe.goes_to(f"/bureau/dossiers/{ref}/")
        expect(chloe.page.get_by_text(words["sent"], exact=True).first).to_be_visible()
        chloe.goes_to("/bureau/suites/")
        while chloe.page.get_by_role("link", name=ref).count():
            chloe.page.get_by_role("link", name=ref).first.click()
            chloe.suits_everyone()
            assert chloe.page.locator("input[name=outcome]:checked").count() == 1
            chloe.press("e", leads_to="/bureau/")
            chloe.goes_to("/bureau/suites/")
        assert house.value(f"SELECT platform_says FROM {joined} WHERE {content}") == "removed"

        # Three looks that agree say that it is gone.
        for number in range(3):
            chloe.goes_to(f"/bureau/dossiers/{ref}/")
            chloe.press("k", leads_to=f"/dossiers/{ref}/")
            wait_for(
                lambda n=number: house.value(
                    f"SELECT count(*) FROM casefile_journalentry JOIN casefile_case ON casefile_case.id = case_id "
                    f"WHERE event = 'check.done' AND ref = '{ref}'"
                ) > n,
                what="a look is taken",
            )  # fmt: skip
        wait_for(
            lambda: house.value(f"SELECT online FROM {joined} WHERE {content}") == "removed-by-platform", what="gone"
        )
        chloe.goes_to(f"/bureau/dossiers/{ref}/")
        expect(chloe.page.get_by_text(words["gone"], exact=True).first).to_be_visible()

        # The figures moved, and open the case.
        chloe.goes_to("/bureau/chiffres/")
        chloe.goes_to("/bureau/chiffres/removed/")
        expect(chloe.page.get_by_role("link", name=ref)).to_be_visible()

    # Amina reads it with her code.
    with browser.new_context(base_url=address, locale=locale, viewport={"width": 360, "height": 780}) as hers:
        amina = Walker(hers.new_page())
        amina.goes_to("/suivi")
        amina.page.locator("input[name=code]").fill(code)
        press(amina.page, "Enter")
        expect(amina.page.locator(".steps")).to_contain_text(re.compile(words["removed"], re.IGNORECASE))
        amina.suits_everyone()
        assert not hers.cookies()


def test_the_journal_of_the_whole_way_is_whole(demonstration: tuple[str, House]) -> None:
    _address, house = demonstration
    assert house.start("journal", "verify").wait(PATIENCE_SECONDS) == 0


def test_a_passkey_opens_the_desk_without_a_password(demonstration: tuple[str, House], browser: Browser) -> None:
    address, house = demonstration
    house.run(
        "from allauth.mfa.totp.internal.auth import TOTP\n"
        "from vigie.organisations.models import Member, Membership, Organisation\n"
        "m = Member.objects.create_user('paul@veille.example', 'une-longue-phrase-a-retenir', display_name='Paul')\n"
        "TOTP.activate(m, 'JBSWY3DPEHPK3PXP')\n"
        "Membership.objects.create(member=m, organisation=Organisation.objects.first(), roles=['moderator'])"
    )
    with browser.new_context(base_url=address, locale="fr-FR") as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                         "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
        )  # fmt: skip
        page.goto("/compte/login/")
        page.fill("#id_login", "paul@veille.example")
        page.fill("#id_password", "une-longue-phrase-a-retenir")
        press(page, "Enter")
        page.wait_for_url("**/2fa/**")
        page.fill("#id_code", fresh_code("JBSWY3DPEHPK3PXP"))
        press(page, "Enter")
        page.wait_for_url(re.compile(r"/bureau/$"))

        page.goto("/compte/2fa/webauthn/add/")
        if "reauthenticate" in page.url:  # a new key is added by whoever knows the password, not by a page left open
            page.fill("#id_password", "une-longue-phrase-a-retenir")
            press(page, "Enter")
            page.wait_for_url("**/webauthn/add/**")
        page.fill("input[name=name]", "Ordinateur de Paul")
        passwordless = page.locator("input[name=passwordless]")
        if passwordless.count():
            passwordless.check()
        page.locator("#mfa_webauthn_add").click()
        page.wait_for_url(re.compile(r"/compte/2fa/(?!webauthn/add)"))
        assert Axe().run(page).violations_count == 0
        context.clear_cookies()

        page.goto("/compte/login/")
        page.locator("#passkey_login").click()
        page.wait_for_url(re.compile(r"/bureau/$"))
