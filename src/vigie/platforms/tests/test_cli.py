"""`vigie resolve` as other programs use it: real processes, lines in, lines out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
POST = {
    "url": "https://x.com/amina/status/20?s=20",
    "platform": "x",
    "kind": "post",
    "key": "x:post:20",
    "canonical_url": "https://x.com/i/status/20",
    "account": "amina",
}


def vigie(*arguments: str, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "vigie", *arguments]
    return subprocess.run(command, input=given, capture_output=True, env=ENVIRONMENT | settings, timeout=60)


def test_each_line_is_answered_in_its_place() -> None:
    done = vigie(
        "resolve", given=f"{POST['url']}\r\nbonjour\n\n\xff\n".encode("latin-1") + b"https://exemple.example/a"
    )
    first, second, third, fourth, fifth = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert first == POST
    assert second == {"error": "«\u00a0bonjour\u00a0» n’est pas une adresse du web.", "line": 2}
    assert (third["line"], fourth["line"]) == (3, 4)
    assert "UTF-8" in fourth["error"]
    assert fifth["key"] == "web:exemple.example/a"


def test_several_files_are_read_in_order_and_faults_name_theirs(tmp_path: Path) -> None:
    one, other = tmp_path / "un.txt", tmp_path / "deux.txt"
    one.write_text(f"\ufeff{POST['url']}\n", encoding="utf-8")
    other.write_text("mailto:amina@exemple.example\n", encoding="utf-8")
    done = vigie("resolve", str(one), str(other))
    first, second = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert first == POST
    assert (second["file"], second["line"]) == (str(other), 1)


def test_a_file_that_is_not_there_is_wrong_use() -> None:
    done = vigie("resolve", "/nulle/part.txt")
    assert done.returncode == 2
    assert b"/nulle/part.txt" in done.stderr


def test_a_folder_of_platforms_that_is_not_there_stops_before_the_first_line() -> None:
    done = vigie("resolve", given=b"x.com/a\n", VIGIE_EXTRA_PLATFORMS="/nulle/part")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"VIGIE_EXTRA_PLATFORMS" in done.stderr


def test_help_shows_an_example() -> None:
    assert b"vigie resolve" in vigie("resolve", "--help").stdout


def test_it_answers_while_it_is_asked_and_stops_cleanly() -> None:
    asked = [sys.executable, "-m", "vigie", "resolve"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(POST["url"].encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == POST
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stdout.read() == b""
        assert b"Traceback" not in process.stderr.read()


def test_it_starts_without_the_framework() -> None:
    program = "import sys; from vigie.__main__ import main; main(['resolve']); sys.exit('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], input=POST["url"].encode(), capture_output=True, env=ENVIRONMENT, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == POST
