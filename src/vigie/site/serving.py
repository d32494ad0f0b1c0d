"""`vigie serve`: starts the parts, starts again what dies, and stops them all together.

This process never imports Django: it stays small, and nothing in it can fail for a reason of the desk's.
However it ends, its parts end with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vigie.core.environment import Environment, read_dotenv
from vigie.core.errors import UnusableInput
from vigie.site.kin import end_with

READY_WITHIN_SECONDS = 60
STOPS_WITHIN_SECONDS = 10
LOOKS_EVERY_SECONDS = 0.2


@dataclass
class Part:
    """One process of the desk."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        supervisor = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.arguments],
            env=self.environment,
            # A session of its own: Ctrl-C reaches this process alone, which then stops the parts in order.
            start_new_session=True,
            preexec_fn=lambda: end_with(supervisor, signal.SIGTERM),  # safe: this process has one thread
        )
        self.started = [*self.started[-4:], time.monotonic()]

    def has_ended(self) -> bool:
        """Say whether the part is gone; what it had started itself is then gone too.

        Looked at without being buried: until it is, nobody else can be given its number, which is its group's.
        """
        if self.process is None or self.process.returncode is not None:
            return True
        if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        self._kill()
        return True

    def died_often(self) -> bool:
        """Five starts within 30 s: starting again will not help."""
        return len(self.started) == 5 and self.started[-1] - self.started[0] < 30

    def stop(self) -> None:
        if self.process is None or self.has_ended():
            return
        self.process.terminate()
        deadline = time.monotonic() + STOPS_WITHIN_SECONDS
        while not self.has_ended() and time.monotonic() < deadline:
            time.sleep(0.02)
        if not self.has_ended():
            self._kill()

    def _kill(self) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def serve(*, host: str, port: int, demo: bool) -> int:
    """Run the desk until SIGINT or SIGTERM; return 0, or 1 when a part cannot be kept alive."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: stopping.append(received))
    environment = {**read_dotenv(Path(os.environ.get("VIGIE_ENV_FILE", ".env"))), **os.environ}
    # By name: passkeys do not work on a bare number.
    environment.setdefault("VIGIE_URL", f"http://{'localhost' if host == '127.0.0.1' else host}:{port}")
    with _alone(Environment(environment).folder("VIGIE_DATA", default=Path("var")), environment["VIGIE_URL"]):
        before: list[Part] = []
        welcome = "\nVigie: {VIGIE_URL}/  ·  {VIGIE_URL}/bureau/\n".format_map(environment)
        if demo:
            from vigie.site.demo import cast

            environment, before = cast.demonstration(environment, host=host, port=port)
            welcome += cast.welcome(environment)
        for needed in range(port, port + (3 if demo else 1)):  # Agora and its mail take the two after the desk's
            _refuse_taken_port(host, needed, stopping)
        steps = [Part(name, ["vigie", name], environment) for name in ("migrate", *(["demo-seed"] if demo else []))]
        parts = [
            *before,
            Part("web", ["vigie", "web", "--host", host, "--port", str(port)], environment),
            Part("worker", ["vigie", "worker"], environment),
        ]
        try:
            for step in steps:
                fault = _do(step, stopping)
                if stopping:
                    return 0
                if fault:
                    return 2  # it has said why
            return _keep_alive(parts, stopping, host=host, port=port, welcome=welcome)
        finally:
            for part in reversed([*steps, *parts]):
                part.stop()


@contextlib.contextmanager
def _alone(folder: Path, address: str) -> Iterator[None]:
    """Hold the folder for this desk; the kernel lets go of it when this process ends, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = (folder / "serve.lock").open("a+", encoding="utf-8")
    except OSError as fault:
        raise UnusableInput(f"{folder} cannot be written ({fault.strerror}): give another in VIGIE_DATA.") from fault
    with kept as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            lock.seek(0)
            raise UnusableInput(
                f"Vigie is already running on {folder}, at {lock.read().strip()}/: use that one, stop it, "
                "or give another folder in VIGIE_DATA."
            ) from fault
        lock.truncate(0)
        lock.write(f"{address}\n")
        lock.flush()
        yield


def _refuse_taken_port(host: str, port: int, stopping: list[int]) -> None:
    """Refuse a port that stays taken; a desk that was killed a moment ago needs a moment to let go of it."""
    deadline = time.monotonic() + 3
    while not stopping:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as fault:
                if time.monotonic() > deadline:
                    raise UnusableInput(
                        f"port {port} on {host} is taken ({fault.strerror}): stop what uses it, "
                        "or give another with --port (make run PORT=…)."
                    ) from fault
                time.sleep(LOOKS_EVERY_SECONDS)
            else:
                return


def _do(step: Part, stopping: list[int]) -> int | None:
    """Do one step before the start; return what it returned, or None when asked to stop meanwhile."""
    step.start()
    while not step.has_ended():
        if stopping:
            return None
        time.sleep(0.02)
    return step.process.returncode if step.process else None


def _keep_alive(parts: list[Part], stopping: list[int], *, host: str, port: int, welcome: str) -> int:
    """Start what dies again until asked to stop; say `welcome` once, when the pages answer."""
    for part in parts:
        part.start()
    since, said = time.monotonic(), False
    while not stopping:
        time.sleep(LOOKS_EVERY_SECONDS)
        for part in parts:
            if not part.has_ended():
                continue
            if part.died_often():
                sys.stderr.write(f"vigie: the {part.name} stops again and again; its log is above.\n")
                return 1
            sys.stderr.write(f"vigie: the {part.name} stopped; starting it again.\n")
            part.start()
        if said:
            continue
        if _answers(host, port):
            sys.stdout.write(welcome)
            sys.stdout.flush()
            said = True
        elif time.monotonic() - since > READY_WITHIN_SECONDS:
            raise UnusableInput(
                f"the desk did not answer on port {port} of {host} within {READY_WITHIN_SECONDS} s; its log is above."
            )
    return 0


def _answers(host: str, port: int) -> bool:
    asking = http.client.HTTPConnection(host, port, timeout=2)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().status == 200
    except (http.client.HTTPException, OSError):
        return False
    finally:
        asking.close()
