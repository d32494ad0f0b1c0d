"""Read the preview of each channel from its last known message on.

`/s/<channel>?after=<number>` gives the messages after a number, oldest first, some twenty at a time. A channel that is
gone, private or without preview stops no other: it is said of the source only when none of its channels can be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from vigie.core.words import N_
from vigie.watch.ports import BadSourceSetting, Slice, SourceFault, Turn, Why
from vigie.watch.rules.values import Post
from vigie.watch.sources.reading import lines, moment, needed, post_at
from vigie.watch.sources.telegram.manifest import MANIFEST

BASE = "https://t.me"
PAGES_MOST = 5
CHANNELS_MOST = 50
CHANNEL = re.compile(r"(?:@|(?:https?://)?(?:t\.me|telegram\.me)/(?:s/)?)?([A-Za-z]\w{3,31})/?")
MESSAGE = re.compile(r"[A-Za-z]\w{3,31}/(\d+)")
VIEWS = re.compile(r"([\d.]+)([KM]?)")
VOID = {"br", "img", "i", "source", "input", "meta", "link", "hr", "path", "svg"}


class Telegram:
    manifest = MANIFEST

    def __init__(self, base: str = BASE) -> None:
        self.base = base

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = [CHANNEL.fullmatch(line) for line in lines(needed(given, "channels"))]
        if not all(found) or len(found) > CHANNELS_MOST:
            raise BadSourceSetting(
                "channels", N_("Un canal public par ligne, cinquante au plus : @canal ou https://t.me/canal.")
            )
        return {"channels": [one[1] for one in found if one]}

    def read(self, turn: Turn) -> Slice:
        numbers: dict[str, int] = dict(turn.cursor)
        posts: list[Post] = []
        more = False
        faults: list[SourceFault] = []
        for channel in turn.settings["channels"]:
            try:
                found, number, has_more = self._since(turn, channel, numbers.get(channel))
            except SourceFault as fault:
                if fault.why is Why.BUSY:
                    raise
                faults.append(fault)
                continue
            posts += found
            more = more or has_more
            if number is not None:
                numbers[channel] = number
        if len(faults) == len(turn.settings["channels"]):
            raise faults[0]
        return Slice(posts, numbers, more=more, fault=faults[0].why if faults else None)

    def _since(self, turn: Turn, channel: str, number: int | None) -> tuple[list[Post], int | None, bool]:
        posts: list[Post] = []
        for _page in range(PAGES_MOST):
            query = {"after": number} if number is not None else {}
            page = turn.web.get(f"{self.base}/s/{channel}", query=query)
            messages, is_channel = _messages(page.body.decode("utf-8", "replace"))
            if not is_channel:
                raise SourceFault(Why.NOT_FOUND)
            new = [one for one in messages if number is None or one.number > number]
            posts += [post for one in new if (post := one.as_post(channel))]
            was_first = number is None
            number = max([one.number for one in new], default=number)
            if was_first or not new:
                return posts, number, False
        return posts, number, True


@dataclass
class _Message:
    number: int
    text: list[str] = field(default_factory=list)
    at: str = ""
    views: str = ""

    def as_post(self, channel: str) -> Post | None:
        text = "\n".join(line for line in (" ".join(row.split()) for row in "".join(self.text).split("\n")) if line)
        return post_at(
            f"https://t.me/{channel}/{self.number}", text=text, author=channel, published_at=moment(self.at),
            reach=_count(self.views),
        )  # fmt: skip


class _Preview(HTMLParser):
    """Collect the messages of a preview; whatever else stands in the page is not looked at."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.messages: list[_Message] = []
        self.is_channel = False
        self._into = ""  # what the words that come now are: text, views, or nothing
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        names = known.get("class", "").split()
        if any(name.startswith("tgme_channel_info") for name in names):
            self.is_channel = True
        found = MESSAGE.fullmatch(known.get("data-post", ""))
        if found:
            self.is_channel = True
            self.messages.append(_Message(int(found[1])))
        if not self.messages:
            return
        if self._into:
            if tag == "br":
                self.messages[-1].text.append("\n")
            elif tag not in VOID:
                self._depth += 1
            return
        if "tgme_widget_message_text" in names and "js-message_reply_text" not in names:
            self._into, self._depth = "text", 1
        elif "tgme_widget_message_views" in names:
            self._into, self._depth = "views", 1
        elif tag == "time" and known.get("datetime"):
            self.messages[-1].at = known["datetime"]

    def handle_endtag(self, tag: str) -> None:
        if not self._into or tag in VOID:
            return
        self._depth -= 1
        if self._depth == 0:
            self._into = ""

    def handle_data(self, data: str) -> None:
        if self._into == "text":
            self.messages[-1].text.append(data.replace("\n", " "))
        elif self._into == "views":
            self.messages[-1].views += data


def _messages(page: str) -> tuple[list[_Message], bool]:
    reader = _Preview()
    reader.feed(page)
    return sorted(reader.messages, key=lambda one: one.number), reader.is_channel


def _count(said: str) -> int | None:
    found = VIEWS.fullmatch(said.strip())
    if not found:
        return None
    try:
        return round(float(found[1]) * {"": 1, "K": 1_000, "M": 1_000_000}[found[2]])
    except ValueError:
        return None


ADAPTER = Telegram()
