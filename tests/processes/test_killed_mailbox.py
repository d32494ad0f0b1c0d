"""The worker is killed between keeping a letter and moving it: the letter is one report, and is moved in the end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes.house import PATIENCE_SECONDS, a_house, kill, wait_for
from vigie.intake.doors.mailbox.tests.builders import a_letter
from vigie.intake.doors.mailbox.tests.mail_server import DOVECOT, PASSWORD, dovecot

pytestmark = [pytest.mark.processes, pytest.mark.mailserver]

AN_ASSOCIATION = """
from vigie.organisations.models import Organisation
Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
"""


@contextmanager
def between(port: int, seen: Callable[[bytes], None]) -> Iterator[int]:
    """Stand between the worker and the mail server, and show `seen` each piece before it goes on."""
    door = socket.create_server(("127.0.0.1", 0))

    def carry(source: socket.socket, target: socket.socket, look: Callable[[bytes], None]) -> None:
        try:
            while piece := source.recv(65536):
                look(piece)
                target.sendall(piece)
        except OSError:
            return  # the worker was killed: that is what these tests do
        finally:
            for one in (source, target):
                one.close()

    def welcome() -> None:
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=carry, args=(client, server, seen), daemon=True).start()
            threading.Thread(target=carry, args=(server, client, lambda piece: None), daemon=True).start()

    threading.Thread(target=welcome, daemon=True).start()
    yield int(door.getsockname()[1])
    door.close()


@pytest.mark.parametrize("stage", [b"BODY.PEEK", b"MOVE"])
def test_a_worker_killed_while_taking_in_a_letter_makes_one_report_of_it(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, stage: bytes
) -> None:
    if not DOVECOT.exists():
        pytest.skip("Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    reached, killed = threading.Event(), threading.Event()

    def stop_here(piece: bytes) -> None:
        if stage in piece and not reached.is_set():
            reached.set()
            killed.wait(PATIENCE_SECONDS)
            raise OSError("killed before the server heard of it")

    with dovecot(tmp_path_factory.mktemp("dovecot")) as server, between(server.port, stop_here) as port:
        server.put(a_letter().as_bytes())
        address = f"imap://veille:{PASSWORD}@127.0.0.1:{port}/INBOX?security=none"
        with a_house(tmp_path, VIGIE_MAILBOX=address, VIGIE_MAILBOX_EVERY="1") as house:
            house.run(AN_ASSOCIATION)
            first = house.start("worker")
            assert reached.wait(PATIENCE_SECONDS)
            kill(first)
            killed.set()
            assert server.count("INBOX") == 1
            assert house.value("SELECT count(*) FROM intake_report") == (1 if stage == b"MOVE" else 0)
            house.start("worker")
            wait_for(lambda: server.count("Traites") == 1, what="the letter is moved")
            wait_for(lambda: house.value("SELECT count(*) FROM casefile_case") == 1, what="the report is filed")
            assert server.count("INBOX") == 0
            assert house.value("SELECT count(*) FROM intake_report") == 1
            assert house.value("SELECT count(*) FROM intake_incomingmail") == 1
            assert house.value("SELECT count(*) FROM outbox_outgoingmail") == 1
