"""Say which column means what, and read a line through it. Pure: data in `maps.yaml`, no Django, no network."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from vigie.core.errors import BadSetting, VigieError
from vigie.core.words import N_
from vigie.intake.doors.files.moments import read_moment
from vigie.intake.doors.files.values import Record, Refused, Row
from vigie.platforms.address import UnreadableAddress
from vigie.platforms.find import find_addresses
from vigie.platforms.resolve import resolve

MAPS_FILE = Path(__file__).with_name("maps.yaml")
MOST_TEXT_CHARACTERS = 100_000
FIELDS = ("address", "text", "account", "published_at", "language", "note")
# Names of columns, without accents, spaces and signs.
_JUDGEMENTS = frozenset(
    {
        "about", "categorie", "categories", "category", "classification", "comment", "commentaire", "commentaires",
        "comments", "description", "flag", "infraction", "label", "labels", "motif", "motifs", "note", "notes", "objet",
        "qualification", "raison", "reason", "remarque", "remarques", "signalement", "sujet", "tag", "tags", "theme",
        "themes", "type", "typedecontenu", "typologie", "violation",
    }
)  # fmt: skip
X_BY_NUMBER = "https://x.com/i/web/status/{%s:digits}"


@dataclass(frozen=True)
class ColumnMap:
    """Which column, or template of columns, gives each field; the first that is not empty counts."""

    name: str = ""
    title: str = ""
    recognised_by: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    published_at: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    note: tuple[str, ...] = ()
    time_zone: str = "UTC"
    day_first: bool = True
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    variants: tuple[ColumnMap, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return what a saved map keeps: columns by field."""
        return {
            name: value for name, value in asdict(self).items() if name not in {"when", "variants", "name", "title"}
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], *, name: str, title: str) -> ColumnMap:
        return _with_columns(
            cls(
                name=name,
                title=title,
                recognised_by=tuple(kept.get("recognised_by", ())),
                time_zone=str(kept.get("time_zone", "UTC")),
                day_first=bool(kept.get("day_first", True)),
            ),
            {part: tuple(kept.get(part, ())) for part in FIELDS},
        )


def _with_columns(one: ColumnMap, columns: Mapping[str, tuple[str, ...]]) -> ColumnMap:
    given: dict[str, Any] = dict(columns)  # each field of FIELDS is a tuple of columns
    return replace(one, **given)


@lru_cache
def shipped_maps() -> tuple[ColumnMap, ...]:
    """Return the maps that come with Vigie.

    Raises:
        BadSetting: the file of maps is damaged; the sentence names the entry.
    """
    entries = yaml.safe_load(MAPS_FILE.read_text(encoding="utf-8"))
    return tuple(_read_map(entry, f"{MAPS_FILE.name}, {entry.get('name', '?')}") for entry in entries)


def _read_map(entry: Mapping[str, Any], where: str) -> ColumnMap:
    known = {"name", "title", "recognised_by", "time_zone", "day_first", "variants", "when", *FIELDS}
    if set(entry) - known:
        raise BadSetting(f"{where}: unknown {', '.join(sorted(set(entry) - known))}.")
    one = ColumnMap(
        name=entry.get("name", ""),
        title=entry.get("title", ""),
        recognised_by=tuple(entry.get("recognised_by", ())),
        time_zone=entry.get("time_zone", "UTC"),
        day_first=entry.get("day_first", True),
        when=tuple((column, tuple(values)) for column, values in entry.get("when", {}).items()),
        variants=tuple(_read_map(inner, where) for inner in entry.get("variants", ())),
    )
    return _with_columns(one, {part: tuple(entry.get(part, ())) for part in FIELDS})


# --- which map fits ------------------------------------------------------------------------------------------

