"""What second readings came to, in one line for a person."""

from __future__ import annotations

from vigie.detection.hints import Detector

from .cascade import Cascade


def summary(detector: Detector) -> str:
    """Return one line (or nothing, where nothing is read twice) on what a detector has done so far."""
    if not isinstance(detector, Cascade):
        return ""
    counts, failed = detector.counts, detector.counts.unread
    line = f"vigie: {counts.twice:,} of {counts.texts:,} texts read twice by {detector.second.name}, in {counts.seconds:,.1f} s"
    if counts.tokens:
        line += f", {counts.tokens:,} tokens"
    if counts.euros:
        line += f", {counts.euros:,.4f} €"
    if failed:
        why = ", ".join(f"{reason} {number:,}" for reason, number in sorted(failed.items()))
        line += f"; {failed.total():,} could not be ({why}) and keep their first score"
    return line + "\n"
