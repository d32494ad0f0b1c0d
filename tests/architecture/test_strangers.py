"""Every address of the desk and of the API, walked by strangers and by those whose role does not carry it.

Each address has an entry here; a new one without an entry fails the first test. The right that an entry states is
written here a second time on purpose: a view that asks for less than it should is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tests.architecture.inhabited import Inhabited, inhabit
from vigie.casefile.tests.builders import make_case
from vigie.organisations.models import ApiToken
from vigie.organisations.rules.policy import MATRIX, Action, Role, may
from vigie.organisations.tenancy import Owned
from vigie.organisations.tests.cast import Cast, Person
from vigie.site.actions import make_token, revoke_token
from vigie.triage.actions import move_case
from vigie.triage.rules.moves import Kind, Move

NONCE = "n" * 24
REFUSED = 403
HIDDEN = 404
NO_SUCH_WAY = 405
MOMENT = "2026-11-20T09:00"


@dataclass(frozen=True)
class Entry:
    """One address: which keys it takes, the right it needs, and what a good form holds.

    `names` says that it leads to a thing of the association; a list or a form without one (`False`) answers a
    stranger with their own, in which nothing of the other association may stand.
    """

    needs: Action
    names: bool = True
    get: bool = True
    post: dict[str, Any] | None = None
    keys: dict[str, Any] = field(default_factory=dict)
    post_needs: Action | None = None


SEE, QUALIFY, DRAFT, TRIAGE = Action.SEE_CASE, Action.QUALIFY, Action.DRAFT_NOTICE, Action.TRIAGE_CASE

TERM = {
    "term": "zorglub", "sense": "Sens inventé", "kind": "coded", "target": "any", "source_status": "unverified",
    "standing": "active", "essai": "1",
}  # fmt: skip

ENTRIES: dict[str, Entry] = {
    # the association
    "members": Entry(
        Action.MANAGE_MEMBERS, names=False,
        post={"display_name": "Zoé", "email": "zoe@essai.example", "roles": ["volunteer"]},
    ),
    "member": Entry(Action.MANAGE_MEMBERS, post={"roles": ["volunteer"]}),
    "settings": Entry(Action.MANAGE_SETTINGS, names=False, post={"name": "Autre", "notice_email": "a@b.example"}),
    "share-examples": Entry(Action.MANAGE_SETTINGS, names=False, get=False, post={"partage": "on"}),
    "make-token": Entry(Action.MANAGE_TOKENS, names=False, get=False, post={"name": "T", "roles": ["volunteer"]}),
    "revoke-token": Entry(Action.MANAGE_TOKENS, get=False, post={}),
    # the queue
    "desk": Entry(Action.SUBMIT_REPORT, names=False),
    "next-case": Entry(Action.CLAIM_CASE, names=False, get=False, post={}),
    "open-case": Entry(Action.CLAIM_CASE, get=False, post={}),
    "move-case": Entry(TRIAGE, get=False, keys={"move": "urgence"}, post={"danger": "1"}),
    "review-bulk": Entry(TRIAGE, names=False, get=False, post={"action": "urgence", "ref": "free_ref"}),
    "apply-bulk": Entry(TRIAGE, names=False, get=False, post={"action": "urgence", "danger": "2", "ref": "free_ref"}),
    "undo-bulk": Entry(SEE, get=False, post={}),
    "save-filter": Entry(
        Action.ASSIGN_CASE, names=False, get=False, post={"nom": "Essai", "partage": "1", "file": "danger=1"}
    ),
    "forget-filter": Entry(Action.ASSIGN_CASE, get=False, post={}),
    "keys": Entry(Action.SUBMIT_REPORT, names=False, post={"touches": "oui"}),
    "add-content": Entry(TRIAGE, get=False, post={"adresse": "https://ajout.example/13"}),
    "remove-content": Entry(TRIAGE, get=False, post={}),
    # the case
    "case": Entry(SEE),
    "case-journal": Entry(SEE),
    "way-out": Entry(SEE),
    "answer-reporter": Entry(Action.CORRESPOND, get=False, post={"text": "Bonjour.", "nonce": NONCE}),
    "open-identity": Entry(Action.OPEN_IDENTITY, get=False, post={"purpose": "answer"}),
    "report-file": Entry(SEE),
    "settle-referral": Entry(TRIAGE, get=False, post={"body": "pharos"}),
    "letters": Entry(TRIAGE, names=False),
    "letter": Entry(TRIAGE, post={"do": "aside", "aside-why": "advertising"}),
    "imports": Entry(Action.IMPORT_REPORTS, names=False, post={}),
    "import": Entry(Action.IMPORT_REPORTS, post={"do": "drop"}),
    "import-report": Entry(Action.IMPORT_REPORTS),
    "held-reports": Entry(TRIAGE, names=False, post={"report": "held_id", "file": "1"}),
    # evidence
    "captures": Entry(SEE),
    "capture-ask": Entry(Action.CAPTURE, get=False, post={"content": "content_id"}),
    "capture": Entry(SEE),
    "capture-image": Entry(SEE, keys={"veil": "voilee"}),
    "capture-bundle": Entry(SEE),
    "capture-around": Entry(SEE),
    "medium": Entry(SEE),
    "medium-image": Entry(SEE, keys={"veil": "voilee"}),
    "medium-file": Entry(SEE),
    "attachment": Entry(SEE),
    "attachment-image": Entry(SEE, keys={"veil": "voilee"}),
    # the legal reading
    "qualify": Entry(QUALIFY, post={"faire": "enregistrer"}),
    "qualify-publication": Entry(QUALIFY, get=False, post={"publie": "2026-11-01"}),
    "reading-reopen": Entry(QUALIFY, get=False, post={}),
    "qualification-withdraw": Entry(QUALIFY, get=False, post={}),
    "decline": Entry(QUALIFY, post={"raison": "not-illegal-opinion"}),
    "opinion-ask": Entry(QUALIFY, get=False, post={}),
    "opinion-give": Entry(Action.GIVE_SECOND_OPINION, post={"verdict": "upheld", "texte": "Oui."}),
    "ground": Entry(
        SEE, names=False, keys={"version": "2026-11-20", "ground_id": "insult-public-origin-religion"}
    ),
    # the notice
    "notice": Entry(SEE),
    "notice-draft": Entry(DRAFT, get=False, post={}),
    "notice-contact": Entry(DRAFT, get=False, post={"content": "content_id", "email": "dsa@x.example"}),
    "notice-one": Entry(SEE),
    "notice-edit": Entry(DRAFT, post={"subject": "Objet", "body": "Texte"}),
    "notice-rewrite": Entry(DRAFT, get=False, post={"language": "en"}),
    "notice-check": Entry(DRAFT, get=False, post={}),
    "notice-approve": Entry(Action.APPROVE_NOTICE, get=False, post={}),
    "notice-send": Entry(Action.SEND_NOTICE, get=False, post={}),
    "notice-by-hand": Entry(Action.SEND_NOTICE, get=False, post={"sent_at": MOMENT}),
    "notice-proof": Entry(SEE),
    "notice-withdraw": Entry(DRAFT, get=False, post={}),
    "pharos": Entry(
        SEE, post={"content": "content_id", "sent_at": MOMENT, "platform_reference": "P1"},
        post_needs=Action.SEND_NOTICE,
    ),
    "undelivered": Entry(SEE, names=False),
    "settle-mail": Entry(Action.SETTLE_UNKNOWN, get=False, post={"it_left": "yes"}),
    "retry-mail": Entry(Action.SEND_NOTICE, get=False, post={}),
    # what follows
    "followup": Entry(SEE, names=False),
    "read-receipts": Entry(Action.READ_REPLY, names=False, get=False, post={}),
    "remind": Entry(DRAFT, get=False, post={}),
    "settle-reminder": Entry(Action.READ_REPLY, get=False, post={}),
    "reply": Entry(Action.READ_REPLY, post={"outcome": "content-removed"}),
    "check-now": Entry(SEE, get=False, post={}),
    "write-down-reply": Entry(Action.READ_REPLY, post={"received_at": MOMENT, "text": "Reçu.", "form_key": "k" * 32}),
    # the lexicon
    "lexicon": Entry(Action.SEE_LEXICON, names=False),
    "term-new": Entry(Action.MANAGE_LEXICON, names=False, post=TERM),
    "term": Entry(Action.SEE_LEXICON, post=TERM, post_needs=Action.MANAGE_LEXICON),
    "hints-worth": Entry(Action.SEE_LEXICON, names=False),
    "score-scale": Entry(
        Action.SEE_LEXICON, names=False, post={"echelle": "1/0"}, post_needs=Action.MANAGE_LEXICON
    ),
    "calibration-picture": Entry(Action.SEE_LEXICON, names=False),
    "emerging": Entry(Action.SEE_LEXICON, names=False),
    "emerging-settle": Entry(
        Action.MANAGE_LEXICON, names=False, get=False, keys={"digest": "0" * 64}, post={"faire": "ecarter"}
    ),
    "term-undo": Entry(Action.MANAGE_LEXICON, get=False, post={}),
    # the watch
    "wall": Entry(Action.SEE_WALL, names=False),
    "wave": Entry(Action.SEE_WALL),
    "dismiss-sighting": Entry(Action.DECIDE_SIGHTING, get=False, post={"motif": "spam"}),
    "sighting-case": Entry(Action.DECIDE_SIGHTING, get=False, post={}),
    "undo-sighting": Entry(Action.DECIDE_SIGHTING, get=False, post={}),
    "surge": Entry(Action.SEE_WALL, post={"vu": "1"}, post_needs=Action.DECIDE_SIGHTING),
    "watches": Entry(Action.SEE_WALL, names=False, post={"jours": "5"}, post_needs=Action.MANAGE_WATCH),
    "watch-new": Entry(Action.MANAGE_WATCH, names=False, post={"name": "Essai", "terms": "mot", "does": "show"}),
    "watch": Entry(Action.MANAGE_WATCH, post={"name": "Essai", "terms": "mot", "does": "show"}),
    "watch-state": Entry(Action.MANAGE_WATCH, get=False, post={"pause": "1"}),
    "source-new": Entry(
        Action.MANAGE_WATCH, names=False, keys={"kind": "rss"}, post={"name": "S", "address": "https://x.example/f"}
    ),
    "source": Entry(Action.MANAGE_WATCH, post={"name": "S", "address": "https://x.example/f"}),
    "source-state": Entry(Action.MANAGE_WATCH, get=False, post={"pause": "1"}),
    # figures
    "figures": Entry(Action.SEE_FIGURES, names=False),
    "figures-csv": Entry(Action.EXPORT_FIGURES, names=False),
    "figures-chart": Entry(Action.SEE_FIGURES, names=False, keys={"name": "mois"}),
    "figures-behind": Entry(SEE, names=False, keys={"figure_id": "received"}),
}  # fmt: skip

# The API: method, what the token's role must carry (None: open to everybody), and a body.
API_ENTRIES: dict[str, tuple[str, Action | None, dict[str, Any] | None]] = {
    "api:openapi-json": ("get", None, None),
    "api:api-root": ("get", None, None),
    "api:cases": ("get", SEE, None),
    "api:contents": ("get", SEE, None),
    "api:notices": ("get", SEE, None),
    "api:report": ("post", Action.SUBMIT_REPORT, {"urls": ["https://forum.example/fil/12"]}),
}

ELSEWHERE = {"choose-organisation"}  # among one's own associations: site/tests/test_sign_in.py


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "", space: str = "") -> dict[str, URLPattern]:
    """Return the addresses of the desk and of the API, by name."""
    found: dict[str, URLPattern] = {}
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= addresses(pattern.url_patterns, address, f"{pattern.namespace}:" if pattern.namespace else space)
        elif address.startswith(("bureau/", "api/")):
            found[f"{space}{pattern.name}" if pattern.name else address] = pattern
    return found


PATTERNS = addresses(get_resolver().url_patterns)


def test_every_address_has_its_entry() -> None:
    assert set(PATTERNS) - ELSEWHERE == set(ENTRIES) | set(API_ENTRIES)


@pytest.fixture
def house(cast: Cast) -> Inhabited:
    return inhabit(cast)


def address_of(name: str, house: Inhabited) -> str:
    known = {**house.keys, **ENTRIES[name].keys}
    if "notice_ref" in PATTERNS[name].pattern.converters:
        known["ref"] = house.sent_case.ref
    return reverse(name, kwargs={key: known[key] for key in PATTERNS[name].pattern.converters})


def form_of(name: str, house: Inhabited) -> dict[str, Any]:
    given = ENTRIES[name].post or {}
    return {key: house.keys.get(value, value) if isinstance(value, str) else value for key, value in given.items()}


def everything_of(organisation_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return every row of the association, to see whether anything was changed."""
    rows = {
        model.__name__: list(model.across_associations.filter(organisation_id=organisation_id).order_by("pk").values())
        for model in apps.get_models()
        if issubclass(model, Owned)
    }
    rows["Membership"] = list(
        apps.get_model("organisations", "Membership").objects.filter(organisation_id=organisation_id).values()
    )
    rows["ApiToken"] = list(
        apps.get_model("organisations", "ApiToken").objects.filter(organisation_id=organisation_id).values()
    )
    return rows


