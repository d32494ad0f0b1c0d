"""Read texts with a model that is not in the ONNX form. Nothing is downloaded, and no code of the model's is run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.detection.readers.folder import Folder, require_for
from vigie.detection.readers.onnx.reader import batches
from vigie.detection.readers.ports import Readings, Unread


class SafetensorsReader:
    """One model and its tokenizer, loaded once."""

    def __init__(self, found: Folder, *, threads: int = 1) -> None:
        """Load the model and try it once.

        Raises:
            UnusableInput: `transformers` is not installed, or the model cannot be used.
        """
        require_for(found)
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        torch.set_num_threads(threads)
        self._torch, self._found = torch, found
        local = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(found.folder, **local)
            model = AutoModelForSequenceClassification.from_pretrained(found.folder, use_safetensors=True, **local)
            self._model: Any = model.eval()
            tried = self._numbers(["essai"])
        except Exception as fault:
            raise UnusableInput(
                N_("Le modèle %(file)s ne peut être lu : %(why)s."),
                file=found.model, why=(str(fault).strip().splitlines() or [type(fault).__name__])[0][:300],
            ) from fault  # fmt: skip
        if tried.shape[1] != found.width:
            raise UnusableInput(
                N_("Le modèle %(model)s rend %(shape)s nombres et config.json nomme %(width)s étiquettes."),
                model=found.model, shape=tried.shape[1], width=found.width,
            )  # fmt: skip
        self.name, self.version = str(found.folder), found.version

    def scores(self, texts: Sequence[str], *, until: float | None = None) -> Readings:
        ids = self._tokenizer(list(texts), truncation=True, max_length=self._found.most_tokens)["input_ids"]
        scores: list[float | Unread] = [Unread.SLOW] * len(texts)
        for batch in batches(ids):
            if until is not None and time.monotonic() >= until:
                break
            given = self._found.score_of(self._numbers([texts[place] for place in batch]))
            for place, score in zip(batch, given.tolist(), strict=True):
                scores[place] = score if np.isfinite(score) else Unread.NONSENSE
        return Readings(scores)

    def _numbers(self, texts: Sequence[str]) -> Any:
        laid = self._tokenizer(
            list(texts), truncation=True, max_length=self._found.most_tokens, padding=True, return_tensors="pt"
        )
        with self._torch.inference_mode():
            return self._model(**laid).logits.float().numpy()
