"""Run Agora: `python -m agora --port 8081 --data DIR`. README.md says what every option does."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from agora.service import Agora, CannotStart, Options

_STOP = {signal.SIGTERM, signal.SIGINT}


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 2 when Agora cannot start."""
    options = _options(arguments)
    # Blocked here, hence in every thread started below, and awaited: a handler that sets an event
    # can interrupt the very wait it must wake, and hang.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    try:
        agora = Agora(options)
    except CannotStart as refusal:
        sys.stderr.write(f"agora: {refusal}.\n")
        return 2
    agora.start()
    sys.stdout.write(f"Agora: {agora.url} · SMTP {options.host}:{agora.smtp_port}\n")
    sys.stdout.flush()
    signal.sigwait(_STOP)
    agora.stop()
    return 0


def _options(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="agora",
        description="A small fictional social network for the demonstration of Vigie. All of it is invented.",
        epilog="example: python -m agora --port 8081 --smtp-port 2525 --data var/agora",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of its database and of the mail it delivers")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8081, help="web port, 0 for any free one (default: 8081)")
    parser.add_argument("--smtp-port", type=_port, default=2525, help="mail port, 0 for any (default: 2525)")
    parser.add_argument("--public-url", default="", help="address written in its pages (default: http://HOST:PORT)")
    parser.add_argument(
        "--receipt-after",
        type=_seconds,
        default=2.0,
        metavar="SECONDS",
        help="before a notice is confirmed (default: 2)",
    )
    parser.add_argument(
        "--decision-after",
        type=_seconds,
        default=8.0,
        metavar="SECONDS",
        help="before the bot decides (default: 8)",
    )
    parser.add_argument("--manual", action="store_true", help="receipts only: a person decides on /moderation")
    parser.add_argument(
        "--relay",
        type=_host_and_port,
        metavar="HOST:PORT",
        help="send its mail there instead of its own SMTP server",
    )
    given = parser.parse_args(arguments)
    return Options(
        data=given.data,
        host=given.host,
        port=given.port,
        smtp_port=given.smtp_port,
        public_url=given.public_url,
        receipt_after_seconds=given.receipt_after,
        decision_after_seconds=given.decision_after,
        manual=given.manual,
        relay=given.relay,
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds (0 to 86400)")
    return seconds


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, _port(port)


if __name__ == "__main__":
    sys.exit(main())