def walk(browser: Client, name: str, house: Inhabited) -> list[tuple[str, HttpResponse]]:
    address = address_of(name, house)
    answers = [("GET", browser.get(address))]
    answers += [("POST", browser.post(address, form_of(name, house)))]
    return answers


def holds_secret(answer: HttpResponse, house: Inhabited) -> list[str]:
    said = answer.content.decode(errors="replace") + str(dict(answer.headers))
    return [secret for secret in house.secrets if secret in said]


@pytest.mark.parametrize("role", list(Role))
def test_nothing_of_another_association_is_reached_shown_or_changed(cast: Cast, house: Inhabited, role: Role) -> None:
    """Dario, in each role of his association, knows every key of the other one."""
    cast.dario.membership.roles = [role.value]
    cast.dario.membership.save()
    before = everything_of(cast.veille.pk)
    for name, entry in ENTRIES.items():
        browser = cast.dario.browser()
        for method, answer in walk(browser, name, house):
            where = f"{method} {name} as {role}: {answer.status_code}"
            allowed = may(cast.dario.actor, needed(entry, method), cast.rive.pk)
            if entry.names and allowed and not is_no_way(entry, method):
                assert answer.status_code == HIDDEN, where
            if not allowed:
                assert answer.status_code in {REFUSED, HIDDEN, NO_SUCH_WAY}, where
            typed = [value for value in house.keys.values() if isinstance(value, str)]  # he wrote these himself
            assert not [secret for secret in holds_secret(answer, house) if secret not in typed], where
    assert everything_of(cast.veille.pk) == before


