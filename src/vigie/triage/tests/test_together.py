"""Several contents in one case: put together, taken apart, undone; and what people who reported read meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from vigie.casefile.journal import first_break, record, replayed
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import contents_of, journal_of
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Stage
from vigie.casefile.tests.builders import make_case
from vigie.core.errors import NotAllowed, NotFound, UnusableInput
from vigie.evidence.actions import ask_for_arrivals
from vigie.evidence.models import Capture
from vigie.intake.actions import file_report
from vigie.intake.queries import reports_of_case, told
from vigie.intake.rules.status import Step
from vigie.intake.tests.builders import receive, received_and_filed
from vigie.intake.tests.test_concurrency import at_once
from vigie.organisations.tests.cast import Cast
from vigie.triage import actions, contents
from vigie.triage.rules import moves
from vigie.triage.rules.moves import Kind, Move

NOW = timezone.now()


def again(case: Case) -> Case:
    return Case.objects.of(case.organisation_id).get(pk=case.pk)


def claim(person: object, case: Case) -> None:
    actions.open_for_work(actor=person.actor, ref=case.ref, now=NOW)  # type: ignore[attr-defined]


def join(cast: Cast, target: Case, *others: Case, who: object = None) -> actions.Outcome:
    actor = (who or cast.bruno).actor  # type: ignore[attr-defined]
    refs = [target.ref, *(other.ref for other in others)]
    return actions.apply_bulk(actor=actor, refs=refs, move=Move(Kind.TOGETHER, into=target.ref), now=NOW)


def add(cast: Cast, case: Case, address: str) -> Content:
    return contents.add_by_address(actor=cast.bruno.actor, ref=case.ref, address=address, now=NOW)


def keys(case: Case) -> list[str]:
    return [content.key for content in contents_of(case)]


def steps(report: object) -> list[Step]:
    return [one.step for one in told(report)]  # type: ignore[arg-type]


def reported(cast: Cast, address: str) -> tuple[Case, object]:
    received, [case] = received_and_filed(cast.public, address, now=NOW)
    return case, received.report


def test_cases_put_together_are_one_with_all_contents_and_reports(cast: Cast) -> None:
    one, first = reported(cast, "https://forum.example/raid/1")
    two, second = reported(cast, "https://forum.example/raid/2")
    with transaction.atomic():
        record(Event.CASE_DANGER_SET, actor=cast.worker, now=NOW, case=two, data={"danger": 2})
        record(Event.LIMITATION_COUNTED, actor=cast.worker, now=NOW, case=two, data={"limitation_on": "2027-01-01"})
    outcome = join(cast, one, two)
    assert not outcome.refused
    one, two = again(one), again(two)
    assert keys(one) == ["web:forum.example/raid/1", "web:forum.example/raid/2"]
    assert (one.stage, one.reports_count, one.danger, str(one.limitation_on)) == (Stage.NEW, 2, 2, "2027-01-01")
    assert (two.stage, two.joined_into) == (Stage.CLOSED, one.ref)
    assert [seen.report for seen in reports_of_case(cast.bruno.actor, one)] == [second, first]
    assert journal_of(two).first().data == {"reason": "duplicate", "into": one.ref}
    assert journal_of(one).first().data["joined"] == two.ref
    for case in (one, two):
        assert replayed(case) == case.state()
    assert first_break(cast.veille.pk) is None


def test_whoever_reported_reads_what_becomes_of_the_case_that_stays_and_of_their_own_after_an_undo(cast: Cast) -> None:
    one, first = reported(cast, "https://forum.example/raid/1")
    two, second = reported(cast, "https://forum.example/raid/2")
    bulk = join(cast, one, two).bulk
    assert bulk is not None
    assert steps(second) == [Step.RECEIVED]
    third, _cases = received_and_filed(cast.public, "https://forum.example/raid/2", now=NOW)
    assert steps(third.report) == [Step.RECEIVED]
    outcome = actions.undo_bulk(actor=cast.bruno.actor, bulk_id=bulk.pk, now=NOW)
    assert not outcome.refused
    one, two = again(one), again(two)
    assert (keys(one), one.reports_count) == (["web:forum.example/raid/1"], 1)
    assert (two.stage, two.joined_into, two.reports_count) == (Stage.NEW, "", 2)  # with the one that came meanwhile
    claim(cast.bruno, one)
    assert steps(first) == [Step.EXAMINED]
    assert steps(second) == steps(third.report) == [Step.RECEIVED]
    for case in (one, two):
        assert replayed(again(case)) == again(case).state()


def test_a_joined_case_is_told_as_the_one_that_stays_goes_on(cast: Cast) -> None:
    one, _first = reported(cast, "https://forum.example/raid/1")
    two, second = reported(cast, "https://forum.example/raid/2")
    join(cast, one, two)
    claim(cast.bruno, one)
    assert steps(second) == [Step.EXAMINED]
    received, [case] = received_and_filed(cast.public, "https://forum.example/raid/2", now=NOW)
    assert case == one
    assert steps(received.report) == [Step.EXAMINED]


def test_a_report_of_both_is_counted_once(cast: Cast) -> None:
    addresses = ["https://forum.example/raid/1", "https://forum.example/raid/2"]
    _received, [one, two] = received_and_filed(cast.public, *addresses, now=NOW)
    bulk = join(cast, one, two).bulk
    assert again(one).reports_count == 1
    actions.undo_bulk(actor=cast.bruno.actor, bulk_id=bulk.pk, now=NOW)  # type: ignore[union-attr]
    assert (again(one).reports_count, again(two).reports_count) == (1, 1)


def test_the_undo_puts_danger_and_limitation_back(cast: Cast) -> None:
    one = make_case(cast.veille.pk, limitation_on="2027-06-01")
    two = make_case(cast.veille.pk, danger=1, limitation_on="2027-03-01")
    three = make_case(cast.veille.pk, danger=3, limitation_on="2027-02-01")
    bulk = join(cast, one, two, three).bulk
    assert (again(one).danger, str(again(one).limitation_on)) == (3, "2027-02-01")
    actions.undo_bulk(actor=cast.bruno.actor, bulk_id=bulk.pk, now=NOW)  # type: ignore[union-attr]
    assert (again(one).danger, str(again(one).limitation_on)) == (0, "2027-06-01")


def test_nothing_is_undone_once_somebody_worked_on_the_case_that_stays(cast: Cast) -> None:
    one, two = make_case(cast.veille.pk), make_case(cast.veille.pk)
    claim(cast.bruno, one)
    bulk = join(cast, one, two).bulk
    with transaction.atomic():
        record(Event.READING_SAVED, actor=cast.bruno.actor, now=NOW, case=again(one), data={})
    outcome = actions.undo_bulk(actor=cast.bruno.actor, bulk_id=bulk.pk, now=NOW)  # type: ignore[union-attr]
    assert [type(why) for _case, why in outcome.refused] == [moves.ChangedSince] * 2
    assert len(keys(one)) == 2
    assert again(two).joined_into == one.ref


def test_what_another_holds_what_is_qualified_or_set_aside_stays_out(cast: Cast) -> None:
    mine, free, theirs = (make_case(cast.veille.pk) for _ in range(3))
    claim(cast.chloe, theirs)
    read, sent, asked, aside = (make_case(cast.veille.pk) for _ in range(4))
    with transaction.atomic():
        record(Event.QUALIFIED, actor=cast.bruno.actor, now=NOW, case=read, data={})
        record(Event.NOTICE_DRAFTED, actor=cast.bruno.actor, now=NOW, case=sent)
        record(Event.SECOND_OPINION_ASKED, actor=cast.bruno.actor, now=NOW, case=asked)
        record(Event.CONTENT_NEVER_FETCH, actor=cast.worker, now=NOW, case=aside)
    outcome = join(cast, mine, free, theirs, read, sent, asked, aside)
    assert {case: type(why) for case, why in outcome.refused} == {
        theirs: moves.HeldByAnother, read: moves.AlreadyRead, sent: moves.NoticeBegun, asked: moves.OpinionAwaited,
        aside: moves.CaseIsSetAside,
    }  # fmt: skip
    assert len(keys(mine)) == 2
    with pytest.raises(UnusableInput, match="qui reste"):
        join(cast, theirs, make_case(cast.veille.pk), make_case(cast.veille.pk))
    with pytest.raises(moves.TooFew):
        join(cast, mine, theirs)


def test_cases_of_another_association_never_go_together_with_ours(cast: Cast) -> None:
    ours, theirs = make_case(cast.veille.pk), make_case(cast.rive.pk)
    with pytest.raises(moves.TooFew):
        join(cast, ours, theirs)
    with pytest.raises(moves.TooFew):
        join(cast, ours, theirs, who=cast.dario)
    with pytest.raises(NotAllowed):
        join(cast, ours, make_case(cast.veille.pk), who=cast.judith)


def test_a_content_is_added_by_any_form_of_its_address_once(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    with pytest.raises(moves.HeldByNobody):
        add(cast, case, "https://x.com/essai/status/20")
    claim(cast.bruno, case)
    content = add(cast, case, " https://mobile.twitter.com/essai/status/20?s=20 ")
    assert (content.key, content.platform) == ("x:post:20", "x")
    with pytest.raises(contents.AlreadyHere):
        add(cast, case, "https://x.com/i/status/20")
    with pytest.raises(UnusableInput, match="pas lisible"):
        add(cast, case, "n’importe quoi")
    assert len(keys(case)) == 2


def test_a_content_of_another_open_case_is_not_added_but_the_case_is_named(cast: Cast) -> None:
    case, other = make_case(cast.veille.pk), make_case(cast.veille.pk, url="https://forum.example/ailleurs")
    claim(cast.bruno, case)
    with pytest.raises(contents.HandledElsewhere, match=other.ref):
        add(cast, case, "https://forum.example/ailleurs")
    page = cast.bruno.browser().post(
        f"/bureau/dossiers/{case.ref}/contenus/ajouter/", {"adresse": "https://forum.example/ailleurs"}
    )
    assert page.status_code == 409
    assert other.ref in page.content.decode()


def test_what_may_be_child_abuse_is_never_added_and_nothing_of_it_is_kept(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    claim(cast.bruno, case)
    received_and_filed(cast.public, "https://forum.example/cache", about="child-abuse", now=NOW)
    before = Content.objects.of(cast.veille).count()
    for address in ("https://forum.example/cache", "https://forum.example/pedoporno/1"):
        with pytest.raises(contents.NeverAdded):
            add(cast, case, address)
    assert Content.objects.of(cast.veille).count() == before


def test_a_content_added_by_mistake_goes_and_reports_that_name_it_are_not_lost(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    claim(cast.bruno, case)
    content = add(cast, case, "https://forum.example/erreur")
    take_out = {"actor": cast.bruno.actor, "ref": case.ref, "now": NOW}
    with pytest.raises(contents.OpenedTheCase):
        contents.remove_content(**take_out, content_id=contents_of(case)[0].pk)
    assert contents.remove_content(**take_out, content_id=content.pk) is None
    with pytest.raises(NotFound):
        contents.remove_content(**take_out, content_id=content.pk)
    content = add(cast, case, "https://forum.example/erreur")
    received, [joined] = received_and_filed(cast.public, "https://forum.example/erreur", now=NOW)
    assert joined == case
    opened = contents.remove_content(**take_out, content_id=content.pk)
    assert opened is not None
    assert keys(opened) == [content.key]
    assert (again(case).reports_count, opened.reports_count) == (0, 1)
    assert steps(received.report) == [Step.RECEIVED]
    assert replayed(again(case)) == again(case).state()


def test_a_content_that_a_joined_case_brought_goes_back_to_it_however_late(cast: Cast) -> None:
    one, _first = reported(cast, "https://forum.example/raid/1")
    two, second = reported(cast, "https://forum.example/raid/2")
    join(cast, one, two)
    claim(cast.bruno, one)
    content = contents_of(one)[1]
    back = contents.remove_content(
        actor=cast.bruno.actor, ref=one.ref, content_id=content.pk, now=NOW + timedelta(hours=1)
    )
    assert back == two
    assert (again(two).stage, again(two).joined_into) == (Stage.TRIAGE, "")
    assert (len(keys(one)), again(one).reports_count) == (1, 1)
    assert steps(second) == [Step.EXAMINED]


def test_a_joined_case_is_not_reopened_beside_the_one_that_handles_it(cast: Cast) -> None:
    one, two = make_case(cast.veille.pk), make_case(cast.veille.pk)
    join(cast, one, two)
    with pytest.raises(moves.HandledElsewhere, match=one.ref):
        actions.move_case(actor=cast.bruno.actor, ref=two.ref, move=Move(Kind.REOPEN), now=NOW)
    page = cast.bruno.browser().get(f"/bureau/dossiers/{two.ref}/").content.decode()
    assert "Rouvrir" not in page


def test_a_later_report_gets_the_answer_of_the_case_that_stays(cast: Cast) -> None:
    one, _first = reported(cast, "https://forum.example/raid/1")
    two, _second = reported(cast, "https://forum.example/raid/2")
    join(cast, one, two)
    with transaction.atomic():
        record(Event.DECLINED, actor=cast.bruno.actor, now=NOW, case=one, data={"reason": "not-illegal-opinion"})
    received, [case] = received_and_filed(cast.public, "https://forum.example/raid/2", now=NOW)
    assert case == one
    assert steps(received.report) == [Step.DECLINED]


def test_what_was_qualified_stays(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    claim(cast.bruno, case)
    content = add(cast, case, "https://forum.example/deux")
    with transaction.atomic():
        record(Event.QUALIFIED, actor=cast.bruno.actor, now=NOW, case=case, data={"content": content.reference})
    take_out = {"actor": cast.bruno.actor, "ref": case.ref, "content_id": content.pk, "now": NOW}
    with pytest.raises(moves.AlreadyRead):
        contents.remove_content(**take_out)
    with transaction.atomic():
        record(Event.READING_REOPENED, actor=cast.bruno.actor, now=NOW, case=case)
    with pytest.raises(contents.AlreadyDecidedUpon):
        contents.remove_content(**take_out)


def test_the_review_proposes_which_stays_and_the_pages_lead_to_one_another(cast: Cast) -> None:
    old = make_case(cast.veille.pk, now=NOW - timedelta(days=2))
    mine, free = make_case(cast.veille.pk), make_case(cast.veille.pk)
    browser = cast.bruno.browser()
    refs = {"action": "ensemble", "ref": [old.ref, free.ref]}
    page = browser.post("/bureau/lot/", refs).content.decode()
    assert re.search(rf'value="{old.ref}" required checked', page)
    claim(cast.bruno, mine)
    page = browser.post("/bureau/lot/", refs | {"ref": [old.ref, mine.ref]}).content.decode()
    assert re.search(rf'value="{mine.ref}" required checked', page)
    done = browser.post("/bureau/lot/faire/", {"action": "ensemble", "ref": [old.ref, mine.ref], "dans": mine.ref})
    assert done.headers["Location"] == f"/bureau/dossiers/{mine.ref}/"
    for one, other in ((old, mine), (mine, old)):
        assert f'href="/bureau/dossiers/{other.ref}/"' in browser.get(f"/bureau/dossiers/{one.ref}/").content.decode()
    alone = browser.post("/bureau/lot/", {"action": "ensemble", "ref": [free.ref]}).content.decode()
    assert "au moins deux dossiers" in alone


def test_the_capture_of_an_added_content_starts_by_itself(cast: Cast) -> None:
    case = make_case(cast.veille.pk)
    claim(cast.bruno, case)
    content = add(cast, case, "https://forum.example/a-capturer")
    assert ask_for_arrivals(NOW)
    assert Capture.objects.of(cast.veille).filter(content=content, case=case).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_report_that_arrives_while_cases_are_joined_is_one_of_the_case_that_stays(cast: Cast) -> None:
    for number in range(4):
        one, two = (make_case(cast.veille.pk, url=f"https://forum.example/{number}/{n}") for n in "ab")
        report = receive(cast.public, f"https://forum.example/{number}/b", now=NOW).report
        at_once(lambda: join(cast, one, two), lambda: file_report(report, NOW))  # noqa: B023 run at once
        assert [seen.report for seen in reports_of_case(cast.bruno.actor, one)] == [report]
        assert again(one).reports_count == 1
        assert steps(report) == [Step.RECEIVED]
        claim(cast.bruno, one)
        assert steps(report) == [Step.EXAMINED]


@pytest.mark.django_db(transaction=True)
def test_two_members_at_once_put_the_same_cases_together_once(cast: Cast) -> None:
    for _ in range(4):
        one, two, three = (make_case(cast.veille.pk) for _ in range(3))

        def try_it(target: Case, other: Case, who: object) -> str:
            try:
                join(cast, target, other, who=who)
            except moves.TooFew:
                return "too late"
            return "done"

        said = at_once(
            lambda: try_it(one, two, cast.bruno),  # noqa: B023 run at once
            lambda: try_it(two, three, cast.chloe),  # noqa: B023 run at once
            lambda: try_it(three, one, cast.bruno),  # noqa: B023 run at once
        )
        assert "done" in said
        rows = [again(case) for case in (one, two, three)]
        assert sum(row.stage == Stage.CLOSED for row in rows) == said.count("done")
        for row in rows:
            assert replayed(row) == row.state()
    assert first_break(cast.veille.pk) is None
