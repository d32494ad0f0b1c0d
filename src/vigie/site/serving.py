"""`vigie serve`: starts the parts, starts again what dies, and stops them all together.

This process never imports Django: it stays small, and nothing in it can fail for a reason of the desk's.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from vigie.core.environment import read_dotenv
from vigie.core.errors import UnusableInput

READY_WITHIN_SECONDS = 60
STOPS_WITHIN_SECONDS = 10


@dataclass
class Part:
    """One process of the desk."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches this process alone, which then stops the parts in order.
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.arguments], env=self.environment, start_new_session=True
        )
        self.started = [*self.started[-4:], time.monotonic()]

    def died_often(self) -> bool:
        """Five starts within 30 s: starting again will not help."""
        return len(self.started) == 5 and self.started[-1] - self.started[0] < 30

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def serve(*, host: str, port: int, demo: bool) -> int:
    """Run the desk until SIGINT or SIGTERM; return 0, or 1 when a part cannot be kept alive."""
    _refuse_taken_port(host, port)
    environment = {**read_dotenv(Path(os.environ.get("VIGIE_ENV_FILE", ".env"))), **os.environ}
    # By name: passkeys do not work on a bare number.
    environment.setdefault("VIGIE_URL", f"http://{'localhost' if host == '127.0.0.1' else host}:{port}")
    before: list[Part] = []
    if demo:
        from vigie.site.demo.cast import demonstration

        environment, before = demonstration(environment, host=host, port=port)
    subprocess.run([sys.executable, "-m", "vigie", "migrate"], env=environment, check=True)
    if demo:
        subprocess.run([sys.executable, "-m", "vigie", "demo-seed"], env=environment, check=True)
    parts = [
        *before,
        Part("web", ["vigie", "web", "--host", host, "--port", str(port)], environment),
        Part("worker", ["vigie", "worker"], environment),
    ]
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: stopping.append(received))
    try:
        for part in parts:
            part.start()
        _wait_until_ready(f"http://{host}:{port}/healthz", stopping)
        sys.stdout.write(f"\nVigie: {environment['VIGIE_URL']}/  ·  {environment['VIGIE_URL']}/bureau/\n")
        if demo:
            from vigie.site.demo.cast import welcome

            sys.stdout.write(welcome(environment))
        sys.stdout.flush()
        return _keep_alive(parts, stopping)
    finally:
        for part in reversed(parts):
            part.stop()


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise UnusableInput(
                f"port {port} on {host} is taken ({fault.strerror}): stop what uses it, or give another with --port."
            ) from fault


def _wait_until_ready(address: str, stopping: list[int]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and not stopping:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not stopping:
        raise UnusableInput(f"the desk did not answer at {address} within {READY_WITHIN_SECONDS} s; its log is above.")


def _keep_alive(parts: list[Part], stopping: list[int]) -> int:
    while not stopping:
        time.sleep(0.2)
        for part in parts:
            if part.process is None or part.process.poll() is None:
                continue
            if part.died_often():
                sys.stderr.write(f"vigie: the {part.name} stops again and again; its log is above.\n")
                return 1
            sys.stderr.write(f"vigie: the {part.name} stopped; starting it again.\n")
            part.start()
    return 0
