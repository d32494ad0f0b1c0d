"""What we know of each platform: how its addresses read, and how a notice reaches it. Dated data, checked on loading.

One file a platform, in the `registry` folder beside this module. An association adds a platform
of its own by putting a file of the same form in a folder and naming it in `VIGIE_EXTRA_PLATFORMS`.

    PlatformFileError     a file says something we cannot use; its sentence names file, field and remedy
    UnknownPlatform       nobody described the platform asked for
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from vigie.core.errors import BadSetting, NotFound
from vigie.core.words import N_

from .patterns import Below, PatternError, Rule, Template

Choice = TypeVar("Choice", bound=StrEnum)

SHIPPED = Path(__file__).parent / "registry"
EXTRA_FOLDER_VARIABLE = "VIGIE_EXTRA_PLATFORMS"

KINDS = frozenset(
    {
        "post", "comment", "video", "photo", "story", "live", "message", "thread",
        "account", "group", "playlist", "event", "file", "page",
        "link",  # a short address whose target cannot be known without asking the network
    }
)  # fmt: skip

ORDINARY_DECISION_WITHIN = timedelta(days=7)
TRUSTED_DECISION_WITHIN = timedelta(days=3)


class PlatformFileError(BadSetting):
    """A file of the registry says something that cannot be used; the start stops."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(N_("Fichier de plateforme %(where)s : %(problem)s."), where=where, problem=problem)


class UnknownPlatform(NotFound):
    """Nobody described this platform."""


class Verification(StrEnum):
    """How far somebody checked a fact of the registry before it shipped."""

    READ = "read"
    """Read in a source of the platform, an authority or a public code repository."""
    SECONDARY = "secondary"
    """Read in somebody else's account of it."""
    UNVERIFIED = "unverified"
    """Believed, from general knowledge; the screen says so and asks for a click before relying on it."""


class Channel(StrEnum):
    """Through what a notice reaches the platform."""

    FORM = "form"
    EMAIL = "email"
    API = "api"
    NONE_KNOWN = "none-known"


@dataclass(frozen=True)
class NoticeForm:
    """A page on which a person files the notice by hand."""

    url: str
    verification: Verification
    what_for: str


@dataclass(frozen=True)
class EnglishTexts:
    """The English of a route's texts; `what_for` in the order of its forms."""

    menu: str
    note: str
    what_for: tuple[str, ...]


@dataclass(frozen=True)
class NoticeRoute:
    """How a notice of illegal content (DSA art. 16) reaches the platform, as far as we know."""

    channel: Channel
    forms: tuple[NoticeForm, ...]
    email: str | None
    email_verification: Verification | None
    menu: str
    """The way through the platform's own menus, in French, for the person who files by hand."""
    takes_many_addresses: bool | None
    """None: nobody knows yet; the desk then sends one address a notice."""
    needs_login: bool | None
    languages: tuple[str, ...]
    decision_within: timedelta
    decision_within_if_trusted: timedelta
    note: str
    english: EnglishTexts | None

    def in_language(self, language: str) -> NoticeRoute:
        """Return the same route with its texts in `language`: French, or English where it was written."""
        texts = self.english
        if texts is None or not language.startswith("en"):
            return self
        forms = tuple(replace(form, what_for=words) for form, words in zip(self.forms, texts.what_for, strict=True))
        return replace(self, menu=texts.menu, note=texts.note, forms=forms)


@dataclass(frozen=True)
class AddressBook:
    """How a platform writes its addresses."""

    base: str
    hosts: tuple[str, ...]
    """Interchangeable: the same path means the same thing on each."""
    mirrors: tuple[str, ...]
    """Servers of others that show the platform's contents under the platform's paths and ids."""
    is_any_host: bool
    fold: frozenset[str]
    reserved: Mapping[str, frozenset[str]]
    ignored: frozenset[str]
    """Parameters that never name a content here."""
    rules: tuple[Rule, ...]
    below: tuple[Below, ...]


