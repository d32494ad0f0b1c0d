"""The same bytes are one file, whichever rooms name them: it goes when nobody names it, or when the law says so."""

from __future__ import annotations

import pytest

from vigie.casefile import files
from vigie.core.errors import NotFound
from vigie.intake.actions import file_report, receive_report
from vigie.intake.actions.referral import refer_filed, settle_referral
from vigie.intake.models import Attachment, Report
from vigie.intake.rules.values import Door, ReferralBody, Upload
from vigie.intake.tests.builders import png
from vigie.notice.actions import note_pharos_reference
from vigie.notice.tests.cases import NOW, make_content, opened_case
from vigie.organisations.tests.cast import Cast, Person
from vigie.triage.actions import move_case
from vigie.triage.rules.moves import Kind, Move

SCREENSHOT = png("red")
ELSEWHERE = "https://forum.example/fil/8"


def proven(person: Person) -> str:
    """The digest of a proof that `person` kept, of something else."""
    content = make_content(person)
    case = opened_case(person, [content])
    move_case(actor=person.actor, ref=case.ref, move=Move(Kind.CLAIM), now=NOW)
    sha256 = files.keep(SCREENSHOT).sha256
    note_pharos_reference(
        actor=person.actor, case=case, content=content, reference="P-1", sent_at=NOW, proof_sha256=sha256, now=NOW
    )
    return sha256


def report_with_the_same(cast: Cast, *, number: int = 1, house: Person | None = None) -> Report:
    actor = house.actor if house else cast.public
    return receive_report(
        actor=actor, door=Door.DESK if house else Door.FORM, addresses=[ELSEWHERE], description="Des mots inventés.",
        attachments=[Upload("vue.png", SCREENSHOT)], nonce=f"{number:024}", now=NOW,
    ).report  # fmt: skip


@pytest.fixture
def said(cast: Cast, django_capture_on_commit_callbacks):
    """Have a stranger say of the report they just made that it is child abuse; nobody has confirmed anything."""

    def say(report: Report) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            refer_filed(cast.public, report, NOW)

    return say


def test_a_proof_outlives_a_report_that_brought_the_same_bytes(cast: Cast, said) -> None:
    sha256 = proven(cast.bruno)
    said(report_with_the_same(cast))
    assert not Attachment.objects.of(cast.veille).exists()
    assert files.read(sha256) == SCREENSHOT


def test_a_strangers_word_takes_no_file_from_the_report_of_another(cast: Cast, said) -> None:
    others, strangers = report_with_the_same(cast, number=1), report_with_the_same(cast, number=2)
    said(strangers)
    [kept] = Attachment.objects.of(cast.veille)
    assert kept.report == others
    assert files.read(kept.sha256) == SCREENSHOT


def test_bytes_that_nobody_names_any_more_are_removed(cast: Cast, said) -> None:
    report = report_with_the_same(cast)
    [kept] = Attachment.objects.of(cast.veille)
    said(report)
    with pytest.raises(NotFound):
        files.read(kept.sha256)


@pytest.mark.parametrize("elsewhere_too", [False, True])
def test_what_a_person_confirmed_is_kept_by_nobody_here_and_another_association_decides_for_itself(
    cast: Cast, said, django_capture_on_commit_callbacks, elsewhere_too: bool
) -> None:
    sha256 = proven(cast.bruno)
    report = report_with_the_same(cast)
    [case] = file_report(report, NOW)
    if elsewhere_too:
        report_with_the_same(cast, house=cast.dario)
    said(report)
    with django_capture_on_commit_callbacks(execute=True):
        settle_referral(actor=cast.bruno.actor, case=case, body=ReferralBody.PHAROS, now=NOW)
    if elsewhere_too:
        assert files.read(sha256) == SCREENSHOT
    else:
        with pytest.raises(NotFound):
            files.read(sha256)
