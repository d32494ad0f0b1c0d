"""The public form under sixteen clients: reports accepted a second, how long each waited, and that none is lost.

Beside it, in the same run, the least this stack can do: a bare view that inserts one row (`bare`).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from urllib.request import urlopen

from tests.processes.house import REPOSITORY, House, a_house, free_port, wait_for

from benchmarks.clients import Plan, Seen
from benchmarks.processes import memory_megabytes, processor_seconds, quietly, terminated
from benchmarks.report import Report, percentile
from vigie.core.keys import derive_key
from vigie.core.references import receipt_digest

CLIENTS = 16
MOST_A_SECOND = 300  # proofs prepared for each second
WHOLE_IN_SECONDS = 600  # in which the worker must have filed everything

AN_ASSOCIATION = """
from vigie.organisations.models import Organisation
Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
"""
# A proof costs a visitor's machine some 256 tries. Sixteen visitors' machines are not at hand: whoever holds the key can
# make a challenge with its solution for one try. Checking it costs the desk exactly what checking a visitor's does.
PROOFS = """
import json, secrets, altcha
from datetime import timedelta
from django.utils import timezone
from vigie.intake import proof
expires = timezone.now() + timedelta(hours=2)
made = []
for _ in range({number}):
    counter = secrets.randbelow(1000)
    challenge = altcha.create_challenge(proof.ALGORITHM, proof.ROUNDS, counter=counter, expires_at=expires,
                                        hmac_secret=proof._secret())
    made.append(altcha.Payload(challenge, altcha.solve_challenge(challenge, counter_start=counter)).to_base64())
assert proof.checked(made[0])
print(json.dumps(made))
"""


def run(report: Report) -> None:
    seconds = 8 if report.is_quick else 60

    for name, server in report.databases.items():
        bare = bare_view(server, 4 if report.is_quick else 15)
        report.begin(f"surge: the public form, {CLIENTS} clients for {seconds} s, {name}")
        limit = len(bare.post_ms) / bare.seconds
        report.figure("bare one-row insert view (the limit)", limit, "/s")
        report.figure("its p99", percentile(bare.post_ms, 99), "ms")
        with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), server=server, **SETTINGS) as house:
            measure(report, house, seconds, limit, percentile(bare.post_ms, 99))


SETTINGS = {"VIGIE_LEASE_SECONDS": "120", "VIGIE_CHROMIUM": "none"}


def measure(report: Report, house: House, seconds: float, limit: float, limit_p99: float) -> None:
    house.run(AN_ASSOCIATION)
    with a_serving_desk(house) as (port, desk):
        load(Plan("form", port, CLIENTS, 2, proofs_of(house, 2 * MOST_A_SECOND)))  # both processes have drawn each page
        peak, before = _Peak(desk.pid), processor_seconds(desk.pid)
        seen = load(Plan("form", port, CLIENTS, seconds, proofs_of(house, int(seconds * MOST_A_SECOND))))
        at_most, after = peak.end(), processor_seconds(desk.pid)
        accepted = len(seen.codes)
        report.figure(
            "reports accepted", accepted / seen.seconds, "/s", of=limit, reference="the bare view", aim="≥ 100/s"
        )
        report.figure("POST of the form, p50", percentile(seen.post_ms, 50), "ms")
        report.figure("POST of the form, p95", percentile(seen.post_ms, 95), "ms")
        report.figure(
            "POST of the form, p99", percentile(seen.post_ms, 99), "ms", of=limit_p99, reference="the bare view’s",
            aim="≤ 500 ms",
        )  # fmt: skip
        report.figure("GET of the form, p99", percentile(seen.form_ms, 99), "ms")
        report.figure("errors", len(seen.errors), "", aim="0")
        if seen.errors:
            report.note(f"the first: {seen.errors[0]}")
        report.figure("the clients’ own share of one core", 100 * seen.cpu_seconds / seen.seconds, "%")
        web = 1000 * (after["web"] - before["web"]) / max(accepted, 1)
        report.figure("processor time of the web server for each report", web, "ms")
        report.figure("memory of the whole desk, at most", at_most, "MB", aim="none set; idle ≤ 400 MB")
        started = time.perf_counter()
        waiting = "SELECT count(*) FROM intake_report WHERE filed_at IS NULL"
        wait_for(lambda: house.value(waiting) == 0, within=WHOLE_IN_SECONDS, what="the worker files everything")
        report.figure("until the worker had filed the rest", time.perf_counter() - started, "s")
        worker = 1000 * (processor_seconds(desk.pid)["worker"] - before["worker"]) / max(accepted, 1)
        report.figure("processor time of the worker for each report", worker, "ms")
    nothing_lost(report, house, seen.codes)


def nothing_lost(report: Report, house: House, codes: list[str]) -> None:
    """Say how many acknowledged receipts are in the database exactly once, and whether the chain holds."""
    key = derive_key((Path(house.environment["VIGIE_DATA"]) / "keys" / "secret").read_text().strip(), "receipt-digest")
    with ThreadPoolExecutor(2) as pool:
        digests = list(pool.map(lambda code: receipt_digest(key, code), codes))
    rows = [row[0] for row in house.rows("SELECT receipt_digest FROM intake_report")]
    lost, doubled = set(digests) - set(rows), len(rows) - len(set(rows))
    report.figure("acknowledged receipts not found", len(lost), "", aim="0")
    report.figure("reports kept twice", doubled, "", aim="0")
    report.figure("reports without a case", house.value(WITHOUT_A_CASE), "", aim="0")
    report.note(f"journal: {'whole' if quietly(house, 'journal', 'verify').wait(120) == 0 else 'BROKEN'}")


WITHOUT_A_CASE = (
    "SELECT count(*) FROM intake_report r WHERE NOT EXISTS (SELECT 1 FROM intake_reportcase c WHERE c.report_id = r.id)"
)


def bare_view(server: str, seconds: float) -> Seen:
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), migrated=False, server=server) as house:
        house.run(
            "from django.db import connection\nfrom benchmarks.bare import TABLE\nconnection.cursor().execute(TABLE)"
        )
        house.environment["DJANGO_SETTINGS_MODULE"] = "benchmarks.bare"
        port = free_port()
        with terminated(quietly(house, "web", "--port", str(port))):
            wait_for(lambda: answers(port), what="the bare view answers")
            load(Plan("bare", port, CLIENTS, 1))
            return load(Plan("bare", port, CLIENTS, seconds))


@contextlib.contextmanager
def a_serving_desk(house: House) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    house.environment["VIGIE_URL"] = f"http://127.0.0.1:{port}"
    with terminated(quietly(house, "serve", "--port", str(port))) as desk:
        wait_for(lambda: answers(port), what="the desk answers")
        yield port, desk


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def proofs_of(house: House, number: int) -> list[str]:
    made: list[str] = json.loads(house.run(PROOFS.format(number=number)))
    return made


def load(plan: Plan) -> Seen:
    """Run the clients in a process of their own and return what they saw."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.clients"],
        input=json.dumps(asdict(plan)), capture_output=True, text=True, cwd=REPOSITORY, check=True,
    )  # fmt: skip
    return Seen(**json.loads(done.stdout))


class _Peak:
    """The most memory a tree of processes held, looked at each second."""

    def __init__(self, pid: int) -> None:
        self.pid, self.most, self.over = pid, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self) -> None:
        while not self.over.wait(1.0):
            self.most = max(self.most, memory_megabytes(self.pid))

    def end(self) -> float:
        self.over.set()
        self.thread.join()
        return self.most
