"""Read what somebody wrote as an address, the way a browser would. Pure: no network, no framework.

Parsing follows the WHATWG standard (`can_ada`), because what matters is where a browser would
have gone: `https://evil.example\\@x.com/` leads to evil.example, whatever older parsers say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from urllib.parse import unquote, unquote_plus

import can_ada

from vigie.core.errors import UnusableInput
from vigie.core.words import N_

MAX_ADDRESS_CHARACTERS = 8_192
"""Browsers and servers give up around there; a longer "address" is a mistake or an attack."""

MAX_SHOWN_CHARACTERS = 60


class UnreadableAddress(UnusableInput):
    """What was given is not an address on the web. `sentence` says why, to a person."""


@dataclass(frozen=True)
class Address:
    """An http(s) address taken apart. `port` is empty when it is the scheme's own."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    @property
    def site(self) -> str:
        """The host, with its port when that is unusual: what names a server."""
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def href(self) -> str:
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{self.site}{self.path}{query}{fragment}"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query, decoded. The first value counts when a name is given twice, as most servers have it."""
        found: dict[str, str] = {}
        for pair in self.query.split("&"):
            name, _, value = pair.partition("=")
            found.setdefault(unquote_plus(name), unquote_plus(value))
        found.pop("", None)
        return found

    @cached_property
    def readable_path(self) -> str:
        """The path with its percent-codes read, save those that would change its shape (`/ \\ ? # %`, controls)."""
        if "%" not in self.path and "//" not in self.path:
            return self.path
        return _MANY_SLASHES.sub("/", _ENCODED_RUN.sub(_decode_run, self.path))


def read_address(text: str) -> Address:
    """Return the address in `text`, or refuse with a sentence.

    Accepts what people paste: no scheme (`x.com/a`), defanged (`hxxps://x[.]com`), within angle
    brackets or quotes, and the schemes of apps that have a page on the web (`at://`, `tg://`, `lbry://`).

    Raises:
        UnreadableAddress: there is no http(s) address in it; nothing else is ever raised.
    """
    if len(text) > MAX_ADDRESS_CHARACTERS:
        raise UnreadableAddress(N_("Cette adresse dépasse %(limit)s caractères."), limit=MAX_ADDRESS_CHARACTERS)
    if _ORDINARY.match(text):
        return _parse(text, shown=text)
    tidy = from_app_link(refang(_without_wrapping(text.strip(_BLANKS))))
    if not tidy:
        raise UnreadableAddress(N_("Il n’y a pas d’adresse ici : la ligne est vide."))
    return _parse(_with_scheme(tidy), shown=tidy)


def _without_wrapping(text: str) -> str:
    """Take off the brackets or quotes around an address; one that stands alone belongs to it."""
    while len(text) > 1 and text[0] + text[-1] in _WRAPPINGS:
        text = text[1:-1].strip(_BLANKS)
    return text


def refang(text: str) -> str:
    """Undo the usual ways of making an address harmless: `hxxp`, `[.]`, `(dot)`, `[:]//`."""
    head = _HXXP.sub(r"http\1://", text)
    start = head.find("://") + 3 if "://" in head else 0
    slash = head.find("/", start)
    cut = slash if slash >= 0 else len(head)
    return _DEFANGED_DOT.sub(".", head[:cut]) + head[cut:]


def from_app_link(text: str) -> str:
    """Turn the link of an app into the address of the same thing on the web; leave anything else alone."""
    for pattern, template in _APP_LINKS:
        found = pattern.match(text)
        if found:
            return found.expand(template)
    return text


def normal_percent(text: str) -> str:
    """Write percent-codes in one way (RFC 3986 §6.2.2): needless ones read, the others in capitals."""
    if "%" not in text:
        return text
    return _PERCENT.sub(_normal_code, text)


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str:
    """Return what somebody can register (`example.co.uk` of `www.example.co.uk`), or "" if there is none.

    Reads the Public Suffix List that comes inside tldextract; never goes to the network. An ending that is not
    on the list counts as one label, which is the list's own last rule.
    """
    parts = _suffix_list()(host, include_psl_private_domains=True)
    if parts.suffix or parts.ipv4 or parts.ipv6 or "." not in host:
        return parts.top_domain_under_public_suffix
    return ".".join(host.split(".")[-2:])


@lru_cache(maxsize=1)
def _suffix_list():  # type: ignore[no-untyped-def]
    # Imported late: it brings `requests` along (0.4 s), which `vigie resolve` seldom needs.
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def _with_scheme(text: str) -> str:
    if text.startswith("//"):
        return f"https:{text}"
    scheme = _SCHEME.match(text)
    if scheme and scheme["scheme"].lower() in {"http", "https"}:
        return text
    if scheme and not _HOST_AND_PORT.match(text):
        raise UnreadableAddress(N_("« %(scheme)s: » ne mène pas à une page du web."), scheme=scheme["scheme"][:20])
    return f"https://{_checked_bare(text)}"


def _checked_bare(text: str) -> str:
    """Refuse words and e-mail addresses, which are not addresses of pages even where a browser would try."""
    host = re.split(r"[/?#\\]", text, maxsplit=1)[0]
    if "@" in host:
        raise UnreadableAddress(
            N_("« %(text)s » ressemble à une adresse électronique ou à un nom de compte, pas à une page."),
            text=_shown(text),
        )
    name = host.partition(":")[0].rstrip(".").lower()
    if any(character.isspace() for character in host) or not (
        name == "localhost" or _IPV4.fullmatch(name) or _has_known_ending(name)
    ):
        raise UnreadableAddress(_NOT_AN_ADDRESS, text=_shown(text))
    return text