INTO_A_CASE = sorted(name for name in ENTRIES if "ref" in PATTERNS[name].pattern.converters and name != "notice-one")


def test_from_ones_own_case_nothing_of_another_association_is_reached(cast: Cast, house: Inhabited) -> None:
    """Dario, who may do everything in his association, puts the keys of the other's things behind his own case."""
    cast.dario.membership.roles = [role.value for role in Role]
    cast.dario.membership.save()
    mine = make_case(cast.rive.pk, url="https://rive.example/1", text="Un texte à lui.")
    move_case(actor=cast.dario.actor, ref=mine.ref, move=Move(Kind.CLAIM), now=timezone.now())
    before, browser = everything_of(cast.veille.pk), cast.dario.browser()
    for name in INTO_A_CASE:
        address = address_of(name, house)
        for ref in (house.case.ref, house.keys["free_ref"], house.sent_case.ref):
            address = address.replace(ref, mine.ref)
        leads_further = [key for key in PATTERNS[name].pattern.converters if key.endswith("_id") or key == "notice_ref"]
        for method, answer in (("GET", browser.get(address)), ("POST", browser.post(address, form_of(name, house)))):
            if leads_further:
                assert answer.status_code in {HIDDEN, NO_SUCH_WAY}, f"{method} {name}: {answer.status_code}"
            assert not holds_secret(answer, house), f"{method} {name}"
        assert everything_of(cast.veille.pk) == before, name