@dataclass(frozen=True)
class Platform:
    """One platform: its name, its addresses, the way a notice takes."""

    slug: str
    name: str
    is_vlop: bool | None
    """Designated a very large online platform under the DSA; None where nobody established it."""
    addresses: AddressBook
    notices: NoticeRoute
    last_verified: date | None
    verification: Verification
    source: str

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.addresses.hosts


@dataclass(frozen=True)
class Home:
    """What answers at one host: a platform, the rules that hold there, and what the host is to the platform."""

    platform: Platform
    rules: tuple[Rule, ...]
    is_interchangeable: bool
    """One of the platform's ordinary hosts: the same path means the same thing on the others."""
    is_mirror: bool
    """Somebody else's: only what a rule recognises there is the platform's."""


class Registry:
    """Every platform we know, found by its short name or by a host."""

    def __init__(self, platforms: Iterable[Platform]) -> None:
        self._platforms = {platform.slug: platform for platform in platforms}
        self._homes: dict[str, Home] = {}
        self._wild: list[tuple[re.Pattern[str], Home]] = []
        self.by_shape = tuple(
            (platform, tuple(rule for rule in platform.addresses.rules if not rule.at))
            for platform in self._platforms.values()
            if platform.addresses.is_any_host
        )
        """Platforms that any host may run, and the rules by which their paths are known."""
        for platform in self._platforms.values():
            self._index(platform)
        self.at_site = lru_cache(maxsize=65_536)(self._at_site)

    def __iter__(self) -> Iterator[Platform]:
        return iter(self._platforms.values())

    def __contains__(self, slug: object) -> bool:
        return slug in self._platforms

    def __getitem__(self, slug: str) -> Platform:
        try:
            return self._platforms[slug]
        except KeyError:
            raise UnknownPlatform(N_("La plateforme « %(slug)s » n’est pas au registre."), slug=slug) from None

    def _at_site(self, site: str) -> Home | None:
        """Return what we know at this host (with its port, if unusual)."""
        known = self._homes.get(site)
        return known or next((home for wild, home in self._wild if wild.fullmatch(site)), None)

    def _index(self, platform: Platform) -> None:
        book = platform.addresses
        everywhere = tuple(rule for rule in book.rules if not rule.at)
        particular = {host for rule in book.rules for host in rule.at}
        for host in sorted({*book.hosts, *book.mirrors, *particular}):
            own = tuple(rule for rule in book.rules if host in rule.at)
            is_particular = host in particular and host not in book.hosts and not book.is_any_host
            self._add(
                host,
                Home(
                    platform,
                    own if is_particular else own + everywhere,
                    is_interchangeable=host in book.hosts,
                    is_mirror=host in book.mirrors,
                ),
            )

    def _add(self, host: str, home: Home) -> None:
        if "?" in host or "*" in host:
            self._wild.append((host_pattern(host), home))
            return
        taken = self._homes.get(host)
        if taken:
            raise PlatformFileError(
                f"{home.platform.slug}.yaml, hosts", f"“{host}” already belongs to “{taken.platform.slug}”"
            )
        self._homes[host] = home


def registry(extra_folder: Path | str | None = None) -> Registry:
    """Return the registry: what is shipped, and the files of the extra folder (or `VIGIE_EXTRA_PLATFORMS`).

    Read once for each folder and kept: a changed file counts from the next start.

    Raises:
        PlatformFileError: naming the file and the field.
    """
    return _read_registry(str(extra_folder or os.environ.get(EXTRA_FOLDER_VARIABLE, "")))


@lru_cache(maxsize=8)
def _read_registry(extra_folder: str) -> Registry:
    files = sorted(SHIPPED.glob("*.yaml"))
    if extra_folder:
        folder = Path(extra_folder)
        if not folder.is_dir():
            raise PlatformFileError(EXTRA_FOLDER_VARIABLE, f"there is no folder “{extra_folder}”")
        files += sorted(folder.glob("*.yaml"))
    platforms: dict[str, Platform] = {}
    for file in files:
        platform = read_platform(file)
        if platform.slug in platforms:
            raise PlatformFileError(str(file), "a platform of this name is already described; rename the file")
        platforms[platform.slug] = platform
    return Registry(platforms.values())


