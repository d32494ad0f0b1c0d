"""The embedded classifier: how likely it is that a trained moderator would find a text hateful, of what kind, of whom.

One linear pass over the features of `features`, with whole numbers for weights: a text gets the same score alone or
among a million, here or on another machine. The model is one file made by `make model`; its card is
`docs/reference/model-card.md`. Pure; numpy only.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vigie.core.errors import UnusableInput
from vigie.core.words import N_

from .disguises import Disguises
from .features import CLASS, SIZE, Group, Seen, Words, see
from .flat import Flat, Ints, forms_of, lay_flat
from .hints import HateKind, Target
from .languages import UNDETERMINED, LanguageTable
from .tables import PhraseTable

MODEL = Path(__file__).parent / "reader.model"
FORMAT = 1
TARGETS = ("", *(target.value for target in Target))
KINDS = tuple(HateKind)
KINDS_FROM = 0.25
"""Below this score no kind, target or ground is named: the text is thought harmless."""
KINDS_BY = frozenset({"word", "does", "does2", "does3", "does4", "skip", "pair"})
"""The families of features that tell kinds apart."""
KIND_SCALE = 40.0
"""A weight of 1 of a kind is this many of the whole numbers."""
_HIDEABLE = tuple(
    number
    for name, number in CLASS.items()
    if name in ("group", "slur", "insult", "dirty", "dehuman", "trait", "crime", "hate", "violence", "expel", "death")
)
_MISSPELT = tuple(CLASS[name] for name in ("group", "slur", "insult", "dirty", "dehuman", "hate"))


class ModelError(UnusableInput):
    """A model file cannot be used: the sentence names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Model:
    """What `make model` wrote, as it lies in the file."""

    version: str
    languages: tuple[str, ...]
    weights: npt.NDArray[np.int16]
    kinds: npt.NDArray[np.int8]
    """One row for each feature, one column for each of `KINDS`."""
    scale: float
    """A weight of 1 is this many of the whole numbers."""
    bias: float
    kind_bias: tuple[float, ...]
    slope: Mapping[str, float]
    """Language → what the sum is multiplied by before it becomes a probability."""
    shift: Mapping[str, float]
    ordinary: tuple[str, ...]
    """Words that are met often: they are nobody's disguise, and may be disguised themselves."""
    forms: tuple[str, ...]
    does: npt.NDArray[np.uint8]
    target: npt.NDArray[np.uint8]
    lang: npt.NDArray[np.uint8]