def test_a_role_without_the_right_is_refused(cast: Cast, house: Inhabited) -> None:
    before = everything_of(cast.veille.pk)
    for name, entry in sorted(ENTRIES.items()):
        for person in (cast.victor, cast.anatole, cast.adele, cast.judith, cast.bruno, cast.chloe):
            for method, answer in walk_where_refused(person, name, house):
                where = f"{method} {name} as {person.member}: {answer.status_code}"
                assert answer.status_code == REFUSED or is_no_way(entry, method), where
                told = [
                    secret for secret in holds_secret(answer, house) if secret != person.member.display_name
                ]  # who it is
                assert not told or answer.status_code != REFUSED, where
        assert everything_of(cast.veille.pk) == before, name


def walk_where_refused(person: Person, name: str, house: Inhabited) -> list[tuple[str, HttpResponse]]:
    entry = ENTRIES[name]
    found = []
    for method in ("GET", "POST"):
        if may(person.actor, needed(entry, method), person.actor.organisation_id):
            continue
        if method == "GET" and entry.post_needs is None and not entry.get:
            continue
        browser, address = person.browser(), address_of(name, house)
        answer = browser.get(address) if method == "GET" else browser.post(address, form_of(name, house))
        found.append((method, answer))
    return found


def needed(entry: Entry, method: str) -> Action:
    return entry.post_needs if method == "POST" and entry.post_needs else entry.needs


