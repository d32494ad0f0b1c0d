"""Writers of SQLite wait in a queue: nobody is passed over, and a killed one holds nobody up."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from vigie.organisations.models import Organisation
from vigie.site.sqlite.turns import Turn

TAKES_A_TURN = """
import sys, time
from pathlib import Path
from vigie.site.sqlite.turns import Turn
Turn(Path(sys.argv[1])).take()
print("mine", flush=True)
time.sleep(60)
"""


@contextmanager
def another_process_whose_turn_it_is(database: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", TAKES_A_TURN, str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": "src"}) as process:
        assert process.stdout
        assert process.stdout.readline() == "mine\n"
        try:
            yield process
        finally:
            process.kill()


def test_two_never_have_their_turn_at_the_same_time(tmp_path: Path) -> None:
    at_work, most = [], []

    def work() -> None:
        turn = Turn(tmp_path / "some.sqlite3")
        for _ in range(50):
            turn.take()
            at_work.append(1)
            most.append(len(at_work))
            at_work.pop()
            turn.give_back()
        turn.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 400
    assert max(most) == 1


def test_whoever_waits_goes_before_whoever_just_had_a_turn(tmp_path: Path) -> None:
    ours, theirs, order = Turn(tmp_path / "some.sqlite3"), Turn(tmp_path / "some.sqlite3"), []
    ours.take()

    def wait_for_it() -> None:
        theirs.take()
        order.append("theirs")
        theirs.give_back()

    waiting = threading.Thread(target=wait_for_it)
    waiting.start()
    time.sleep(0.3)  # it stands in the queue by now
    ours.give_back()
    ours.take()
    order.append("ours")
    ours.give_back()
    waiting.join()
    assert order == ["theirs", "ours"]


def test_a_killed_writer_gives_its_turn_back(tmp_path: Path) -> None:
    database = tmp_path / "some.sqlite3"
    with another_process_whose_turn_it_is(database) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        turn = Turn(database)
        turn.take()  # waits for ever where the turn is not given back
        turn.close()


def test_giving_back_what_one_does_not_have_gives_nothing_away(tmp_path: Path) -> None:
    database = tmp_path / "some.sqlite3"
    with another_process_whose_turn_it_is(database):
        idle = Turn(database)
        idle.give_back()
        idle.close()
        got_it = threading.Event()

        def wait_for_it() -> None:
            Turn(database).take()
            got_it.set()

        threading.Thread(target=wait_for_it, daemon=True).start()
        assert not got_it.wait(0.3)


def is_free(database: str) -> bool:
    """Whether somebody who asks now has their turn at once."""
    turn, got_it = Turn(Path(database)), threading.Event()

    def ask() -> None:
        turn.take()
        got_it.set()
        turn.close()

    threading.Thread(target=ask, daemon=True).start()
    return got_it.wait(2)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_has_the_turn_until_its_end_however_it_ends() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL queues its writers itself")
    database = connection.settings_dict["NAME"]
    with transaction.atomic():
        with transaction.atomic():
            Organisation.objects.create(slug="une", name="Une", notice_email="a@une.example")
        assert not is_free(database)  # the inner one's end is not the end
    assert is_free(database)
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("INSERT INTO no_such_table VALUES (1)")
    assert is_free(database)
