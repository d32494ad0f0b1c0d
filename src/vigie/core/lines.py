"""Lines in, lines out: what every command that reads a stream shares.

One output line for each input line, in order; a bad line becomes `{"error": …, "line": n}` in its
place and the rest goes on. Each answer is written whole, so that an interruption leaves no half line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

from .errors import UnusableInput, VigieError
from .words import N_

SECONDS_BEFORE_PROGRESS = 2.0
AT_ONCE_BYTES = 1 << 18


def answer_lines(
    files: Iterable[str], answer: Callable[[str], Mapping[str, object]], *, out: TextIO | None = None
) -> int:
    """Write the answer to each line of the files (standard input if there are none); return how many were bad.

    Raises:
        UnusableInput: a file cannot be opened; nothing of it was answered.
    """

    def each(lines: Sequence[str]) -> list[Mapping[str, object] | VigieError]:
        answers: list[Mapping[str, object] | VigieError] = []
        for line in lines:
            try:
                answers.append(answer(line))
            except VigieError as fault:
                answers.append(fault)
        return answers

    return answer_together(files, each, out=out)


def answer_together(
    files: Iterable[str],
    answer: Callable[[Sequence[str]], Sequence[Mapping[str, object] | VigieError]],
    *,
    out: TextIO | None = None,
) -> int:
    """Do as `answer_lines`, several lines at once where several have come; none waits for the next.

    Args:
        answer: gives for each line what to write, or what is wrong with it.

    Raises:
        UnusableInput: a file cannot be opened; nothing of it was answered.
    """
    out = out or sys.stdout
    progress, bad = _Progress(), 0
    for file, stream in _streams(list(files)):
        where = {"file": file} if file else {}
        number = 0
        for come in _come(stream):
            texts = [_text_or_fault(raw) for raw in come]
            answers = iter(answer([text for text in texts if isinstance(text, str)]))
            for text in texts:
                number += 1
                found = next(answers) if isinstance(text, str) else text
                if isinstance(found, VigieError):
                    found, bad = {"error": str(found), **where, "line": number}, bad + 1
                out.write(_written(found) + "\n")
                if progress.is_due():
                    progress.show()
            # At once: another program may wait for these answers before it asks the next, and Ctrl-C cuts no line.
            out.flush()
    progress.end()
    return bad


def _written(answer: Mapping[str, object]) -> str:
    written = json.dumps(answer, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, where a text was cut: it goes out as it came in, escaped.
        return json.dumps(answer)
    return written


def _come(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Yield the lines of a stream as they come: what is there already together, without waiting for more."""
    rest = b""
    read = getattr(stream, "read1", stream.read)
    while chunk := read(AT_ONCE_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        if whole:
            yield whole
    if rest:
        yield [rest]


def _text_or_fault(raw: bytes) -> str | VigieError:
    try:
        return _text_of(raw)
    except VigieError as fault:
        return fault


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as fault:
        raise UnusableInput(
            N_("Ligne illisible : elle n’est pas en UTF-8 (octet %(place)s)."), place=fault.start + 1
        ) from fault


def _streams(files: list[str]) -> Iterator[tuple[str, BinaryIO]]:
    if not files:
        yield "", sys.stdin.buffer
    for file in files:
        try:
            stream = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115 - closed below
        except OSError as fault:
            raise UnusableInput(
                N_("Le fichier %(file)s ne peut être ouvert : %(why)s."), file=file, why=fault.strerror
            ) from fault
        with stream:
            yield (file if len(files) > 1 else ""), stream


class _Progress:
    """A count on stderr, when it is a terminal and the work lasts."""

    def __init__(self) -> None:
        self._done, self._shown, self._started = 0, False, time.monotonic()
        self._wanted = sys.stderr.isatty() and not sys.stdout.isatty()

    def is_due(self) -> bool:
        self._done += 1
        return self._wanted and self._done % 1_000 == 0

    def show(self) -> None:
        lasted = time.monotonic() - self._started
        if lasted > SECONDS_BEFORE_PROGRESS:
            self._shown = True
            sys.stderr.write(f"\r{self._done:,} lines, {self._done / lasted:,.0f}/s ")
            sys.stderr.flush()

    def end(self) -> None:
        if self._shown:
            sys.stderr.write("\n")
