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

CLIENTS, REPORTS_EACH, KILLS = 3, 8, 3


@dataclass
class Amina:
    """Somebody who reports again and again, and sends the same form once more when the line drops."""

    address: str
    number: int
    codes: list[str] = field(default_factory=list)
    sent_again: int = 0

    def report(self) -> None:
        for turn in range(REPORTS_EACH):
            form = {
                "nonce": re.search(r'name="nonce" value="([^"]+)"', self.asked("GET").text)[1],  # type: ignore[index]
                "addresses": f"https://forum.example/{self.number}/{turn}",
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


def test_what_was_acknowledged_is_kept_exactly_once_however_often_the_web_is_killed(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        make_association(house)
        web, address = house.web()
        port = address.rpartition(":")[2]
        people = [Amina(address, number) for number in range(CLIENTS)]
        threads = [threading.Thread(target=one.report) for one in people]
        for thread in threads:
            thread.start()
        for number in range(KILLS):
            wait_for(lambda n=number: sum(len(one.codes) for one in people) > n * 5, what="reports are acknowledged")
            kill(web)
            web = house.start("web", "--port", port)
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        codes = [code for one in people for code in one.codes]
        assert len(codes) == CLIENTS * REPORTS_EACH
        assert len(set(codes)) == len(codes)
        assert sum(one.sent_again for one in people) > 0, "no line was dropped: the test proved nothing"
        assert house.value("SELECT count(*) FROM intake_report") == len(codes)

        worker = house.start("worker")
        for _ in range(2):  # and the worker is killed while it sorts them
            wait_for(lambda: house.value("SELECT count(*) FROM intake_report WHERE filed_at IS NOT NULL") > 0)
            kill(worker)
            worker = house.worker()
        wait_for(lambda: house.value("SELECT count(*) FROM intake_report WHERE filed_at IS NULL") == 0, what="sorted")
        assert house.value("SELECT count(*) FROM casefile_case") == len(codes)
        assert house.value("SELECT sum(reports_count) FROM casefile_case") == len(codes)
        assert stop(worker) == 0
        assert house.start("journal", "verify").wait(PATIENCE_SECONDS) == 0
