"""How far one capture may go. Every bound that cut something is recorded in the capture itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """The bounds of one capture; the defaults suit a machine with 1 GB to spare.

    >>> Limits(seconds=20).max_redirects
    10
    """

    seconds: int = 60  # the whole visit; a stuck one is killed `grace_seconds` later
    grace_seconds: int = 8
    max_redirects: int = 10  # by the server, a meta tag or a script
    max_bytes: int = 100_000_000  # received from the network, all connections together
    max_decoded_bytes: int = 300_000_000  # the same unpacked: a compressed answer can hide a thousandfold
    max_body_bytes: int = 50_000_000  # one answer kept in the WARC
    max_memory_bytes: int = 1_500_000_000  # Chromium and all its children; the usual peak is 0.7 GB
    max_height_px: int = 16_000  # of the picture: Chromium paints no further (its texture limit is 16,384)
    width_px: int = 1280
    window_height_px: int = 900

    def as_json(self) -> dict[str, int]:
        return asdict(self)
