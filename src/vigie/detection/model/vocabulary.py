"""Words by what they do in a sentence, read from `words/<language>.txt`, with their inflected forms.

One file a language: `[class]` or `[class target]` opens a class; entries are separated by commas; `(a|b)` are
alternatives; a mark at the end of a word asks for its regular forms: `~` noun or adjective, `^` verb in -er (or the
regular verb of the language), `°` verb in -ir.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from vigie.detection.flat import fold_word

WORDS = Path(__file__).parent / "words"
LANGUAGES = ("fr", "en", "de", "it", "es", "nl")


@dataclass(frozen=True, slots=True)
class Entry:
    """One writing with what it does and, for a group or a slur, whom it names."""

    writing: str
    does: str
    target: str
    lang: str


class VocabularyError(ValueError):
    """A file of words cannot be used: names the file, the line and the entry."""


def entries_of(lang: str) -> list[Entry]:
    """Return every form of every word of a language, the first class of a writing only."""
    found: dict[str, Entry] = {}
    does = target = ""
    for number, line in enumerate((WORDS / f"{lang}.txt").read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            does, _, target = line[1:].rstrip("]").partition(" ")
            continue
        if not does:
            raise VocabularyError(f"{lang}.txt, line {number}: words before any class")
        for written in line.split(","):
            for form in forms(written.strip(), lang):
                found.setdefault(fold_word(form), Entry(form, does, target, lang))
    return list(found.values())


def forms(written: str, lang: str) -> Iterator[str]:
    """Yield each form of an entry."""
    if not written:
        return
    parts = [part.split("|") for part in re.split(r"[()]", written)]
    for choice in product(*parts):
        yield from _inflected(" ".join("".join(choice).split()), lang)


def _inflected(phrase: str, lang: str) -> Iterator[str]:
    options = [list(_forms_of_word(word, lang)) for word in phrase.split(" ")]
    if all(len(one) == 1 for one in options):
        yield " ".join(one[0] for one in options)
    else:
        for choice in product(*options):
            yield " ".join(choice)


def _forms_of_word(word: str, lang: str) -> Iterator[str]:
    mark = word[-1:]
    if mark not in {"~", "^", "°"}:
        yield word
        return
    stem = word[:-1]
    rule = _RULES[mark].get(lang)
    if rule is None:
        raise VocabularyError(f"{lang}: no regular forms for “{word}”")
    yield from dict.fromkeys([stem, *rule(stem)])


def _noun_fr(stem: str) -> list[str]:
    if stem.endswith(("s", "x", "z")):
        masculine = [stem]
        feminine = stem[:-1] + "se" if stem.endswith("x") else stem + "e"
        return [*masculine, feminine, feminine + "s"]
    plural = stem[:-2] + "aux" if stem.endswith("al") else stem + ("x" if stem.endswith(("eau", "eu")) else "s")
    found = [stem, plural]
    if stem.endswith("e"):
        return found
    for ending, feminine in (
        ("teur", "trice"), ("eur", "euse"), ("if", "ive"), ("ien", "ienne"), ("on", "onne"), ("el", "elle"),
        ("er", "ère"), ("eau", "elle"), ("et", "ette"), ("é", "ée"),
    ):  # fmt: skip
        if stem.endswith(ending):
            found += [stem[: -len(ending)] + feminine, stem[: -len(ending)] + feminine + "s"]
            break
    else:
        found += [stem + "e", stem + "es"]
    if stem.endswith("teur"):
        found += [stem[:-3] + "euse", stem[:-3] + "euses"]
    if stem.endswith("on"):
        found += [stem + "e", stem + "es"]
    return found


def _verb_fr(infinitive: str) -> list[str]:
    if not infinitive.endswith("er"):
        return [infinitive]
    stem = infinitive[:-2]
    soft = stem + "e" if stem.endswith("g") else stem[:-1] + "ç" if stem.endswith("c") else stem
    found = [infinitive]
    found += [stem + end for end in ("e", "es", "ent", "ez", "é", "ée", "és", "ées", "iez", "ions")]
    found += [soft + end for end in ("ons", "ais", "ait", "aient", "ant", "a")]
    found += [stem + "er" + end for end in ("ai", "a", "as", "ons", "ez", "ont", "ais", "ait", "aient")]
    return found


def _verb_ir_fr(infinitive: str) -> list[str]:
    stem = infinitive[:-2] if infinitive.endswith("ir") else infinitive
    ends = ("ir", "is", "it", "issons", "issez", "issent", "issait", "issant", "i", "ie", "ies", "ira", "iront")
    return [stem + end for end in ends]


def _noun_en(stem: str) -> list[str]:
    if stem.endswith("y") and stem[-2:-1] not in "aeiou":
        return [stem, stem[:-1] + "ies"]
    return [stem, stem + ("es" if stem.endswith(("s", "x", "ch", "sh")) else "s")]


def _verb_en(stem: str) -> list[str]:
    bare = stem[:-1] if stem.endswith("e") else stem
    third = stem + ("es" if stem.endswith(("s", "x", "ch", "sh")) else "s")
    found = [stem, third, bare + "ed", bare + "ing"]
    if stem.endswith("y") and stem[-2:-1] not in "aeiou":
        found += [stem[:-1] + "ies", stem[:-1] + "ied"]
    if re.fullmatch(r".*[^aeiou][aeiou][bdgkmnpt]", stem):
        found += [stem + stem[-1] + "ed", stem + stem[-1] + "ing"]
    return found


def _noun_de(stem: str) -> list[str]:
    base = stem[:-1] if stem.endswith("e") else stem
    return [stem, *(base + end for end in ("e", "en", "er", "em", "es", "n", "s", "in", "innen"))]


def _verb_de(infinitive: str) -> list[str]:
    stem = infinitive[:-2] if infinitive.endswith("en") else infinitive[:-1]
    return [infinitive, *(stem + end for end in ("e", "st", "t", "et", "te", "ten", "en", "end")), "ge" + stem + "t"]


def _noun_it(stem: str) -> list[str]:
    if stem.endswith("o"):
        hard = "h" if stem[-2:-1] in "cg" else ""
        return [stem, stem[:-1] + "a", stem[:-1] + "i", stem[:-1] + hard + "i", stem[:-1] + hard + "e"]
    if stem.endswith("a"):
        hard = "h" if stem[-2:-1] in "cg" else ""
        return [stem, stem[:-1] + hard + "e", stem[:-1] + "i"]
    return [stem, stem[:-1] + "i"]


def _verb_it(infinitive: str) -> list[str]:
    stem, kind = infinitive[:-3], infinitive[-3:]
    ends = {
        "are": ("o", "i", "a", "iamo", "ate", "ano", "ato", "ata", "ati", "ate", "ava", "avano", "ando", "ino", "erà"),
        "ere": ("o", "i", "e", "iamo", "ete", "ono", "uto", "uta", "uti", "eva", "evano", "endo", "ano"),
        "ire": ("o", "i", "e", "iamo", "ite", "ono", "ito", "ita", "iti", "iva", "isce", "iscono", "endo"),
    }.get(kind, ())
    return [infinitive, *(stem + end for end in ends), *(infinitive[:-1] + end for end in ("li", "le", "lo", "la"))]


def _noun_es(stem: str) -> list[str]:
    if stem.endswith("o"):
        return [stem, stem[:-1] + "a", stem + "s", stem[:-1] + "as"]
    if stem.endswith(("a", "e", "é", "í")):
        return [stem, stem + "s"]
    if stem.endswith("z"):
        return [stem, stem[:-1] + "ces"]
    return [stem, stem + "es", stem + "a", stem + "as"]


def _verb_es(infinitive: str) -> list[str]:
    stem, kind = infinitive[:-2], infinitive[-2:]
    ends = {
        "ar": (
            "o",
            "as",
            "a",
            "amos",
            "áis",
            "an",
            "ado",
            "ada",
            "ados",
            "aba",
            "aban",
            "ando",
            "e",
            "en",
            "ó",
            "aron",
        ),
        "er": ("o", "es", "e", "emos", "éis", "en", "ido", "ida", "idos", "ía", "ían", "iendo", "a", "an", "ió"),
        "ir": ("o", "es", "e", "imos", "ís", "en", "ido", "ida", "idos", "ía", "ían", "iendo", "a", "an", "ió"),
    }.get(kind, ())
    return [infinitive, *(stem + end for end in ends), *(infinitive + end for end in ("los", "las", "lo", "la"))]


def _noun_nl(stem: str) -> list[str]:
    base = stem[:-1] if stem.endswith("e") else stem
    return [stem, base + "e", base + "en", stem + "s", base + "er"]


def _verb_nl(infinitive: str) -> list[str]:
    stem = infinitive[:-2] if infinitive.endswith("en") else infinitive
    return [infinitive, stem, stem + "t", stem + "te", stem + "de", stem + "den", "ge" + stem + "t", "ge" + stem + "d"]


_Rule = Callable[[str], list[str]]
_NOUNS: dict[str, _Rule] = {
    "fr": _noun_fr,
    "en": _noun_en,
    "de": _noun_de,
    "it": _noun_it,
    "es": _noun_es,
    "nl": _noun_nl,
}
_VERBS: dict[str, _Rule] = {
    "fr": _verb_fr,
    "en": _verb_en,
    "de": _verb_de,
    "it": _verb_it,
    "es": _verb_es,
    "nl": _verb_nl,
}
_VERBS_IR: dict[str, _Rule] = {"fr": _verb_ir_fr}
_RULES = {"~": _NOUNS, "^": _VERBS, "°": _VERBS_IR}
