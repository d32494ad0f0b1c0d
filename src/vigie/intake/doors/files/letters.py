"""Read letters out of `.eml` and mbox files. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def raw_letters(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each letter with the line where it begins; an `.eml` is one letter, an mbox many.

    In an mbox a line `From …` after a blank one begins a letter, and `>From` inside a letter was `From`
    (RFC 4155, and the custom of mboxrd).
    """
    with path.open("rb") as file:
        first = file.readline()
        if not first.startswith(b"From "):
            yield 1, first + file.read()
            return
        start, after_blank = 1, True
        lines: list[bytes] = []
        for number, line in enumerate(file, start=2):
            if line.startswith(b"From ") and after_blank:
                yield start, b"".join(lines)
                start, lines = number, []
            elif line.startswith(b">") and line.lstrip(b">").startswith(b"From "):
                lines.append(line[1:])
            else:
                lines.append(line)
            after_blank = not line.strip()
        yield start, b"".join(lines)