# What people call the columns of the tables they make themselves, in French and in English.
_USUAL = {
    "address": ["adresse", "url", "lien", "adresse_du_contenu", "url_du_contenu", "lien_du_contenu", "adresse_web", "link", "address", "permalink", "post_url", "tweet_url", "content_url",
                "uri"],
    "text": ["texte", "text", "contenu", "content", "message", "body", "full_text", "post", "tweet", "commentaire",
             "comment", "verbatim", "propos", "extrait"],
    "account": ["compte", "account", "auteur", "author", "pseudo", "handle", "username", "user", "screen_name"],
    "published_at": ["date", "publié_le", "publie_le", "published_at", "published", "created_at", "timestamp",
                     "date_publication", "date_de_publication", "horodatage"],
    "language": ["langue", "language", "lang"],
    "note": ["note", "notes", "remarque", "remarques", "description", "motif"],
}  # fmt: skip
# Never the address: any line of prose that speaks of a «lien» would pass for the line of headings.
_TOLD_BY_A_WORD = ("text", "published_at", "account")
_X_NUMBERS = ["tweet_id", "id_tweet", "status_id", "x_id", "id_str"]


def plain(name: str) -> str:
    """Return a column's name without what differs between two exports of the same tool."""
    return " ".join(str(name).replace("\ufeff", "").split()).casefold()


def best_map(columns: Iterable[str], maps: Iterable[ColumnMap]) -> ColumnMap | None:
    """Return the map whose columns are all there; the one that asks for most when there are several."""
    present = {plain(column) for column in columns}
    fitting = [one for one in maps if one.recognised_by and {plain(name) for name in one.recognised_by} <= present]
    return max(fitting, key=lambda one: len(one.recognised_by), default=None)


def guessed_map(columns: Sequence[str]) -> ColumnMap:
    """Return the map that the usual names suggest; its `address` may be empty, and a person completes it."""
    by_name = {re.sub(r"[\s\-]+", "_", plain(column)): column for column in columns}
    found = {part: tuple(by_name[name] for name in names if name in by_name)[:1] for part, names in _USUAL.items()}
    for part in _TOLD_BY_A_WORD:
        found[part] = found[part] or _by_a_word(
            by_name, _USUAL[part], {one for taken in found.values() for one in taken}
        )
    numbers = [by_name[name] for name in _X_NUMBERS if name in by_name]
    if numbers:
        found["address"] = (*found["address"], X_BY_NUMBER % numbers[0])
    return _with_columns(ColumnMap(time_zone="Europe/Paris"), found)


def _by_a_word(by_name: Mapping[str, str], words: Iterable[str], taken: set[str]) -> tuple[str, ...]:
    """Return the first column left whose name holds one of the words: «Texte du message», «date du post»."""
    return tuple(
        column for name, column in by_name.items() if column not in taken and set(name.split("_")) & set(words)
    )[:1]


# --- reading a line ------------------------------------------------------------------------------------------

_PLACE = re.compile(r"\{(?P<column>[^{}:]+)(?P<digits>:digits)?\}")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)


