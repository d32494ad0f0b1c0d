"""`vigie score` as other programs use it: real processes, lines in, lines out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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


def test_help_shows_an_example() -> None:
    assert b"vigie score" in score("--help").stdout
