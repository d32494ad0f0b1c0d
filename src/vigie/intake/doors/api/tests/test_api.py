"""The API keeps what `docs` promise to partners: one clear answer each, the same twice, and nothing of another association."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)  # fmt: skip

from vigie.casefile.models import Case, Content
from vigie.intake.models import Attachment, Identity, Report
from vigie.intake.tests.builders import png, received_and_filed
from vigie.organisations.models import ApiToken, Organisation
from vigie.organisations.rules.policy import Role
from vigie.organisations.tests.cast import Cast

POST = "https://x.com/essai/status/1234567890123456789"


def a_token(organisation: Organisation, *roles: Role, secret: str = "vigie_essai") -> str:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    ApiToken.objects.create(
        organisation=organisation, name="essai", digest=digest, roles=[role.value for role in roles]
    )
    return secret


def caller(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, body: dict[str, Any] | bytes, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post("/api/v1/reports", data, content_type="application/json", headers=headers)


@pytest.fixture
def partner(cast: Cast) -> Client:
    return caller(a_token(cast.veille, Role.MODERATOR))


def test_a_report_is_kept_and_its_cases_are_known_at_once(cast: Cast, partner: Client) -> None:
    answer = post(partner, {
        "urls": [POST, "https://www.youtube.com/watch?v=abcdefghijk"], "description": "Deux messages", "category": "racism",
        "contact": {"name": "Amina", "email": "amina@courriel.example"},
        "attachments": [{"name": "capture.png", "content": base64.b64encode(png()).decode()}],
    })  # fmt: skip
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert len(told["receipt"]) == 16
    assert {case.ref for case in Case.objects.of(cast.veille)} == set(told["cases"])
    report = Report.objects.of(cast.veille).get()
    assert (report.door, report.about) == ("api", "racism")
    assert Identity.objects.of(cast.veille).exists()
    assert Attachment.objects.of(cast.veille).get().name == "capture.png"


@pytest.mark.parametrize("by_header", [True, False])
def test_the_same_call_twice_is_one_report_with_one_receipt(cast: Cast, partner: Client, by_header: bool) -> None:
    body = {"urls": [POST]} | ({} if by_header else {"source_key": "lot-12/3"})
    headers = {"Idempotency-Key": "lot-12/3"} if by_header else {}
    first, second = post(partner, body, **headers), post(partner, body, **headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Report.objects.of(cast.veille).count() == 1
    other = post(partner, body | {"urls": ["https://t.me/canal/12"]}, **headers)
    assert other.status_code == 409
    assert Report.objects.of(cast.veille).count() == 1


def test_without_a_key_two_calls_are_two_reports_of_one_case(cast: Cast, partner: Client) -> None:
    refs = [post(partner, {"urls": [POST]}).json()["cases"] for _ in range(2)]
    assert refs[0] == refs[1]
    assert Report.objects.of(cast.veille).count() == 2


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"urls": []}, 422, "urls"),
        ({}, 422, "urls"),
        ({"urls": [POST], "categorie": "racism"}, 422, "categorie"),
        ({"urls": [POST], "category": "colère"}, 422, "category"),
        ({"urls": ["ceci n’est pas une adresse"]}, 422, ""),
        ({"urls": [POST], "description": "a\x00b"}, 422, "description"),
        ({"urls": [POST], "attachments": [{"name": "a.png", "content": "é"}]}, 422, "a.png"),
        ({"urls": [POST], "attachments": [{"name": "a.exe", "content": "TVqQAAMAAAAEAAAA"}]}, 422, "a.exe"),
        ({"urls": [POST], "attachments": [{"name": "a", "content": ""}] * 6}, 422, "attachments"),
        (b"{pas du json", 400, "JSON"),
        (b'{"urls": ["https://x.com/a/status/1"], "description": "\\ud800"}', 422, "description"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_one_sentence(
    cast: Cast, partner: Client, body: dict[str, Any] | bytes, status: int, words: str
) -> None:
    answer = post(partner, body)
    assert answer.status_code == status, answer.content
    assert list(answer.json()) == ["error"]
    assert words in answer.json()["error"]
    assert not Report.objects.of(cast.veille).exists()


def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(cast: Cast, partner: Client) -> None:
    with override_settings(VIGIE_API_MAX_BYTES=1000):
        answer = post(partner, {"urls": [POST], "description": "x" * 2000})
    assert answer.status_code == 413
    assert not Report.objects.of(cast.veille).exists()


def test_nobody_calls_without_a_living_token(cast: Cast) -> None:
    secret = a_token(cast.veille, Role.MODERATOR)
    for client in (Client(), caller("vigie_autre"), cast.bruno.browser()):
        answer = client.get("/api/v1/cases")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "error" in answer.json()
    assert caller(secret).get("/api/v1/cases").status_code == 200
    token = ApiToken.objects.get()
    assert token.last_used_at is not None
    token.revoked_at = timezone.now()
    token.save()
    assert caller(secret).get("/api/v1/cases").status_code == 401


def test_a_volunteer_s_token_reports_and_sees_no_case(cast: Cast) -> None:
    client = caller(a_token(cast.veille, Role.VOLUNTEER))
    assert post(client, {"urls": [POST]}).status_code == 201
    assert client.get("/api/v1/cases").status_code == 403
    assert client.get("/api/v1/contents").status_code == 403


def test_a_token_sees_its_own_association_s_cases_alone(cast: Cast, partner: Client) -> None:
    received_and_filed(cast.rive and cast.public, POST)
    other = caller(a_token(cast.rive, Role.LEAD, secret="vigie_rive"))
    assert len(partner.get("/api/v1/cases").json()["items"]) == 1
    for address in ("/api/v1/cases", "/api/v1/contents", f"/api/v1/contents?url={POST}"):
        assert other.get(address).json() == {"items": [], "next": None}


def test_cases_come_a_page_at_a_time_and_filtered(cast: Cast, partner: Client) -> None:
    for number in range(5):
        received_and_filed(cast.public, f"https://x.com/essai/status/{1234567890123456780 + number}")
    received_and_filed(cast.public, "https://t.me/canal/12")
    seen, after = [], ""
    while True:
        page = partner.get("/api/v1/cases", {"limit": 2, "after": after, "platform": "x"}).json()
        seen += [item["contents"][0] for item in page["items"]]
        after = page["next"]
        if not after:
            break
    assert seen == [f"x:post:{1234567890123456780 + number}" for number in range(5)]
    assert partner.get("/api/v1/cases", {"stage": "closed"}).json()["items"] == []
    assert partner.get("/api/v1/cases", {"opened_before": "2020-01-01T00:00:00Z"}).json()["items"] == []
    assert partner.get("/api/v1/cases", {"after": "D-0000-0000"}).status_code == 404


def test_a_content_is_found_by_any_of_its_addresses(cast: Cast, partner: Client) -> None:
    _received, (case,) = received_and_filed(cast.public, POST)
    found = partner.get(
        "/api/v1/contents", {"url": POST.replace("x.com/essai", "mobile.twitter.com/i/web") + "?s=20"}
    ).json()
    assert [item["cases"] for item in found["items"]] == [[case.ref]]
    assert partner.get("/api/v1/contents", {"case": case.ref}).json()["items"] == found["items"]


def test_an_address_of_child_abuse_is_in_no_answer(cast: Cast, partner: Client) -> None:
    received_and_filed(cast.public, POST, about="child-abuse")
    assert partner.get("/api/v1/contents").json()["items"] == []
    assert POST not in partner.get("/api/v1/cases").content.decode()


ODD = [
    "\x00", "a\x00b", "\ud800", "\U0010ffff", "9" * 400, "-1", "1e9", "NaN", "²", "http://[::1", "9223372036854775808",
    "0001-01-01T00:00:00+15:00", "9999-12-31T23:59:59-15:00", "2026-10-05T09:00:00+16:59", "2026-02-30T00:00:00Z",
]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["limit", "after", "platform", "stage", "opened_from", "case", "url", "channel", "x\x00"]
)
@pytest.mark.parametrize("path", ["cases", "contents", "notices"])
def test_nothing_odd_that_is_asked_breaks_the_answer(cast: Cast, partner: Client, path: str, name: str) -> None:
    for odd in ODD:
        asked = quote(odd.encode("utf-8", "surrogatepass"))
        answer = partner.get(f"/api/v1/{path}?{quote(name)}={asked}")
        assert answer.status_code in {200, 404, 422}, odd


@pytest.mark.parametrize("path", ["cases", "contents", "notices"])
def test_a_misspelt_filter_is_refused_instead_of_showing_everything(cast: Cast, partner: Client, path: str) -> None:
    answer = partner.get(f"/api/v1/{path}", {"plattform": "x"})
    assert answer.status_code == 422
    assert "plattform" in answer.json()["error"]
    assert "platform" in answer.json()["error"]


# --- the description is true ---------------------------------------------------------------------------------

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.mark.parametrize("said", [{"category": "child-abuse"}, {"description": "images pédophiles"}])
def test_what_a_partner_calls_child_abuse_never_leads_to_a_fetch(
    cast: Cast, partner: Client, said: dict[str, str]
) -> None:
    file = {"name": "a.png", "content": base64.b64encode(png()).decode()}
    assert post(partner, {"urls": [POST], "attachments": [file], **said}).status_code == 201
    assert Content.objects.of(cast.veille).get().never_fetch
    assert not Attachment.objects.of(cast.veille).exists()


def test_a_partner_s_reference_is_not_kept_as_it_was_given(cast: Cast, partner: Client) -> None:
    first = post(partner, {"urls": [POST], "source_key": POST})
    assert post(partner, {"urls": [POST], "source_key": POST}).json()["receipt"] == first.json()["receipt"]
    assert "1234567890123456789" not in Report.objects.of(cast.veille).get().source_key


@pytest.fixture
def token_for_any(cast: Cast) -> Iterator[str]:
    """A token; meanwhile the end of a request leaves the test's database open, as Django's own test client does."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield a_token(cast.veille, Role.MODERATOR)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.timeout(180)
@schema.parametrize()
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_what_the_description_says(case: Any, token_for_any: str) -> None:
    response = case.call(headers={"Authorization": f"Bearer {token_for_any}"})
    case.validate_response(response, checks=[
        not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
        negative_data_rejection, unsupported_method,
    ])  # fmt: skip
