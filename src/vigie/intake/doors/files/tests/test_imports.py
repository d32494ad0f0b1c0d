"""A file becomes cases once, in whole batches, and says what became of each of its lines."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from vigie.__main__ import main
from vigie.casefile import files
from vigie.casefile.journal import first_break
from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, NotAllowed, NotFound
from vigie.intake.doors.files import actions, queries
from vigie.intake.doors.files.actions import Result
from vigie.intake.doors.files.maps import ColumnMap
from vigie.intake.doors.files.models import ImportJob, ImportState
from vigie.intake.doors.files.tasks import work_on_imports
from vigie.intake.doors.files.values import Outcome
from vigie.intake.doors.mailbox.tests.builders import a_letter
from vigie.intake.models import Report
from vigie.intake.tests.builders import received_and_filed
from vigie.organisations.tests.cast import Cast

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def address(number: int) -> str:
    return f"https://x.com/essai/status/{1790000000000000000 + number}"


def a_file(*rows: tuple[str, str], header: str = "adresse,texte") -> bytes:
    return "\n".join([header, *(",".join(row) for row in rows)]).encode()


FOUR = a_file((address(1), "un"), (address(2), "deux"), ("rien", "trois"), (address(1), "encore un"))


def handed_in(cast: Cast, content: bytes = FOUR, name: str = "veille.csv") -> ImportJob:
    return actions.hand_in(actor=cast.bruno.actor, name=name, content=io.BytesIO(content), now=timezone.now())


def imported(cast: Cast, content: bytes = FOUR, name: str = "veille.csv") -> ImportJob:
    job = handed_in(cast, content, name)
    assert work_on_imports(timezone.now())
    job.refresh_from_db()
    actions.approve(actor=cast.bruno.actor, job=job, now=timezone.now())
    assert work_on_imports(timezone.now())
    job.refresh_from_db()
    return job


def counts(job: ImportJob) -> tuple[int, int, int, int]:
    return job.taken, job.merged, job.known, job.refused


def test_a_file_becomes_cases_and_each_line_says_what_became_of_it(cast: Cast) -> None:
    job = imported(cast)
    assert (job.state, counts(job)) == (ImportState.DONE, (2, 1, 0, 1))
    results = list(queries.results_of(job))
    assert [(one.line, one.outcome) for one in results] == [
        (2, Outcome.TAKEN), (3, Outcome.TAKEN), (4, Outcome.REFUSED), (5, Outcome.MERGED),
    ]  # fmt: skip
    assert results[2].why is not None
    assert results[2].why.field == "adresse"
    assert results[0].ref == results[3].ref
    assert Content.objects.of(cast.veille).get(key="x:post:1790000000000000001").text == "un"
    done = JournalEntry.objects.of(cast.veille).get(event=Event.IMPORT_DONE)
    assert (done.actor, done.data["taken"]) == (cast.bruno.actor.name, 2)
    assert first_break(cast.veille.pk) is None


@pytest.mark.django_db(transaction=True)
def test_the_file_is_removed_when_the_last_import_of_it_is_over(cast: Cast) -> None:
    first, second = handed_in(cast), handed_in(cast)
    work_on_imports(timezone.now())
    work_on_imports(timezone.now())
    actions.approve(actor=cast.bruno.actor, job=first, now=timezone.now())
    work_on_imports(timezone.now())
    first.refresh_from_db()
    assert (first.state, first.preview) == (ImportState.DONE, None)
    assert files.path_of(first.file_sha256).exists(), "the other one still needs it"
    actions.drop(actor=cast.bruno.actor, job=second, now=timezone.now())
    assert not files.path_of(first.file_sha256).exists()


def test_the_preview_says_what_would_happen_and_changes_nothing(cast: Cast) -> None:
    received_and_filed(cast.public, address(2))
    before = JournalEntry.objects.of(cast.veille).count()
    job = handed_in(cast)
    work_on_imports(timezone.now())
    job.refresh_from_db()
    assert job.state == ImportState.READY
    assert {name: job.preview[name] for name in ("total", "taken", "merged", "known", "refused")} == {
        "total": 4, "taken": 1, "merged": 2, "known": 0, "refused": 1,
    }  # fmt: skip
    assert JournalEntry.objects.of(cast.veille).count() == before
    assert Report.objects.of(cast.veille).count() == 1


def test_the_same_file_twice_changes_nothing(cast: Cast) -> None:
    imported(cast)
    cases = list(Case.objects.of(cast.veille).values_list("ref", "reports_count"))
    again = imported(cast)
    assert counts(again) == (0, 0, 3, 1)
    assert list(Case.objects.of(cast.veille).values_list("ref", "reports_count")) == cases
    # A later export of the same tool: other counts, another order, one line more.
    later = imported(cast, a_file((address(3), "trois", "12"), (address(1), "un", "7"), header="adresse,texte,likes"))
    assert counts(later) == (1, 0, 1, 0)


def test_another_association_imports_the_same_file_as_its_own(cast: Cast) -> None:
    imported(cast)
    job = actions.hand_in(actor=cast.dario.actor, name="a.csv", content=io.BytesIO(FOUR), now=timezone.now())
    work_on_imports(timezone.now())
    job.refresh_from_db()
    actions.approve(actor=cast.dario.actor, job=job, now=timezone.now())
    work_on_imports(timezone.now())
    job.refresh_from_db()
    assert counts(job) == (2, 1, 0, 1)


def test_an_interrupted_import_goes_on_after_its_last_whole_batch(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "LINES_AT_ONCE", 2)
    job = handed_in(cast, a_file(*((address(number), f"n° {number}") for number in range(7))))
    work_on_imports(timezone.now())
    job.refresh_from_db()
    actions.approve(actor=cast.bruno.actor, job=job, now=timezone.now())
    taken = actions.take_next(timezone.now())
    assert taken == job

    class Killed(BaseException):
        pass

    def die(job: ImportJob, results: list[Result]) -> None:
        if job.lines_done == 4:
            raise Killed

    with pytest.raises(Killed):
        actions.run(taken, told=die)
    job.refresh_from_db()
    assert (job.state, job.lines_done) == (ImportState.RUNNING, 4)
    assert not work_on_imports(timezone.now()), "another worker holds it still"
    work_on_imports(timezone.now() + timedelta(hours=1))
    job.refresh_from_db()
    assert (job.state, counts(job)) == (ImportState.DONE, (7, 0, 0, 0))
    assert [one.line for one in queries.results_of(job)] == list(range(2, 9))


def test_a_worker_that_lost_its_hold_stops_at_the_next_batch(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "LINES_AT_ONCE", 2)
    job = handed_in(cast, a_file(*((address(number), "") for number in range(6))))
    work_on_imports(timezone.now())
    job.refresh_from_db()
    actions.approve(actor=cast.bruno.actor, job=job, now=timezone.now())
    slow = actions.take_next(timezone.now())
    assert slow is not None

    def lose(_job: ImportJob, _results: list[Result]) -> None:
        actions.take_next(timezone.now() + timedelta(hours=1))

    actions.run(slow, told=lose)
    job.refresh_from_db()
    assert (job.state, job.lines_done) == (ImportState.RUNNING, 2)


def test_a_mistake_of_ours_stops_one_import_and_can_be_taken_up_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = handed_in(cast)
    work_on_imports(timezone.now())
    job.refresh_from_db()
    actions.approve(actor=cast.bruno.actor, job=job, now=timezone.now())
    with monkeypatch.context() as broken:
        broken.setattr(actions, "receive_many", lambda **_: 1 / 0)
        work_on_imports(timezone.now())
    job.refresh_from_db()
    assert job.state == ImportState.FAILED
    assert "panne" in job.problem
    assert "ZeroDivisionError" in caplog.text
    actions.approve(actor=cast.bruno.actor, job=job, now=timezone.now())
    work_on_imports(timezone.now())
    job.refresh_from_db()
    assert counts(job) == (2, 1, 0, 1)


def test_an_unreadable_file_says_why_and_another_map_can_be_tried(cast: Cast) -> None:
    job = handed_in(cast, b"%PDF-1.7", "rapport.pdf")
    work_on_imports(timezone.now())
    job.refresh_from_db()
    assert job.state == ImportState.FAILED
    assert job.problem_values == {"name": "rapport.pdf"}
    other = handed_in(cast, a_file((address(1), "un"), header="a,b"))
    work_on_imports(timezone.now())
    other.refresh_from_db()
    assert other.preview["refused"] == 1
    actions.choose_map(actor=cast.bruno.actor, job=other, column_map=ColumnMap(address=("a",), text=("b",)), now=NOW)
    work_on_imports(timezone.now())
    other.refresh_from_db()
    assert other.preview["taken"] == 1


def test_a_saved_map_reads_the_next_file_of_the_same_tool(cast: Cast) -> None:
    one = ColumnMap(address=("a",), text=("b",), time_zone="Europe/Paris")
    actions.save_map(actor=cast.bruno.actor, name="Notre outil", column_map=one, columns=["a", "b"], now=NOW)
    actions.save_map(actor=cast.bruno.actor, name="Notre outil", column_map=one, columns=["a", "b"], now=NOW)
    assert queries.saved_maps(cast.bruno.actor).count() == 1
    assert not queries.saved_maps(cast.dario.actor).exists()
    job = handed_in(cast, a_file((address(1), "un"), header="a,b"))
    work_on_imports(timezone.now())
    job.refresh_from_db()
    assert (job.column_map["title"], job.preview["taken"]) == ("Notre outil", 1)


def test_letters_come_in_by_file_too_without_a_receipt(cast: Cast) -> None:
    from vigie.outbox.models import OutgoingMail

    mbox = b"".join(
        b"From x@y Mon Oct  5\n"
        + a_letter(text, message_id=f"<{number}@c.example>").as_bytes().replace(b"\r\n", b"\n")
        + b"\n"
        for number, text in enumerate([address(1), "sans adresse", address(1) + " encore"])
    )
    job = imported(cast, mbox, "archives.mbox")
    assert counts(job) == (1, 1, 0, 1)
    assert not OutgoingMail.objects.of(cast.veille).exists()
    assert counts(imported(cast, mbox, "archives.mbox"))[2] == 2


def test_files_nobody_approved_are_given_up_after_a_week(cast: Cast) -> None:
    job = handed_in(cast)
    work_on_imports(timezone.now())
    assert not work_on_imports(timezone.now() + timedelta(days=6))
    assert work_on_imports(timezone.now() + timedelta(days=8))
    job.refresh_from_db()
    assert (job.state, job.preview) == (ImportState.DROPPED, None)


def test_who_may_import(cast: Cast) -> None:
    job = handed_in(cast)
    work_on_imports(timezone.now())
    for person in (cast.victor, cast.judith, cast.adele):
        with pytest.raises(NotAllowed):
            actions.hand_in(actor=person.actor, name="a", content=io.BytesIO(b"x"), now=NOW)
        with pytest.raises(NotAllowed):
            actions.approve(actor=person.actor, job=job, now=NOW)
    with pytest.raises(NotAllowed):
        actions.approve(actor=cast.dario.actor, job=job, now=NOW)
    with pytest.raises(NotFound):
        queries.access_import(cast.dario.actor, job.pk)
    actions.approve(actor=cast.anatole.actor, job=job, now=NOW)
    with pytest.raises(Conflict):
        actions.approve(actor=cast.anatole.actor, job=job, now=NOW)


# --- vigie import --------------------------------------------------------------------------------------------


def told(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_the_command_answers_line_by_line(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "veille.csv"
    path.write_bytes(FOUR)
    assert main(["import", str(path), "--organisation", "veille-solidaire", "--preview"]) == 0
    *refused, summary = told(capsys.readouterr().out)
    assert (summary["taken"], summary["refused"]) == (2, 1)
    assert [one["line"] for one in refused] == [4]
    assert not Report.objects.of(cast.veille).exists()
    assert main(["import", str(path), "--organisation", "veille-solidaire"]) == 0
    captured = capsys.readouterr()
    assert [(one["line"], one["outcome"]) for one in told(captured.out)] == [
        (2, "taken"), (3, "taken"), (4, "refused"), (5, "merged"),
    ]  # fmt: skip
    assert "2 taken, 1 merged, 0 known before, 1 refused" in captured.err
    assert main(["import", str(path), "--organisation", "veille-solidaire"]) == 0
    assert {one["outcome"] for one in told(capsys.readouterr().out)} == {"known", "refused"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.csv", "--organisation", "veille-solidaire"], "absent.csv"),
        (["{file}", "--organisation", "inconnue"], "inconnue"),
        (["{file}", "--organisation", "veille-solidaire", "--map", "aucune"], "brandwatch"),
        (["{pdf}", "--organisation", "veille-solidaire"], "a.pdf"),
    ],
)
def test_wrong_use_is_said_in_one_sentence(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    (tmp_path / "a.csv").write_bytes(FOUR)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    given = [word.format(file=tmp_path / "a.csv", pdf=tmp_path / "a.pdf") for word in arguments]
    assert main(["import", *given]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_a_file_of_which_nothing_can_be_taken_is_an_answer_no(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_bytes(a_file(("rien", "x")))
    assert main(["import", str(tmp_path / "a.csv"), "--organisation", "veille-solidaire"]) == 1
    assert main(["import", str(tmp_path / "a.csv"), "--organisation", "veille-solidaire", "--preview"]) == 1


@pytest.mark.parametrize("column", ["Catégorie", "motif", "commentaire", "note"])
def test_a_line_whose_category_points_to_child_abuse_never_leads_to_a_fetch(cast: Cast, column: str) -> None:
    rows = [f"{address(1)},un,pédocriminalité", f"{address(2)},deux,racisme"]
    imported(cast, "\n".join([f"adresse,texte,{column}", *rows]).encode())
    grave = Content.objects.of(cast.veille).get(never_fetch=True)
    assert (grave.text, grave.key[:9]) == ("", "referred:")
    assert "un" not in str(list(Report.objects.of(cast.veille).filter(state="referred").values_list("posts")))
    assert Content.objects.of(cast.veille).get(never_fetch=False).text == "deux"
