"""On whose processors the shards are done. The work and its answers are the same on each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
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

    def _round(self, work: Callable[[Any], Any], pieces: dict[int, Any]) -> Iterator[tuple[int, Any]]:
        # A few more than there are workers: none waits for us, and what is not begun can still be given up.
        waiting = iter(list(pieces.items()))
        workers = min(self._cores, len(pieces))
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_become_worker)
        running: dict[Future[Any], int] = {}
        try:
            while True:
                for number, piece in waiting:
                    running[pool.submit(work, piece)] = number
                    if len(running) >= 2 * workers:
                        break
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


def engine_for(name: str, *, cores: int) -> Engine:
    """Return the engine of that name.

    Raises:
        UnusableInput: what it needs is not installed, or does not answer.
    """
    if name == "local":
        return Local(cores)
    raise UnusableInput(N_("Moteur inconnu : %(name)s."), name=name)