def _has_known_ending(name: str) -> bool:
    if "." not in name or not name.isprintable():
        return False
    return name.rpartition(".")[2] in _COMMON_ENDINGS or bool(
        _suffix_list()(name).domain and _suffix_list()(name).suffix
    )


def _parse(text: str, *, shown: str) -> Address:
    try:
        url = can_ada.parse(text)
    except (ValueError, UnicodeError) as error:
        raise UnreadableAddress(_NOT_AN_ADDRESS, text=_shown(shown)) from error
    host = url.hostname.removesuffix(".")
    if not host or host.startswith(".") or ".." in host or host.endswith("."):
        raise UnreadableAddress(N_("« %(text)s » ne nomme aucun serveur."), text=_shown(shown))
    return Address(
        scheme=url.protocol.removesuffix(":"),
        host=host,
        port=url.port,
        path=normal_percent(url.pathname),
        query=url.search.removeprefix("?"),
        fragment=url.hash.removeprefix("#"),
    )


def with_parts(address: Address, **parts: str) -> Address:
    """Return the same address with some parts replaced."""
    return replace(address, **parts)


def _shown(text: str) -> str:
    clean = "".join(c if c.isprintable() else "�" for c in text[:MAX_SHOWN_CHARACTERS])
    return clean + ("…" if len(text) > MAX_SHOWN_CHARACTERS else "")


def _normal_code(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _decode_run(found: re.Match[str]) -> str:
    pieces = []
    for run in re.split(r"(%(?:2[Ff3]|5[Cc]|3[Ff]|25|[01][0-9A-Fa-f]|7[Ff]))", found[0]):
        decoded = unquote(run, errors="replace") if run and not _KEPT_CODE.fullmatch(run) else run
        pieces.append(run if "�" in decoded else decoded)
    return "".join(pieces)


_NOT_AN_ADDRESS = N_("« %(text)s » n’est pas une adresse du web.")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_ENCODED_RUN = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_KEPT_CODE = re.compile(r"%(?:2[Ff3]|5[Cc]|3[Ff]|25|[01][0-9A-Fa-f]|7[Ff])")
_MANY_SLASHES = re.compile(r"/{2,}")
# Most of what comes: nothing to take off or to undo before the parser reads it.
_ORDINARY = re.compile(r"https?://[A-Za-z0-9.\-]+(?:[/?#].*)?\Z")
_BLANKS = " \t\r\n\f\v\u00a0\u202f\u200b\u200c\u200d\u2060\ufeff"
_WRAPPINGS = frozenset({"<>", '""', "''", "«»", "“”", "‘’", "()", "[]"})
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*):")
_HOST_AND_PORT = re.compile(r"(?:localhost|[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+):\d{1,5}(?:[/?#]|$)", re.IGNORECASE)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_HXXP = re.compile(r"^h(?:xx|tt|\*\*|XX|TT)p(s?)(?:\[?:\]?//|\[://\])", re.IGNORECASE)
_DEFANGED_DOT = re.compile(r"\s?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[point\]|\(point\))\s?", re.IGNORECASE)
# Those seen daily, so that the list need not be read; and those on no list that people do report or test with.
_COMMON_ENDINGS = frozenset(
    [
        "com",
        "org",
        "net",
        "fr",
        "eu",
        "be",
        "ch",
        "de",
        "tv",
        "me",
        "app",
        "io",
        "ly",
        "gg",
        "it",
        "onion",
        "example",
        "test",
    ]
)
_APP_LINKS = (
    (re.compile(r"view-source:(?P<page>https?:.*)", re.IGNORECASE | re.DOTALL), r"\g<page>"),
    (
        re.compile(r"at://(?P<who>[^/?#\s]+)/app\.bsky\.feed\.post/(?P<what>[^/?#\s]+).*", re.IGNORECASE),
        r"https://bsky.app/profile/\g<who>/post/\g<what>",
    ),
    (
        re.compile(r"at://(?P<who>[^/?#\s]+)/?(?:app\.bsky\.actor\.profile/self)?$", re.IGNORECASE),
        r"https://bsky.app/profile/\g<who>",
    ),
    (re.compile(r"tg:(?://)?resolve/?\?(?P<query>.*)", re.IGNORECASE), r"https://t.me/tg-resolve?\g<query>"),
    (re.compile(r"tg:(?://)?privatepost/?\?(?P<query>.*)", re.IGNORECASE), r"https://t.me/tg-private?\g<query>"),
    (
        re.compile(r"lbry://(?P<channel>@[^/?#:]+)[#:](?P<of>\w+)/(?P<name>[^/?#:]+)[#:](?P<claim>\w+)", re.IGNORECASE),
        r"https://odysee.com/\g<channel>:\g<of>/\g<name>:\g<claim>",
    ),
    (
        re.compile(r"lbry://(?P<name>[^/?#:]+)[#:](?P<claim>\w+)$", re.IGNORECASE),
        r"https://odysee.com/\g<name>:\g<claim>",
    ),
)
