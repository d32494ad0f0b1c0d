"""What the house learns from decisions names grounds and reasons of the catalogue in force."""

from __future__ import annotations

from vigie.learning.rules.labels import HATEFUL_GROUNDS, LAWFUL_REASONS, Label, label_of_grounds, label_of_reason
from vigie.qualification.catalogue import current


def test_each_ground_and_reason_that_teaches_is_in_the_catalogue() -> None:
    families = {name: ground.family for name, ground in current().grounds.items()}
    assert set(families) >= HATEFUL_GROUNDS | LAWFUL_REASONS
    assert {families[name] for name in LAWFUL_REASONS} == {"not-illegal"}
    assert "not-illegal" not in {families[name] for name in HATEFUL_GROUNDS}


def test_what_is_unlawful_for_another_reason_says_nothing_of_hatred() -> None:
    assert label_of_grounds(["csam-referral"]) is Label.SILENT
    assert label_of_reason("not-illegal-time-barred") is Label.SILENT
