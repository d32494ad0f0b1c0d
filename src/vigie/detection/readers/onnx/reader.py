"""Read texts with an ONNX model: cut, laid in batches of like length, one pass for each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.detection.readers.folder import Folder, require_for
from vigie.detection.readers.ports import Readings, Unread

MOST_TEXTS_AT_ONCE = 32
MOST_TOKENS_AT_ONCE = 4096
"""Padding included: some hundred megabytes of a base-sized model at work."""
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_QUIET = 3


class OnnxReader:
    """One model and its tokenizer, loaded once."""

    def __init__(self, found: Folder, *, threads: int = 1) -> None:
        """Load the model and try it once.

        Raises:
            UnusableInput: what it needs is not installed, or the model cannot be used.
        """
        require_for(found)
        self._found, self._tokenizer = found, tokenizer_of(found)
        self.name, self.version = str(found.folder), found.version
        self._pad = _pad_of(found, self._tokenizer)
        self._session = _session(found, threads)
        self._inputs = {one.name: np.int32 if "int32" in one.type else np.int64 for one in self._session.get_inputs()}
        if not {"input_ids"} <= set(self._inputs) <= _INPUTS:
            raise UnusableInput(
                N_("Le modèle %(model)s demande %(inputs)s : ce n’est pas un modèle qui classe des textes."),
                model=found.model, inputs=", ".join(self._inputs),
            )  # fmt: skip
        try:
            tried = self._numbers([self._tokenizer.encode("essai").ids])
        except Exception as fault:
            raise _unusable(found, fault) from fault
        if tried.ndim != 2 or tried.shape[1] != found.width:
            raise UnusableInput(
                N_("Le modèle %(model)s rend %(shape)s nombres et config.json nomme %(width)s étiquettes."),
                model=found.model, shape="×".join(map(str, tried.shape[1:])), width=found.width,
            )  # fmt: skip

    def scores(self, texts: Sequence[str], *, until: float | None = None) -> Readings:
        ids = [one.ids for one in self._tokenizer.encode_batch(list(texts))]
        scores: list[float | Unread] = [Unread.SLOW] * len(ids)
        for batch in batches(ids):
            if until is not None and time.monotonic() >= until:
                break
            given = self._found.score_of(self._numbers([ids[place] for place in batch]))
            for place, score in zip(batch, given.tolist(), strict=True):
                scores[place] = score if np.isfinite(score) else Unread.NONSENSE
        return Readings(scores)

    def _numbers(self, ids: Sequence[Sequence[int]]) -> Any:
        width = max(map(len, ids))
        laid = np.full((len(ids), width), self._pad, dtype=np.int64)
        mask = np.zeros((len(ids), width), dtype=np.int64)
        for row, one in enumerate(ids):
            laid[row, : len(one)], mask[row, : len(one)] = one, 1
        given = {"input_ids": laid, "attention_mask": mask, "token_type_ids": np.zeros_like(laid)}
        return self._session.run(None, {name: given[name].astype(kind) for name, kind in self._inputs.items()})[0]


def batches(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the places of texts of like length, so that little is padding; none has to wait for a longer one."""
    batch: list[int] = []
    for place in sorted(range(len(ids)), key=lambda place: len(ids[place])):
        if batch and (len(batch) == MOST_TEXTS_AT_ONCE or (len(batch) + 1) * len(ids[place]) > MOST_TOKENS_AT_ONCE):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def tokenizer_of(found: Folder) -> Any:
    """Return the tokenizer of a folder, which cuts what is too long and pads nothing.

    Raises:
        UnusableInput: its file cannot be read.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # the processor's other cores have other work
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(found.folder / "tokenizer.json"))
    except Exception as fault:  # the library raises no other class
        raise UnusableInput(
            N_("Le fichier %(file)s ne peut être lu : %(why)s."), file=found.folder / "tokenizer.json", why=_first_line(fault)
        ) from fault  # fmt: skip
    tokenizer.enable_truncation(max_length=found.most_tokens)
    tokenizer.no_padding()
    return tokenizer


def _pad_of(found: Folder, tokenizer: Any) -> int:
    if found.pad is not None:
        return found.pad
    known = (tokenizer.token_to_id(name) for name in ("[PAD]", "<pad>"))
    return next((number for number in known if number is not None), 0)


def _session(found: Folder, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = _QUIET
    try:
        return onnxruntime.InferenceSession(str(found.model), options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # its exceptions have no other common class
        raise _unusable(found, fault) from fault


def _unusable(found: Folder, fault: Exception) -> UnusableInput:
    return UnusableInput(N_("Le modèle %(file)s ne peut être lu : %(why)s."), file=found.model, why=_first_line(fault))


def _first_line(fault: Exception) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:300]
