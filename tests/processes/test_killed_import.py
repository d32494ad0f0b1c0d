"""The worker is killed while it imports a file: each line is one report in the end, and the import is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes.house import PATIENCE_SECONDS, a_house, kill, stop, wait_for

pytestmark = pytest.mark.processes

LINES, CONTENTS = 3000, 2500
HAND_IN = """
from pathlib import Path
from django.utils import timezone
from vigie.intake.doors.files.actions import hand_in
from vigie.organisations.tests.cast import make_cast
with Path({path!r}).open("rb") as file:
    hand_in(actor=make_cast().chloe.actor, name="veille.csv", content=file, now=timezone.now())
"""
APPROVE = """
from django.utils import timezone
from vigie.intake.doors.files.actions import approve
from vigie.intake.doors.files.models import ImportJob
from vigie.organisations.models import Membership
chloe = Membership.objects.get(member__display_name="Chloé").actor()
approve(actor=chloe, job=ImportJob.objects.of(chloe.organisation_id).get(), now=timezone.now())
"""


def test_a_worker_killed_again_and_again_while_it_imports_takes_each_line_once(tmp_path: Path) -> None:
    file = tmp_path / "veille.csv"
    rows = [f"https://x.com/compte_invente/status/{1700000000000000000 + n % CONTENTS},Essai {n}" for n in range(LINES)]
    file.write_text("\n".join(["url,text", *rows]), encoding="utf-8")
    (tmp_path / "house").mkdir()
    with a_house(tmp_path / "house", VIGIE_CHROMIUM="none") as house:

        def job(column: str) -> str:
            return f"SELECT {column} FROM intake_importjob"

        house.run(HAND_IN.format(path=str(file)))
        worker = house.start("worker")
        wait_for(lambda: house.value(job("attempt")), what="the file is looked through")
        kill(worker)
        worker = house.worker()
        wait_for(lambda: house.value(job("state")) == "ready", what="the preview is made")
        house.run(APPROVE)
        for _ in range(2):
            before = house.value(job("lines_done"))
            wait_for(lambda n=before: house.value(job("lines_done")) > n, what="some lines are imported")
            kill(worker)
            assert house.value(job("state")) == "running", "it was done already: the test proved nothing"
            worker = house.worker()
        wait_for(lambda: house.value(job("state")) == "done", what="the import goes to its end")
        assert stop(worker) == 0
        assert house.rows(job("lines_done, taken, merged, refused")) == [(LINES, CONTENTS, LINES - CONTENTS, 0)]
        assert house.value("SELECT count(*) FROM intake_report") == LINES
        assert house.value("SELECT count(DISTINCT source_key) FROM intake_report") == LINES
        assert house.value("SELECT count(*) FROM casefile_case") == CONTENTS
        assert house.value("SELECT sum(reports_count) FROM casefile_case") == LINES
        assert house.value("SELECT count(*) FROM casefile_journalentry WHERE event = 'import.done'") == 1
        assert house.start("journal", "verify").wait(PATIENCE_SECONDS) == 0
