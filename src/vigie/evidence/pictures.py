"""Pictures as the desk shows them: drawn anew from the sealed original, veiled unless asked otherwise.

Nothing drawn is kept: there is never a second copy to forget, and what is shown always comes from the original.
"""

from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path

from vigie.core.errors import Refusal
from vigie.core.words import N_

PROGRAM = Path(__file__).with_name("decode_picture.py")
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
WITHIN_SECONDS = 30


class Veil(StrEnum):
    VEILED = "veiled"  # grey and blurred, small
    CLEAR = "clear"


# Widest and highest, in pixels. A full-page capture is long: its width is what must stay readable.
SIZES = {Veil.VEILED: (480, 2000), Veil.CLEAR: (1600, 16_000)}


class UnreadablePicture(Refusal):
    """The bytes are no picture we show."""


def drawn(original: bytes, veil: Veil) -> bytes:
    """Return a JPEG drawn from `original`, in a process of its own.

    Raises:
        UnreadablePicture: too large, broken, or no picture; the original stays kept and can be downloaded.
    """
    width, height = SIZES[veil]
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), veil.value, str(width), str(height)],
            input=original,
            capture_output=True,
            timeout=WITHIN_SECONDS,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise UnreadablePicture(N_("Cette image est trop lourde pour être affichée ici ; téléchargez-la.")) from None
    if done.returncode != 0 or not done.stdout.startswith(b"\xff\xd8"):
        raise UnreadablePicture(
            N_("Cette image ne peut pas être affichée : elle est abîmée, trop grande ou d’un autre format.")
        )
    return done.stdout
