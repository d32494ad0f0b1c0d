"""Whoever listens is killed ten times: every post is on the wall, none twice, and none is counted twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.processes.house import a_house, wait_for
from vigie.watch.sources.bluesky.fake import commit, jetstream

pytestmark = pytest.mark.processes

POSTS = 2000
KILLS = 10
SET_UP = """
from django.utils import timezone
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Actor, Role
from vigie.watch.actions import Wanted, save_source, save_watch
from vigie.watch.models import Source
from vigie.watch.rules.question import Question
o = Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
actor = Actor(name="member:1", organisation_id=o.pk, roles=frozenset({{Role.ANALYST}}))
source = save_source(actor=actor, kind="bluesky", name="Essai", given={{"address": "{address}"}}, now=timezone.now())
Source.across_associations.update(cursor={{"seq": 1}})
wanted = Wanted(name="Zinzolin", question=Question(terms=("zinzolin",)), sources=[source.pk])
save_watch(actor=actor, wanted=wanted, now=timezone.now())
"""


def words(n: int) -> str:
    """Return a text unlike the others: near copies would be one wave, which is not what is tried here."""
    return f"{n} zinzolin " + " ".join(f"mot{(n * 7919 + k * 104729) % 100003}" for k in range(8))


# One process that forks a listener for each line it reads, so that ten kills do not cost ten starts.
LISTENERS = """
import os, sys, time
from django.db import connections
from django.utils import timezone
from vigie.detection.detectors import default_detector
from vigie.watch import listening
default_detector()
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        connections.close_all()
        while True:
            listening.listen_once(timezone.now(), streams=True) or time.sleep(0.05)
    print(pid, flush=True)
    os.waitpid(pid, 0)
"""


def test_ten_kills_lose_no_post_and_double_none(tmp_path: Path) -> None:
    frames = [(n, commit(n, words(n))) for n in range(1, POSTS + 1)]
    chance = random.Random(11)
    with jetstream() as fake:
        options = {"VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS": f"127.0.0.1:{fake.port}", "VIGIE_WATCH_SLICE_SECONDS": "1"}
        with a_house(tmp_path, **options) as house:
            house.run(SET_UP.format(address=fake.address))
            parent = house.start_python(LISTENERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            given = 0
            for number in range(KILLS):
                connections = fake.connections
                listener = start_listener(parent)
                share = POSTS * (number + 1) // (KILLS + 1)
                fake.add(*frames[given:share])
                given = share
                wait_for(lambda: fake.connections > connections, what="it listens")  # noqa: B023 asked before it changes
                time.sleep(chance.uniform(0.0, 1.4))  # while it reads, while it writes, or between
                os.kill(listener, signal.SIGKILL)
            fake.add(*frames[given:])
            listener = start_listener(parent)
            count = "SELECT count(*) FROM watch_sighting"
            wait_for(lambda: house.value(count) >= POSTS, what="every post is there")
            time.sleep(1.2)  # one more turn, from the last cursor
            assert house.value(count) == POSTS
            assert house.value('SELECT count(DISTINCT "key") FROM watch_sighting') == POSTS
            assert house.value("SELECT sum(count) FROM watch_tally WHERE kind = 'all'") == POSTS
            assert house.value("SELECT fault FROM watch_source") == ""
            assert parent.stdin
            assert parent.stdout
            with parent.stdin, parent.stdout:
                os.kill(listener, signal.SIGKILL)


def start_listener(parent: subprocess.Popen[bytes]) -> int:
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(b"go\n")
    parent.stdin.flush()
    return int(parent.stdout.readline())