def read_platform(file: Path) -> Platform:
    """Read one file of the registry."""
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PlatformFileError(str(file), f"not readable as YAML: {error}") from error
    fields = _Fields(file.name, "", content)
    slug = file.stem
    if not _SLUG.fullmatch(slug):
        raise PlatformFileError(str(file), "the file's name is the platform's: small letters, digits and hyphens")
    platform = Platform(
        slug=slug,
        name=fields.text("name"),
        is_vlop=fields.truth("is_vlop", None),
        addresses=_read_addresses(fields.inner("addresses")),
        notices=_read_notices(fields.inner("notices")),
        last_verified=fields.day("last_verified"),
        verification=fields.choice("verification", Verification),
        source=fields.text("source"),
    )
    fields.done()
    return platform


def host_pattern(host: str) -> re.Pattern[str]:
    """Return the pattern of a host written with `?` for one letter and `*` for one whole label."""
    written = re.escape(host).replace(r"\?", "[a-z]").replace(r"\*", "[a-z0-9_-]+")
    return re.compile(written)


def _read_addresses(fields: _Fields) -> AddressBook:
    parts = fields.mapping("parts")
    book = AddressBook(
        base=fields.text("base", ""),
        hosts=fields.texts("hosts"),
        mirrors=fields.texts("mirrors"),
        is_any_host=bool(fields.truth("any_host", False)),
        fold=frozenset(fields.texts("fold")),
        reserved={name: frozenset(_words(words)) for name, words in fields.mapping("reserved").items()},
        ignored=frozenset(fields.texts("ignored")),
        rules=tuple(_read_rule(inner, parts) for inner in fields.inners("patterns")),
        below=tuple(_read_below(inner, parts) for inner in fields.inners("below")),
    )
    fields.done()
    return book


def _read_rule(fields: _Fields, parts: Mapping[str, str]) -> Rule:
    with fields.patterns():
        rule = Rule(
            kind=fields.kind(),
            paths=tuple(Template.of(text).regex(parts, is_path=True) for text in fields.texts("path")),
            query=_read_query(fields, parts),
            fragment=tuple(Template.of(text).regex(parts, is_path=False) for text in fields.texts("fragment")),
            key=Template.of(fields.text("key")),
            canonical=tuple(Template.of(text) for text in fields.texts("canonical")),
            account=tuple(Template.of(text) for text in fields.texts("account")),
            at=frozenset(fields.texts("at")),
        )
    if not rule.paths or not all(form.text for form in rule.canonical) or not rule.canonical:
        raise fields.error("path" if not rule.paths else "canonical", "is missing")
    fields.done()
    return rule


def _read_below(fields: _Fields, parts: Mapping[str, str]) -> Below:
    with fields.patterns():
        below = Below(
            kind=fields.kind(),
            query=_read_query(fields, parts),
            fragment=tuple(Template.of(text).regex(parts, is_path=False) for text in fields.texts("fragment")),
            key=Template.of(fields.text("key")),
            canonical=Template.of(fields.text("canonical")),
        )
    fields.done()
    return below


def _read_query(fields: _Fields, parts: Mapping[str, str]) -> dict[str, tuple[re.Pattern[str], ...]]:
    return {
        name: tuple(Template.of(text).regex(parts, is_path=False) for text in _words(forms))
        for name, forms in fields.mapping("query").items()
    }


def _read_notices(fields: _Fields) -> NoticeRoute:
    email = fields.inner("email") if fields.has("email") else None
    days, trusted_days = fields.number("decision_within_days"), fields.number("decision_within_days_if_trusted")
    route = NoticeRoute(
        channel=fields.choice("channel", Channel),
        forms=tuple(_read_form(inner) for inner in fields.inners("forms")),
        email=email.text("address") if email else None,
        email_verification=email.choice("verification", Verification) if email else None,
        menu=fields.text("menu", ""),
        takes_many_addresses=fields.truth("takes_many_addresses", None),
        needs_login=fields.truth("needs_login", None),
        languages=fields.texts("languages"),
        decision_within=timedelta(days=days) if days else ORDINARY_DECISION_WITHIN,
        decision_within_if_trusted=timedelta(days=trusted_days) if trusted_days else TRUSTED_DECISION_WITHIN,
        note=fields.text("note", ""),
        english=_read_english(fields.inner("english")) if fields.has("english") else None,
    )
    if email:
        email.done()
    if route.channel is Channel.EMAIL and not route.email:
        raise fields.error("email", "is missing, although the channel is e-mail")
    if route.english and len(route.english.what_for) != len(route.forms):
        raise fields.error("english.what_for", "should have one text for each form")
    fields.done()
    return route


