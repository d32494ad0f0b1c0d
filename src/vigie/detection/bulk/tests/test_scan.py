"""`vigie scan` as others use it: real files in, real files out, real kills between."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vigie.core.errors import VigieError
from vigie.detection.bulk.scan import WORKSHOP, Choices, Outcome, scan
from vigie.detection.cli_scan import _require

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
SAID = ("Sieg heil", "Il fait beau ce matin à Rennes", "the weather is nice and this is all", "")
LONG = 4_000
"""Posts: long enough that a kill falls in the middle."""


class Here:
    """The engine without processes: what is promised of answers holds on each, and here it is quick to see."""

    def __init__(self) -> None:
        self.pieces = 0

    def each(self, work: Callable[[Any], Any], pieces: Any) -> Iterator[tuple[int, Any]]:
        for number, piece in enumerate(pieces):
            self.pieces += 1
            yield number, work(piece)

    def close(self) -> None:
        pass


def posts(count: int) -> list[dict[str, Any]]:
    return [
        {"id": f"p{n}", "text": f"{SAID[n % len(SAID)]} {n if n % 3 else ''}", "lang": "fr" if n % 5 == 0 else None, "seen": n}
        for n in range(count)
    ]  # fmt: skip


def parquet(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


def ndjson(path: Path, lines: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines), encoding="utf-8"
    )
    return path


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()  # type: ignore[no-any-return]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def scanned(given: Path, out: Path, **choices: Any) -> Outcome:
    return scan(given, out, engine=Here(), choices=Choices(**{"shard_rows": 7, **choices}))


def started(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "vigie", "scan", *map(str, arguments)]
    return subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, stdout=subprocess.PIPE)


def until(what: Callable[[], Any]) -> Any:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if found := what():
            return found
        time.sleep(0.002)
    raise AssertionError("it never happened")


def has_parts(out: Path) -> bool:
    return len(list((out.parent / WORKSHOP).rglob("*.parts/*.json"))) >= 3


def workers(driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [one for one in psutil.Process(driver.pid).children() if "spawn_main" in " ".join(one.cmdline())]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A file long enough to be killed over, and what one process without interruption makes of it."""
    folder = tmp_path_factory.mktemp("corpus")
    given = parquet(folder / "posts.parquet", posts(LONG))
    scanned(given, folder / "right.parquet", shard_rows=LONG)
    return given, read(folder / "right.parquet")


@pytest.mark.parametrize("suffix", ["parquet", "ndjson"])
def test_the_same_rows_come_out_in_order_with_the_columns_of_score(tmp_path: Path, suffix: str) -> None:
    rows = posts(40)
    given = (parquet if suffix == "parquet" else ndjson)(tmp_path / f"in.{suffix}", rows)  # type: ignore[arg-type]
    outcome = scanned(given, tmp_path / f"out.{suffix}")
    out = read(tmp_path / f"out.{suffix}")
    assert (outcome.rows, outcome.bad) == (40, 0)
    assert [{**row, "lang": None} for row in rows] == [
        {name: None if name == "lang" else row[name] for name in rows[0]} for row in out
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    alone = subprocess.run(
        [sys.executable, "-m", "vigie", "score"], input=lines, env=ENVIRONMENT, capture_output=True, check=True
    )
    score = [json.loads(line) for line in alone.stdout.splitlines()]
    assert score == [{name: row[name] for name in score[0]} for row in out]


def test_parquet_keeps_every_column_as_it_was(tmp_path: Path) -> None:
    table = pa.table({
        "text": pa.array(["Sieg heil", "un mot"]).dictionary_encode(),
        "when": pa.array([0, 1], pa.timestamp("us", "UTC")),
        "tags": pa.array([["a"], None], pa.list_(pa.string())),
        "id": pa.array([2**63, 1], pa.uint64()),
    }).replace_schema_metadata({"who": "nous"})  # fmt: skip
    pq.write_table(table, tmp_path / "in.parquet")
    scanned(tmp_path / "in.parquet", tmp_path / "out.parquet", shard_rows=1)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(table.column_names).cast(table.schema).equals(table)
    assert out.schema.metadata[b"who"] == b"nous"
    assert out.column_names[4:] == ["score", "lang", "targets", "grounds", "matches", "error"]


def test_a_bad_row_says_what_is_wrong_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = [{"id": 1, "text": "Sieg heil"}, "{", {"id": 2, "texte": "x"}, "[]", {"id": 3, "text": "a", "lang": 4},
             {"id": 4, "text": "b", "score": 1}, '{"id": 5, "text": "\\ud83d Sieg heil"}']  # fmt: skip
    outcome = scanned(ndjson(tmp_path / "in.jsonl", lines), tmp_path / "out.jsonl", shard_rows=1)
    first, *bad, last = read(tmp_path / "out.jsonl")
    assert outcome.bad == 5
    assert first["score"] > 0
    assert (last["id"], last["text"], last["score"]) == (5, "\ud83d Sieg heil", first["score"])
    assert [row["line"] for row in bad] == [2, 3, 4, 5, 6]
    assert "« text »" in bad[1]["error"]
    assert (bad[4]["score"], "« score »" in bad[4]["error"]) == (1, True)

    rows = parquet(tmp_path / "in.parquet", [{"id": 1, "text": None}, {"id": 2, "text": "Sieg heil"}])
    assert scanned(rows, tmp_path / "out.parquet").bad == 1
    none, found = read(tmp_path / "out.parquet")
    assert (none["score"], "« text »" in none["error"]) == (None, True)
    assert (found["score"], found["error"]) == (first["score"], None)


def test_a_folder_gives_a_folder_with_the_same_names(tmp_path: Path) -> None:
    parquet(tmp_path / "in" / "b.parquet", posts(3))
    ndjson(tmp_path / "in" / "deep" / "a.ndjson", list(posts(20)))
    ndjson(tmp_path / "in" / ".hidden" / "a.ndjson", ["{"])
    (tmp_path / "in" / "README.md").write_text("not posts")
    assert scanned(tmp_path / "in", tmp_path / "out").files == 2
    made = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*") if path.is_file()}
    assert {one for one in made if not one.startswith(WORKSHOP)} == {"b.parquet", "deep/a.ndjson"}


def test_empty_files_stay_empty(tmp_path: Path) -> None:
    ndjson(tmp_path / "in" / "a.ndjson", [])
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "in" / "b.parquet")
    assert scanned(tmp_path / "in", tmp_path / "out").rows == 0
    assert read(tmp_path / "out" / "a.ndjson") == []
    assert "score" in pq.read_schema(tmp_path / "out" / "b.parquet").names


