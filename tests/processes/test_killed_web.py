"""The pages' process is killed while people report: what was acknowledged is kept once; what was not can be sent again."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.processes.house import PATIENCE_SECONDS, House, a_house, kill, stop, wait_for

pytestmark = pytest.mark.processes


@dataclass
class Amina:
    """Somebody who reports again and again, and sends the same form once more when the line drops."""

    address: str
    posts: list[str]  # what she reports, one after the other
    codes: list[str] = field(default_factory=list)
    sent_again: int = 0

    def report(self) -> None:
        for post in self.posts:
            form = {
                "nonce": re.search(r'name="nonce" value="([^"]+)"', self.asked("GET").text)[1],  # type: ignore[index]
                "addresses": post,
            }
            answer = self.asked("POST", form)
            assert answer.status_code == 200, answer.text
            self.codes.append(re.search(r'id="code">([\d ]+)<', answer.text)[1].replace(" ", ""))  # type: ignore[index]

    def asked(self, method: str, form: dict[str, str] | None = None) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                return httpx.request(method, f"{self.address}/", data=form, timeout=30)
            except httpx.TransportError:
                self.sent_again += 1
                time.sleep(0.1)
        raise AssertionError("the pages did not come back")


def make_association(house: House) -> None:
    house.run(
        "from vigie.organisations.models import Organisation\n"
        "Organisation.objects.create(slug='veille', name='Veille', notice_email='signalements@veille.example')"
    )


# One post, by the addresses that people copy.
ONE_POST = [
    "https://x.com/compte_invente/status/1700000000000000041",
    "https://mobile.twitter.com/compte_invente/status/1700000000000000041?s=20",
    "twitter.com/compte_invente/status/1700000000000000041/photo/1",
    "https://x.com/i/web/status/1700000000000000041",
]
PEOPLE, SAME_EACH, OWN_EACH, KILLS = 4, 10, 2, 4
EVENTS = "SELECT count(*) FROM casefile_journalentry WHERE event = "


def what_she_reports(number: int) -> list[str]:
    same = [ONE_POST[(number + turn) % len(ONE_POST)] for turn in range(SAME_EACH)]
    own = [f"https://forum.example/{number}/{turn}" for turn in range(OWN_EACH)]
    return same[:5] + own + same[5:]


def test_what_was_acknowledged_is_kept_once_and_forty_reports_of_one_post_are_one_case_whoever_is_killed(
    tmp_path: Path,
) -> None:
    with a_house(tmp_path, VIGIE_CHROMIUM="none") as house:
        make_association(house)
        web, address = house.web()
        port = address.rpartition(":")[2]
        worker = house.start("worker")
        people = [Amina(address, what_she_reports(number)) for number in range(PEOPLE)]
        threads = [threading.Thread(target=one.report) for one in people]
        for thread in threads:
            thread.start()
        filed = "SELECT count(*) FROM intake_report WHERE filed_at IS NOT NULL"
        for number in range(KILLS):
            wait_for(lambda n=number: sum(len(one.codes) for one in people) > n * 8, what="reports are acknowledged")
            wait_for(lambda n=number: house.value(filed) > n * 4, what="reports are sorted")
            kill(web)
            kill(worker)
            web, worker = house.start("web", "--port", port), house.start("worker")
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        kill(worker)
        worker = house.worker()
        codes = [code for one in people for code in one.codes]
        assert len(codes) == len(set(codes)) == PEOPLE * (SAME_EACH + OWN_EACH)
        assert sum(one.sent_again for one in people) > 0, "no line was dropped: the test proved nothing"
        wait_for(lambda: house.value(filed) == len(codes), what="all are sorted")
        assert stop(worker) == 0
        assert house.value("SELECT count(*) FROM intake_report") == len(codes)
        assert house.value(f"{EVENTS}'report.received'") == len(codes)
        counts = [row[0] for row in house.rows("SELECT reports_count FROM casefile_case ORDER BY reports_count DESC")]
        assert counts == [PEOPLE * SAME_EACH] + [1] * PEOPLE * OWN_EACH
        assert house.value("SELECT count(*) FROM casefile_content") == len(counts)
        assert house.start("journal", "verify").wait(PATIENCE_SECONDS) == 0
