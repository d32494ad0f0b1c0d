"""Two addresses of the same content have the same key; two contents never share one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.platforms.address import MAX_ADDRESS_CHARACTERS, UnreadableAddress
from vigie.platforms.registry import Platform, registry
from vigie.platforms.resolve import resolve
from vigie.platforms.unwrap import MAX_WRAPPINGS

TABLE = Path(__file__).parent / "addresses.txt"


def rows() -> Iterator[tuple[str, str, str, str, str | None]]:
    expected: list[str] = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith("    "):
            expected = line.split(" ")
            continue
        address, _, account = line.strip().partition("  ")
        account = account or expected[3]
        yield address, expected[0], expected[1], expected[2], None if account == "-" else account


ROWS = list(rows())
HEADS = [line.split(" ") for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:1] not in {"", "#", " "}]


@pytest.mark.parametrize(("address", "platform", "kind", "key", "account"), ROWS, ids=[row[0] for row in ROWS])
def test_an_address_leads_to_what_the_table_says(
    address: str, platform: str, kind: str, key: str, account: str | None
) -> None:
    resolved = resolve(address)
    assert (resolved.platform, resolved.kind, resolved.key, resolved.account) == (platform, kind, key, account)
    assert resolved.url == address


@pytest.mark.parametrize("address", [row[0] for row in ROWS])
def test_the_canonical_address_leads_to_the_same_content(address: str) -> None:
    first = resolve(address)
    again = resolve(first.canonical_url)
    assert (again.platform, again.key, again.canonical_url) == (first.platform, first.key, first.canonical_url)


def test_two_contents_of_the_table_never_share_a_key() -> None:
    for one, other in ((one, other) for one in HEADS for other in HEADS if one is not other):
        # The same code under two words (a photo or a video, a post or a reel) is one content with two kinds.
        assert one[2] != other[2] or one[1] != other[1], one


def test_the_table_covers_every_platform_of_the_registry() -> None:
    assert {row[1] for row in ROWS} == {platform.slug for platform in registry()}
    assert len(ROWS) >= 250


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "bonjour", "bonjour tout le monde", "amina@exemple.example", "@amina", "exemple", "e.g.",
        "javascript:alert(1)", "JAVASCRIPT://x.com/%0aalert(1)", "data:text/html,x.com", "file:///etc/passwd",
        "blob:https://x.com/1", "mailto:amina@exemple.example", "ftp://exemple.example/", "about:blank", "tel:3018",
        "https://", "https:///", "http://.", "http://..", "http://x..com/", "https://x.com%2Fevil.example/a",
        "https://x.com:99999/", "https://exa mple.example/", "https://[::1", "https://%00/", "tg://proxy?server=a",
        "x.com /a", "voir x.com/a", "\ud800", "https://x.com/" + "a" * MAX_ADDRESS_CHARACTERS,
    ],
)  # fmt: skip
def test_what_is_not_an_address_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UnreadableAddress) as refusal:
        resolve(text)
    assert str(refusal.value).endswith((".", "»."))


def test_a_post_is_the_same_whoever_is_said_to_have_written_it() -> None:
    assert resolve("https://x.com/a/status/1").key == resolve("https://x.com/b/status/1").key


def test_short_addresses_keep_keys_of_their_own() -> None:
    shorts = ["t.co/Ab", "t.co/ab", "bit.ly/Ab", "vm.tiktok.com/Ab", "vt.tiktok.com/Ab", "fb.watch/Ab", "pin.it/Ab"]
    assert len({resolve(f"https://{short}").key for short in shorts}) == len(shorts)


def test_wrapping_deeper_than_anyone_does_stays_as_it_is() -> None:
    address = "https://x.com/a/status/1"
    for _ in range(MAX_WRAPPINGS + 1):
        address = f"https://web.archive.org/web/2024/{address}"
    deep = resolve(address)
    assert deep.platform == "web"
    assert resolve(deep.canonical_url).key == deep.key


def test_wrapping_as_deep_as_the_bound_is_still_read() -> None:
    address = "https://x.com/a/status/1"
    for _ in range(MAX_WRAPPINGS):
        address = f"https://web.archive.org/web/2024/{address}"
    assert resolve(address).key == "x:post:1"


def test_an_address_that_leads_to_itself_ends() -> None:
    address = "https://l.facebook.com/l.php?u=https%3A%2F%2Fl.facebook.com%2Fl.php"
    assert resolve(address).platform in {"web", "facebook"}


# — Properties —

anything = st.text(max_size=200)
HOSTILE = """
https:// http:// // / \\ @ : ? # % %2F %00 %2e%2e . .. x.com www.facebook.com youtu.be t.me l.facebook.com/l.php?u=
web.archive.org/web/2024/ https%3A%2F%2F x-com.translate.goog status a 1 1234567890123456789 é [ ] xn-- u= & = #post_1
comment_id=5 v=dQw4w9WgXcQ watch posts evil.example urldefense.com/v3/__ __;!! * **A lc=UgxKREWxIgDrw8w2e_Z4AaABAg
! $ ~ | tg://resolve < > " \u200b
"""
hostile_pieces = st.lists(st.sampled_from(re.split(" |\n", HOSTILE)), max_size=14).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(anything, hostile_pieces, anything.map("https://exemple.example/{}".format)))
def test_any_text_is_read_or_refused_and_what_is_read_is_stable(text: str) -> None:
    try:
        resolved = resolve(text)
    except UnreadableAddress:
        return
    again = resolve(resolved.canonical_url)
    assert again.key == resolved.key
    assert again.platform == resolved.platform
    assert resolve(again.canonical_url).canonical_url == again.canonical_url


# Without www.t.me: evil-www.t.me would be Telegram's own, which gives each account a host.
EVERY_HOST = sorted({host for p in registry() for host in p.hosts if "?" not in host and not host.endswith(".t.me")})
PATHS = ["/a/status/1", "/watch?v=dQw4w9WgXcQ", "/p/Cabc123/", "/alice/posts/1234567890", "/une_chaine/12", "/a"]


@settings(max_examples=200, deadline=None)
@given(
    host=st.sampled_from(EVERY_HOST),
    path=st.sampled_from(PATHS),
    disguise=st.sampled_from(
        [
            "https://{host}.evil.example{path}",
            "https://{host}@evil.example{path}",
            "https://{host}:443@evil.example{path}",
            "https://evil.example\\@{host}{path}",
            "https://evil.example/{host}{path}",
            "https://evil.example?{host}{path}",
            "https://evil.example#{host}{path}",
            "https://evil-{host}{path}",
            "https://{host}-evil.example{path}",
            "https://{host}:8443{path}",
            "https://xn--{host}{path}",
            "https://{host}%2F.evil.example{path}",
            "https://{host}\u2024evil.example{path}",
            "evil.example/https://{host}{path}",
            "https://evil.example/redirect?u=https://{host}{path}",
        ]
    ),
)
def test_a_disguise_never_passes_for_the_platform(host: str, path: str, disguise: str) -> None:
    try:
        resolved = resolve(disguise.format(host=host, path=path))
    except UnreadableAddress:
        return
    assert resolved.platform == "web"


PATTERNS = [(p, number) for p in registry() for number in range(len(p.addresses.rules))]


@pytest.mark.parametrize(("platform", "number"), PATTERNS, ids=[f"{p.slug}-{number + 1}" for p, number in PATTERNS])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_whatever_fits_a_pattern_of_the_registry_is_stable(
    platform: Platform, number: int, data: st.DataObject
) -> None:
    rule = platform.addresses.rules[number]
    host = next(iter(sorted(rule.at)), "") or next(iter(platform.hosts), "exemple.example")
    path = data.draw(st.sampled_from([form.pattern for form in rule.paths]).flatmap(fitting))
    query = [f"{name}={quote(data.draw(fitting(forms[0].pattern)))}" for name, forms in rule.query.items()]
    fragment = "".join(data.draw(fitting(form.pattern)) for form in rule.fragment[:1])
    address = f"https://{host}{path}?{'&'.join(query)}#{fragment}"
    try:
        resolved = resolve(address)
    except UnreadableAddress:
        return
    again = resolve(resolved.canonical_url)
    assert (again.key, again.canonical_url) == (resolved.key, resolved.canonical_url)


def fitting(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="utf-8"))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**19), st.integers(1, 10**19))
def test_two_posts_never_share_a_key(one: int, other: int) -> None:
    keys = {resolve(f"https://x.com/a/status/{number}").key for number in (one, other)}
    assert len(keys) == len({one, other})


query_text = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="&#=?"), min_size=1, max_size=6
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(query_text, query_text, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_a_query_does_not_count_and_its_values_do(query: dict[str, str], random: object) -> None:
    pairs = [f"{name}={value}" for name, value in query.items()]
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = resolve("https://exemple.example/a?" + "&".join(pairs))
    other = resolve("https://exemple.example/a?" + "&".join(shuffled))
    assert one.key == other.key
    assert resolve("https://exemple.example/a?" + "&".join([*pairs, "zz=1"])).key != one.key