class _Unusable(VigieError):
    def __init__(self, column: str, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.column = column


class Reader:
    """A map, ready to read the lines of one file: its columns are looked up once, whatever their capitals."""

    def __init__(self, column_map: ColumnMap, columns: Sequence[str]) -> None:
        self.actual = {plain(column): column for column in columns}
        self.map = column_map
        self.variants = [self._known(one) for one in column_map.variants] or [self._known(column_map)]
        try:
            self.zone = ZoneInfo(column_map.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise BadSetting(f"{column_map.name}: time zone {column_map.time_zone!r} is unknown.") from None

    def _known(self, one: ColumnMap) -> ColumnMap:
        def actual(name: str) -> str:
            if "{" in name:
                return _PLACE.sub(lambda place: f"{{{self._column(place['column'])}{place['digits'] or ''}}}", name)
            return self._column(name)

        return _with_columns(one, {part: tuple(actual(name) for name in getattr(one, part)) for part in FIELDS})

    def _column(self, name: str) -> str:
        return self.actual.get(plain(name), name)

    def read(self, record: Record) -> Row | Refused:
        """Return the line understood, or why it is not taken."""
        chosen = self._variant(record)
        if chosen is None:
            column, value = self.map.variants[0].when[0][0], ""
            value = pick(record.values, column)
            return Refused.because(
                record.line, column, N_("Cette correspondance ne connaît pas les lignes de « %(value)s »."), value=value
            )
        try:
            address = self._address(chosen, record)
            resolved = resolve(address)
        except _Unusable as fault:
            return Refused.because(record.line, fault.column, fault.sentence, **fault.values)
        except UnreadableAddress as fault:
            return Refused.because(record.line, chosen.address[0], fault.sentence, **fault.values)
        written = first(record.values, chosen.published_at)
        moment = read_moment(written, zone=self.zone, day_first=self.map.day_first) if written else None
        remark = None
        if written and moment is None:
            remark = Refused.because(
                record.line, chosen.published_at[0], N_("Date non comprise : « %(value)s »."), value=written[:40]
            )
        return Row(
            line=record.line,
            resolved=resolved,
            text=first(record.values, chosen.text)[:MOST_TEXT_CHARACTERS],
            account=(first(record.values, chosen.account) or resolved.account or "").lstrip("@")[:300],
            published_at=moment,
            language=first(record.values, chosen.language).lower()[:8],
            note=first(record.values, chosen.note)[:MOST_TEXT_CHARACTERS],
            said=_said(record.values, {*chosen.text, *chosen.account, *chosen.note}),
            remark=remark,
        )

    def _variant(self, record: Record) -> ColumnMap | None:
        for one in self.variants:
            if all(pick(record.values, self._column(column)) in values for column, values in one.when):
                return one
        return None

    def _address(self, chosen: ColumnMap, record: Record) -> str:
        if not chosen.address:
            raise _Unusable("", N_("Aucune colonne n’est choisie pour l’adresse."))
        rounded: _Unusable | None = None
        for source in chosen.address:
            try:
                value = _filled(source, record.values) if "{" in source else pick(record.values, source)
            except _Unusable as fault:
                rounded = fault
                continue
            if value:
                return _one_address(value, source)
        raise rounded or _Unusable(
            chosen.address[0],
            N_("Aucune adresse dans cette ligne, ni numéro pour la retrouver : complétez-la, ou laissez-la."),
        )


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Fill a template, or return "" when one of its columns is empty."""
    parts: dict[str, str] = {}
    for place in _PLACE.finditer(template):
        value = pick(values, place["column"])
        if place["digits"] and value and not value.isdecimal():
            if _ROUNDED.fullmatch(value):
                raise _Unusable(
                    place["column"],
                    N_("L’identifiant « %(value)s » a été arrondi par un tableur. Exportez-le comme du texte."),
                    value=value[:40],
                )
            return ""
        if not value:
            return ""
        parts[place[0]] = value
    return _PLACE.sub(lambda place: parts[place[0]], template)


def _said(values: Mapping[str, Any], chosen: Container[str]) -> tuple[str, ...]:
    """Return what the columns say in which people judge a content, chosen or not; the content's own words are not asked."""
    found = (pick(values, column) for column in values if column not in chosen and _judges(column))
    return tuple(value for value in found if value)


@lru_cache(maxsize=4096)
def _judges(column: str) -> bool:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", column.casefold()) if letter.isalpha())
    return plain in _JUDGEMENTS


def _one_address(value: str, column: str) -> str:
    value = value.strip()
    if not re.search(r"\s", value):
        return value
    found = {one.address for one in find_addresses(value)}
    if len(found) > 1:
        raise _Unusable(column, N_("Plusieurs adresses dans une seule cellule : mettez-en une par ligne."))
    return found.pop() if found else value


def first(values: Mapping[str, Any], columns: Iterable[str]) -> str:
    """Return the first of the columns that is not empty."""
    return next((value for value in (pick(values, column) for column in columns) if value), "")


def pick(values: Mapping[str, Any], column: str) -> str:
    """Return a value as words; a dotted column goes down into objects and lists, and a missing one is ""."""
    found: Any = values.get(column)
    if found is None and "." in column:
        found = values
        for step in column.split("."):
            if isinstance(found, Mapping):
                found = found.get(step)
            elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            else:
                return ""
    if isinstance(found, str):
        return found.strip()
    if isinstance(found, bool) or found is None or isinstance(found, Mapping | list):
        return ""
    return str(found)