def write_model(model: Model, file: Path) -> None:
    """Write the model; the same model gives the same bytes."""
    head = {
        "format": FORMAT, "version": model.version, "languages": model.languages, "scale": model.scale,
        "bias": model.bias, "kind_bias": model.kind_bias, "slope": dict(model.slope), "shift": dict(model.shift),
        "kinds": [kind.value for kind in KINDS],
    }  # fmt: skip
    arrays: dict[str, npt.NDArray[Any]] = {
        "weights": model.weights, "kinds": model.kinds,
        "does": model.does, "target": model.target, "lang": model.lang,
    }  # fmt: skip
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as box:
        for name, content in (
            ("head.json", json.dumps(head, sort_keys=True).encode()),
            ("forms.txt", "\n".join(model.forms).encode()),
            ("ordinary.txt", "\n".join(model.ordinary).encode()),
            *((f"{name}.npy", _as_npy(array)) for name, array in arrays.items()),
        ):
            box.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def _as_npy(array: npt.NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def read_model(file: Path) -> Model:
    """Read a model file.

    Raises:
        ModelError: naming the file and what is wrong.
    """
    try:
        with zipfile.ZipFile(file) as box:
            head = json.loads(box.read("head.json"))
            forms = tuple(box.read("forms.txt").decode().split("\n"))
            ordinary = tuple(box.read("ordinary.txt").decode().split("\n"))
            arrays = {
                name: np.load(io.BytesIO(box.read(f"{name}.npy")), allow_pickle=False)
                for name in ("weights", "kinds", "does", "target", "lang")
            }
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        raise ModelError(N_("Le modèle %(file)s ne peut être lu : %(why)s."), file=file, why=fault) from fault
    if head["format"] != FORMAT or head["kinds"] != [kind.value for kind in KINDS] or len(arrays["weights"]) != SIZE:
        raise ModelError(N_("Le modèle %(file)s ne peut être lu : %(why)s."), file=file, why="format")
    return Model(
        version=head["version"], languages=tuple(head["languages"]), weights=arrays["weights"],
        kinds=arrays["kinds"], scale=head["scale"], bias=head["bias"],
        kind_bias=tuple(head["kind_bias"]), slope=head["slope"], shift=head["shift"], ordinary=ordinary,
        forms=forms, does=arrays["does"], target=arrays["target"], lang=arrays["lang"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the classifier says of a batch of texts; one value for each text."""

    score: npt.NDArray[np.float64]
    """Calibrated probability, rounded to four decimals."""
    total: npt.NDArray[np.float64]
    """The sum before it became a probability: what an explanation compares."""
    lang: list[str]
    kind: npt.NDArray[np.int64]
    """Place in `KINDS`; -1 where the score is under `KINDS_FROM`."""
    targets: npt.NDArray[np.uint64]
    """Bit n: a group of `TARGETS[n]` is named, by any word."""
    seen: Seen


class Classifier:
    """One model, ready to read. `more` are writings with their class that the model does not know: a new lexicon."""

    def __init__(self, model: Model, more: Sequence[tuple[str, str, str]] = ()) -> None:
        self.model = model
        self.version = model.version
        writings = [*model.forms, *(writing for writing, _, _ in more)]
        forms = forms_of(model.forms).with_more(forms_of([writing for writing, _, _ in more]))
        does = np.concatenate([model.does, np.array([CLASS[one] for _, one, _ in more], dtype=np.uint8)])
        target = np.concatenate([model.target, np.array([TARGETS.index(one) for *_, one in more], dtype=np.uint8)])
        new = np.arange(len(model.forms), len(writings))
        self._words: list[Words] = []
        for number in range(len(model.languages)):
            # What is new comes first: the first class of a writing is the one that holds.
            rows = np.concatenate([new, np.flatnonzero(model.lang == number)])
            self._words.append(Words(PhraseTable(forms.taken(rows)), does[rows], target[rows]))
        slurs = np.flatnonzero(does == CLASS["slur"])
        self.slurs = PhraseTable(forms.taken(slurs))
        """The slurs of every language, to ask quickly whether a text may hold one."""
        single = forms.lengths == 1
        hidden = [writings[row] for row in np.flatnonzero(single & np.isin(does, _HIDEABLE))]
        strong = [writings[row] for row in np.flatnonzero(single & np.isin(does, _MISSPELT))]
        self.disguises = Disguises([*hidden, *model.ordinary], [*strong, *model.ordinary], forms.hashes[single])
        of_model = single[: len(model.forms)]
        self.languages = LanguageTable({
            lang: forms.hashes[: len(model.forms)][of_model & (model.lang == number)]
            for number, lang in enumerate(model.languages)
        })  # fmt: skip

    def lay(self, texts: Sequence[str]) -> Flat:
        """Return the texts laid flat, disguises undone."""
        return lay_flat(texts, self.disguises)

    def look(self, flat: Flat, langs: Sequence[str | None]) -> tuple[Seen, list[str]]:
        """Return what is seen in the texts, and the language of each: the one given, or the one guessed."""
        guessed = [""] * len(langs) if all(langs) else self.languages.guess(flat)
        known = [given[:2].lower() if given else found for given, found in zip(langs, guessed, strict=True)]
        place = {lang: number for number, lang in enumerate(self.model.languages)}
        read_as = np.array([place.get(lang, 0) for lang in known], dtype=np.int64)
        return see(flat, self._words, read_as), known

    def read(self, flat: Flat, langs: Sequence[str | None]) -> Verdicts:
        """Return what the classifier says of a batch."""
        seen, known = self.look(flat, langs)
        count = len(flat.texts)
        total = np.full(count, self.model.bias)
        for group in seen.groups:
            total += _summed(self.model.weights, group, count) / self.model.scale
        slope = np.array([self.model.slope.get(lang, self.model.slope["fr"]) for lang in known])
        shift = np.array([self.model.shift.get(lang, self.model.shift["fr"]) for lang in known])
        score = np.round(1 / (1 + np.exp(-(slope * total + shift))), 4) if count else total
        # A text without a single word says nothing.
        score[np.diff(flat.firsts) == 0] = 0.0
        return Verdicts(score, slope * total + shift, known, self._kinds(seen, score), self._targets(seen, count), seen)

    def _kinds(self, seen: Seen, score: npt.NDArray[np.float64]) -> Ints:
        wanted = score >= KINDS_FROM
        totals = np.tile(np.array(self.model.kind_bias), (score.size, 1))
        for group in seen.groups:
            if group.name not in KINDS_BY:
                continue
            kept = wanted[group.post]
            post = group.post[kept]
            if not post.size:
                continue
            firsts = np.flatnonzero(np.diff(post, prepend=-1))
            sums = np.add.reduceat(self.model.kinds[group.rows[kept]], firsts, axis=0, dtype=np.int32)
            count = np.diff(firsts, append=post.size)
            totals[post[firsts]] += sums / np.sqrt(count)[:, None] / KIND_SCALE
        return np.where(wanted, totals.argmax(axis=1), -1)

    @staticmethod
    def _targets(seen: Seen, count: int) -> npt.NDArray[np.uint64]:
        bits = np.zeros(count, dtype=np.uint64)
        named = np.flatnonzero(seen.target)
        np.bitwise_or.at(bits, seen.flat.post[named], np.uint64(1) << seen.target[named].astype(np.uint64))
        return bits


def _summed(weights: npt.NDArray[np.int16], group: Group, count: int) -> npt.NDArray[np.float64]:
    """Return for each text the sum of its weights over the root of how many there are. Sums of integers: exact."""
    if not group.rows.size:
        return np.zeros(count)
    sums = np.bincount(group.post, weights=weights[group.rows], minlength=count)
    return sums / np.sqrt(np.maximum(np.bincount(group.post, minlength=count), 1))


@lru_cache(maxsize=2)
def shipped_model() -> Model:
    """Return the model that comes with Vigie; read once."""
    return read_model(MODEL)


__all__ = [
    "UNDETERMINED",
    "Classifier",
    "Model",
    "ModelError",
    "Verdicts",
    "read_model",
    "shipped_model",
    "write_model",
]
