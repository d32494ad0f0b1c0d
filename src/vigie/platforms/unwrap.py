"""Find the address inside an address: what a redirect leads to, what an archive keeps, what a cache shows.

The wrappers are data (`wrappers.yaml`); the few that hide their target behind a code of their own
have a reader here. An address whose inside cannot be read stays what it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import yaml

from .address import Address, UnreadableAddress, read_address, with_parts
from .registry import host_pattern

MAX_WRAPPINGS = 6
"""People forward forwarded links, but not this deep. Somebody who wraps deeper wants us to follow;
the address is then taken as it stands, so that its canonical form reads the same again."""


@dataclass(frozen=True)
class Wrapper:
    """One service that carries other people's addresses inside its own."""

    name: str
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    parameters: tuple[str, ...]
    becomes: str | None
    reader: Callable[[str], str] | None

    def inside(self, address: Address) -> str | None:
        """Return the text of the address inside, or None."""
        whole = _tail(address) if self.becomes else address.readable_path
        found = self.path.fullmatch(whole)
        if not found:
            return None
        if self.becomes:
            text: str | None = found.expand(self.becomes)
        else:
            text = next((address.parameters[p] for p in self.parameters if address.parameters.get(p)), None)
        if text and self.reader:
            return self.reader(text)
        return text


def unwrap(address: Address) -> Address:
    """Return the innermost address inside, or the address itself when there is none."""
    inner = address
    for _ in range(MAX_WRAPPINGS):
        target = _target(inner)
        if target is None:
            return inner
        inner = target
    return address if _target(inner) is not None else inner


def _target(address: Address) -> Address | None:
    if address.host.endswith(".translate.goog") and not address.port:
        return _translated(address)
    for wrapper in _wrappers_at(address.site):
        text = wrapper.inside(address)
        target = _readable(text, address) if text else None
        if target:
            return target
    return None


def _readable(text: str, outer: Address) -> Address | None:
    if text.startswith("/") and not text.startswith("//"):
        text = f"{outer.scheme}://{outer.site}{text}"
    try:
        target = read_address(text)
    except UnreadableAddress:
        return None
    return None if target == outer else target


def _translated(address: Address) -> Address | None:
    """`x-com.translate.goog` shows x.com: a dot became a hyphen, and a hyphen two."""
    label = address.host.removesuffix(".translate.goog")
    host = label.replace("--", "\0").replace("-", ".").replace("\0", "-")
    kept = [pair for pair in address.query.split("&") if not pair.startswith("_x_tr_")]
    try:
        plain = read_address(f"https://{host}/")
    except UnreadableAddress:
        return None
    return with_parts(plain, path=address.path, query="&".join(kept), fragment=address.fragment)


def _tail(address: Address) -> str:
    query = f"?{address.query}" if address.query else ""
    fragment = f"#{address.fragment}" if address.fragment else ""
    return f"{address.path}{query}{fragment}"


@lru_cache(maxsize=65_536)
def _wrappers_at(site: str) -> tuple[Wrapper, ...]:
    return tuple(
        wrapper
        for wrapper in _wrappers()
        if site in wrapper.hosts or any(_is_wild(h) and host_pattern(h).fullmatch(site) for h in wrapper.hosts)
    )


@lru_cache(maxsize=1)
def _wrappers() -> tuple[Wrapper, ...]:
    content = yaml.safe_load((Path(__file__).parent / "wrappers.yaml").read_text(encoding="utf-8"))
    return tuple(_read_wrapper(entry) for entry in content)


def _read_wrapper(entry: dict[str, str | list[str]]) -> Wrapper:
    listed = {name: [value] if isinstance(value, str) else value for name, value in entry.items()}
    (name,), (path,) = listed["name"], listed.get("path", [".*"])
    becomes = listed.get("becomes", [None])[0]
    reader = listed.get("reader", [None])[0]
    return Wrapper(
        name=name,
        hosts=tuple(listed["hosts"]),
        path=re.compile(path, re.DOTALL),
        parameters=tuple(listed.get("parameter", [])),
        becomes=becomes,
        reader=READERS[reader] if reader else None,
    )


def _is_wild(host: str) -> bool:
    return "?" in host or "*" in host


def _cached_page(text: str) -> str:
    """`cache:AbCdEfGhIjKl:x.com/a+words searched` → `x.com/a`."""
    return re.sub(r"^cache:(?:[\w-]{12}:)?", "", text).split(" ")[0]


def _urldefense_2(text: str) -> str:
    """Proofpoint's second form writes `%` as `-` and `/` as `_`."""
    return unquote(text.replace("-", "%").replace("_", "/"))


def _urldefense_3(text: str) -> str:
    """Proofpoint's third form replaces odd characters by `*` (one) or `**A`, `**B`… (runs) and lists them in base64."""
    target, _, rest = text.rpartition("__;")
    coded = rest.partition("!")[0]
    try:
        hidden = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return target
    place = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal place
        length = 1 if found[0] == "*" else _RUN_LENGTHS.index(found[0][2]) + 2
        taken, place = hidden[place : place + length], place + length
        return taken

    return re.sub(r"\*\*[A-Za-z0-9\-_]|\*", replaced, target)


def _bing(text: str) -> str:
    """Bing's `u` is `a1` and the address in base64."""
    coded = text.removeprefix("a1")
    try:
        return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _decoded(text: str) -> str:
    return unquote(text)


def _single_slash_mended(text: str) -> str:
    """Servers and people fold `https://` inside a path into `https:/`."""
    return re.sub(r"^(https?):/+", r"\1://", text, flags=re.IGNORECASE)


_RUN_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

READERS: dict[str, Callable[[str], str]] = {
    "bing": _bing,
    "cached-page": _cached_page,
    "decoded": _decoded,
    "mended": _single_slash_mended,
    "urldefense-2": _urldefense_2,
    "urldefense-3": _urldefense_3,
}
