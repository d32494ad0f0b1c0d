"""On whose processors the shards are done. The work and its answers are the same on each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol

from vigie.core.errors import UnusableInput, VigieError
from vigie.core.words import N_

KILLS_MOST = 5
"""After so many workers lost without one piece done in between, something is wrong with the machine or a piece."""


class Engine(Protocol):
    """Does a function of this module's kind (importable, its argument and answer picklable) for many pieces."""

    def each(self, work: Callable[[Any], Any], pieces: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield (which piece, its answer) as they come, in any order; a piece whose worker was killed is done again."""
        ...

    def close(self) -> None:
        """Let go of what was started."""
        ...


class Local:
    """Processes of this machine, one for each core."""

    def __init__(self, cores: int) -> None:
        self._cores = cores

    def each(self, work: Callable[[Any], Any], pieces: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        left = dict(enumerate(pieces))
        kills = 0
        while left:
            before = len(left)
            try:
                for number, answer in self._round(work, left):
                    del left[number]
                    yield number, answer
            except BrokenProcessPool as fault:
                kills = 1 if len(left) < before else kills + 1
                if kills >= KILLS_MOST:
                    raise VigieError(
                        N_("%(kills)s processus de travail sont morts de suite sans rien finir : manque-t-il de mémoire ? Ce qui est fait est gardé ; relancez avec moins de --cores."),
                        kills=kills,
                    ) from fault  # fmt: skip

    def close(self) -> None:
        """Nothing is kept between two calls."""

    def _round(self, work: Callable[[Any], Any], pieces: dict[int, Any]) -> Iterator[tuple[int, Any]]:
        # A few more than there are workers: none waits for us, and what is not begun can still be given up.
        waiting = iter(list(pieces.items()))
        workers = min(self._cores, len(pieces))
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_become_worker)
        running: dict[Future[Any], int] = {}
        try:
            while True:
                for number, piece in islice(waiting, 2 * workers - len(running)):
                    running[pool.submit(work, piece)] = number
                if not running:
                    return
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                # Answers first: one that a worker gave before another was killed is not asked again.
                for future in sorted(finished, key=lambda one: one.exception() is not None):
                    yield running.pop(future), future.result()
        finally:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)


def _become_worker() -> None:
    """Leave Ctrl-C to the driver, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    driver = multiprocessing.parent_process()

    def end_with_driver() -> None:
        if driver is not None:
            wait_for([driver.sentinel])
            os._exit(1)

    threading.Thread(target=end_with_driver, daemon=True).start()


class OnRay:
    """A Ray cluster that is there (`RAY_ADDRESS`, or one that runs on this machine); else one started here for the scan.

    Its machines have this version of `vigie` installed and see the same files under the same names.
    """

    def __init__(self, cores: int) -> None:
        # Before the import: Ray tells its makers about each cluster unless told not to.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray

        self._ray = ray
        quiet = {"log_to_driver": False, "logging_level": "ERROR"}
        try:
            ray.init(address="auto", **quiet)
        except ConnectionError as fault:
            if address := os.environ.get("RAY_ADDRESS"):
                raise UnusableInput(N_("Aucun cluster Ray ne répond à %(address)s."), address=address) from fault
            ray.init(address="local", num_cpus=cores, include_dashboard=False, **quiet)
        self._cores = int(ray.cluster_resources().get("CPU", cores))

    def each(self, work: Callable[[Any], Any], pieces: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        task = self._ray.remote(num_cpus=1, max_retries=KILLS_MOST)(work)
        waiting = iter(enumerate(pieces))
        running: dict[Any, int] = {}
        while True:
            for number, piece in islice(waiting, 2 * self._cores - len(running)):
                running[task.remote(piece)] = number
            if not running:
                return
            finished, _ = self._ray.wait(list(running), num_returns=1)
            for one in finished:
                try:
                    answer = self._ray.get(one)
                except self._ray.exceptions.RayError as fault:
                    # Only the kind: the rest could quote what was read.
                    raise VigieError(N_("Le cluster Ray a renoncé (%(why)s)."), why=type(fault).__name__) from fault
                yield running.pop(one), answer

    def close(self) -> None:
        self._ray.shutdown()


def engine_for(name: str, *, cores: int) -> Engine:
    """Return the engine of that name; it is to be closed.

    Raises:
        UnusableInput: no cluster answers at the address given.
    """
    return OnRay(cores) if name == "ray" else Local(cores)
