"""A folder with a sequence-classification model, as Hugging Face lays it out: looked at here, loaded elsewhere."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vigie.core.errors import UnusableInput
from vigie.core.words import N_

MOST_TOKENS = 256
"""A longer text is cut: a post rarely says first what it means after two hundred words, and time grows faster than length."""
ONNX_NAMES = ("model.onnx", "model_quantized.onnx", "model_int8.onnx")
_HATE = re.compile(r"hat(e|ef)|hain(e|eu)|hass|odio|haat")
_NOT = re.compile(r"^(not?|non|un|anti|counter|contre|pas|sans|without|kein|geen|sin)")


@dataclass(frozen=True)
class Folder:
    """What a folder holds, and how its model's numbers become a score."""

    folder: Path
    model: Path
    hateful: tuple[int, ...]
    """Which of its outputs count as hateful."""
    width: int
    """How many outputs it has."""
    is_multi: bool
    """Each output is a probability of its own, rather than a share of one."""
    most_tokens: int
    pad: int | None

    @property
    def is_onnx(self) -> bool:
        return self.model.suffix == ".onnx"

    @property
    def version(self) -> str:
        """The folder's name, and a digest of all that a score depends on."""
        digest = hashlib.sha256(f"{self.hateful} {self.is_multi} {self.most_tokens}".encode())
        others = self.model.parent.glob(f"{self.model.name}?data" if self.is_onnx else "*.safetensors")
        for file in sorted({self.model, *others, self.folder / "tokenizer.json", self.folder / "config.json"}):
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return f"{self.folder.name[:32]}@{digest.hexdigest()[:10]}"

    def score_of(self, numbers: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """Return the scores of a batch from the model's own numbers: a row for each text, a column for each label."""
        rows = numbers.astype(np.float64)
        if self.is_multi:
            most: npt.NDArray[np.float64] = 1 / (1 + np.exp(-rows[:, list(self.hateful)].max(axis=1)))
            return most
        shares = np.exp(rows - rows.max(axis=1, keepdims=True))
        score: npt.NDArray[np.float64] = (shares / shares.sum(axis=1, keepdims=True))[:, list(self.hateful)].sum(axis=1)
        return score


def look(folder: Path, labels: tuple[str, ...] = ()) -> Folder:
    """Return what a folder holds, without loading it.

    Args:
        labels: which of the model's labels count as hateful; empty: guessed from their names.

    Raises:
        UnusableInput: something is missing, or nobody can tell which labels are hateful.
    """
    if not folder.is_dir():
        raise UnusableInput(N_("VIGIE_SECOND_READER=%(folder)s : ce dossier n’existe pas."), folder=folder)
    model = _model_of(folder)
    for name in ("tokenizer.json", "config.json"):
        if not (folder / name).is_file():
            raise UnusableInput(
                N_("Dossier %(folder)s : il y manque %(name)s, que `save_pretrained` écrit à côté du modèle."),
                folder=folder,
                name=name,
            )
    config = _config_of(folder)
    names = _labels_of(folder, config)
    room = config.get("max_position_embeddings")
    return Folder(
        folder=folder, model=model, hateful=_hateful(folder, names, labels), width=len(names),
        is_multi=len(names) == 1 or config.get("problem_type") == "multi_label_classification",
        # Two less: some models count their places from after the padding's.
        most_tokens=min(MOST_TOKENS, room - 2) if isinstance(room, int) and room > 2 else MOST_TOKENS,
        pad=config["pad_token_id"] if isinstance(config.get("pad_token_id"), int) else None,
    )  # fmt: skip


def require_for(found: Folder) -> None:
    """Say in one sentence what to do when what a folder's model needs is not installed.

    Raises:
        UnusableInput: it is not.
    """
    if not found.is_onnx:
        if not all(map(importlib.util.find_spec, ("transformers", "torch"))):
            raise UnusableInput(
                N_("Dossier %(folder)s : le modèle n’est pas en ONNX ; convertissez-le, sur une machine qui a Optimum, par « optimum-cli export onnx --model %(folder)s --task text-classification DOSSIER », ou installez transformers et torch ici."),
                folder=found.folder,
            )  # fmt: skip
        return
    for module in ("onnxruntime", "tokenizers"):
        if importlib.util.find_spec(module) is None:
            raise UnusableInput(
                N_("Il manque %(module)s, dont le second lecteur a besoin : « make second » l’installe."), module=module
            )


def _model_of(folder: Path) -> Path:
    for place in (folder, folder / "onnx"):
        for name in ONNX_NAMES:
            if (place / name).is_file():
                return place / name
    for name in ("model.safetensors", "model.safetensors.index.json"):
        if (folder / name).is_file():
            return folder / name
    raise UnusableInput(
        N_("Dossier %(folder)s : ni model.onnx, ni onnx/model.onnx, ni model.safetensors ; un fichier .bin peut exécuter du code et n’est pas lu."),
        folder=folder,
    )  # fmt: skip


def _config_of(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise UnusableInput(N_("Dossier %(folder)s : config.json ne peut être lu."), folder=folder) from fault
    return config if isinstance(config, dict) else {}


def _labels_of(folder: Path, config: dict[str, Any]) -> list[str]:
    """Return the model's labels by their number; those of Hugging Face where it names none."""
    given = config.get("id2label")
    if given is None:
        count = config.get("num_labels")
        return [f"LABEL_{number}" for number in range(count if isinstance(count, int) and count > 0 else 2)]
    if isinstance(given, dict) and given and {str(number) for number in range(len(given))} == set(given):
        return [str(given[str(number)]) for number in range(len(given))]
    raise UnusableInput(N_("Dossier %(folder)s : « id2label » de config.json ne numérote pas ses étiquettes de 0 à n."), folder=folder)  # fmt: skip


def _hateful(folder: Path, names: list[str], labels: tuple[str, ...]) -> tuple[int, ...]:
    if labels:
        unknown = set(labels) - set(names)
        if unknown or len(labels) >= len(names) > 1:
            raise UnusableInput(
                N_("VIGIE_SECOND_LABELS=%(labels)s : choisissez, sans les prendre toutes, parmi les étiquettes du modèle : %(names)s."),
                labels=",".join(labels), names=", ".join(names),
            )  # fmt: skip
        return tuple(place for place, name in enumerate(names) if name in labels)
    found = tuple(place for place, name in enumerate(names) if _means_hateful(name))
    if not found or len(found) == len(names) > 1:
        raise UnusableInput(
            N_("Dossier %(folder)s : rien ne dit quelles étiquettes veulent dire « haineux » parmi %(names)s ; écrivez-les dans VIGIE_SECOND_LABELS."),
            folder=folder, names=", ".join(names),
        )  # fmt: skip
    return found


def _means_hateful(name: str) -> bool:
    """Say whether a label names hate and does not deny it: «HATE», «hate_speech», «haineux», not «nothate»."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if letter.isalpha())
    return bool(_HATE.search(plain)) and not _NOT.match(plain)
