"""The whole matrix: role × action × own or other association."""

from __future__ import annotations

import itertools

import pytest

from vigie.core.errors import NotAllowed
from vigie.organisations.rules.policy import Action, Actor, Role, may, require

# Written out a second time on purpose: a change of the policy must be made, and read, twice.
#            volunteer moderator lead jurist analyst administrator
EXPECTED = {
    Action.SUBMIT_REPORT: "V M L J A D",
    Action.FOLLOW_OWN_REPORTS: "V M L J A D",
    Action.IMPORT_REPORTS: "M L A",
    Action.SEE_CASE: "M L J",
    Action.CLAIM_CASE: "M L J",
    Action.ASSIGN_CASE: "L",
    Action.TRIAGE_CASE: "M L",
    Action.CAPTURE: "M L J",
    Action.QUALIFY: "M L J",
    Action.GIVE_SECOND_OPINION: "J",
    Action.DRAFT_NOTICE: "M L",
    Action.SEND_NOTICE: "M L",
    Action.APPROVE_NOTICE: "L",
    Action.SETTLE_UNKNOWN: "L",
    Action.READ_REPLY: "M L",
    Action.CORRESPOND: "M L",
    Action.OPEN_IDENTITY: "L",
    Action.SEE_FIGURES: "M L J A",
    Action.EXPORT_FIGURES: "L A",
    Action.SEE_LEXICON: "M L J A",
    Action.MANAGE_LEXICON: "A",
    Action.MANAGE_WATCH: "L A",
    Action.SEE_WALL: "M L A",
    Action.DECIDE_SIGHTING: "M L",
    Action.MANAGE_CATALOGUE: "J",
    Action.MANAGE_MEMBERS: "D",
    Action.MANAGE_SETTINGS: "D",
    Action.MANAGE_TOKENS: "D",
}
LETTER = {
    Role.VOLUNTEER: "V", Role.MODERATOR: "M", Role.LEAD: "L", Role.JURIST: "J", Role.ANALYST: "A",
    Role.ADMINISTRATOR: "D",
}  # fmt: skip
OWN, OTHER = 1, 2


@pytest.mark.parametrize(("role", "action"), list(itertools.product(Role, Action)))
def test_a_role_may_do_what_the_table_says_in_its_own_association(role: Role, action: Action) -> None:
    actor = Actor(name="member:1", organisation_id=OWN, roles=frozenset({role}))
    assert may(actor, action, OWN) is (LETTER[role] in EXPECTED[action].split())


@pytest.mark.parametrize(("role", "action"), list(itertools.product(Role, Action)))
def test_no_role_may_do_anything_in_another_association(role: Role, action: Action) -> None:
    actor = Actor(name="member:1", organisation_id=OWN, roles=frozenset({role}))
    assert not may(actor, action, OTHER)
    with pytest.raises(NotAllowed):
        require(actor, action, OTHER)


@pytest.mark.parametrize("action", list(Action))
def test_without_a_role_nothing_is_allowed(action: Action) -> None:
    assert not may(Actor(name="public", organisation_id=OWN), action, OWN)