def is_no_way(entry: Entry, method: str) -> bool:
    return not entry.get if method == "GET" else entry.post is None


def test_nobody_comes_in_without_logging_in(house: Inhabited) -> None:
    for name in sorted(ENTRIES):
        for method, answer in walk(Client(), name, house):
            assert answer.status_code in {302, 401}, f"{method} {name}: {answer.status_code}"
            if answer.status_code == 302:
                assert answer["Location"].startswith("/compte/login/?next="), f"{method} {name}"
            assert not holds_secret_but_its_address(answer, house, name), f"{method} {name}"


def test_nobody_comes_in_without_a_second_factor(cast: Cast, house: Inhabited) -> None:
    before = everything_of(cast.veille.pk)
    for name in sorted(ENTRIES):
        for ask_for in ("get", "post"):
            browser = Client()
            browser.force_login(cast.chloe.member)
            answer = getattr(browser, ask_for)(address_of(name, house), form_of(name, house))
            assert answer.status_code == 302, f"{ask_for} {name}: {answer.status_code}"
            assert answer["Location"].startswith("/compte/login/?next="), f"{ask_for} {name}"
    assert everything_of(cast.veille.pk) == before


def holds_secret_but_its_address(answer: HttpResponse, house: Inhabited, name: str) -> list[str]:
    address = address_of(name, house)
    return [secret for secret in holds_secret(answer, house) if secret not in address]


# --- programs ------------------------------------------------------------------------------------------------


def ask(name: str, secret: str | None) -> HttpResponse:
    method, _needs, body = API_ENTRIES[name]
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    given = {"data": body, "content_type": "application/json"} if body else {}
    return getattr(Client(headers=headers), method)(reverse(name), **given)  # type: ignore[no-any-return]


_numbers = count(1)


def token(person: Person, role: Role) -> str:
    name = f"Programme {next(_numbers)}"  # two tokens of one name are refused
    return make_token(actor=person.actor, name=name, roles=[role], now=timezone.now())


@pytest.mark.parametrize("name", sorted(API_ENTRIES))
def test_a_program_sees_its_own_association_only_and_what_its_role_carries(
    cast: Cast, house: Inhabited, name: str
) -> None:
    needs = API_ENTRIES[name][1]
    cast.dario.membership.roles = [Role.ADMINISTRATOR.value]
    before = everything_of(cast.veille.pk)
    for role in Role:
        answer = ask(name, token(cast.dario, role))
        carries = needs is None or needs in MATRIX[role]
        assert (answer.status_code != REFUSED) == carries, f"{name} as {role}: {answer.status_code}"
        leaked = [secret for secret in holds_secret(answer, house) if secret != "forum.example"]
        assert not leaked, f"{name} as {role}"
    assert everything_of(cast.veille.pk) == before


@pytest.mark.parametrize("name", sorted(name for name, entry in API_ENTRIES.items() if entry[1]))
def test_a_program_without_a_good_token_is_nobody(cast: Cast, house: Inhabited, name: str) -> None:
    secret = token(cast.adele, Role.MODERATOR)
    revoked = ApiToken.objects.latest("pk")
    revoke_token(actor=cast.adele.actor, token_id=revoked.pk, now=timezone.now())
    for wrong in (None, "", "vigie_inconnu", secret, "0" * 64, "é"):
        answer = ask(name, wrong)
        assert answer.status_code == 401, f"{name} with {wrong!r}: {answer.status_code}"
        assert not holds_secret(answer, house)
    logged_in = cast.bruno.browser()  # a cookie is no token: no foreign page rides on it
    assert getattr(logged_in, API_ENTRIES[name][0])(reverse(name)).status_code == 401
