"""A word added this morning counts at once, is tried before it counts, and goes back in one step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from vigie.casefile.journal import first_break
from vigie.casefile.models import JournalEntry
from vigie.casefile.tests.builders import make_case
from vigie.core.errors import NotAllowed, UnusableInput
from vigie.detection.detectors import default_detector
from vigie.detection.hints import Kind
from vigie.learning.actions import SameName, TwoAtOnce, restore_previous, save_term
from vigie.learning.detectors import detector_of
from vigie.learning.models import OwnTerm
from vigie.learning.queries import delivered_key, trial_of
from vigie.learning.rules.terms import Standing
from vigie.learning.tests.builders import INSULT, OPINION, decided, make_term, pull_all
from vigie.organisations.tests.cast import Cast

pytestmark = pytest.mark.django_db

TEXT = "Encore un zorglub qui se croit chez lui, dit ce message inventé."


def words_found(organisation_id: int, text: str = TEXT) -> list[str]:
    return [match.term for match in detector_of(organisation_id).read(text, "fr").matches]


def test_a_word_counts_at_once_in_its_association_and_in_no_other(cast: Cast) -> None:
    assert words_found(cast.veille.pk) == []
    save_term(actor=cast.anatole.actor, state=make_term(), now=timezone.now())
    assert words_found(cast.veille.pk) == ["zorglub"]
    assert words_found(cast.rive.pk) == []
    assert detector_of(cast.rive.pk) is default_detector()
    version = detector_of(cast.veille.pk).version
    assert version == f"{default_detector().version}+own{cast.veille.pk}.1"


def test_each_change_is_a_version_witnessed_without_the_word(cast: Cast) -> None:
    actor, now = cast.anatole.actor, timezone.now()
    term = save_term(actor=actor, state=make_term(), now=now)
    save_term(actor=actor, state=make_term(variants=("zorglube",)), term=term, now=now)
    save_term(
        actor=actor, state=make_term(standing=Standing.ENDED), term=OwnTerm.objects.of(cast.veille).get(), now=now
    )
    entries = JournalEntry.objects.of(cast.veille).filter(event="lexicon.term-saved").order_by("seq")
    assert [entry.data["does"] for entry in entries] == ["added", "changed", "ended"]
    assert "zorglub" not in str([entry.data for entry in entries])
    assert first_break(cast.veille.pk) is None
    assert words_found(cast.veille.pk) == []


def test_one_step_back_and_one_step_forth(cast: Cast) -> None:
    actor, now = cast.anatole.actor, timezone.now()
    term = save_term(actor=actor, state=make_term(), now=now)
    term = save_term(actor=actor, state=make_term("ganelin"), term=term, now=now)
    assert words_found(cast.veille.pk) == []
    term = restore_previous(actor=actor, term=term, now=now)
    assert words_found(cast.veille.pk) == ["zorglub"]
    term = restore_previous(actor=actor, term=term, now=now)
    assert words_found(cast.veille.pk, "un ganelin de plus") == ["ganelin"]


def test_a_word_just_added_ends_when_taken_back(cast: Cast) -> None:
    term = save_term(actor=cast.anatole.actor, state=make_term(), now=timezone.now())
    restore_previous(actor=cast.anatole.actor, term=term, now=timezone.now())
    assert words_found(cast.veille.pk) == []


def test_who_does_not_keep_the_lexicon_changes_nothing(cast: Cast) -> None:
    for person in (cast.bruno, cast.chloe, cast.judith, cast.adele):
        with pytest.raises(NotAllowed):
            save_term(actor=person.actor, state=make_term(), now=timezone.now())
    assert not OwnTerm.objects.of(cast.veille).exists()


def test_a_word_is_there_once_and_is_not_changed_behind_somebodys_back(cast: Cast) -> None:
    actor, now = cast.anatole.actor, timezone.now()
    term = save_term(actor=actor, state=make_term(), now=now)
    with pytest.raises(SameName):
        save_term(actor=actor, state=make_term("Zorglub"), now=now)
    with pytest.raises(TwoAtOnce):
        save_term(actor=actor, state=make_term("ganelin"), term=term, now=now, seen_version=7)
    with pytest.raises(UnusableInput, match="une seule lettre"):
        save_term(actor=actor, state=make_term("z"), now=now)


def test_a_delivered_word_can_be_muted_here_alone(cast: Cast) -> None:
    text, delivered = (
        "Quel melon, ce type",
        next(one for one in default_detector().lexicon.terms if one.term == "melon"),
    )
    assert words_found(cast.veille.pk, text) == ["melon"]
    save_term(actor=cast.anatole.actor, state=make_term(delivered.term, standing=Standing.MUTED), now=timezone.now())
    assert words_found(cast.veille.pk, text) == []
    assert words_found(cast.rive.pk, text) == ["melon"]


def test_a_trial_says_what_would_be_caught_and_how_people_decided_of_it(cast: Cast) -> None:
    here, now = cast.veille.pk, timezone.now()
    for number in range(6):
        decided(here, f"Un zorglub de plus, le numéro {number}", ground=INSULT)
    decided(here, "Le mot zorglub, dit-il, est une opinion", reason=OPINION)
    decided(here, "Un zorglub qui vole des photos", ground="revenge-porn")
    make_case(here, text="Rien à voir ici, un message ordinaire")
    make_case(here, text=TEXT)
    make_case(here, text="Un zorglub d’il y a longtemps", now=now - timedelta(days=60))
    make_case(here, text="On m’a traité de « zorglub », raconte-t-elle")
    pull_all(here)
    trial, is_cut = trial_of(cast.anatole.actor, make_term(), now=now)
    assert (trial.read, len(trial.caught), len(trial.dropped), len(trial.kept)) == (11, 9, 0, 0)
    assert (trial.precision.part, trial.precision.whole, trial.silent, trial.undecided) == (6, 7, 1, 1)
    assert sum(trial.set_aside.values()) == 1
    assert not is_cut
    assert words_found(here) == []  # nothing was changed

    save_term(actor=cast.anatole.actor, state=make_term(), now=now)
    gone, _ = trial_of(
        cast.anatole.actor, make_term(standing=Standing.ENDED), term=OwnTerm.objects.of(here).get(), now=now
    )
    assert (len(gone.caught), len(gone.dropped)) == (0, 9)
    assert gone.precision.value is None


# --- in a browser --------------------------------------------------------------------------------------------

FORM = {
    "term": "zorglub", "sense": "Code inventé pour un groupe", "kind": "coded", "target": "jews",
    "source_status": "unverified", "standing": "active", "jours": "30",
}  # fmt: skip


def hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"')[0]


def test_a_change_takes_effect_only_once_it_was_seen(cast: Cast) -> None:
    make_case(cast.veille.pk, text=TEXT)
    browser = cast.anatole.browser()
    page = browser.post(reverse("term-new"), FORM | {"prendre": "1"}).content.decode()
    assert "Ce que cela donnerait" in page
    assert "Repérés en plus" in page
    assert not OwnTerm.objects.of(cast.veille).exists()
    token = hidden(page, "essai_vu")
    browser.post(reverse("term-new"), FORM | {"term": "ganelin", "prendre": "1", "essai_vu": token})
    assert not OwnTerm.objects.of(cast.veille).exists()  # another word than the one that was tried
    answer = browser.post(reverse("term-new"), FORM | {"prendre": "1", "essai_vu": token})
    assert answer.status_code == 302
    assert words_found(cast.veille.pk) == ["zorglub"]


def test_the_hint_of_a_case_shows_the_word_and_its_sense(cast: Cast) -> None:
    case = make_case(cast.veille.pk, text=TEXT)
    address = reverse("case", args=[case.ref])
    assert "Code inventé" not in cast.bruno.browser().get(address).content.decode()
    save_term(actor=cast.anatole.actor, state=make_term(), now=timezone.now())
    assert "Code inventé" in cast.bruno.browser().get(address).content.decode()


def test_a_slur_of_ones_own_is_masked_in_the_text_and_in_the_lexicon(cast: Cast) -> None:
    save_term(actor=cast.anatole.actor, state=make_term(kind=Kind.SLUR), now=timezone.now())
    case = make_case(cast.veille.pk, text=TEXT)
    other = make_case(cast.rive.pk, text=TEXT)
    term = OwnTerm.objects.of(cast.veille).get()
    for address in (reverse("case", args=[case.ref]), reverse("lexicon"), reverse("term", args=[term.pk])):
        assert "zorglub" not in cast.bruno.browser().get(address).content.decode(), address
        assert "zorglub" in cast.bruno.browser().get(f"{address}?mots=1").content.decode(), address
    assert "zorglub" in cast.dario.browser().get(reverse("case", args=[other.ref])).content.decode()


def test_a_delivered_word_is_adapted_without_standing_in_an_address(cast: Cast) -> None:
    delivered = next(one for one in default_detector().lexicon.terms if one.term == "melon")
    page = cast.anatole.browser().get(reverse("term-new"), {"de": delivered_key(delivered)}).content.decode()
    assert 'value="melon"' in page
    found = cast.anatole.browser().get(reverse("lexicon"), {"q": "fruit"}).content.decode()
    assert delivered_key(delivered) in found


def test_the_last_change_is_undone_by_one_button(cast: Cast) -> None:
    term = save_term(actor=cast.anatole.actor, state=make_term(), now=timezone.now())
    save_term(actor=cast.anatole.actor, state=make_term("ganelin"), term=term, now=timezone.now())
    cast.anatole.browser().post(reverse("term-undo", args=[term.pk]))
    assert words_found(cast.veille.pk) == ["zorglub"]
