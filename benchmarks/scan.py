"""What a scan takes on one core and on two, on each engine, and what a kill costs: the same rows every time.

    PYTHONPATH=src python -m benchmarks.scan [--posts 100000 1000000] [--engines local ray] [--kills] [--cluster]

*Clock* is what somebody waits, start of processes included; *core* is the processor time of the driver and all its
workers, which a busy machine changes less. Beside them in the same run: the detector alone on the same posts, in one
process, without files. Posts are those of `../shared/data` and chains of their words, 160,000
different ones, then these again with a number behind; rows are compared one by one
with the first answer.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import cached_property
from itertools import count as count_up
from itertools import islice
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.posts import FRENCH, chains, real_posts
from vigie.detection.bulk.scan import WORKSHOP
from vigie.detection.detectors import default_detector

PIECE = 100_000


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--engines", nargs="+", default=["local", "ray"])
    parser.add_argument("--kills", action="store_true", help="kill a worker, then the driver, of the first size")
    parser.add_argument("--cluster", action="store_true", help="with near-duplicates too")
    given = parser.parse_args(arguments)
    engines = [one for one in given.engines if one != "ray" or importlib.util.find_spec("ray")]
    if engines != given.engines:
        print("left out: Ray (not installed here)")
    speed = detector_alone()
    with tempfile.TemporaryDirectory() as folder:
        for count in given.posts:
            corpus = write_corpus(Path(folder) / f"{count}.parquet", count)
            print(f"\n{count:,} posts, Parquet of {corpus.stat().st_size / 1e6:,.0f} MB")
            right = ""
            for engine in engines:
                for cores in given.cores:
                    run = Run(corpus, engine, cores, cluster=given.cluster)
                    run.wait()
                    right = right or run.digest
                    print(
                        f"  {engine:6}{cores} core{'s' * (cores > 1):2}{run.told(count, speed)}{same(run, right)}",
                        flush=True,
                    )
                    run.sweep()
            if given.kills:
                for engine in engines:
                    kill(corpus, engine, right, count)
                given.kills = False
            corpus.unlink()
    return 0


def detector_alone() -> float:
    """Print and return how many posts a second the detector reads, given as a list, in one process."""
    texts = list(islice(chains(1), 20_000))
    detector = default_detector()
    list(detector.read_many((text, None) for text in texts[:1_000]))
    started = time.process_time()
    list(detector.read_many((text, None) for text in texts))
    speed = len(texts) / (time.process_time() - started)
    print(f"{detector.version} alone: {speed:,.0f} posts for each second of one core")
    return speed


def write_corpus(path: Path, count: int) -> Path:
    different = [*real_posts(FRENCH), *islice(chains(7), 150_000)]
    texts = (text if not turn else f"{text} {turn}" for turn in count_up() for text in different)
    writer: pq.ParquetWriter | None = None
    for start in range(0, count, PIECE):
        rows = list(islice(texts, min(PIECE, count - start)))
        table = pa.table({"id": [f"p{start + n}" for n in range(len(rows))], "text": rows})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    return path


class Run:
    """One `vigie scan`, watched."""

    def __init__(
        self, corpus: Path, engine: str, cores: int, *options: str, cluster: bool = False, out: Path | None = None
    ) -> None:
        self.out = out or corpus.parent / f"out-{time.monotonic_ns()}" / corpus.name
        chosen = ["--engine", engine, "--cores", str(cores), *(["--cluster"] if cluster else []), *options]
        program = [sys.executable, "-m", "vigie", "scan", str(corpus), str(self.out), *chosen]
        self.started = time.perf_counter()
        self.process = subprocess.Popen(program, stderr=subprocess.PIPE, start_new_session=True)
        self.most_memory, self.core, self.clock = 0.0, 0.0, 0.0
        self._spent: dict[int, float] = {}
        threading.Thread(target=self._watch, daemon=True).start()

    def family(self) -> list[psutil.Process]:
        try:
            driver = psutil.Process(self.process.pid)
            return [driver, *driver.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _watch(self) -> None:
        while self.process.poll() is None:
            memory = 0.0
            for one in self.family():
                try:
                    memory += one.memory_full_info().pss
                    spent = one.cpu_times()
                    self._spent[one.pid] = spent.user + spent.system
                except psutil.Error:
                    continue
            self.most_memory = max(self.most_memory, memory)
            time.sleep(0.5)

    def wait(self) -> int:
        self.said = self.process.communicate()[1].decode().strip()
        self.clock = time.perf_counter() - self.started
        self.core = sum(self._spent.values())
        return self.process.returncode

    def told(self, count: int, alone: float) -> str:
        if self.process.returncode:
            return f"  {self.said}"
        each = count / self.core
        return (
            f"{self.clock:>8.1f} s by the clock, {count / self.clock:>8,.0f} posts/s; {each:>8,.0f} for each second of a core"
            f" ({each / alone:.2f} of the detector alone); {self.most_memory / 1e6:,.0f} MB at most"
        )

    @cached_property
    def digest(self) -> str:
        """What all rows come to, in their order."""
        told = hashlib.sha256()
        with pq.ParquetFile(self.out) as file:
            for batch in file.iter_batches(50_000):
                for row in batch.to_pylist():
                    told.update(json.dumps(row, ensure_ascii=False).encode())
        return told.hexdigest()

    def parts(self) -> int:
        return len(list((self.out.parent / WORKSHOP).rglob("*.parts/*.json")))

    def sweep(self) -> None:
        shutil.rmtree(self.out.parent, ignore_errors=True)


def same(run: Run, right: str) -> str:
    return "; same rows" if run.out.exists() and run.digest == right else "; OTHER ROWS"


def kill(corpus: Path, engine: str, right: str, count: int) -> None:
    """Kill a worker in the middle, see the same rows; kill the driver in the middle, begin again, see the same rows."""
    small = ("--shard-rows", "5000")
    run = Run(corpus, engine, 2, *small)
    until_begun(run)
    next(one for one in run.family() if is_worker(one)).kill()
    code = run.wait()
    print(f"  {engine:6}a worker killed: exit {code}, {run.clock:.1f} s{same(run, right)}", flush=True)
    run.sweep()

    first = Run(corpus, engine, 2, *small)
    until_begun(first)
    family = first.family()
    first.process.kill()
    first.wait()
    _, alive = psutil.wait_procs(family, timeout=20)
    there = first.out.exists()
    again = Run(corpus, engine, 2, *small, out=first.out)
    code = again.wait()
    print(
        f"  {engine:6}the driver killed: output there: {'YES' if there else 'no'}, workers left after 20 s: {len(alive)};"
        f" begun again: exit {code}, {again.clock:.1f} s, “{again.said}”{same(again, right)}",
        flush=True,
    )
    again.sweep()


def is_worker(one: psutil.Process) -> bool:
    words = one.cmdline()
    return words[:1] == ["ray::_scanned_shard"] or any("spawn_main" in word for word in words)


def until_begun(run: Run) -> None:
    while run.process.poll() is None and run.parts() < 3:
        time.sleep(0.01)


if __name__ == "__main__":
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    sys.exit(main(sys.argv[1:]))
