"""Sentences made from families that we write ourselves: the same groups named with and without hostility.

`families/<language>.txt` holds lists and templates; its head tells the form. The same seed gives the same sentences.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vigie.detection.hints import Target

FAMILIES = Path(__file__).parent / "families"
_TARGETS = {target.value for target in Target}
_SLOT = re.compile(r"\{([A-Z0-9]+)\}")
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_TARGETED = {"P", "S", "SF", "ADJP", "SLP", "SLS"}


class GrammarError(ValueError):
    """A file of families cannot be used: names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One made sentence: what a moderator would say of it, and whom it names."""

    text: str
    lang: str
    is_hateful: bool
    family: str
    kind: str
    target: str


@dataclass
class _Family:
    name: str
    is_hateful: bool
    kind: str
    weight: float
    templates: list[str] = field(default_factory=list)


class Grammar:
    """The families of one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.families: list[_Family] = []
        self._lists: dict[str, list[str]] = {}
        self._targeted: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for number, line in enumerate((FAMILIES / f"{lang}.txt").read_text(encoding="utf-8").splitlines(), 1):
            self._take(line.strip(), f"{lang}.txt, line {number}")

    def _take(self, line: str, where: str) -> None:
        if not line or line.startswith("#"):
            return
        if line.startswith(":"):
            name, _, rest = line[1:].partition(" ")
            first, _, others = rest.partition(" ")
            separator = re.compile(r"(?<=\.),\s*|(?<=\?),\s*" if name == "PLAIN" else r",\s+")
            if first in _TARGETS:
                self._targeted[name][first] = separator.split(others)
            else:
                self._lists[name] = [one for one in separator.split(rest) if one]
        elif line.startswith("["):
            parts = line.strip("[]").split()
            if len(parts) != 4:
                raise GrammarError(f"{where}: a family is [name label kind weight]")
            name, label, kind, weight = parts
            self.families.append(_Family(name, label == "1", "" if kind == "-" else kind, float(weight)))
        elif not self.families:
            raise GrammarError(f"{where}: a template before any family")
        else:
            for slot in _SLOT.findall(line):
                if slot not in self._lists and slot not in self._targeted:
                    raise GrammarError(f"{where}: no list is called {slot}")
            self.families[-1].templates.append(line)

    def sentences(self, count: int, seed: int) -> Iterator[Sentence]:
        """Yield `count` sentences, families by their weight, targets evenly."""
        chance = random.Random(f"{self.lang}-{seed}")  # noqa: S311 reproducible, not secret
        weights = [family.weight for family in self.families]
        seen: set[str] = set()
        made = tries = 0
        while made < count and tries < count * 20:
            tries += 1
            (family,) = chance.choices(self.families, weights)
            template = chance.choice(family.templates)
            text, target = self._expand(template, chance)
            if text in seen:
                continue
            seen.add(text)
            made += 1
            yield Sentence(text, self.lang, family.is_hateful, family.name, family.kind, target)

    def _expand(self, template: str, chance: random.Random) -> tuple[str, str]:
        used = [name for name in _SLOT.findall(template) if name in self._targeted]
        able = [target for target in sorted(_TARGETS) if all(target in self._targeted[name] for name in used)]
        target = chance.choice(able) if used and able else ""
        text = template
        while True:
            text, changed = _CHOICE.subn(lambda found: chance.choice(found[1].split("|")), text)
            if not changed:
                break
        for _ in range(4):
            text, changed = _SLOT.subn(lambda found: self._word(found[1], target, chance), text)
            while True:
                text, more = _CHOICE.subn(lambda found: chance.choice(found[1].split("|")), text)
                if not more:
                    break
            if not changed:
                break
        text = re.sub(r"\s+([,.])", r"\1", re.sub(r"\s+", " ", text)).strip()
        text = re.sub(r"\bde ([aeiouyhéèêâôàùAEIOUÉH])", r"d'\1", text) if self.lang == "fr" else text
        return (text[:1].upper() + text[1:]), target

    def _word(self, name: str, target: str, chance: random.Random) -> str:
        if name in self._targeted:
            options = self._targeted[name]
            return chance.choice(options.get(target) or options[chance.choice(sorted(options))])
        return chance.choice(self._lists[name])
