"""The worker is killed while it visits a page: the visit is done again, and nothing of the first is left."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import psutil
import pytest

from tests.processes.house import PATIENCE_SECONDS, House, a_house, stop, wait_for
from vigie.evidence.rules.lease import MAX_ATTEMPTS
from vigie.evidence.tests.hostile_server import Handler, Server, hostile_server

pytestmark = pytest.mark.processes

A_CASE = """
from django.db import transaction
from django.utils import timezone
from vigie.casefile.actions import keep_content, open_case
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Actor
now = timezone.now()
o = Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
with transaction.atomic():
    content = keep_content(organisation_id=o.pk, key="web:essai", platform="web", kind="page", url="{url}", now=now)
    case = open_case(actor=Actor(name="member:1", organisation_id=o.pk), content=content, door="{door}", now=now)
"""
A_CHECK = """
from vigie.followup.models import Check
Check.objects.create(organisation_id=o.pk, case=case, content=content, label="1h", due_at=now)
"""
EVENTS = "SELECT event FROM casefile_journalentry WHERE event LIKE 'capture.%' OR event LIKE 'check.%' ORDER BY id"


@pytest.fixture
def corner() -> Iterator[Path]:
    """The temporary folder of the desk's processes; short, as Chromium needs it."""
    with tempfile.TemporaryDirectory(prefix="v", dir="/tmp") as folder:
        yield Path(folder)


class Visited:
    """A page that keeps its first visitors waiting, until the worker that sent them is killed."""

    def __init__(self, server: Server, *, kept_waiting: int) -> None:
        self.visits, self.reached, self.killed = 0, Event(), Event()
        self.kept_waiting = kept_waiting
        self.url = server.answer("/page", self.answer)

    def answer(self, handler: Handler) -> None:
        self.visits += 1
        if self.visits <= self.kept_waiting:
            self.reached.set()
            self.killed.wait(PATIENCE_SECONDS)
            return
        body = b"<!doctype html><title>Une page</title><p>Bonjour"
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def kill_a_worker_in_the_middle(self, house: House) -> None:
        worker = house.start("worker")
        assert self.reached.wait(PATIENCE_SECONDS)
        worker.kill()  # the worker alone: what it started must end by itself
        worker.wait()
        self.reached.clear()


def family(corner: Path) -> list[str]:
    """Return the processes of visits that are still there."""
    lines = (" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    return [line[:200] for line in lines if f"{corner}/vigie-c-" in line]


@pytest.mark.browser
@pytest.mark.parametrize(("kills", "ending"), [(1, "done"), (MAX_ATTEMPTS, "failed")])
def test_a_worker_killed_while_chromium_visits_leaves_no_process_and_no_profile(
    tmp_path: Path, chromium: str, corner: Path, kills: int, ending: str
) -> None:
    with hostile_server() as server:
        page = Visited(server, kept_waiting=kills)
        settings = {
            "VIGIE_CHROMIUM": chromium, "VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS": server.host, "TMPDIR": str(corner)
        }  # fmt: skip
        with a_house(tmp_path, **settings) as house:
            house.run(A_CASE.format(url=page.url, door="form"))
            for _ in range(kills):
                page.kill_a_worker_in_the_middle(house)
                wait_for(lambda: not family(corner), what="Chromium and those around it are gone")
            page.killed.set()
            worker = house.worker()
            state = "SELECT state FROM evidence_capture WHERE state NOT IN ('waiting', 'running')"
            assert wait_for(lambda: house.value(state), what="the capture ends") == ending
            assert stop(worker) == 0
            assert house.rows("SELECT attempts FROM evidence_capture") == [(kills + 1,)]
            assert house.rows(EVENTS) == [(f"capture.{ending}",)]
            assert house.value("SELECT count(*) FROM evidence_capture WHERE bundle_sha256 <> ''") == (ending == "done")
            assert family(corner) == []
            assert [left.name for left in corner.iterdir() if left.is_dir()] == []
            assert list((tmp_path / "captures").iterdir()) == []
            assert house.start("journal", "verify").wait(PATIENCE_SECONDS) == 0


def test_a_worker_killed_while_it_looks_whether_a_content_is_online_looks_once_more_and_tells_it_once(
    tmp_path: Path,
) -> None:
    with hostile_server() as server:
        page = Visited(server, kept_waiting=1)
        with a_house(tmp_path, VIGIE_CHROMIUM="none", VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS=server.host) as house:
            house.run(A_CASE.format(url=page.url, door="import") + A_CHECK)  # an import is not captured on arrival
            page.kill_a_worker_in_the_middle(house)
            page.killed.set()
            assert house.rows("SELECT done_at FROM followup_check") == [(None,)]
            worker = house.worker()
            seen = wait_for(
                lambda: house.rows("SELECT glance FROM followup_check WHERE done_at IS NOT NULL"), what="a look"
            )
            assert stop(worker) == 0
            assert seen == [("present",)]
            assert house.rows(EVENTS) == [("check.done",)]
            assert house.start("journal", "verify").wait(PATIENCE_SECONDS) == 0
