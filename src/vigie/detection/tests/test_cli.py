"""`vigie score` as other programs use it: real processes, lines in, lines out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from vigie.detection.readers.tests.tiny import make_model

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


def score(*arguments: str, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "vigie", "score", *arguments]
    return subprocess.run(command, input=given, capture_output=True, env=ENVIRONMENT | settings, timeout=60)


def test_each_line_is_answered_in_its_place() -> None:
    lines = [
        json.dumps({"id": "a", "text": "Sieg heil", "lang": "fr"}),
        "{",
        json.dumps({"id": 2, "texte": "x"}),
        json.dumps({"id": 3, "text": ""}),
        "[]",
    ]
    done = score(given="\n".join(lines).encode() + b"\n\xff\n")
    first, second, third, fourth, fifth, sixth = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert 0.5 <= first.pop("score") <= 1
    assert first == {
        "id": "a",
        "lang": "fr",
        "targets": ["neo-nazi"],
        "grounds": ["apologia-crimes"],
        "matches": [{"term": "heil Hitler", "start": 0, "end": 9, "text": "Sieg heil"}],
    }
    assert (second["line"], third["line"], fifth["line"], sixth["line"]) == (2, 3, 5, 6)
    assert "text" in third["error"]
    assert fourth == {"id": 3, "score": 0.0, "lang": "und", "targets": [], "grounds": [], "matches": []}


def test_half_a_character_where_a_text_was_cut_goes_out_as_it_came() -> None:
    done = score(given=b'{"id": "\\ud83d", "text": "Sieg heil \\ud83d"}\n{"id": 2, "text": "a\\u0000b"}\n')
    first, second = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, first["id"], second["id"]) == (0, "\ud83d", 2)


def test_reasons_are_given_on_demand() -> None:
    answer = json.loads(score("--explain", given=json.dumps({"id": 1, "text": "Sieg heil"}).encode()).stdout)
    assert answer["detector_version"].endswith("+fr-2026-11-20")
    assert answer["kind"]
    assert {"Sieg", "heil"} & {word["text"] for word in answer["words"]}
    (match,) = answer["matches"]
    assert (match["sense"], match["needs_context"], match["source_status"]) == ("Salut nazi", False, "unverified")


def test_a_lexicon_that_cannot_be_read_stops_it() -> None:
    done = score(VIGIE_LEXICON="/nulle/part.csv")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"/nulle/part.csv" in done.stderr


def test_a_second_reader_is_shown_beside_the_first_and_its_cost_on_stderr(tmp_path: Path) -> None:
    lines = b"".join(json.dumps({"id": n, "text": text}).encode() + b"\n" for n, text in enumerate(["un zorble", ""]))
    settings = {
        "VIGIE_SECOND_READER": str(make_model(tmp_path / "modele")), "VIGIE_SECOND_BAND": "0.001-1",
        "VIGIE_SECOND_SHARE": "100", "VIGIE_DATA": str(tmp_path),
    }  # fmt: skip
    once, twice = score(given=lines), score("--explain", given=lines, **settings)
    read, empty = map(json.loads, twice.stdout.splitlines())
    first = json.loads(once.stdout.splitlines()[0])["score"]
    assert read["second"] == {"fast": first, "second": 0.9526, "why": ""}
    assert read["score"] > first
    assert "modele@" in read["detector_version"]
    assert "second" not in empty
    assert twice.stderr.decode().startswith(f"vigie: 1 of 2 texts read twice by {tmp_path / 'modele'}, in ")
    assert once.stderr == b""
    refused = score(given=lines, **settings | {"VIGIE_SECOND_READER": str(tmp_path)})
    assert (refused.returncode, refused.stdout, refused.stderr.count(b"\n")) == (2, b"", 1)


def test_help_shows_an_example() -> None:
    assert b"vigie score" in score("--help").stdout
