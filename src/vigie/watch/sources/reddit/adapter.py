"""Ask each community for its newest posts and comments, back to those known.

A listing has no reliable cursor: its `before` finds nothing once that post was removed. So the newest ids are kept, and
a listing is read until one of them is met; when none is met in as many pages as are read, there is a gap, and it is said.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from vigie.core.words import N_
from vigie.watch.ports import BadSourceSetting, Slice, SourceFault, Turn, Why
from vigie.watch.rules.values import Post
from vigie.watch.sources.reading import lines, moment, needed, post_at
from vigie.watch.sources.reddit.manifest import MANIFEST

SITE = "https://www.reddit.com"
API = "https://oauth.reddit.com"
PLACE = re.compile(r"(?:https?://(?:www\.|old\.)?reddit\.com)?/?(?:r/)?([A-Za-z0-9_]{2,21})/?")
PLACES_MOST = 30
PAGES_MOST = 5
KNOWN_MOST = 100
LISTINGS = ("new", "comments")


class Reddit:
    manifest = MANIFEST

    def __init__(self, site: str = SITE, api: str = API) -> None:
        self.site, self.api = site, api

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = [PLACE.fullmatch(line) for line in lines(needed(given, "places"))]
        if not all(found) or len(found) > PLACES_MOST:
            raise BadSourceSetting("places", N_("Une communauté par ligne, trente au plus : r/france."))
        return {"places": [one[1] for one in found if one], "client": needed(given, "client")}

    def read(self, turn: Turn) -> Slice:
        headers = {"Authorization": f"Bearer {self._token(turn)}"}
        known: dict[str, Any] = dict(turn.cursor)
        posts: list[Post] = []
        faults: list[Why] = []
        for place in turn.settings["places"]:
            for listing in LISTINGS:
                name = f"{place}/{listing}"
                try:
                    found, ids, is_gap = self._since(turn, name, headers, known.get(name))
                except SourceFault as fault:
                    if fault.why not in {Why.NOT_FOUND, Why.REFUSED}:
                        raise
                    faults.append(fault.why)  # a community that was closed stops no other
                    continue
                posts += found
                known[name] = ids
                faults += [Why.TOO_OLD] if is_gap else []
        if len(faults) == len(turn.settings["places"]) * len(LISTINGS) and Why.TOO_OLD not in faults:
            raise SourceFault(faults[0], permanent=True)
        return Slice(posts, known, fault=faults[0] if faults else None)

    def _token(self, turn: Turn) -> str:
        proof = base64.b64encode(f"{turn.settings['client']}:{turn.secret}".encode()).decode()
        answer = turn.web.post(
            f"{self.site}/api/v1/access_token", form={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {proof}"},
        )  # fmt: skip
        said = answer.json()
        token = said.get("access_token") if isinstance(said, dict) else None
        if not isinstance(token, str):
            raise SourceFault(Why.REFUSED, permanent=True)
        return token

    def _since(
        self, turn: Turn, name: str, headers: Mapping[str, str], known: list[str] | None
    ) -> tuple[list[Post], list[str], bool]:
        """Return what is new in a listing, oldest first, the newest ids, and whether some may have been missed."""
        ids: list[str] = []
        posts: list[Post] = []
        after = ""
        for _page in range(PAGES_MOST):
            query = {"limit": "100", "raw_json": "1", **({"after": after} if after else {})}
            said = turn.web.get(f"{self.api}/r/{name}", query=query, headers=headers).json()
            try:
                rows = [child["data"] for child in said["data"]["children"]]
                after = str(said["data"].get("after") or "")
            except (KeyError, TypeError):
                raise SourceFault(Why.UNREADABLE) from None
            reached = False
            for row in rows:
                one = str(row.get("name") or "")
                ids.append(one)
                if known and one in known:
                    reached = True
                elif post := _post(row):
                    posts.append(post)
            if known is None or reached or not after:
                return list(reversed(posts)), [*ids, *(known or ())][:KNOWN_MOST], False
        return list(reversed(posts)), ids[:KNOWN_MOST], bool(known)


def _post(row: Mapping[str, Any]) -> Post | None:
    path = row.get("permalink")
    if not isinstance(path, str) or not path.startswith("/r/"):
        return None
    body = (
        row.get("body")
        if isinstance(row.get("body"), str)
        else f"{row.get('title') or ''}\n{row.get('selftext') or ''}"
    )
    if str(body).strip() in {"[deleted]", "[removed]"}:
        return None
    return post_at(
        f"{SITE}{path}", text=str(body).strip(), author=str(row.get("author") or ""),
        published_at=moment(row.get("created_utc")),
    )  # fmt: skip


ADAPTER = Reddit()
