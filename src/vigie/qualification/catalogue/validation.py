"""What a catalogue file must promise, checked before anything relies on it.

Each fault is one sentence naming file, entry and field, in the words of the person who edits the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from ..rules.values import LimitationStart, MediaStorage, Publicity, Status, Urgency, VerificationLevel

GROUND_FIELDS = frozenset(
    {
        "id",
        "family",
        "status",
        "title",
        "articles",
        "elements",
        "excluders",
        "protected_criteria",
        "publicity",
        "penalty",
        "limitation",
        "complaint",
        "civil_party",
        "manifest",
        "pharos_category",
        "dsa",
        "eu_instrument",
        "urgency",
        "media_storage",
        "related",
        "valid_from",
        "valid_to",
        "verification",
        "sources",
    }
)
OPTIONAL_GROUND_FIELDS = frozenset({"made_out_by", "excluded_grounds", "withhold_words"})
CATALOGUE_FIELDS = frozenset(
    {
        "schema",
        "jurisdiction",
        "version",
        "law_as_of",
        "disclaimer",
        "vocabularies",
        "dsa_constants",
        "grounds",
    }
)
VOCABULARIES = frozenset({"criteria", "verification_level", "limitation_start", "pharos_category"})
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DSA_CATEGORY = re.compile(r"STATEMENT_CATEGORY_[A-Z_]+")
_DSA_KEYWORD = re.compile(r"KEYWORD_[A-Z_]+")


class CatalogueFault(ValueError):
    """A catalogue file cannot be relied on; the sentence says where and why."""


def faults_of_catalogue(data: dict[str, Any], file: str) -> Iterator[str]:
    """Yield one sentence for each rule this catalogue breaks."""
    yield from _fields(data, f"{file}", CATALOGUE_FIELDS)
    if CATALOGUE_FIELDS - set(data):
        return
    if data["schema"] != 1:
        yield f"{file}: schema: must be 1, the only form this program reads."
    if not _is_day(data["version"]):
        yield f"{file}: version: must be a quoted day such as '2026-11-20'."
    elif f"{data['version']}.yaml" != file:
        yield f"{file}: version: «{data['version']}» is not the name of the file."
    yield from _bilingual(data["law_as_of"], f"{file}: law_as_of")
    yield from _bilingual(data["disclaimer"], f"{file}: disclaimer")
    yield from _vocabularies(data["vocabularies"], file)
    if set(data["vocabularies"]) != VOCABULARIES:
        return
    grounds = data["grounds"]
    if not isinstance(grounds, list) or not all(isinstance(g, dict) and "id" in g for g in grounds):
        yield f"{file}: grounds: must be a list of entries, each with an «id»."
        return
    ids = [ground["id"] for ground in grounds]
    for ground_id in sorted(gid for gid, times in Counter(ids).items() if times > 1):
        yield f"{file}: {ground_id}: id: is used twice."
    for ground in grounds:
        yield from _ground(ground, f"{file}: {ground['id']}", data["vocabularies"], frozenset(ids))


def faults_of_answers(data: dict[str, Any], file: str) -> Iterator[str]:
    """Yield one sentence for each rule this file of kind answers breaks."""
    yield from _fields(data, file, frozenset({"opening", "closing", "doors", "answers"}))
    if {"opening", "closing", "doors", "answers"} - set(data):
        return
    yield from _bilingual(data["opening"], f"{file}: opening")
    yield from _bilingual(data["closing"], f"{file}: closing")
    for door_id, door in data["doors"].items():
        where = f"{file}: door {door_id}"
        yield from _fields(door, where, frozenset({"name", "how", "verified_at", "source"}))
        yield from _bilingual(door.get("name"), f"{where}: name")
        yield from _bilingual(door.get("how"), f"{where}: how")
        if not _is_day(door.get("verified_at")) and door.get("verified_at") != "to verify":
            yield f"{where}: verified_at: must be a quoted day, or 'to verify'."
    for reason, answer in data["answers"].items():
        where = f"{file}: answer {reason}"
        yield from _fields(answer, where, frozenset({"text", "doors"}))
        yield from _bilingual(answer.get("text"), f"{where}: text")
        for door_id in answer.get("doors") or ():
            if door_id not in data["doors"]:
                yield f"{where}: doors: there is no door «{door_id}»."


def faults_between(catalogue: dict[str, Any], answers: dict[str, Any], file: str) -> Iterator[str]:
    """Yield one sentence for each reason to decline that would leave a person without an answer."""
    reasons = {g["id"] for g in catalogue["grounds"] if g["status"] == Status.DECLINE_REASON}
    for reason in sorted(reasons - set(answers["answers"])):
        yield f"{file}: answer {reason}: is missing, although the catalogue declines for this reason."


def _ground(ground: dict[str, Any], where: str, words: dict[str, Any], ids: frozenset[str]) -> Iterator[str]:
    yield from _fields(ground, where, GROUND_FIELDS, OPTIONAL_GROUND_FIELDS)
    if GROUND_FIELDS - set(ground):
        return
    if not _NAME.fullmatch(ground["id"]):
        yield f"{where}: id: must be lower-case words joined by hyphens."
    yield from _bilingual(ground["title"], f"{where}: title")
    yield from _one_of(ground["status"], Status, f"{where}: status")
    yield from _one_of(ground["publicity"], Publicity, f"{where}: publicity")
    yield from _one_of(ground["media_storage"], MediaStorage, f"{where}: media_storage")
    yield from _one_of(ground["urgency"]["level"], Urgency, f"{where}: urgency")
    yield from _one_of(ground["verification"]["level"], VerificationLevel, f"{where}: verification")
    if not _is_day(ground["verification"].get("verified_at")):
        yield f"{where}: verification: verified_at must be a quoted day."
    for field in ("valid_from", "valid_to"):
        if ground[field] is not None and not _is_day(ground[field]):
            yield f"{where}: {field}: must be a quoted day, or null."
    yield from _questions(ground, where)
    for criterion in ground["protected_criteria"]:
        if criterion not in words["criteria"]:
            yield f"{where}: protected_criteria: «{criterion}» is not in the vocabulary."
    if ground["pharos_category"] is not None and ground["pharos_category"] not in words["pharos_category"]:
        yield f"{where}: pharos_category: «{ground['pharos_category']}» is not in the vocabulary."
    for field in ("related", "excluded_grounds"):
        for other in ground.get(field, ()):
            if other not in ids:
                yield f"{where}: {field}: there is no entry «{other}»."
    yield from _notes(ground, where)
    yield from _limitation(ground["limitation"], where)
    yield from _dsa(ground["dsa"], where)
    yield from _of_status(ground, where)


def _of_status(ground: dict[str, Any], where: str) -> Iterator[str]:
    if ground["status"] == Status.IN_FORCE:
        if not ground["articles"]:
            yield f"{where}: articles: a ground in force must name its article."
        if not ground["elements"]:
            yield f"{where}: elements: a ground in force must ask at least one question."
        for element in ground["elements"]:
            if "said" not in element:
                yield f"{where}: elements {element.get('id')}: said: what a notice says of it, or null."
        if ground["dsa"] is None:
            yield f"{where}: dsa: a ground in force needs its category of the Transparency Database."
        if ground["pharos_category"] is None:
            yield f"{where}: pharos_category: a ground in force needs one, be it «hors-perimetre»."
    elif ground["status"] == Status.DECLINE_REASON and ground["penalty"] is not None:
        yield f"{where}: penalty: a reason to decline has none."
    if ground["status"] != Status.AGGRAVATING and "excluded_grounds" in ground:
        yield f"{where}: excluded_grounds: belongs to aggravating circumstances only."
    if ground["verification"]["level"] != VerificationLevel.GENERAL_KNOWLEDGE and not ground["sources"]:
        yield f"{where}: sources: what was read must be named; else the level is «general-knowledge»."


def _questions(ground: dict[str, Any], where: str) -> Iterator[str]:
    for field, letter in (("elements", "e"), ("excluders", "x")):
        for number, question in enumerate(ground[field], 1):
            if question.get("id") != f"{letter}{number}":
                yield f"{where}: {field}: question {number} must have the id «{letter}{number}»."
            yield from _bilingual(question, f"{where}: {field} {letter}{number}", ignore=("id", "said"))
            if question.get("said") is not None:
                yield from _bilingual(question["said"], f"{where}: {field} {letter}{number} said")
    known = {question.get("id") for question in ground["elements"]}
    for way in ground.get("made_out_by", ()):
        if not way:
            yield f"{where}: made_out_by: an empty list would make the ground out by itself."
        for element_id in way:
            if element_id not in known:
                yield f"{where}: made_out_by: there is no element «{element_id}»."


def _notes(ground: dict[str, Any], where: str) -> Iterator[str]:
    penalty = ground["penalty"] or {"aggravations": [], "note": None}
    notes = [
        ("penalty note", penalty["note"]),
        ("manifest note", ground["manifest"]["note"]),
        ("urgency note", ground["urgency"]["note"]),
        ("verification note", ground["verification"]["note"]),
        ("complaint note", (ground["complaint"] or {"note": None})["note"]),
        ("limitation caution", (ground["limitation"] or {}).get("caution")),
        *(("penalty aggravation", item) for item in penalty["aggravations"]),
        *(("civil_party", item) for item in ground["civil_party"]),
    ]
    for field, note in notes:
        if note is not None:
            yield from _bilingual(note, f"{where}: {field}")


def _limitation(limitation: dict[str, Any] | None, where: str) -> Iterator[str]:
    if limitation is None:
        return
    yield from _one_of(limitation.get("start"), LimitationStart, f"{where}: limitation start")
    if not limitation.get("basis"):
        yield f"{where}: limitation: must name its basis in the law."
    for field in ("months", "caution_months"):
        value = limitation.get(field)
        if value is not None and not (isinstance(value, int) and value > 0):
            yield f"{where}: limitation {field}: must be a number of months above zero, or null."
    if limitation.get("months") is None and not limitation.get("period"):
        yield f"{where}: limitation: without months, «period» must say in words how long it is."


def _dsa(dsa: dict[str, Any] | None, where: str) -> Iterator[str]:
    if dsa is None:
        return
    if not _DSA_CATEGORY.fullmatch(str(dsa.get("category"))):
        yield f"{where}: dsa: category must be a STATEMENT_CATEGORY_… constant."
    for keyword in dsa.get("keywords", ()):
        if not _DSA_KEYWORD.fullmatch(str(keyword)):
            yield f"{where}: dsa: keyword «{keyword}» must be a KEYWORD_… constant."


def _vocabularies(words: dict[str, Any], file: str) -> Iterator[str]:
    yield from _fields(words, f"{file}: vocabularies", VOCABULARIES)
    for name in VOCABULARIES & set(words):
        for code, label in words[name].items():
            yield from _bilingual(label, f"{file}: vocabularies {name} {code}")


def _fields(data: Any, where: str, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Iterator[str]:
    if not isinstance(data, dict):
        yield f"{where}: must be a mapping of names to values."
        return
    for field in sorted(required - set(data)):
        yield f"{where}: {field}: is missing."
    for field in sorted(set(data) - required - optional):
        yield f"{where}: {field}: is not a field of the catalogue; is it misspelt?"


def _bilingual(value: Any, where: str, *, ignore: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: must have a French text «fr» and an English text «en»."
        return
    for language in ("fr", "en"):
        text = value.get(language)
        if not isinstance(text, str) or not text.strip():
            yield f"{where}: {language}: the text is missing."
    for field in sorted(set(value) - {"fr", "en", *ignore}):
        yield f"{where}: {field}: is neither «fr» nor «en»."


def _one_of(value: Any, words: type[Any], where: str) -> Iterator[str]:
    known = [str(word.value) for word in words]
    if value not in known:
        yield f"{where}: «{value}» is not one of {', '.join(known)}."


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False
