"""`GET /api/v1/notices` tells a partner's program what its association sent, and nothing of another's."""

from __future__ import annotations

import hashlib

from django.test import Client

from vigie.notice.actions import draft_notices, send_notice
from vigie.notice.tests.cases import NOW, qualified_case
from vigie.organisations.models import ApiToken
from vigie.organisations.rules.policy import Role


def program_of(organisation, *roles: Role) -> Client:
    secret = f"essai-{organisation.slug}-{len(roles)}"
    ApiToken.objects.create(
        organisation=organisation, name="essai", digest=hashlib.sha256(secret.encode()).hexdigest(),
        roles=[role.value for role in roles],
    )  # fmt: skip
    return Client(headers={"authorization": f"Bearer {secret}"})


def sent(cast):
    notice = draft_notices(actor=cast.bruno.actor, case=qualified_case(cast.bruno), language="fr", now=NOW)[0]
    return send_notice(actor=cast.bruno.actor, notice=notice, now=NOW)


def test_notices_are_told_a_page_at_a_time(cast):
    first, second = sent(cast), sent(cast)
    program = program_of(cast.veille, Role.MODERATOR)
    page = program.get("/api/v1/notices?limit=1").json()
    assert [row["ref"] for row in page["items"]] == [first.ref]
    assert page["next"] == first.ref
    row = program.get(f"/api/v1/notices?after={first.ref}").json()["items"][0]
    assert (row["ref"], row["case"], row["state"], row["channel"]) == (second.ref, second.case.ref, "queued", "email")
    assert row["contents"] == [second.about()[0].url]
    assert "body" not in row


def test_they_are_filtered_by_case_and_channel(cast):
    notice = sent(cast)
    sent(cast)
    program = program_of(cast.veille, Role.MODERATOR)
    rows = program.get(f"/api/v1/notices?case={notice.case.ref}&channel=email").json()["items"]
    assert [row["ref"] for row in rows] == [notice.ref]
    assert program.get("/api/v1/notices?channel=pharos").json()["items"] == []


def test_another_association_and_a_role_that_sees_no_case_are_told_nothing(cast):
    sent(cast)
    assert program_of(cast.rive, Role.LEAD).get("/api/v1/notices").json()["items"] == []
    assert program_of(cast.veille, Role.ANALYST).get("/api/v1/notices").status_code == 403
    assert Client().get("/api/v1/notices").status_code == 401
