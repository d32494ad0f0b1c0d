"""Find, in a captured page, the posts around a content and the media it shows. Pure.

Reads what many sites say in the same words: `<article>`, the posts and comments of schema.org (`itemtype`),
OpenGraph, `<figure>`, `<img>`, `<picture>`, `<video>` and `<audio>`. What a page says otherwise (in scripts, in
elements without a meaning) is not found, and then said to be not known: nothing is guessed from looks.

Nobody is collected: of a post nothing is taken but its words and its time, and nothing of this is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from vigie.core.markup import without_traps
from vigie.evidence.rules.seen import BLOCKS, SILENT, tidy

# Whoever publishes a page chooses its size: each bound is far above what a person can read.
MAX_PAGE = 3_000_000  # characters of HTML that are read
MAX_POSTS = 400  # found in a page
MAX_SHOWN = 12  # before the content, and after it
MAX_POST = 1500  # characters of one post
MAX_MEDIA = 12
MAX_ADDRESSES = 8  # of one medium: the sizes it is offered in
MAX_ADDRESS = 2000  # characters
SMALL = 80  # pixels: what is meant to be no larger, each way, is an avatar or a badge
RECOGNISED = 160  # characters by which a post is told from the others

POST_TYPES = re.compile(
    r"schema\.org/(?:SocialMediaPosting|DiscussionForumPosting|BlogPosting|Comment|Answer|Question|UserComments)\b"
)
WORDS = {"text", "articlebody", "commenttext"}


class MediumKind(StrEnum):
    PICTURE = "picture"
    POSTER = "poster"  # the still image of a video
    VIDEO = "video"
    SOUND = "sound"


@dataclass(frozen=True)
class Medium:
    """One thing to see or hear: the addresses it is offered under, and what the page says of it."""

    kind: MediumKind
    addresses: tuple[str, ...]
    said: str = ""


@dataclass(frozen=True)
class Post:
    """One post of the page: its words, and when it says it was published."""

    text: str
    at: str = ""
    is_cut: bool = False


@dataclass(frozen=True)
class Around:
    """What stands around a content in its page.

    `is_known` says whether the page tells which of its posts is the content. When it does not, `before` holds all of
    them and `media` what the page presents of itself (OpenGraph), no more.
    """

    is_known: bool
    before: tuple[Post, ...] = ()
    after: tuple[Post, ...] = ()
    more_before: int = 0
    more_after: int = 0
    media: tuple[Medium, ...] = ()
    more_media: int = 0
    is_cut: bool = False  # the page is longer than what was read


def read_around(html: str, *, text: str = "", addresses: Iterable[str] = ()) -> Around:
    """Return the posts before and after the content that `html` shows, and the content's media.

    Args:
        text: the words of the content, as they are known; the post that holds them is the content.
        addresses: those of the page; a post that calls itself by one of them is the content too.
    """
    known_as = [address for address in addresses if address]
    reader = _Reader(known_as[0] if known_as else "")
    reader.feed(without_traps(html[:MAX_PAGE]))
    reader.close()
    posts = [post for post in reader.posts if post.words() or post.media]
    described = reader.meta.get("og:description", "")
    main = _main(posts, text or described, {_bare(address) for address in known_as})
    presented = _presented(reader)
    is_cut = len(html) > MAX_PAGE or reader.is_full
    if main is None:
        shown = [post.shown() for post in posts if post.words()]
        return Around(
            is_known=False, before=tuple(shown[:MAX_SHOWN]), more_before=max(0, len(shown) - MAX_SHOWN),
            media=tuple(presented[:MAX_MEDIA]), more_media=max(0, len(presented) - MAX_MEDIA), is_cut=is_cut,
        )  # fmt: skip
    place = posts.index(main)
    before = [post.shown() for post in posts[:place] if post.words()]
    after = [post.shown() for post in posts[place + 1 :] if post.words()]
    media = _once([*main.media, *presented])
    return Around(
        is_known=True, before=tuple(before[-MAX_SHOWN:]), after=tuple(after[:MAX_SHOWN]),
        more_before=max(0, len(before) - MAX_SHOWN), more_after=max(0, len(after) - MAX_SHOWN),
        media=tuple(media[:MAX_MEDIA]), more_media=max(0, len(media) - MAX_MEDIA), is_cut=is_cut,
    )  # fmt: skip


@dataclass(eq=False)
class _Found:
    """A post being read."""

    pieces: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)  # what its markup names as its words
    at: str = ""
    named: set[str] = field(default_factory=set)
    media: list[Medium] = field(default_factory=list)
    length: int = 0
    _words: str | None = None

    def words(self) -> str:
        if self._words is None:
            self._words = tidy("".join(self.body)) or tidy("".join(self.pieces))
        return self._words

    def shown(self) -> Post:
        words = self.words()
        return Post(words[:MAX_POST], self.at, len(words) > MAX_POST)


def _main(posts: list[_Found], text: str, addresses: set[str]) -> _Found | None:
    """Return the post that is the content; None when the page does not tell."""
    wanted = _plain(text).rstrip("….").strip()[:RECOGNISED]
    if len(wanted) > 1:
        holding = [post for post in posts if wanted in _plain(post.words())]
        if holding:
            return min(holding, key=lambda post: len(post.words()))
    named = [post for post in posts if post.named & addresses]
    if len(named) == 1:
        return named[0]
    return posts[0] if len(posts) == 1 else None


def _presented(reader: _Reader) -> list[Medium]:
    """Return what the page presents of itself to other sites."""
    found = []
    for name, kind in (
        ("og:image", MediumKind.PICTURE),
        ("og:video", MediumKind.VIDEO),
        ("og:audio", MediumKind.SOUND),
    ):
        address = reader.full(reader.meta.get(f"{name}:secure_url") or reader.meta.get(name, ""))
        if address:
            found.append(Medium(kind, (address,), reader.meta.get(f"{name}:alt", "")[:MAX_POST]))
    return found


def _once(media: list[Medium]) -> list[Medium]:
    seen: set[str] = set()
    kept = []
    for one in media:
        if not seen & set(one.addresses):
            kept.append(one)
        seen |= set(one.addresses)
    return kept


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _bare(address: str) -> str:
    return address.partition("#")[0].rstrip("/")


def _addresses_of(srcset: str) -> list[str]:
    return [words[0] for one in srcset[: MAX_ADDRESS * MAX_ADDRESSES].split(",") if (words := one.split())]


def _is_small(given: dict[str, str]) -> bool:
    sizes = [given.get(side, "") for side in ("width", "height")]
    return all(size.isascii() and size.isdigit() and len(size) < 6 and int(size) <= SMALL for size in sizes)


class _Reader(HTMLParser):
    """Collect the posts of a page in their order, each with its own words and media: not those of posts inside it."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.posts: list[_Found] = []
        self.is_full = False
        self._address = address
        self._open: list[tuple[str, _Found]] = []
        self._same: list[int] = []  # for each open post: elements of its own name that are open in it
        self._body: tuple[str, int] | None = None  # the element that holds the words of the post, as far as it is open
        self._player: Medium | None = None
        self._silent = 0

    # --- elements

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = given.get("property") or given.get("name") or ""
            if len(self.meta) < 200:
                self.meta.setdefault(name.lower(), given.get("content", "")[:MAX_PAGE])
        if tag in SILENT and tag != "head":
            self._silent += 1
        elif tag == "body":
            self._silent = 0
        self._enter(tag, given)
        if not self._open:
            return
        post = self._open[-1][1]
        if tag == "time" and not post.at:
            post.at = given.get("datetime", "")[:40]
        self._name(post, tag, given)
        if tag in BLOCKS:
            self._say("\n")
        self._see(post, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and tag != "head":
            self._silent = max(0, self._silent - 1)
        if tag in {"video", "audio"}:
            self._player = None
        if self._body and self._body[0] == tag:
            self._body = (tag, self._body[1] - 1) if self._body[1] else None
        if self._open and self._open[-1][0] == tag:
            if self._same[-1]:
                self._same[-1] -= 1
            else:
                self._open.pop()
                self._same.pop()
                self._body = None
        if tag in BLOCKS and self._open:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent:
            self._say(data)

    # --- posts

    def _enter(self, tag: str, given: dict[str, str]) -> None:
        if tag == "article" or POST_TYPES.search(given.get("itemtype", "")[:300]):
            if len(self.posts) < MAX_POSTS:
                post = _Found(named={_bare(self.full(given["itemid"]))} if given.get("itemid") else set())
                self.posts.append(post)
                self._open.append((tag, post))
                self._same.append(0)
                self._body = None
                return
            self.is_full = True
        if self._open and self._open[-1][0] == tag:
            self._same[-1] += 1
        if self._body and self._body[0] == tag:
            self._body = (tag, self._body[1] + 1)
        elif self._open and not self._body and given.get("itemprop", "").lower() in WORDS and tag != "meta":
            self._body = (tag, 0)

    def _say(self, data: str) -> None:
        post = self._open[-1][1]
        if post.length < MAX_POST * 20:  # enough to be recognised and shown
            post.pieces.append(data)
            post.length += len(data)
            if self._body:
                post.body.append(data)

    def _name(self, post: _Found, tag: str, given: dict[str, str]) -> None:
        if given.get("itemprop") in {"url", "mainEntityOfPage"} and tag in {"a", "link"} and len(post.named) < 10:
            post.named.add(_bare(self.full(given.get("href", ""))))

    # --- media

    def _see(self, post: _Found, tag: str, given: dict[str, str]) -> None:
        if tag == "img" and not _is_small(given):
            self._add(post, MediumKind.PICTURE, [given.get("src", ""), *_addresses_of(given.get("srcset", ""))], given)
        elif tag in {"video", "audio"}:
            if given.get("poster"):
                self._add(post, MediumKind.POSTER, [given["poster"]], given)
            kind = MediumKind.VIDEO if tag == "video" else MediumKind.SOUND
            self._player = self._add(post, kind, [given.get("src", "")], given, even_empty=True)
        elif tag == "source" and self._player is not None and self._player in post.media:
            place = post.media.index(self._player)
            offered = (*self._player.addresses, self.full(given.get("src", "")))
            addresses = tuple(dict.fromkeys(one for one in offered if one))[:MAX_ADDRESSES]
            self._player = post.media[place] = Medium(self._player.kind, addresses, self._player.said)

    def _add(
        self, post: _Found, kind: MediumKind, offered: list[str], given: dict[str, str], *, even_empty: bool = False
    ) -> Medium | None:
        addresses = tuple(dict.fromkeys(full for one in offered if (full := self.full(one))))[:MAX_ADDRESSES]
        if (not addresses and not even_empty) or len(post.media) > 4 * MAX_MEDIA:
            return None
        said = given.get("alt") or given.get("aria-label") or given.get("title") or ""
        medium = Medium(kind, addresses, said[:MAX_POST])
        post.media.append(medium)
        return medium

    def full(self, address: str) -> str:
        """Return an address of the web in full; nothing for any other."""
        if not address or len(address) > MAX_ADDRESS:
            return ""
        try:
            whole = urljoin(self._address, address.strip())
            return whole.partition("#")[0] if urlsplit(whole).scheme in {"http", "https"} else ""
        except ValueError:
            return ""
