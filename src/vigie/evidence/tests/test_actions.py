"""Captures asked for and made: their effect on rows, files and journal."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from vigie.casefile import files
from vigie.casefile.actions import open_case
from vigie.casefile.journal import record
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import contents_of, journal_of
from vigie.casefile.rules.events import Event
from vigie.casefile.tests.builders import make_case
from vigie.core.errors import NotAllowed
from vigie.evidence import actions, queries
from vigie.evidence.actions import NotCaptured, ask_capture, ask_for_arrivals, erase_forbidden, work_once
from vigie.evidence.captures.turn import our_turn
from vigie.evidence.means import Means
from vigie.evidence.models import Capture, State
from vigie.evidence.tests.builders import make_capture
from vigie.evidence.tests.hostile_server import Server, hostile_server
from vigie.evidence.tests.local_tsa import LocalTsa, local_tsa
from vigie.evidence.verify import verify
from vigie.organisations.tests.cast import Cast

POST = """<html lang="fr"><head><title>Bruit</title><meta property="og:description" content="Des mots inventés pour…">
</head><body><nav>Menu</nav><article><header>Zoé</header><time datetime="2026-01-05T10:00:00+01:00">hier</time>
<p>Des mots inventés pour l’essai, en entier.</p></article><aside>Autre chose</aside></body></html>"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with hostile_server() as running:
        running.page("/fil/1", POST)
        running.page("/fil/2", "<p>Deuxième</p>")
        yield running


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalTsa]:
    with local_tsa(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture(autouse=True)
def our_own_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever else captures on this machine does not hold these tests back."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture(autouse=True)
def means(settings: object, server: Server, tsa: LocalTsa) -> Means:
    made = Means(authority=tsa.authority, allowed_for_tests=frozenset({server.host}))
    settings.VIGIE_CAPTURE_MEANS = made  # type: ignore[attr-defined]
    return made


def case_at(cast: Cast, address: str, **known: object) -> Case:
    return make_case(cast.veille.pk, url=address, **known)  # type: ignore[arg-type]


def events(case: Case) -> list[str]:
    return [entry.event for entry in journal_of(case)]


def test_what_is_asked_is_captured_sealed_and_journaled(cast: Cast, server: Server, tsa: LocalTsa) -> None:
    case = case_at(cast, server.url("/fil/2"))
    asked = ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    assert asked.state == State.WAITING
    assert work_once(timezone.now())
    assert not work_once(timezone.now())
    capture = Capture.objects.of(cast.veille).get()
    assert capture.state == State.PARTIAL
    assert [row["code"] for row in capture.missing] == ["no_browser"]
    assert capture.http_status == 200
    assert capture.timestamped_at is not None
    verified = verify(files.path_of(capture.bundle_sha256), roots=tsa.root.read_bytes())
    assert verified.manifest_sha256 == capture.manifest_sha256
    assert events(case)[:2] == ["capture.partial", "capture.asked"]
    entry = journal_of(case)[0]
    assert entry.data["bundle"] == capture.bundle_sha256
    assert "Deuxième" not in str(entry.data)
    assert "Deuxième".encode() in queries.member_of_bundle(capture, "evidence/text.txt")


def test_words_and_date_that_nobody_gave_come_from_the_capture(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/1"), text="")
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    work_once(timezone.now())
    content = contents_of(case)[0]
    assert (content.text, content.text_from) == ("Des mots inventés pour l’essai, en entier.", "capture")
    assert content.published_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert content.language == "fr"


def test_words_that_somebody_gave_stay(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/1"), text="Le texte du signalement.")
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    work_once(timezone.now())
    assert contents_of(case)[0].text == "Le texte du signalement."


def test_possible_child_abuse_is_never_captured(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/2"), never_fetch=True)
    server.asked.clear()
    with pytest.raises(NotCaptured):
        ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    assert not ask_for_arrivals(timezone.now())
    assert not work_once(timezone.now())
    assert server.asked == []


def test_what_is_flagged_after_it_was_asked_is_not_fetched(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/2"))
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    Content.objects.of(cast.veille).update(never_fetch=True)
    server.asked.clear()
    assert not work_once(timezone.now())
    assert server.asked == []
    assert Capture.objects.of(cast.veille).get().state == State.WAITING
    Content.objects.of(cast.veille).update(never_fetch=False)
    assert work_once(timezone.now())
    assert Capture.objects.of(cast.veille).get().bundle_sha256


def test_what_is_flagged_while_it_is_captured_is_not_kept(
    cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_at(cast, server.url("/fil/2"))
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    kept: list[str] = []
    keep = files.keep

    def keep_and_flag(content: object) -> files.Kept:
        Content.objects.of(cast.veille).update(never_fetch=True)
        found = keep(content)  # type: ignore[arg-type]
        kept.append(found.sha256)
        return found

    monkeypatch.setattr(actions.files, "keep", keep_and_flag)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions.transaction, "on_commit", lambda do: do())
        work_once(timezone.now())
    capture = Capture.objects.of(cast.veille).get()
    assert (capture.state, capture.bundle_sha256, capture.attempts) == (State.WAITING, "", 0)
    assert not files.path_of(kept[0]).exists()


def test_what_is_flagged_later_is_hidden_and_erased_once_a_person_has_confirmed_it(
    cast: Cast, server: Server, django_capture_on_commit_callbacks: object
) -> None:
    case = case_at(cast, server.url("/fil/2"))
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    work_once(timezone.now())
    sha256 = Capture.objects.of(cast.veille).get().bundle_sha256
    assert not erase_forbidden(timezone.now())
    Content.objects.of(cast.veille).update(never_fetch=True)
    assert not erase_forbidden(timezone.now())
    assert queries.latest_of(contents_of(case)[0]) is None
    Content.objects.of(cast.veille).update(forbidden_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert erase_forbidden(timezone.now())
    assert not files.path_of(sha256).exists()
    assert Capture.objects.of(cast.veille).get().state == State.PURGED
    assert events(case)[0] == "capture.erased"
    assert not erase_forbidden(timezone.now())


def test_new_contents_are_captured_by_themselves_the_gravest_first(cast: Cast, server: Server) -> None:
    calm = case_at(cast, server.url("/fil/1"))
    grave = case_at(cast, server.url("/fil/2"), danger=3)
    assert ask_for_arrivals(timezone.now())
    assert not ask_for_arrivals(timezone.now())
    assert events(calm) == ["case.opened"]
    work_once(timezone.now())
    assert [c.case_id for c in Capture.objects.of(cast.veille).filter(state=State.PARTIAL)] == [grave.pk]


def test_an_imported_file_waits_until_somebody_takes_its_cases(cast: Cast, server: Server) -> None:
    content = contents_of(case_at(cast, server.url("/fil/1")))[0]
    Case.objects.of(cast.veille).update(door="import")
    assert not ask_for_arrivals(timezone.now())
    case = Case.objects.of(cast.veille).get()
    record(
        Event.CASE_CLAIMED, actor=cast.bruno.actor, now=timezone.now(), case=case,
        data={"holder": cast.bruno.member.pk},
    )  # fmt: skip
    assert ask_for_arrivals(timezone.now())
    assert queries.under_way(content) is not None


def test_what_somebody_asks_for_goes_first_and_is_asked_once(cast: Cast, server: Server) -> None:
    case_at(cast, server.url("/fil/2"), danger=3)
    case = case_at(cast, server.url("/fil/1"))
    ask_for_arrivals(timezone.now())
    content = contents_of(case)[0]
    first = ask_capture(actor=cast.bruno.actor, case=case, content=content, now=timezone.now())
    again = ask_capture(actor=cast.bruno.actor, case=case, content=content, now=timezone.now())
    assert first.pk == again.pk
    work_once(timezone.now())
    assert Capture.objects.of(cast.veille).get(state=State.PARTIAL).pk == first.pk


def test_a_role_without_the_right_may_not_ask(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/1"))
    for person in (cast.victor, cast.anatole, cast.adele, cast.dario):
        with pytest.raises(NotAllowed):
            ask_capture(actor=person.actor, case=case, content=contents_of(case)[0], now=timezone.now())


def test_an_inside_address_fails_with_its_reason_and_no_file(cast: Cast) -> None:
    case = case_at(cast, "http://10.0.0.7/admin")
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    work_once(timezone.now())
    capture = Capture.objects.of(cast.veille).get()
    assert (capture.state, capture.bundle_sha256) == (State.FAILED, "")
    assert [row["code"] for row in capture.missing] == ["internal_address"]
    assert events(case)[0] == "capture.failed"


def test_a_capture_whose_worker_is_gone_is_taken_again_and_given_up_in_the_end(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/2"))
    now = timezone.now()
    gone = make_capture(case, state=State.RUNNING, attempts=1, taken_until=now + timedelta(minutes=1), ended_at=None)
    assert not work_once(now)
    assert work_once(now + timedelta(minutes=2))
    gone.refresh_from_db()
    assert (gone.state, gone.attempts) == (State.PARTIAL, 2)

    stubborn = make_capture(case, state=State.RUNNING, attempts=3, taken_until=now, ended_at=None)
    assert work_once(now + timedelta(minutes=2))
    stubborn.refresh_from_db()
    assert stubborn.state == State.FAILED


def test_a_worker_started_anew_takes_up_at_once_what_the_killed_one_held(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/2"))
    now = timezone.now()
    held = make_capture(
        case, state=State.RUNNING, attempts=1, taken_until=now + timedelta(minutes=5), ended_at=None,
        taken_by=socket.gethostname(),
    )  # fmt: skip
    with our_turn():  # it is still at work
        assert not work_once(now)
    assert work_once(now)
    held.refresh_from_db()
    assert (held.state, held.attempts) == (State.PARTIAL, 2)


def test_a_worker_that_was_too_slow_does_not_overwrite_the_next(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/2"))
    capture = make_capture(case, state=State.RUNNING, attempts=1, taken_until=timezone.now(), ended_at=None)
    stale = Capture.objects.of(cast.veille).get(pk=capture.pk)
    Capture.objects.of(cast.veille).filter(pk=capture.pk).update(attempts=2, state=State.DONE)
    actions._fail(stale, actions.Missing("page", actions.Reason("no_browser")))
    assert Capture.objects.of(cast.veille).get().state == State.DONE


def test_two_captures_never_run_at_once_on_one_machine(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/1"))
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    with our_turn():
        assert not work_once(timezone.now())
    assert work_once(timezone.now())


def test_a_notice_cites_the_latest_capture_that_kept_something(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/1"))
    content = contents_of(case)[0]
    assert queries.latest_of(content) is None
    kept = make_capture(case)
    make_capture(case, state=State.FAILED)
    assert queries.latest_of(content) == kept
    content.never_fetch = True
    assert queries.latest_of(content) is None


def test_the_scratch_folder_is_left_empty(cast: Cast, server: Server, settings: object) -> None:
    case = case_at(cast, server.url("/fil/1"))
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=timezone.now())
    work_once(timezone.now())
    assert list((Path(settings.VIGIE_DATA) / "captures").iterdir()) == []  # type: ignore[attr-defined]


def test_two_cases_of_one_content_share_its_captures(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/1"))
    make_capture(case)
    other = open_case(actor=cast.worker, content=contents_of(case)[0], door="form", now=timezone.now())
    assert queries.captures_of(other).count() == 1


def test_a_capture_that_stumbles_over_a_fault_of_ours_waits_ever_longer_then_failed_and_holds_no_other_back(
    cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = case_at(cast, server.url("/fil/1")), case_at(cast, server.url("/fil/2"))
    now = timezone.now()
    stubborn = ask_capture(actor=cast.bruno.actor, case=first, content=contents_of(first)[0], now=now)
    other = ask_capture(actor=cast.bruno.actor, case=second, content=contents_of(second)[0], now=now)
    right = actions.capture_url

    def wrong(url: str, **kwargs: object) -> object:
        if url.endswith("/fil/1"):
            raise KeyError("words of a page")
        return right(url, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "capture_url", wrong)
    assert work_once(now)
    assert work_once(now)
    other.refresh_from_db()
    assert other.state == State.PARTIAL
    assert not work_once(now)
    assert not work_once(now + timedelta(minutes=4))
    assert work_once(now + timedelta(minutes=6))
    assert not work_once(now + timedelta(minutes=50))
    assert work_once(now + timedelta(hours=2))
    assert not work_once(now + timedelta(days=2))
    stubborn.refresh_from_db()
    assert stubborn.state == State.FAILED
    [missing] = stubborn.missing
    assert missing["code"] == "our_fault"
    assert missing["detail"].startswith("KeyError at tests/test_actions.py:")
    assert "words of a page" not in str(stubborn.missing)
    assert events(first)[0] == "capture.failed"


def test_who_asks_for_a_capture_that_waits_after_a_fault_has_it_made_now(cast: Cast, server: Server) -> None:
    case = case_at(cast, server.url("/fil/2"))
    now = timezone.now()
    make_capture(case, state=State.WAITING, attempts=1, taken_until=now + timedelta(hours=1), ended_at=None)
    assert not work_once(now)
    ask_capture(actor=cast.bruno.actor, case=case, content=contents_of(case)[0], now=now)
    assert work_once(now)
