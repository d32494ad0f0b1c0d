"""`vigie capture` and `vigie verify`. Neither needs the database."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.core.environment import environment_of_this_process
from vigie.core.errors import UnusableInput

if TYPE_CHECKING:
    from vigie.evidence.capturing import CaptureResult
    from vigie.evidence.means import Means
    from vigie.evidence.verify import Verified

WRONG_USE = {"not_an_address", "not_web", "credentials"}


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands to the program."""
    capture = subparsers.add_parser(
        "capture",
        help="capture a web address into a sealed evidence bundle",
        description="Capture a web address into DIR/capture.wacz, with readable copies of what is in it. "
        "Prints one JSON line. Exit 0: captured, wholly or in part (see “missing”); 1: refused, or nothing "
        "answered; 2: not a usable address or folder.",
        epilog="example: vigie capture https://forum.example/fil/12 --out preuves/fil-12",
    )
    capture.add_argument("url", metavar="URL")
    capture.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new or empty folder")
    capture.set_defaults(run=_capture)

    verify = subparsers.add_parser(
        "verify",
        help="check every digest and timestamp of evidence bundles",
        description="Check every digest and timestamp of evidence bundles; one line each. "
        "Exit 0: all intact; 1: a promise is broken, and is named; 2: not a bundle.",
        epilog="example: vigie verify preuves/fil-12/capture.wacz --tsa-root autorite.pem",
    )
    verify.add_argument("bundles", metavar="BUNDLE", type=Path, nargs="+", help="a .wacz file, or its folder")
    verify.add_argument(
        "--tsa-root",
        metavar="PEM",
        type=Path,
        help="root certificates of the authorities to trust (default: VIGIE_TSA_ROOT, else the bundle's own)",
    )
    verify.set_defaults(run=_verify)


def _means() -> Means:
    from vigie.evidence.means import Means

    return Means.from_environment(environment_of_this_process())


def _capture(args: argparse.Namespace) -> int:
    from vigie.evidence.captures.turn import our_turn
    from vigie.evidence.capturing import capture_url
    from vigie.evidence.guard import Blocked

    means = _means()
    started = time.monotonic()
    _on_terminal(f"capturing {args.url}, at most {means.limits.seconds} s…")
    try:
        with our_turn():
            result = capture_url(args.url, out_dir=args.out, means=means)
    except Blocked as blocked:
        sentence = f"{args.url}: {blocked.reason.sentence('en')}"
        if blocked.reason.code in WRONG_USE:
            raise UnusableInput(sentence) from blocked
        sys.stderr.write(f"vigie: {sentence}\n")
        return 1
    except OSError as fault:
        raise UnusableInput(f"{args.out}: {fault}") from fault
    sys.stdout.write(json.dumps(_told(result), ensure_ascii=False) + "\n")
    _on_terminal(f"{result.status} in {time.monotonic() - started:.1f} s")
    if result.status != "failed":
        return 0
    reason = next((entry.reason for entry in result.missing if entry.what == "page"), None)
    sys.stderr.write(f"vigie: {args.url}: {reason.sentence('en') if reason else 'nothing of the page came.'}\n")
    return 1


def _told(result: CaptureResult) -> dict[str, object]:
    timestamp = result.bundle.timestamp
    return {
        "url": result.visit.asked,
        "final": result.visit.final,
        "status": result.status,
        "http_status": result.visit.status,
        "bundle": str(result.bundle.path),
        "sha256": result.bundle.sha256,
        "manifest_sha256": result.bundle.manifest_sha256,
        "timestamp": timestamp.at.isoformat() if timestamp else None,
        "missing": [entry.as_json() for entry in result.missing],
    }


def _verify(args: argparse.Namespace) -> int:
    from vigie.evidence.verify import Broken, Unreadable, verify

    roots = _roots(args.tsa_root)
    worst = 0
    for path in args.bundles:
        try:
            line = _intact(verify(path, roots=roots))
        except Broken as broken:
            line, worst = f"BROKEN: {broken}", 1
        except Unreadable as unreadable:
            sys.stderr.write(f"vigie: {path}: {unreadable}\n")
            worst = worst or 2
            continue
        sys.stdout.write(f"{path}: {line}\n")
    return worst


def _roots(given: Path | None) -> bytes | None:
    named = environment_of_this_process().text("VIGIE_TSA_ROOT")
    path = given or (Path(named) if named else None)
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UnusableInput(f"{path}: {fault.strerror}") from fault


def _intact(verified: Verified) -> str:
    from vigie.evidence.bundle import TSA_ROOT

    pieces = [
        "intact",
        f"{verified.asked} captured {verified.ended_at} (its own clock)",
        f"{verified.files} files",
        f"{verified.missing} noted as missing",
        f"manifest sha256:{verified.manifest_sha256}",
    ]
    if verified.timestamp is None:
        pieces.append("no timestamp: the date rests on the capturing machine alone")
    else:
        by = verified.timestamp.authority or "the authority"
        pieces.append(f"timestamp {verified.timestamp.at:%Y-%m-%dT%H:%M:%SZ} by {by}")
        if verified.is_own_root:
            pieces.append(f"under the bundle's own {TSA_ROOT}: compare it with the authority's, or use --tsa-root")
    return " · ".join(pieces)


def _on_terminal(sentence: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"{sentence}\n")
