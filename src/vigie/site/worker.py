"""The worker: asks each room what waits, and does it. Rooms pull; nothing is pushed here.

The rows are the truth: a worker that is killed leaves them as they are, and the next one goes on. Two lanes,
so that a slow capture never holds back a message. Several workers may run on PostgreSQL; each takes its own rows.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from django.utils.module_loading import import_string

logger = logging.getLogger("vigie.worker")

AFTER_A_FAULT_SECONDS = 5.0
LONGEST_NAP_SECONDS = 0.5
FINISHES_WITHIN_SECONDS = 20
NICENESS = 5  # somebody who reports waits for the page; what the worker does can wait a moment


@dataclass(frozen=True)
class Chore:
    """Something a room does when asked.

    `run` names a function of `now` that does one piece and says whether there was one.
    """

    name: str
    run: str
    every_seconds: float
    lane: str = "errands"


CHORES = [
    Chore("reports to sort into cases", "vigie.intake.tasks.file_waiting", 0.3),
    Chore(
        "letters that arrived", "vigie.intake.doors.mailbox.tasks.read_mailboxes", settings.VIGIE_MAILBOX_EVERY, "mail"
    ),
    Chore("files to import", "vigie.intake.doors.files.tasks.work_on_imports", 1, "imports"),
    Chore("received letters kept long enough", "vigie.intake.doors.mailbox.tasks.erase_old_letters", 60),
    Chore("identities kept long enough", "vigie.intake.tasks.erase_old_identities", 3600),
    Chore("messages whose worker is gone", "vigie.outbox.tasks.settle_lost", 5),
    Chore("messages to leave", "vigie.outbox.tasks.deliver", 0.5),
    Chore("contents without a capture", "vigie.evidence.tasks.ask_for_arrivals", 2),
    Chore("captures that may not be kept", "vigie.evidence.tasks.erase_forbidden", 10),
    Chore("captures to make", "vigie.evidence.tasks.capture_next", 1, lane="captures"),
    Chore("words that may not be kept", "vigie.qualification.tasks.erase_forbidden", 10),
    Chore("letters that may not be kept", "vigie.notice.tasks.erase_forbidden", 10),
    Chore("answers that may not be kept", "vigie.followup.tasks.erase_forbidden", 10),
    Chore("marks and searches that may not be kept", "vigie.triage.tasks.erase_forbidden", 10),
    Chore("sightings that may not be kept", "vigie.watch.tasks.erase_forbidden", 10),
    Chore("files and letters that may not be kept", "vigie.intake.tasks.search_traces", 10, "imports"),
    Chore("examples that may not be kept", "vigie.learning.tasks.erase_forbidden", 10),
    Chore("counts of the tables", "vigie.site.tasks.count_the_tables", 600),
    Chore("sessions and counts that are over", "vigie.site.tasks.forget_what_ended", 300),
    Chore("rises to call", "vigie.watch.tasks.call_surges", 20, "figures"),
    Chore("minutes to make hours of", "vigie.watch.tasks.fold_counts", 300, "figures"),
    Chore("sightings kept long enough", "vigie.watch.tasks.forget_what_is_old", 60),
    Chore("claims left lying", "vigie.triage.tasks.give_back_lapsed", 60),
    Chore("marks of new texts", "vigie.triage.tasks.mark_texts", 5),
    Chore("decisions to learn from", "vigie.learning.tasks.pull_examples", 5),
    Chore("what follows the notices that left", "vigie.followup.tasks.plan_followup", 2),
    Chore("answers to join to their notices", "vigie.followup.tasks.join_replies", 1),
    Chore("silences that are late", "vigie.followup.tasks.raise_reminders", 30),
    Chore("sources that stay open", "vigie.watch.tasks.listen_to_streams", 1, "streams"),
    Chore("sources to ask", "vigie.watch.tasks.ask_sources", 1, "sources"),
    Chore("contents to look at again", "vigie.followup.tasks.do_check", 5, "looks"),
    Chore("what the figures add up to", "vigie.insight.tasks.keep_figures", 60, "figures"),
]


class Lane(threading.Thread):
    """Do the chores of one lane in turn until told to stop."""

    def __init__(self, name: str, chores: list[Chore], stopping: threading.Event) -> None:
        super().__init__(name=f"lane-{name}", daemon=True)
        self.chores = chores
        self.stopping = stopping
        self.due = {chore.name: 0.0 for chore in chores}
        self.calls: dict[str, Callable[[datetime], Any]] = {chore.name: import_string(chore.run) for chore in chores}

    def run(self) -> None:
        while not self.stopping.is_set():
            now = time.monotonic()
            for chore in self.chores:
                if self.due[chore.name] <= now and not self.stopping.is_set():
                    self.due[chore.name] = time.monotonic() + self.do(chore)
            soonest = min(self.due.values()) - time.monotonic()
            self.stopping.wait(min(max(soonest, 0.01), LONGEST_NAP_SECONDS))
        close_old_connections()

    def do(self, chore: Chore) -> float:
        """Do one piece of a chore and return the seconds until it is due again."""
        close_old_connections()
        try:
            did_something = self.calls[chore.name](timezone.now())
        except Exception as fault:  # noqa: BLE001 one chore that stumbles must not stop the others of its lane
            # The way to the fault, without its own words: they could quote a letter or a content.
            way = "".join(traceback.format_tb(fault.__traceback__))
            logger.error(  # noqa: TRY400
                "%s failed: %s; again in %s s\n%s", chore.name, type(fault).__name__, AFTER_A_FAULT_SECONDS, way
            )
            return AFTER_A_FAULT_SECONDS
        return 0.0 if did_something else chore.every_seconds


def run_worker() -> int:
    """Work until SIGTERM or SIGINT; what is under way is finished first."""
    os.nice(NICENESS)
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not `stopping.set()`: a handler runs in the main thread, which may hold that very event's lock.
        signal.signal(number, lambda received, _frame: asked.append(received))
    stopping = threading.Event()
    names = dict.fromkeys(chore.lane for chore in CHORES)
    lanes = [Lane(name, [chore for chore in CHORES if chore.lane == name], stopping) for name in names]
    for lane in lanes:
        lane.start()
    sys.stdout.write("Vigie: the worker is at work.\n")  # whoever started it may now ask it to stop
    sys.stdout.flush()
    while not asked:
        time.sleep(0.2)
        if not all(lane.is_alive() for lane in lanes):
            logger.critical("a lane stopped by itself; the worker ends so that it is started anew")
            return 1
    stopping.set()
    deadline = time.monotonic() + FINISHES_WITHIN_SECONDS
    for lane in lanes:
        lane.join(timeout=max(deadline - time.monotonic(), 0))
    return 0
