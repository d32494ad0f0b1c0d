"""What Agora's moderation thinks: addresses, quoted words, decision. Pure: no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from agora.invented import Verdict


class PostState(StrEnum):
    """What a visitor meets at the address of a post."""

    ONLINE = "online"
    REMOVED = "removed"  # by the moderation: 410
    DELETED = "deleted"  # by its author: 404
    LOGIN_WALL = "login_wall"  # 401 and a log-in page
    LOGIN_WALL_200 = "login_wall_200"  # the same page with 200, as some networks do
    UNAVAILABLE = "unavailable"  # 503


class Outcome(StrEnum):
    """What the moderation answers about one address."""

    REMOVED = "removed"
    ACCOUNT_SUSPENDED = "account_suspended"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    ALREADY_GONE = "already_gone"
    MISSING_INFORMATION = "missing_information"
    QUESTION = "question"
    SILENCE = "silence"


@dataclass(frozen=True)
class Address:
    """One address of Agora found in a notice. Neither handle nor post_id: not the address of a content."""

    url: str
    handle: str | None = None
    post_id: str | None = None


@dataclass(frozen=True)
class Facts:
    """What Agora knows about the address it was notified of."""

    exists: bool
    is_account: bool
    is_gone: bool
    verdict: Verdict
    words: tuple[str, ...]


_URL = re.compile(r"""https?://[^\s<>"'’»«“”|\\^`{}\[\]()]+""")
_CONTENT_PATH = re.compile(r"/@([A-Za-z0-9_]{2,30})(?:/posts/([0-9]{1,12}))?/?")
_QUOTED = re.compile(r"«([^«»]+)»|“([^“”]+)”|\"([^\"]+)\"|^[ \t]*>[ \t]*(.+)$", re.MULTILINE)
_WORD = re.compile(r"\w+")
_REFERENCE = re.compile(r"\bAGORA-\d{4}-\d{6}\b")
_WORDS_IN_A_ROW = 4

_LANGUAGE_HINTS = {
    "fr": set("le la les des une est vous nous que qui pour dans contenu adresse loi".split()),  # noqa: SIM905
    "en": set("the of and is you we that which for this content address law".split()),  # noqa: SIM905
}


def addresses_in(text: str, *, hosts: Iterable[str]) -> tuple[Address, ...]:
    """Return the addresses of Agora in `text`, in order, each content once.

    Addresses of other sites are left out: a signature or a link to a law is not what is notified.
    An address of Agora that is no content counts only when there is none that is.
    """
    ours = {host.lower() for host in hosts}
    found: dict[tuple[str | None, str | None], Address] = {}
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;:!?…*_")
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        if parts.netloc.lower() not in ours:
            continue
        path = _CONTENT_PATH.fullmatch(unquote(parts.path))
        handle, post_id = (path[1].lower(), path[2]) if path else (None, None)
        found.setdefault((handle, post_id), Address(url, handle, post_id))
    contents = tuple(address for address in found.values() if address.handle)
    return contents or tuple(found.values())


def _plain(text: str) -> str:
    """Return the words of `text`, lower-case, one space between: typography does not count."""
    return " ".join(_WORD.findall(text.lower()))


def quotes_words_of(notice: str, words: Iterable[str]) -> bool:
    """Tell whether the notice quotes something that stands in `words`.

    Either between quotation marks or after `>`, or four words in a row anywhere
    (the whole, when it is shorter): notices are written by people, each in their way.
    """
    contents = [plain for plain in map(_plain, words) if plain]
    quoted = [_plain(next(filter(None, match.groups()))) for match in _QUOTED.finditer(notice) if any(match.groups())]
    if any(quote and f" {quote} " in f" {content} " for quote in quoted for content in contents):
        return True
    said = f" {_plain(notice)} "
    return any(f" {run} " in said for content in contents for run in _runs(content))


def _runs(content: str) -> Iterable[str]:
    words = content.split()
    for start in range(max(1, len(words) - _WORDS_IN_A_ROW + 1)):
        yield " ".join(words[start : start + _WORDS_IN_A_ROW])


def language_of(text: str, *, declared: str = "") -> str:
    """Return `fr` or `en`: what the notice declares, else what its commonest words say, else French."""
    for language in ("fr", "en"):
        if declared.strip().lower().startswith(language):
            return language
    words = _plain(text).split()
    score = {language: sum(word in hints for word in words) for language, hints in _LANGUAGE_HINTS.items()}
    return "en" if score["en"] > score["fr"] else "fr"


def reference_in(subject: str) -> str | None:
    """Return Agora's own reference when a subject quotes it."""
    match = _REFERENCE.search(subject)
    return match[0] if match else None


def decide(facts: Facts, *, notice: str) -> Outcome | None:
    """Return what the automatic moderator answers about one address; None when a person must decide."""
    if not facts.exists:
        return Outcome.NOT_FOUND
    if facts.is_gone:
        return Outcome.ALREADY_GONE
    if facts.verdict is Verdict.ASK_A_PERSON:
        return None
    if facts.verdict is Verdict.LAWFUL:
        return Outcome.REFUSED
    if not quotes_words_of(notice, facts.words):
        return Outcome.MISSING_INFORMATION
    return Outcome.ACCOUNT_SUSPENDED if facts.is_account else Outcome.REMOVED
