"""Agora as people start it: a process of its own, killed at bad moments."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import agora as package
from agora.testing import RunningAgora, running_agora
from agora.tests.builders import ANSWERS_TO, notice, quoting, send

pytestmark = pytest.mark.processes

_COMMAND = [sys.executable, "-W", "error", "-m", "agora"]
_ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(Path(package.__file__).parent.parent),
    "PYTHONIOENCODING": "utf-8",
}


@contextmanager
def started(data: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", int, int]]:
    """Start Agora on free ports; once ready, give the process, its web port and its mail port."""
    command = [*_COMMAND, "--data", str(data), "--port", "0", "--smtp-port", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=_ENVIRONMENT
    )
    try:
        line = process.stdout.readline()
        ready = re.fullmatch(r"Agora: http://127\.0\.0\.1:(\d+) · SMTP 127\.0\.0\.1:(\d+)\n", line)
        assert ready, (line, process.poll() and process.stderr.read())
        yield process, int(ready[1]), int(ready[2])
    finally:
        process.kill()
        process.communicate()


class _Elsewhere:
    """What `builders.send` needs to know of an Agora in another process."""

    smtp_host = "127.0.0.1"

    def __init__(self, smtp_port: int) -> None:
        self.smtp_port = smtp_port


def test_what_was_accepted_survives_kill_9_and_is_answered_after_the_next_start(tmp_path: Path) -> None:
    with running_agora(tmp_path / "other") as other:
        body = quoting(other, "4101").replace(other.url, "http://agora.example")
    with started(tmp_path, "--receipt-after", "60", "--decision-after", "60") as (process, _, smtp_port):
        send(_Elsewhere(smtp_port), notice(body))
        process.kill()
        process.wait()
    _hurry(tmp_path)
    with running_agora(tmp_path) as agora:
        assert len(agora.wait_for_mail(ANSWERS_TO, count=2)) == 2
        assert agora.post("4101").state == "removed"


def _hurry(data: Path) -> None:
    """Make what was due in a minute due now."""
    _asked(data, "UPDATE notice SET receipt_due = 0, decision_due = 0")


def _asked(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "agora.sqlite3", timeout=30)) as db, db:
        return db.execute(query).fetchall()


def test_a_letter_that_could_not_leave_survives_kill_9(tmp_path: Path) -> None:
    with running_agora(tmp_path / "relay") as relay:
        relay.answer_smtp_with("451 4.7.1 later")
        route = f"{relay.smtp_host}:{relay.smtp_port}"
        with started(tmp_path / "agora", "--relay", route, "--receipt-after", "0", "--manual") as (
            process,
            _,
            smtp,
        ):
            send(_Elsewhere(smtp), notice("bonjour"))
            while not _asked(tmp_path / "agora", "SELECT 1 FROM letter WHERE attempts > 0"):
                time.sleep(0.05)
            process.kill()
            process.wait()
        relay.answer_smtp_with(None)
        with started(tmp_path / "agora", "--relay", route):
            assert len(relay.wait_for_mail(ANSWERS_TO)) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_though_somebody_is_connected(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as (process, port, _), socket.create_connection(("127.0.0.1", port)):
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize("option", ["--port", "--smtp-port"])
def test_a_port_taken_is_one_clear_sentence_and_exit_2(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = ["--port", "0", "--smtp-port", "0", option, str(port)]
        refused = _run("--data", str(tmp_path), *options)
    assert refused.returncode == 2
    assert re.fullmatch(rf"agora: cannot listen .* on 127\.0\.0\.1:{port} .*; choose another port\.\n", refused.stderr)


def test_two_agoras_do_not_share_a_folder(tmp_path: Path) -> None:
    with started(tmp_path):
        refused = _run("--data", str(tmp_path), "--port", "0", "--smtp-port", "0")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "another Agora is already using" in refused.stderr


def test_a_database_that_is_none_is_one_clear_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "agora.sqlite3").write_text("this is not a database, however long the line is\n" * 100)
    refused = _run("--data", str(tmp_path), "--port", "0", "--smtp-port", "0")
    assert refused.returncode == 2
    assert "cannot be read" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options", [["--port", "x"], ["--port", "70000"], ["--receipt-after", "-1"], ["--relay", "nowhere"]]
)
def test_a_wrong_option_is_exit_2(tmp_path: Path, options: list[str]) -> None:
    refused = _run("--data", str(tmp_path), *options)
    assert refused.returncode == 2
    assert options[1] in refused.stderr


def _run(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*_COMMAND, *options], capture_output=True, text=True, timeout=60, env=_ENVIRONMENT)


def test_what_happened_is_still_there_at_the_next_start(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        agora.remove(agora.post("4101"))
        published = agora.post("4102").published_at
    with running_agora(tmp_path) as agora:
        assert isinstance(agora, RunningAgora)
        assert agora.post("4101").state == "removed"
        assert agora.post("4102").published_at == published
