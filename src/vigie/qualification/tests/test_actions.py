"""What actions do to the rows, to the journal and to the case, and whom they refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from vigie.casefile.journal import first_break, replayed
from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.queries import contents_of, journal_of
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.state import Danger, Stage
from vigie.casefile.tests.builders import make_case
from vigie.casefile.web.journal_words import sentence_of
from vigie.core.errors import Conflict, NotAllowed, NotFound, UnusableInput
from vigie.intake.actions.conversation import MessageTooLong
from vigie.intake.models import Message
from vigie.intake.tests.builders import received_and_filed
from vigie.organisations.tests.cast import Cast
from vigie.qualification import forget, tasks
from vigie.qualification.actions import (
    AlreadyDeclined,
    NeedsOpinion,
    NothingToReopen,
    NotInTheCase,
    NotMadeOut,
    OwnReading,
    Read,
    ask_second_opinion,
    decline,
    give_second_opinion,
    qualify,
    reopen,
    save_answers,
    set_publication,
    withdraw,
)
from vigie.qualification.models import Decline, Qualification, Reading, SecondOpinion
from vigie.qualification.queries import (
    decline_of,
    earliest_limitation,
    open_opinion,
    opinions_waiting,
    standing_readings,
)
from vigie.qualification.rules.assessment import Answer, NotABaseGround, UnknownQuestion
from vigie.qualification.rules.quotes import NoWords, Quote, WordsNotInContent, find_quote
from vigie.triage.actions import move_case
from vigie.triage.rules.moves import CaseIsClosed, HeldByAnother, Kind, Move

from .builders import INCITEMENT, INSULT, VERSION, all_no, all_yes, ground

TEXT = "Encore eux. Les Zorglubs sont des parasites."
PUBLISHED = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def read(ground_id: str = INSULT, words: str = "parasites", text: str = TEXT, **changes) -> Read:
    one = ground(ground_id)
    whole = Read(
        ground_id=ground_id,
        answers=all_yes(one),
        excluder_answers=all_no(one),
        quotes=(find_quote(text, words),) if words else (),
        criteria=("origin",),
    )
    return replace(whole, **changes)


@pytest.fixture
def case(cast: Cast) -> Case:
    return make_case(cast.veille.pk, text=TEXT, published_at=PUBLISHED)


def content_of(case: Case) -> Content:
    return contents_of(case)[0]


def events(case: Case) -> list[str]:
    rows = JournalEntry.objects.of(case.organisation_id).filter(case=case).order_by("seq")
    return list(rows.values_list("event", flat=True))


def do(cast: Cast, case: Case, one: Read | None = None, who: str = "bruno", verb=qualify) -> Qualification:
    actor = getattr(cast, who).actor
    return verb(actor=actor, case=case, content=content_of(case), read=one or read(), now=NOW)


def test_a_clear_reading_stands_moves_the_case_and_is_witnessed(cast: Cast, case: Case) -> None:
    qualification = do(cast, case)
    case.refresh_from_db()
    assert qualification.is_standing
    assert qualification.catalogue_version == VERSION
    assert (case.stage, case.holder_id) == (Stage.QUALIFIED, cast.bruno.member.pk)
    assert case.limitation_on.isoformat() == "2027-11-01"
    assert events(case)[-3:] == ["case.claimed", "reading.saved", "reading.qualified"]
    assert replayed(case) == case.state()
    assert first_break(cast.veille.pk) is None


def test_the_journal_keeps_the_answers_and_the_version_but_no_word_of_the_content(cast: Cast, case: Case) -> None:
    do(cast, case, read(explanation="Le mot animalise."))
    entry = JournalEntry.objects.of(cast.veille).filter(case=case, event="reading.qualified").get()
    assert entry.data["catalogue"] == VERSION
    assert entry.data["answers"] == dict.fromkeys(("e1", "e2", "e3", "e4"), "yes")
    kept = str(list(JournalEntry.objects.of(cast.veille).values_list("data", flat=True)))
    assert "parasites" not in kept
    assert "animalise" not in kept


def test_qualifying_again_changes_nothing(cast: Cast, case: Case) -> None:
    do(cast, case)
    before = events(case)
    do(cast, case)
    assert events(case) == before
    assert Qualification.objects.of(cast.veille).count() == 1


def test_several_grounds_stand_and_the_earliest_limitation_counts(cast: Cast, case: Case) -> None:
    do(cast, case, read("threat-death"))
    case.refresh_from_db()
    assert case.limitation_on.isoformat() == "2032-11-01"
    assert case.danger == Danger.IMMINENT
    do(cast, case, read(INCITEMENT))
    case.refresh_from_db()
    assert case.limitation_on.isoformat() == "2027-11-01"
    standing = standing_readings(case)[content_of(case).pk]
    assert [one.ground.id for one in standing.grounds] == ["threat-death", INCITEMENT]
    assert standing.quotes[0].text == "parasites"
    assert earliest_limitation(case, NOW).ground_id == INCITEMENT


def test_giving_one_ground_up_leaves_the_other_and_giving_up_the_last_reopens(cast: Cast, case: Case) -> None:
    first, second = do(cast, case, read("threat-death")), do(cast, case, read(INCITEMENT))
    withdraw(actor=cast.bruno.actor, qualification=second, now=NOW)
    case.refresh_from_db()
    assert (case.stage, case.limitation_on.isoformat()) == (Stage.QUALIFIED, "2032-11-01")
    withdraw(actor=cast.bruno.actor, qualification=first, now=NOW)
    case.refresh_from_db()
    assert case.stage == Stage.TRIAGE
    assert standing_readings(case) == {}


def test_the_journal_says_that_a_ground_saved_again_as_a_draft_stands_no_more_while_another_does(
    cast: Cast, case: Case
) -> None:
    do(cast, case, read("threat-death"))
    do(cast, case, read(INCITEMENT))
    case.refresh_from_db()
    assert case.limitation_on.isoformat() == "2027-11-01"
    changed = replace(read(INCITEMENT), explanation="Il reste à relire.")
    save_answers(actor=cast.bruno.actor, case=case, content=content_of(case), read=changed, now=NOW)
    case.refresh_from_db()
    assert (case.stage, case.limitation_on.isoformat()) == (Stage.QUALIFIED, "2032-11-01")
    assert [one.ground.id for one in standing_readings(case)[content_of(case).pk].grounds] == ["threat-death"]
    entry = journal_of(case).first()
    assert entry.event == "limitation.counted"
    assert (entry.data["withdrawn"], entry.data["content"]) == (INCITEMENT, content_of(case).reference)
    assert "ne retient plus l’un des fondements" in sentence_of(entry.event, entry.actor, entry.data, {})
    save_answers(actor=cast.bruno.actor, case=case, content=content_of(case), read=changed, now=NOW)
    assert journal_of(case).first() == entry


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"answers": {}}, NotMadeOut),
        ({"answers": {**all_yes(ground(INSULT)), "e4": Answer.NO}}, NotMadeOut),
        ({"excluder_answers": {}}, NotMadeOut),
        ({"answers": {**all_yes(ground(INSULT)), "e4": Answer.DOUBTFUL}}, NeedsOpinion),
        ({"excluder_answers": {**all_no(ground(INSULT)), "x2": Answer.YES}}, NeedsOpinion),
        ({"quotes": ()}, NoWords),
        ({"quotes": (Quote(0, 4, "Rien"),)}, WordsNotInContent),
        ({"answers": {"e9": Answer.YES}}, UnknownQuestion),
        ({"ground_id": "outrage-en-ligne-struck-down", "answers": {}, "excluder_answers": {}}, NotABaseGround),
        ({"ground_id": "aggravation-132-76"}, NotABaseGround),
        ({"ground_id": "not-illegal-opinion"}, NotABaseGround),
        ({"ground_id": "thought-crime"}, NotFound),
    ],
)
def test_what_is_not_established_does_not_stand_and_nothing_is_left_behind(
    cast: Cast, case: Case, changes, refusal
) -> None:
    before = events(case)
    with pytest.raises(refusal):
        do(cast, case, read(**changes))
    assert events(case) == before
    assert not Qualification.objects.of(cast.veille).exists()
    assert not Reading.objects.of(cast.veille).exists()


def test_a_picture_is_described_instead_of_quoted(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text="")
    assert do(cast, case, read(words="", media_description="Un dessin animalise les Zorglubs.")).is_standing


def test_a_jurist_who_finds_child_abuse_hides_it_and_who_may_settle_it_confirms_it(cast: Cast) -> None:
    for person, is_confirmed in ((cast.judith, False), (cast.bruno, True)):
        case = make_case(cast.veille.pk, text="Des mots.")
        qualify(actor=person.actor, case=case, content=content_of(case), read=read("csam-referral", words=""), now=NOW)
        case.refresh_from_db()
        content = content_of(case)
        assert (case.referral, content.never_fetch) == ("waiting", True)
        assert (content.text == "", content.forbidden_at is not None) == (is_confirmed, is_confirmed)


def test_child_abuse_is_never_fetched_and_needs_no_words(cast: Cast, case: Case) -> None:
    do(cast, case, read("csam-referral", words=""))
    assert content_of(case).never_fetch
    assert "content.never-fetch" in events(case)


@pytest.mark.parametrize("who", ["victor", "anatole", "adele"])
@pytest.mark.parametrize("verb", [qualify, save_answers])
def test_who_may_not_qualify_is_refused(cast: Cast, case: Case, who: str, verb) -> None:
    with pytest.raises(NotAllowed):
        do(cast, case, who=who, verb=verb)


def test_another_association_is_refused_whatever_its_roles(cast: Cast, case: Case) -> None:
    with pytest.raises(NotAllowed):
        do(cast, case, who="dario")
    assert standing_readings(case) == {}


def test_nobody_reads_what_another_holds(cast: Cast, case: Case) -> None:
    do(cast, case, verb=save_answers)
    with pytest.raises(HeldByAnother, match="Bruno"):
        do(cast, case, who="chloe")
    with pytest.raises(HeldByAnother):
        decline(actor=cast.chloe.actor, case=case, reason_id="not-illegal-opinion", now=NOW)


def test_a_content_of_another_case_cannot_be_read_here(cast: Cast, case: Case) -> None:
    other = content_of(make_case(cast.veille.pk, text=TEXT))
    with pytest.raises(NotInTheCase):
        qualify(actor=cast.bruno.actor, case=case, content=other, read=read(), now=NOW)


def test_a_doubt_goes_to_a_jurist_whose_yes_lets_it_stand(cast: Cast, case: Case) -> None:
    doubtful = read(answers={**all_yes(ground(INSULT)), "e4": Answer.DOUBTFUL})
    draft = do(cast, case, doubtful, verb=save_answers)
    asked = ask_second_opinion(actor=cast.bruno.actor, case=case, qualification=draft, question="?", now=NOW)
    assert ask_second_opinion(actor=cast.bruno.actor, case=case, now=NOW) == asked
    case.refresh_from_db()
    assert case.second_opinion_asked
    assert list(opinions_waiting(cast.veille.pk)) == [asked]
    give_second_opinion(
        actor=cast.judith.actor, opinion=asked, verdict=SecondOpinion.Verdict.UPHELD, text="Oui.", now=NOW
    )
    case.refresh_from_db()
    assert not case.second_opinion_asked
    assert open_opinion(case) is None
    assert do(cast, case, doubtful).is_standing


def test_answers_changed_after_the_jurists_yes_are_no_longer_upheld(cast: Cast, case: Case) -> None:
    yes = all_yes(ground(INSULT))
    draft = do(cast, case, read(answers={**yes, "e4": Answer.DOUBTFUL}), verb=save_answers)
    asked = ask_second_opinion(actor=cast.bruno.actor, case=case, qualification=draft, now=NOW)
    give_second_opinion(actor=cast.judith.actor, opinion=asked, verdict=SecondOpinion.Verdict.UPHELD, text="", now=NOW)
    with pytest.raises(NeedsOpinion):
        do(cast, case, read(answers={**yes, "e3": Answer.DOUBTFUL}))


def test_a_jurists_no_does_not_let_it_stand(cast: Cast, case: Case) -> None:
    doubtful = read(answers={**all_yes(ground(INSULT)), "e4": Answer.DOUBTFUL})
    draft = do(cast, case, doubtful, verb=save_answers)
    asked = ask_second_opinion(actor=cast.bruno.actor, case=case, qualification=draft, now=NOW)
    give_second_opinion(
        actor=cast.judith.actor, opinion=asked, verdict=SecondOpinion.Verdict.NOT_UPHELD, text="", now=NOW
    )
    with pytest.raises(NeedsOpinion):
        do(cast, case, doubtful)
    with pytest.raises(Conflict):
        give_second_opinion(
            actor=cast.judith.actor, opinion=asked, verdict=SecondOpinion.Verdict.UPHELD, text="", now=NOW
        )


def test_only_a_jurist_answers_and_never_about_their_own_reading(cast: Cast, case: Case) -> None:
    draft = do(cast, case, verb=save_answers, who="judith")
    asked = ask_second_opinion(actor=cast.judith.actor, case=case, qualification=draft, now=NOW)
    upheld = SecondOpinion.Verdict.UPHELD
    with pytest.raises(NotAllowed):
        give_second_opinion(actor=cast.bruno.actor, opinion=asked, verdict=upheld, text="", now=NOW)
    with pytest.raises(OwnReading):
        give_second_opinion(actor=cast.judith.actor, opinion=asked, verdict=upheld, text="", now=NOW)


def test_a_question_lapses_when_the_case_is_settled_otherwise(cast: Cast, case: Case) -> None:
    asked = ask_second_opinion(actor=cast.bruno.actor, case=case, now=NOW)
    decline(actor=cast.bruno.actor, case=case, reason_id="not-illegal-opinion", now=NOW)
    assert not opinions_waiting(cast.veille.pk).exists()
    asked.refresh_from_db()
    assert (asked.verdict, asked.given_at) == ("", None)


def test_declining_keeps_the_reason_its_version_and_the_answer_and_lifts_what_stood(cast: Cast, case: Case) -> None:
    do(cast, case)
    decline(
        actor=cast.bruno.actor, case=case, reason_id="not-illegal-irony-satire", answer="Bonjour.", note="n", now=NOW
    )
    case.refresh_from_db()
    assert case.stage == Stage.DECLINED
    assert standing_readings(case) == {}
    assert decline_of(case).reason().id == "not-illegal-irony-satire"
    assert decline_of(case).catalogue_version == VERSION
    assert replayed(case) == case.state()


def test_only_a_reason_of_the_catalogue_declines(cast: Cast, case: Case) -> None:
    with pytest.raises(UnusableInput):
        decline(actor=cast.bruno.actor, case=case, reason_id=INSULT, now=NOW)
    assert not Decline.objects.of(cast.veille).exists()


def test_reopening_gives_the_reading_back_as_a_draft_and_lifts_a_decline(cast: Cast, case: Case) -> None:
    with pytest.raises(NothingToReopen):
        reopen(actor=cast.bruno.actor, case=case, now=NOW)
    do(cast, case)
    reopen(actor=cast.bruno.actor, case=case, now=NOW, why="refused")
    case.refresh_from_db()
    assert case.stage == Stage.TRIAGE
    assert Qualification.objects.of(cast.veille).get().status == Qualification.Status.DRAFT
    decline(actor=cast.bruno.actor, case=case, reason_id="not-illegal-opinion", now=NOW)
    reopen(actor=cast.bruno.actor, case=case, now=NOW)
    assert decline_of(case) is None


def test_a_standing_reading_whose_answers_change_is_a_draft_again(cast: Cast, case: Case) -> None:
    do(cast, case)
    do(cast, case, read(answers={}), verb=save_answers)
    case.refresh_from_db()
    assert case.stage == Stage.TRIAGE
    assert replayed(case) == case.state()


def test_a_publication_date_noted_later_counts_the_limitation_again(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text=TEXT)
    do(cast, case)
    case.refresh_from_db()
    assert case.limitation_on is None
    content = content_of(case)
    with pytest.raises(UnusableInput):
        set_publication(
            actor=cast.bruno.actor, case=case, content=content, published_at=NOW.replace(year=2027), now=NOW
        )
    set_publication(actor=cast.bruno.actor, case=case, content=content, published_at=PUBLISHED, now=NOW)
    case.refresh_from_db()
    assert case.limitation_on.isoformat() == "2027-11-01"


def test_words_cut_from_a_text_that_changed_are_said_to_be_stale(cast: Cast, case: Case) -> None:
    do(cast, case)
    assert not standing_readings(case)[content_of(case).pk].is_stale
    Content.objects.of(cast.veille).update(text=TEXT + " (modifié)")
    assert standing_readings(case)[content_of(case).pk].is_stale


def test_a_case_of_the_house_clock_can_be_read(cast: Cast, case: Case) -> None:
    content = content_of(case)
    qualify(actor=cast.bruno.actor, case=case, content=content, read=read(), now=timezone.now())


def test_a_decline_and_its_answer_stand_or_fall_together(cast: Cast) -> None:
    received, [case] = received_and_filed(cast.public)
    decline(
        actor=cast.bruno.actor, case=case, reason_id="not-illegal-opinion", answer="Bonjour, merci.", now=timezone.now()
    )
    [message] = Message.objects.of(cast.veille).filter(report=received.report)
    assert (message.text, message.kind) == ("Bonjour, merci.", "decision")
    _, [other] = received_and_filed(cast.public, "https://x.com/essai/status/42")
    with pytest.raises(MessageTooLong):
        decline(
            actor=cast.bruno.actor, case=other, reason_id="not-illegal-opinion", answer="a" * 10_001, now=timezone.now()
        )
    assert decline_of(other) is None


def test_a_decline_without_an_answer_writes_to_nobody(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public)
    decline(actor=cast.bruno.actor, case=case, reason_id="not-illegal-opinion", answer=" ", now=timezone.now())
    assert not Message.objects.of(cast.veille).exists()


def test_of_child_abuse_no_word_is_kept(cast: Cast, case: Case) -> None:
    do(cast, case, read("csam-referral", media_description="Une description.", explanation="Une phrase."))
    content = content_of(case)
    assert (content.never_fetch, content.text) == (True, "")
    assert str(forget.words_of(case)).count("parasites") == 0
    assert "description." not in str(forget.words_of(case))
    assert "phrase" not in str(forget.words_of(case))


def test_words_read_are_erased_by_the_worker_once_a_person_has_confirmed_child_abuse(cast: Cast, case: Case) -> None:
    do(cast, case, read(explanation="Une phrase."))
    assert not tasks.erase_forbidden(NOW)
    Content.objects.of(cast.veille).update(never_fetch=True)
    assert not tasks.erase_forbidden(NOW)
    Content.objects.of(cast.veille).update(forbidden_at=NOW)
    assert tasks.erase_forbidden(NOW)
    assert "parasites" not in str(forget.words_of(case))
    assert "phrase" not in str(forget.words_of(case))
    assert not tasks.erase_forbidden(NOW)


def test_words_are_given_out_then_erased_and_the_grounds_stay(cast: Cast, case: Case) -> None:
    do(cast, case, read(explanation="Une phrase."))
    assert "parasites" in str(forget.words_of(case))
    forget.erase_words(case)
    assert "parasites" not in str(forget.words_of(case))
    assert "phrase" not in str(forget.words_of(case))
    assert standing_readings(case)[content_of(case).pk].grounds[0].ground.id == INSULT


def test_declining_twice_answers_once(cast: Cast) -> None:
    """A second press of the button, or a page loaded again."""
    _, [case] = received_and_filed(cast.public)
    for _press in range(2):
        decline(
            actor=cast.bruno.actor, case=case, reason_id="not-illegal-opinion", answer="Merci de votre message.", now=NOW
        )  # fmt: skip
    assert Message.objects.of(cast.veille).count() == Decline.objects.of(cast.veille).count() == 1
    with pytest.raises(AlreadyDeclined):
        decline(actor=cast.bruno.actor, case=case, reason_id="not-illegal-irony-satire", now=NOW)


def test_a_case_reopened_in_the_queue_can_be_qualified_as_before(cast: Cast, case: Case) -> None:
    do(cast, case)
    for move in (Move(Kind.CLOSE, reason=ClosingReason.DONE), Move(Kind.REOPEN)):
        move_case(actor=cast.bruno.actor, ref=case.ref, move=move, now=NOW)
    do(cast, case)
    case.refresh_from_db()
    assert case.stage == Stage.QUALIFIED
    assert replayed(case) == case.state()


def test_a_decline_that_was_reopened_in_the_queue_stands_no_more(cast: Cast, case: Case) -> None:
    decline(actor=cast.bruno.actor, case=case, reason_id="not-illegal-opinion", now=NOW)
    move_case(actor=cast.bruno.actor, ref=case.ref, move=Move(Kind.REOPEN), now=NOW)
    case.refresh_from_db()
    assert decline_of(case) is None
    decline(actor=cast.bruno.actor, case=case, reason_id="not-illegal-irony-satire", now=NOW)


def test_a_closed_case_is_reopened_before_it_is_read_again(cast: Cast, case: Case) -> None:
    move_case(actor=cast.bruno.actor, ref=case.ref, move=Move(Kind.CLOSE, reason=ClosingReason.MISTAKE), now=NOW)
    with pytest.raises(CaseIsClosed):
        do(cast, case)
    with pytest.raises(CaseIsClosed):
        decline(actor=cast.bruno.actor, case=case, reason_id="not-illegal-opinion", now=NOW)
