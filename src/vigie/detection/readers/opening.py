"""Open the second reader that the settings ask for."""

from __future__ import annotations

import time
from functools import lru_cache

from vigie.detection.hints import Detector

from .cascade import Cascade
from .ledger import Ledger
from .ports import SecondReader
from .settings import Choice, OfAddress


def cascade(fast: Detector, choice: Choice, *, most_seconds: float | None = None) -> Cascade:
    """Return the fast detector with the second reader chosen.

    Raises:
        UnusableInput: the reader cannot be opened.
    """
    return Cascade(
        fast, opened(choice), band=choice.band, most_share=choice.most_share, most_seconds=most_seconds,
        ledger=Ledger(choice.data),
    )  # fmt: skip


def look_at(choice: Choice) -> str:
    """Load the reader, or ask its server what it has, without a text; return one sentence of what was found.

    Raises:
        UnusableInput: it cannot serve, and why.
    """
    if isinstance(choice.reader, OfAddress):
        from .endpoint.reader import Endpoint

        return Endpoint(choice.reader, Ledger(choice.data)).look()
    began = time.monotonic()
    reader = opened(choice)
    return f"{reader.name} loads in {time.monotonic() - began:.1f} s ({reader.version})"


@lru_cache(maxsize=2)
def opened(choice: Choice) -> SecondReader:
    """Return the second reader, loaded; once for each choice.

    Raises:
        UnusableInput: what it needs is missing, or its model cannot be loaded.
    """
    Ledger(choice.data).today()  # a count that cannot be kept is said now, not at each text
    if isinstance(choice.reader, OfAddress):
        from .endpoint.reader import Endpoint

        return Endpoint(choice.reader, Ledger(choice.data))
    from .folder import look

    found = look(choice.reader.folder, choice.reader.labels)
    if found.is_onnx:
        from .onnx.reader import OnnxReader

        return OnnxReader(found, threads=choice.reader.threads)
    from .safetensors.reader import SafetensorsReader

    return SafetensorsReader(found, threads=choice.reader.threads)
