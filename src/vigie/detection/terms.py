"""Lexicons: dated, versioned lists of terms, read from a file and checked.

Two forms are read: our YAML (`lexicon/fr-….yaml`), and CSV with the columns term, variants (separated by `|`), kind,
target, sense, context_needed, source_url, source_status — the form in which associations exchange such lists.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from vigie.core.errors import UnusableInput
from vigie.core.words import N_

from .hints import Kind, SourceStatus, Target

SHIPPED = Path(__file__).parent / "lexicon" / "fr-2026-11-20.yaml"
Choice = TypeVar("Choice", bound=StrEnum)


class LexiconError(UnusableInput):
    """A lexicon cannot be used: the sentence names the file, the entry and the field."""


@dataclass(frozen=True)
class Term:
    """One term, its writings, its meaning."""

    term: str
    variants: tuple[str, ...]
    kind: Kind
    target: Target
    sense: str
    needs_context: bool
    source_status: SourceStatus
    source: str = ""
    """Where the meaning was read: an address or a reference."""
    since: date | None = None
    """Known in this sense from then on; None: not known."""
    until: date | None = None
    examples: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    """Words that, near it, make this sense likely."""
    unless: tuple[str, ...] = ()
    """Words that, near it, point to its ordinary use."""

    @property
    def writings(self) -> tuple[str, ...]:
        return (self.term, *self.variants)


@dataclass(frozen=True)
class Lexicon:
    """A list of terms of one language under one version."""

    version: str
    lang: str
    terms: tuple[Term, ...]


def read_lexicon(file: Path) -> Lexicon:
    """Read a lexicon, YAML or CSV.

    Raises:
        LexiconError: naming the file, the entry and the field.
    """
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise LexiconError(N_("Le lexique %(file)s ne peut être lu : %(why)s."), file=file, why=fault) from fault
    return _from_csv(file, text, raw) if file.suffix == ".csv" else _from_yaml(file, text)


def _from_yaml(file: Path, text: str) -> Lexicon:
    try:
        content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe, in C
    except yaml.YAMLError as fault:
        raise LexiconError(N_("Le lexique %(file)s ne peut être lu : %(why)s."), file=file, why=fault) from fault
    if not isinstance(content, dict) or not isinstance(content.get("terms"), list):
        raise LexiconError(N_("Le lexique %(file)s ne peut être lu : %(why)s."), file=file, why="no “terms”")
    terms = tuple(
        _term(file, number, {**entry, "variants": entry.get("variants") or []})
        for number, entry in enumerate(content["terms"], 1)
    )
    return Lexicon(version=str(content.get("version") or file.stem), lang=str(content.get("lang") or "fr"), terms=terms)


def _from_csv(file: Path, text: str, raw: bytes) -> Lexicon:
    terms = []
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        entry: dict[str, Any] = dict(row)
        entry["variants"] = [variant for variant in (row.get("variants") or "").split("|") if variant.strip()]
        entry["source"] = row.get("source_url") or ""
        entry["needs_context"] = {"true": True, "false": False}.get((row.get("context_needed") or "").lower())
        entry["target"] = _CSV_TARGETS.get(row.get("target") or "", row.get("target"))
        terms.append(_term(file, number, entry))
    # Such files carry no version of their own: their content is it.
    return Lexicon(version=f"{file.stem}-{hashlib.sha256(raw).hexdigest()[:12]}", lang="fr", terms=tuple(terms))


def _term(file: Path, number: int, entry: Mapping[str, Any]) -> Term:
    def wrong(field: str) -> LexiconError:
        return LexiconError(
            N_("Lexique %(file)s, entrée %(number)s, champ « %(field)s » : valeur absente ou inconnue (%(value)s)."),
            file=file, number=number, field=field, value=entry.get(field),
        )  # fmt: skip

    def text(field: str) -> str:
        value = entry.get(field)
        if not isinstance(value, str) or not value.strip():
            raise wrong(field)
        return value.strip()

    def choice(field: str, choices: type[Choice]) -> Choice:
        try:
            return choices(text(field))
        except ValueError:
            raise wrong(field) from None

    if not isinstance(entry.get("needs_context"), bool):
        raise wrong("needs_context")

    def texts(field: str) -> tuple[str, ...]:
        given = entry.get(field) or []
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise wrong(field)
        return tuple(one.strip() for one in given)

    def day(field: str) -> date | None:
        value = entry.get(field)
        if not value:
            return None
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            raise wrong(field) from None

    return Term(
        term=text("term"),
        variants=texts("variants"),
        kind=choice("kind", Kind),
        target=choice("target", Target),
        sense=text("sense"),
        needs_context=entry["needs_context"],
        source_status=choice("source_status", SourceStatus),
        source=str(entry.get("source") or ""),
        since=day("since"),
        until=day("until"),
        examples=texts("examples"),
        beside=texts("beside"),
        unless=texts("unless"),
    )


_CSV_TARGETS = {
    "Jews": "jews", "Muslims": "muslims", "Arabs": "arabs", "Black people": "black-people", "Asians": "asians",
    "Roma": "roma", "other origins": "other-origins", "LGBT": "lgbt", "disabled people": "disabled-people",
}  # fmt: skip