def test_shards_and_row_groups_of_any_size_give_the_same_rows(tmp_path: Path) -> None:
    given = parquet(tmp_path / "in.parquet", posts(50), row_group_size=11)
    for size in (1, 13, 1000):
        scanned(given, tmp_path / f"{size}.parquet", shard_rows=size)
        assert read(tmp_path / f"{size}.parquet") == read(tmp_path / "1.parquet")
    lines = ndjson(tmp_path / "in.ndjson", list(posts(50)))
    for size in (1, 1000):
        scanned(lines, tmp_path / f"{size}.ndjson", shard_rows=size)
    assert (tmp_path / "1.ndjson").read_bytes() == (tmp_path / "1000.ndjson").read_bytes()


def test_a_line_comes_out_to_the_byte_with_its_hint_at_the_end(tmp_path: Path) -> None:
    given = '\ufeff { "text" :"Il fait beau",  "n": 1.50e1, "n": 12345678901234567890, "e":"\\u00e9" }  '
    scanned(
        ndjson(tmp_path / "in.ndjson", [given, {"text": "x", "lang": "fr"}, {"text": "x", "lang": ""}]),
        tmp_path / "out.ndjson",
    )
    first, second, third = (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()
    before, added = first[: first.index(', "score": ')], first[first.index(', "score": ') :]
    assert before == given.strip(" \ufeff}") + " "
    assert list(json.loads("{" + added[2:])) == ["score", "lang", "targets", "grounds", "matches"]
    assert second.startswith('{"text": "x", "lang": "fr", "score": ')
    assert second.count('"lang"') == third.count('"lang"') == 1


def test_near_duplicates_share_a_number_over_all_files(tmp_path: Path) -> None:
    said = "Demain à dix-huit heures, tous devant la mairie pour dire non à la fermeture de l’école"
    parquet(tmp_path / "in" / "a.parquet", [{"text": "Il fait beau"}, {"text": said}, {"text": None}])
    ndjson(tmp_path / "in" / "b.ndjson", [{"text": "Il fait beau"}, "{", {"text": f"RT @qui : {said.upper()} !!"}])
    assert scanned(tmp_path / "in", tmp_path / "out", is_clustered=True, shard_rows=1).rows == 6
    first, second = (read(tmp_path / "out" / name) for name in ("a.parquet", "b.ndjson"))
    assert [row["cluster"] for row in first + second] == [None, 1, None, None, None, 1]
    assert second[1]["line"] == 2
    assert scanned(tmp_path / "in", tmp_path / "out", is_clustered=True, shard_rows=1).reused == 6

    ndjson(tmp_path / "in" / "a.ndjson", [{"text": said}])
    assert scanned(tmp_path / "in", tmp_path / "out", is_clustered=True, shard_rows=1).rows == 7
    assert [row["cluster"] for row in read(tmp_path / "out" / "a.parquet")] == [None, 0, None]
    assert {path.suffix for path in (tmp_path / "out" / WORKSHOP).iterdir()} == {".json", ""}


def test_what_is_done_is_not_done_again_unless_something_changed(tmp_path: Path, monkeypatch: Any) -> None:
    given = ndjson(tmp_path / "in.ndjson", list(posts(30)))
    out = tmp_path / "out.ndjson"
    assert scanned(given, out).reused == 0
    before = out.stat().st_mtime_ns
    assert scanned(given, out).reused == 30
    assert out.stat().st_mtime_ns == before
    ndjson(given, list(posts(31)))
    assert scanned(given, out).reused == 0
    assert len(read(out)) == 31
    other = tmp_path / "lexicon.csv"
    other.write_text(
        "term,variants,kind,target,sense,context_needed,source_url,source_status\nbeau,,slur,any,x,false,,unverified\n"
    )
    monkeypatch.setenv("VIGIE_LEXICON", str(other))
    assert scanned(given, out).reused == 0
    assert read(out)[1]["matches"][0]["term"] == "beau"


@pytest.mark.parametrize(
    ("given", "out", "said"),
    [
        ("nulle/part.parquet", "out.parquet", "ni fichier, ni dossier"),
        ("notes.txt", "out", "est attendu"),
        ("in.ndjson", "out.parquet", "même suffixe"),
        ("in.ndjson", "in.ndjson", "le fichier à lire"),
        ("in.ndjson", "folder/in.ndjson", "n’est pas d’un balayage"),
        ("folder", "folder/out", "dans le dossier à lire"),
        ("empty", "out", "Aucun fichier"),
        ("broken.parquet", "out", "ne peut être lu"),
        ("other.parquet", "out", "pas de colonne « text »"),
        ("taken.parquet", "out", "« score » : renommez-la"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(tmp_path: Path, given: str, out: str, said: str) -> None:
    for name in ("in.ndjson", "folder/in.ndjson"):
        ndjson(tmp_path / name, list(posts(1)))
    (tmp_path / "empty").mkdir()
    for name in ("notes.txt", "broken.parquet"):
        (tmp_path / name).write_text("x")
    parquet(tmp_path / "other.parquet", [{"body": "x"}])
    parquet(tmp_path / "taken.parquet", [{"text": "x", "score": 12}])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(VigieError, match=said):
        scanned(tmp_path / given, tmp_path / out)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.processes
def test_a_killed_worker_is_replaced(tmp_path: Path, corpus: tuple[Path, list[dict[str, Any]]]) -> None:
    given, right = corpus
    out = tmp_path / "out.parquet"
    run = started(given, out, "--cores", 2, "--shard-rows", 100)
    until(lambda: has_parts(out))
    workers(run)[0].kill()
    _, told = run.communicate(timeout=120)
    assert (run.returncode, told.count(b"\n")) == (0, 1)
    assert read(out) == right
    assert not list(tmp_path.rglob("*.unfinished"))


@pytest.mark.processes
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_scan_leaves_nothing_half_written_and_goes_on(
    tmp_path: Path, corpus: tuple[Path, list[dict[str, Any]]], how: signal.Signals
) -> None:
    given, right = corpus
    out = tmp_path / "out.parquet"
    run = started(given, out, "--cores", 1, "--shard-rows", 100)
    until(lambda: has_parts(out))
    left = workers(run)
    run.send_signal(how)
    run.communicate(timeout=60)
    assert run.returncode == (130 if how == signal.SIGINT else -how)
    until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in left))
    assert not out.exists()
    if how == signal.SIGINT:
        assert not list(tmp_path.rglob("*.unfinished"))

    again = scanned(given, out, shard_rows=100)
    assert 300 <= again.reused < LONG
    assert read(out) == right
    assert not list(tmp_path.rglob("*.unfinished"))


@pytest.mark.processes
def test_a_ray_cluster_gives_the_same_rows_and_a_worker_killed_there_is_replaced(
    tmp_path: Path, corpus: tuple[Path, list[dict[str, Any]]]
) -> None:
    """Left out where Ray is not installed: it is an extra, 250 MB, and takes half a minute to start."""
    pytest.importorskip("ray")
    given, right = corpus
    out = tmp_path / "out.parquet"
    run = started(given, out, "--engine", "ray", "--cores", 2, "--shard-rows", 100)
    until(lambda: has_parts(out))
    below = psutil.Process(run.pid).children(recursive=True)
    next(one for one in below if one.cmdline()[:1] == ["ray::_scanned_shard"]).kill()
    _, told = run.communicate(timeout=120)
    assert (run.returncode, b"4,000 posts" in told) == (0, True)
    assert read(out) == right


def test_two_scans_do_not_write_in_one_place(tmp_path: Path) -> None:
    given = ndjson(tmp_path / "in.ndjson", list(posts(1)))
    (tmp_path / WORKSHOP).mkdir()
    with (tmp_path / WORKSHOP / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(VigieError, match="Un autre balayage"):
            scanned(given, tmp_path / "out.ndjson")
    assert not (tmp_path / "out.ndjson").exists()


def test_what_is_not_installed_is_said_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(VigieError, match=r"Il manque pyarrow.*make bulk"):
        _require("pyarrow", "make bulk")