def _read_english(fields: _Fields) -> EnglishTexts:
    texts = EnglishTexts(fields.text("menu", ""), fields.text("note", ""), fields.texts("what_for"))
    fields.done()
    return texts


def _read_form(fields: _Fields) -> NoticeForm:
    form = NoticeForm(
        url=fields.text("url"),
        verification=fields.choice("verification", Verification),
        what_for=fields.text("what_for", ""),
    )
    if not form.url.startswith(("https://", "http://")):
        raise fields.error("url", "is not a web address")
    fields.done()
    return form


class _Fields:
    """A mapping read field by field, so that a misspelt or forgotten one is named and not lost."""

    def __init__(self, file: str, path: str, content: object) -> None:
        self._file, self._path = file, path
        if not isinstance(content, dict):
            raise self.error("", "should be a list of “field: value” lines")
        self._content: dict[str, Any] = dict(content)

    def error(self, name: str, problem: str) -> PlatformFileError:
        where = ".".join(piece for piece in (self._path, name) if piece)
        return PlatformFileError(", ".join(piece for piece in (self._file, where) if piece), problem)

    def patterns(self) -> _NamesTheFile:
        return _NamesTheFile(self)

    def has(self, name: str) -> bool:
        return self._content.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        value = self._content.pop(name, default)
        if not isinstance(value, str):
            raise self.error(name, "is missing" if value is None else f"should be a text, not {value!r}")
        return value.strip()

    def texts(self, name: str) -> tuple[str, ...]:
        value = _words(self._content.pop(name, None))
        if not all(isinstance(word, str) for word in value):
            raise self.error(name, "should be a text or a list of texts")
        return value

    def truth(self, name: str, default: bool | None) -> bool | None:
        value = self._content.pop(name, default)
        if value is not None and not isinstance(value, bool):
            raise self.error(name, f"should be true, false or empty, not {value!r}")
        return value

    def number(self, name: str) -> int | None:
        value = self._content.pop(name, None)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise self.error(name, f"should be a whole number of days, not {value!r}")
        return value

    def day(self, name: str) -> date | None:
        value = self._content.pop(name, None)
        if value is not None and not isinstance(value, date):
            raise self.error(name, f"should be a day such as 2026-11-20, or empty, not {value!r}")
        return value

    def kind(self) -> str:
        value = self.text("kind")
        if value not in KINDS:
            raise self.error("kind", f"“{value}” is none of {', '.join(sorted(KINDS))}")
        return value

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        value = self.text(name)
        try:
            return choices(value)
        except ValueError:
            raise self.error(name, f"“{value}” is none of {', '.join(choices)}") from None

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._content.pop(name, None) or {}
        if not isinstance(value, dict):
            raise self.error(name, "should be a list of “name: value” lines")
        return value

    def inner(self, name: str) -> _Fields:
        return _Fields(self._file, f"{self._path}.{name}".lstrip("."), self._content.pop(name, None))

    def inners(self, name: str) -> list[_Fields]:
        value = self._content.pop(name, None) or []
        if not isinstance(value, list):
            raise self.error(name, "should be a list")
        return [_Fields(self._file, f"{self._path}.{name}[{i}]".lstrip("."), item) for i, item in enumerate(value, 1)]

    def done(self) -> None:
        if self._content:
            raise self.error(next(iter(self._content)), "is not a field we know; is it misspelt?")


class _NamesTheFile:
    """Turn a fault in a pattern into one that names its file and field."""

    def __init__(self, fields: _Fields) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, PatternError):
            raise self._fields.error("", str(error)) from error


def _words(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
