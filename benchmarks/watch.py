"""The watch: sightings a second from a local Jetstream, delay to the wall, ten kills; rises on planted noise.

The Jetstream is a fake on this machine that replays invented posts (`watch/sources/bluesky/fake.py`); it runs in this
process, the listener in one of its own, both on the same cores. Beside the throughput stands the same replay read by a
bare websocket that only parses the frames.
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.processes.house import House, a_house, wait_for
from tests.processes.test_killed_watch import LISTENERS, SET_UP, start_listener
from websockets.sync.client import connect

from benchmarks.report import Report, percentile
from vigie.watch.rules import surge
from vigie.watch.sources.bluesky.fake import FakeJetstream, commit, jetstream

MINUTE = timedelta(minutes=1)
START = datetime(2026, 8, 31, tzinfo=UTC)
COUNT = "SELECT count(*) FROM watch_sighting"


def run(report: Report) -> None:
    number = 2_000 if report.is_quick else 20_000
    for name, server in report.databases.items():
        throughput(report, name, server, number)
        delay(report, name, server, seconds=5 if report.is_quick else 30)
        kills(report, name, server, number=1_000 if report.is_quick else 5_000)
    rises(report, weeks=1 if report.is_quick else 2)


def words(n: int, word: str) -> str:
    """Return a text unlike the others, of about the length of a post."""
    return f"{n} {word} " + " ".join(f"mot{(n * 7919 + k * 104729) % 100003}" for k in range(14))


@contextmanager
def listening(server: str, fake: FakeJetstream) -> Iterator[tuple[House, subprocess.Popen[bytes]]]:
    options = {"VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS": f"127.0.0.1:{fake.port}", "VIGIE_WATCH_SLICE_SECONDS": "1",
               "VIGIE_WATCH_BACKLOG": "1000000"}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), server=server, **options) as house:
        house.run(SET_UP.format(address=fake.address))
        parent = house.start_python(LISTENERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert parent.stdin
        assert parent.stdout
        with parent.stdin, parent.stdout:
            yield house, parent


def bare(frames: list[tuple[int, str]]) -> float:
    """Return how many frames a second a client reads that does nothing with them."""
    with jetstream(frames) as fake, connect(f"{fake.address}/xrpc/x?cursor=1", compression=None) as socket:
        begun = time.monotonic()
        for _ in frames:
            json.loads(socket.recv(timeout=30))
        return len(frames) / (time.monotonic() - begun)


def throughput(report: Report, name: str, server: str, number: int) -> None:
    """Every post answers, then one in a hundred."""
    for share, said in ((1, "every post a sighting"), (100, "one post in a hundred a sighting")):
        frames = [(n, commit(n, words(n, "zinzolin" if n % share == 0 else "azur"))) for n in range(1, number + 1)]
        wanted = number // share
        with jetstream(frames) as fake, listening(server, fake) as (house, parent):
            begun = time.monotonic()
            listener = start_listener(parent)
            wait_for(lambda: house.value(COUNT) >= wanted, within=900, what="all is on the wall")  # noqa: B023
            wait_for(lambda: house.value("SELECT posts_read FROM watch_source") >= number, within=900)
            seconds = time.monotonic() - begun
            os.kill(listener, signal.SIGKILL)
        beside = bare(frames)
        print(f"{name}, replay, {said}: {number / seconds:,.0f} posts/s, {wanted / seconds:,.0f} sightings/s "
              f"({number / seconds / beside:.3f} of a bare client's {beside:,.0f} frames/s)")  # fmt: skip


def delay(report: Report, name: str, server: str, *, seconds: int, per_second: int = 50) -> None:
    """Posts that appear live, as many a second as Bluesky's own, one in ten of which answers."""
    with jetstream() as fake, listening(server, fake) as (house, parent):
        listener = start_listener(parent)
        wait_for(lambda: fake.connections, what="it listens")
        for n in range(1, seconds * per_second + 1):
            now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            fake.add((n, commit(n, words(n, "zinzolin" if n % 10 == 0 else "azur"), createdAt=now)))
            time.sleep(1 / per_second)
        wanted = seconds * per_second // 10
        wait_for(lambda: house.value(COUNT) >= wanted, what="all is on the wall")
        rows = house.rows("SELECT published_at, seen_at FROM watch_sighting")
        os.kill(listener, signal.SIGKILL)
    waits = sorted((_moment(seen) - _moment(published)).total_seconds() for published, seen in rows)
    print(f"{name}, post to wall at {per_second} posts/s, slices of 1 s: p50 {percentile(waits, 50):.2f} s, "
          f"p95 {percentile(waits, 95):.2f} s, most {waits[-1]:.2f} s")  # fmt: skip


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def kills(report: Report, name: str, server: str, *, number: int) -> None:
    chance = random.Random(3)
    frames = [(n, commit(n, words(n, "zinzolin"))) for n in range(1, number + 1)]
    with jetstream() as fake, listening(server, fake) as (house, parent):
        for kill in range(10):
            known = fake.connections
            listener = start_listener(parent)
            fake.add(*frames[number * kill // 11 : number * (kill + 1) // 11])
            wait_for(lambda: fake.connections > known, what="it listens")  # noqa: B023
            time.sleep(chance.uniform(0, 1.5))
            os.kill(listener, signal.SIGKILL)
        fake.add(*frames[number * 10 // 11 :])
        listener = start_listener(parent)
        wait_for(lambda: house.value(COUNT) >= number, within=300, what="all is on the wall")
        time.sleep(2)
        rows, keys = house.value(COUNT), house.value('SELECT count(DISTINCT "key") FROM watch_sighting')
        counted = house.value("SELECT sum(count) FROM watch_tally WHERE kind = 'all'")
        os.kill(listener, signal.SIGKILL)
    print(f"{name}, ten kills over {number:,} posts: {number - keys} lost, {rows - keys} doubled, counted {counted:,}")


# --- rises ---------------------------------------------------------------------------------------------------


def rises(report: Report, *, weeks: int) -> None:
    """Noise with days and weeks, a wandering level and conversations that come in clumps; then a raid of twenty times."""
    for per_hour, clump in ((6, 0.05), (60, 0.05), (60, 0.2), (600, 0.05)):
        calls = sum(len(called(seed, per_hour, clump, weeks=weeks)[1]) for seed in range(2))
        delays = []
        for seed in range(100, 110):
            began, found = called(seed, per_hour, clump, weeks=weeks, planted=True)
            delays.append(min(((at - began).total_seconds() / 60 + 1 for at in found if at >= began), default=math.inf))
        delays.sort()
        print(f"rises, {per_hour} posts an hour, {clump:.0%} of them conversations: {calls} false calls in {2 * weeks} weeks; "
              f"a raid of twenty times called after {delays[5]:.0f} min in the middle, {delays[-1]:.0f} at most")  # fmt: skip


def noise(chance: random.Random, minutes: int, per_hour: float, clump: float) -> dict[datetime, int]:
    found: dict[datetime, int] = {}
    level = 1.0
    for n in range(minutes):
        at = START + n * MINUTE
        if n % 60 == 0:
            level = math.exp(0.8 * math.log(level) + chance.gauss(0, 0.15))
        day = 1 + 0.7 * math.sin((at.hour + at.minute / 60 - 9) / 12 * math.pi)
        mean = per_hour / 60 * day * (1.3 if at.weekday() >= 5 else 1) * level / (1 + 4 * clump)
        for _ in range(_poisson(chance, mean)):
            size = 1 + (min(int(chance.expovariate(1 / 4)), 30) if chance.random() < clump else 0)
            for _ in range(size):
                when = at + int(chance.expovariate(1 / 6)) * MINUTE
                found[when] = found.get(when, 0) + 1
    return found


def called(
    seed: int, per_hour: int, clump: float, *, weeks: int, planted: bool = False, history: int = 3
) -> tuple[datetime, list[datetime]]:
    """Return when the raid began, and every minute at which a rise was called."""
    chance = random.Random(seed)
    total = (history + (1 if planted else weeks)) * 7 * 1440
    minutes = noise(chance, total, per_hour, clump)
    began = START + (history * 7 * 1440 + chance.randrange(6 * 1440)) * MINUTE
    if planted:
        for n in range(60):
            at = began + n * MINUTE
            minutes[at] = minutes.get(at, 0) + _poisson(chance, 20 * per_hour / 60)
    hours: dict[datetime, int] = {}
    for at, count in minutes.items():
        hours[at.replace(minute=0)] = hours.get(at.replace(minute=0), 0) + count
    at, end = (
        (began - 5 * MINUTE, began + 60 * MINUTE)
        if planted
        else (START + history * 7 * 1440 * MINUTE, START + total * MINUTE)
    )
    alpha, calls, is_open, expected, of_hour = surge.alpha_for(surge.LEAST_SERIES), [], False, None, None
    while at < end:
        if of_hour != at.replace(minute=0):
            of_hour, expected = at.replace(minute=0), surge.expected_at(hours, minutes, at, since=START)
        assert expected is not None
        if is_open:
            is_open = not surge.is_over(minutes, at, expected.per_hour)
        elif surge.rise(minutes, at, expected, alpha=alpha):
            calls.append(at)
            is_open = True
        at += MINUTE
    return began, calls


def _poisson(chance: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    floor, number, product = math.exp(-mean), 0, chance.random()
    while product > floor:
        number += 1
        product *= chance.random()
    return number
