"""The legal catalogues, read from dated files into values, once per process.

Several versions stand side by side: a qualification keeps the version it was made with, and asks for it by
name. Reading one takes a few hundredths of a second with libyaml, a quarter of one without, so it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from ..rules.answers import Answers, Door, KindAnswer
from ..rules.values import (
    Bilingual,
    Catalogue,
    Complaint,
    DsaCategory,
    Element,
    Excluder,
    Ground,
    LimitationPeriod,
    LimitationStart,
    MediaStorage,
    Penalty,
    Publicity,
    Status,
    Urgency,
    Verification,
    VerificationLevel,
)
from .validation import CatalogueFault, faults_of_answers, faults_of_catalogue

HERE = Path(__file__).parent
_ANSWERS = "answers.yaml"
# libyaml's safe loader where PyYAML was built with it: the same values, seven times faster.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnknownVersion(LookupError):
    """No catalogue of this jurisdiction carries this version."""


def versions(jurisdiction: str = "fr") -> tuple[str, ...]:
    """Return the versions of this jurisdiction, oldest first."""
    found = (path.stem for path in (HERE / jurisdiction).glob("*.yaml") if path.name != _ANSWERS)
    return tuple(sorted(found))


def current(jurisdiction: str = "fr") -> Catalogue:
    """Return the newest catalogue of this jurisdiction."""
    return load(versions(jurisdiction)[-1], jurisdiction)


@lru_cache(maxsize=16)
def load(version: str, jurisdiction: str = "fr") -> Catalogue:
    """Return one version of the catalogue.

    Raises:
        UnknownVersion: no such file.
        CatalogueFault: the file breaks a rule; the sentence names file, entry and field.
    """
    if version not in versions(jurisdiction):
        raise UnknownVersion(f"There is no catalogue «{jurisdiction}/{version}».")
    return read(HERE / jurisdiction / f"{version}.yaml")


@lru_cache(maxsize=4)
def kind_answers(jurisdiction: str = "fr") -> Answers:
    """Return the answers to the people who reported, one for each reason to decline."""
    return read_answers(HERE / jurisdiction / _ANSWERS)


def read(path: Path) -> Catalogue:
    """Return the catalogue in `path`.

    Raises:
        CatalogueFault: the first rule it breaks.
    """
    data = parse(path)
    for fault in faults_of_catalogue(data, path.name):
        raise CatalogueFault(fault)
    return _catalogue(data)


def read_answers(path: Path) -> Answers:
    """Return the kind answers in `path`.

    Raises:
        CatalogueFault: the first rule they break.
    """
    data = parse(path)
    for fault in faults_of_answers(data, path.name):
        raise CatalogueFault(fault)
    doors = {
        door_id: Door(door_id, _text(door["name"]), _text(door["how"]), door["verified_at"])
        for door_id, door in data["doors"].items()
    }
    answers = {
        reason: KindAnswer(reason, _text(answer["text"]), tuple(doors[door] for door in answer["doors"]))
        for reason, answer in data["answers"].items()
    }
    return Answers(_text(data["opening"]), _text(data["closing"]), MappingProxyType(answers))


def parse(path: Path) -> dict[str, Any]:
    """Return the raw data of one file.

    Raises:
        CatalogueFault: not readable as YAML, or not a mapping.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogueFault(f"{path.name}: cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise CatalogueFault(f"{path.name}: must be a mapping of names to values.")
    return data


def french_typography(text: str) -> str:
    """Return French text with the apostrophes and no-break spaces a printer would set.

    The files keep what a keyboard types, so that they can be searched and compared.
    """
    text = text.replace("'", "’")
    text = re.sub(r"(?<=\S) (?=[?!;:»€%])", "\u00a0", text)
    text = text.replace("« ", "«\u00a0")
    return re.sub(r"(?<=\d) (?=\d{3}\b)", "\u00a0", text)


def _text(data: dict[str, str]) -> Bilingual:
    return Bilingual(french_typography(data["fr"].strip()), data["en"].strip())


def _maybe(data: dict[str, str] | None) -> Bilingual | None:
    return _text(data) if data else None


def _texts(data: Iterable[dict[str, str]]) -> tuple[Bilingual, ...]:
    return tuple(_text(item) for item in data)


def _catalogue(data: dict[str, Any]) -> Catalogue:
    words = data["vocabularies"]
    grounds = {item["id"]: _ground(item, words) for item in data["grounds"]}
    return Catalogue(
        jurisdiction=data["jurisdiction"],
        version=data["version"],
        law_as_of=_text(data["law_as_of"]),
        disclaimer=_text(data["disclaimer"]),
        criteria=MappingProxyType({code: _text(label) for code, label in words["criteria"].items()}),
        pharos_categories=MappingProxyType({code: _text(label) for code, label in words["pharos_category"].items()}),
        grounds=MappingProxyType(grounds),
    )


def _ground(item: dict[str, Any], words: dict[str, Any]) -> Ground:
    elements = tuple(
        Element(question["id"], _text(question), _maybe(question.get("said"))) for question in item["elements"]
    )
    every_element = [[element.id for element in elements]] if elements else []
    return Ground(
        id=item["id"],
        family=item["family"],
        status=Status(item["status"]),
        title=_text(item["title"]),
        articles=tuple(french_typography(article) for article in item["articles"]),
        elements=elements,
        made_out_by=tuple(tuple(way) for way in item.get("made_out_by", every_element)),
        excluders=tuple(Excluder(question["id"], _text(question)) for question in item["excluders"]),
        protected_criteria=tuple(item["protected_criteria"]),
        publicity=Publicity(item["publicity"]),
        penalty=_penalty(item["penalty"]),
        limitation=_limitation(item["limitation"], words),
        complaint=_complaint(item["complaint"]),
        civil_party=_texts(item["civil_party"]),
        manifest_typically=item["manifest"]["typical"],
        manifest_note=_maybe(item["manifest"]["note"]),
        pharos_category=item["pharos_category"],
        dsa=DsaCategory(item["dsa"]["category"], tuple(item["dsa"]["keywords"])) if item["dsa"] else None,
        eu_instruments=tuple(item["eu_instrument"]),
        urgency=Urgency(item["urgency"]["level"]),
        urgency_note=_maybe(item["urgency"]["note"]),
        media_storage=MediaStorage(item["media_storage"]),
        related=tuple(item["related"]),
        excluded_grounds=tuple(item.get("excluded_grounds", ())),
        withholds_words=item.get("withhold_words", False),
        valid_from=_day(item["valid_from"]),
        valid_to=_day(item["valid_to"]),
        verification=_verification(item["verification"], words),
        sources=tuple(item["sources"]),
    )


def _penalty(data: dict[str, Any] | None) -> Penalty | None:
    if data is None:
        return None
    return Penalty(
        category=data["class"],
        prison_months_max=data["prison_months_max"],
        fine_eur_max=data["fine_eur_max"],
        aggravations=_texts(data["aggravations"]),
        note=_maybe(data["note"]),
    )


def _limitation(data: dict[str, Any] | None, words: dict[str, Any]) -> LimitationPeriod | None:
    if data is None:
        return None
    return LimitationPeriod(
        months=data["months"],
        basis=french_typography(data["basis"]),
        start=LimitationStart(data["start"]),
        start_text=_text(words["limitation_start"][data["start"]]),
        caution=_maybe(data.get("caution")),
        caution_months=data.get("caution_months"),
        period=_maybe(data.get("period")),
    )


def _complaint(data: dict[str, Any] | None) -> Complaint | None:
    return Complaint(data["required"], _maybe(data["note"])) if data else None


def _verification(data: dict[str, Any], words: dict[str, Any]) -> Verification:
    return Verification(
        level=VerificationLevel(data["level"]),
        label=_text(words["verification_level"][data["level"]]),
        note=_maybe(data["note"]),
        verified_at=date.fromisoformat(data["verified_at"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
