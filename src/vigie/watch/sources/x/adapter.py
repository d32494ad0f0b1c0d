"""Search recent posts since the last one known, paying for no more than was set aside.

What an answer may hold at most is set aside before the call, and what it did not hold is given back after it. Whoever is
killed in between has spent what was set aside: the count in the database is never below what X counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.core.words import N_
from vigie.watch.allowances import MOST
from vigie.watch.ports import BadSourceSetting, Slice, SourceFault, Turn, Why
from vigie.watch.rules.values import Post
from vigie.watch.sources.reading import moment, needed, post_at, whole_number
from vigie.watch.sources.x.manifest import MANIFEST

API = "https://api.x.com"
LEAST_ASKED = 10  # the interface answers with ten at least
PAGE = 100
PAGES_MOST = 5
UNITS_PER_DOLLAR = 100_000
"""A unit is a thousandth of a cent: whole numbers, so that nothing is rounded away."""
QUERY_MOST = 512


class X:
    manifest = MANIFEST

    def __init__(self, api: str = API) -> None:
        self.api = api

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        query = " ".join(needed(given, "query").split())
        if len(query) > QUERY_MOST:
            raise BadSourceSetting("query", N_("La recherche est trop longue : 512 caractères au plus."))
        budget = whole_number(given, "budget", least=1, most=100_000)
        price = whole_number(given, "price", least=1, most=10_000)
        return {"query": query, "budget": budget, "price": price, MOST: budget * UNITS_PER_DOLLAR}

    def read(self, turn: Turn) -> Slice:
        newest = str(turn.cursor.get("newest") or "")
        page = str(turn.cursor.get("page") or "")
        until = str(turn.cursor.get("until") or "")
        """While a long answer is read in several turns: the newest of its first page, from which the next one goes on."""
        posts: list[Post] = []
        for _number in range(PAGES_MOST):
            try:
                answer = self._asked(turn, newest, page)
            except SourceFault as fault:
                if not posts:
                    raise
                # What was paid for is kept; the rest waits for the budget, or for the limit to pass.
                return Slice(posts, {"newest": newest, "page": page, "until": until}, fault=fault.why)
            rows = answer.get("data") or []
            posts += [post for row in rows if isinstance(row, dict) and (post := _post(row))]
            meta = answer.get("meta") or {}
            until = until or str(meta.get("newest_id") or "")
            page = str(meta.get("next_token") or "")
            if not page:
                return Slice(list(reversed(posts)), {"newest": until or newest, "page": "", "until": ""})
            if not newest:  # a first look is one page, not seven days
                return Slice(list(reversed(posts)), {"newest": until, "page": "", "until": ""})
        return Slice(list(reversed(posts)), {"newest": newest, "page": page, "until": until}, more=True)

    def _asked(self, turn: Turn, newest: str, page: str) -> dict[str, Any]:
        each = turn.settings["price"] * UNITS_PER_DOLLAR // 1000
        asked = PAGE
        try:
            turn.allowance.reserve(asked * each)
        except SourceFault:  # not a whole page any more: perhaps the smallest one
            asked = LEAST_ASKED
            turn.allowance.reserve(asked * each)
        query = {
            "query": turn.settings["query"], "max_results": asked, "tweet.fields": "created_at,lang,public_metrics,entities",
            **({"since_id": newest} if newest else {}), **({"next_token": page} if page else {}),
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {turn.secret}"}
        answer = turn.web.get(f"{self.api}/2/tweets/search/recent", query=query, headers=headers, also={400})
        said = answer.json()
        if not isinstance(said, dict):
            raise SourceFault(Why.UNREADABLE)
        if answer.status == 400:
            # The one refusal that an old cursor causes; any other is the query's.
            raise SourceFault(Why.TOO_OLD if newest and "since_id" in str(said) else Why.UNREADABLE)
        turn.allowance.give_back((asked - min(len(said.get("data") or []), asked)) * each)
        return said


def _post(row: Mapping[str, Any]) -> Post | None:
    if not row.get("id") or not isinstance(row.get("text"), str):
        return None
    metrics = row.get("public_metrics") or {}
    seen = metrics.get("impression_count")
    tags = [
        str(tag["tag"])
        for tag in (row.get("entities") or {}).get("hashtags") or []
        if isinstance(tag, dict) and tag.get("tag")
    ]
    return post_at(
        f"https://x.com/i/web/status/{row['id']}",
        text=row["text"],
        language=str(row.get("lang") or "").replace("und", ""),
        published_at=moment(row.get("created_at")),
        reach=seen if isinstance(seen, int) else None,
        hashtags=tags,
    )


ADAPTER = X()
