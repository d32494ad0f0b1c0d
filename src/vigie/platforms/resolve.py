"""Say what an address leads to: which platform, which kind of thing, under which key. Offline.

Two addresses of the same content have the same key; two contents never share one. Where both cannot
be had without asking the network, the second wins: a case too many is merged by a person in a moment,
two contents under one key would let one stand as proof of the other. So, knowingly:

- a Bluesky handle and the DID behind it give two keys, because only the network knows they are one account;
- a Mastodon status seen from two servers gives two keys, because each server numbers it anew;
- `t.co/…`, `vm.tiktok.com/…`, `fb.watch/…`, `bit.ly/…` keep a key of their own, of kind `link` on platforms
  (`page` elsewhere), because what they point to is known to their server alone;
- Facebook's `pfbid…` and the number of the same post give two keys, likewise.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import lru_cache

from .address import Address, UnreadableAddress, normal_percent, read_address, registrable_domain, with_parts
from .patterns import Rule
from .registry import Home, Platform, Registry, registry
from .unwrap import unwrap

__all__ = ["Resolved", "UnreadableAddress", "resolve"]


@dataclass(frozen=True)
class Resolved:
    """What an address leads to.

    `account` is whose content the address says it is, as the platform writes it in addresses. It may be
    wrong: most platforms serve `/anybody/status/1` for post 1. Nothing is decided on it.
    """

    url: str
    platform: str
    kind: str
    key: str
    canonical_url: str
    account: str | None

    def as_dict(self) -> dict[str, str | None]:
        return asdict(self)


def resolve(url: str, *, known: Registry | None = None) -> Resolved:
    """Return what `url` leads to, without asking the network.

    `resolve(r.canonical_url).key == r.key` for every answer `r`.

    Raises:
        UnreadableAddress: it is not an address on the web; the sentence says why.
    """
    known = known or registry()
    address = unwrap(read_address(url))
    platform, kind, key, canonical, account = _recognise(address, known)
    return Resolved(url, platform, kind, key, canonical, account)


_Answer = tuple[str, str, str, str, str | None]


def _recognise(address: Address, known: Registry) -> _Answer:
    home = known.at_site(address.site)
    if home:
        answer = _by_rules(address, home.platform, home.rules)
        if not answer and address.readable_path.endswith(_SENTENCE_ENDS):
            # No name and no number ends like a sentence: what does was copied with it.
            answer = _by_rules(_without_sentence_end(address), home.platform, home.rules)
        if answer:
            return answer
        if not home.is_mirror:
            return _own_page(address, home)
    for platform, rules in known.by_shape:
        answer = _by_rules(address, platform, rules)
        if answer:
            return answer
    return _web_page(address)


def _by_rules(address: Address, platform: Platform, rules: tuple[Rule, ...]) -> _Answer | None:
    for rule in rules:
        values = rule.read(address)
        if values is None:
            continue
        answer = _written(rule, values, address, platform)
        if answer:
            return answer
    return None


def _written(rule: Rule, values: dict[str, str], address: Address, platform: Platform) -> _Answer | None:
    """Put key, canonical address and account together; None if a reserved word stood where a name should."""
    book = platform.addresses
    for name in values.keys() & book.fold:
        values[name] = values[name].lower()
    for name, words in book.reserved.items():
        if values.get(name, "").lower() in words:
            del values[name]
    values |= {"site": address.site, "scheme": address.scheme, "label": address.host.partition(".")[0]}
    key = rule.key.fill(values)
    canonical = next((text for text in (form.fill(values, quoted=True) for form in rule.canonical) if text), None)
    if key is None or canonical is None:
        return None
    account = next((text for text in (form.fill(values) for form in rule.account) if text), None)
    if not canonical.startswith(("http://", "https://")):
        canonical = book.base + canonical
    kind = rule.kind
    if kind not in _NEVER_COMMENTED:
        for below in book.below:
            found = below.read(address)
            if found is not None:
                kind = below.kind
                key = f"{key}:{below.key.fill(found)}"
                canonical = _joined(canonical, below.canonical.fill(found, quoted=True) or "")
                break
    return platform.slug, kind, f"{platform.slug}:{key}", canonical, account


def _joined(address: str, addition: str) -> str:
    if addition.startswith("#"):
        return address + addition
    return f"{address}{'&' if '?' in address else '?'}{addition}"


def _own_page(address: Address, home: Home) -> _Answer:
    """A page of the platform that no pattern names: its help, a search, a way of writing we do not know yet."""
    book = home.platform.addresses
    if home.is_interchangeable and book.base:
        base = _base(book.base)
        address = with_parts(address, scheme=base.scheme, host=base.host, port=base.port)
    plain = _plain(address, ignored=book.ignored)
    slug = home.platform.slug
    return slug, "page", f"{slug}:page:{_without_scheme(plain)}", plain.href, None


def _without_sentence_end(address: Address) -> Address:
    return with_parts(address, path=address.readable_path.rstrip("".join(_SENTENCE_ENDS)))


@lru_cache(maxsize=256)
def _base(address: str) -> Address:
    return read_address(address)


def _web_page(address: Address) -> _Answer:
    """Anything else. `http` and `https` share a key, and so do `www.` and the bare domain somebody registered."""
    plain = _plain(address, ignored=frozenset())
    if plain.site in _ARCHIVE_TODAY:
        plain = with_parts(plain, host="archive.ph")
    place = _without_scheme(plain)
    if plain.host.startswith("www.") and registrable_domain(plain.host) == plain.host[4:]:
        place = place[4:]
    return "web", _kind_of_fragment(plain.fragment), f"web:{place}", plain.href, None


def _plain(address: Address, *, ignored: frozenset[str]) -> Address:
    return with_parts(address, query=_plain_query(address.query, ignored), fragment=_plain_fragment(address.fragment))


def _plain_query(query: str, ignored: frozenset[str]) -> str:
    """Return the query without what follows people around, in one order.

    Parameters are put in order only where each is `name=value`; a query such as `?/forum/12` is left alone.
    The values of a repeated name keep their order.
    """
    pairs = [normal_percent(pair) for pair in query.split("&") if pair]
    kept = [pair for pair in pairs if not _is_tracking(pair, ignored)]
    if all("=" in pair for pair in kept):
        kept.sort(key=lambda pair: pair.partition("=")[0])
    return "&".join(kept)


def _is_tracking(pair: str, ignored: frozenset[str]) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in ignored or name in _TRACKING or name.startswith(_TRACKING_FAMILIES):
        return True
    # `si` alone could be anything; the one YouTube and Spotify hang on what is shared is a long token.
    return name == "si" and bool(_SHARE_TOKEN.fullmatch(value))


def _plain_fragment(fragment: str) -> str:
    """Keep a fragment only if it says which content is meant: a message of a page, or a page of an application."""
    fragment = normal_percent(fragment.partition(":~:")[0])
    is_identity = (
        fragment.startswith(("!", "/")) or _NAMES_A_MESSAGE.fullmatch(fragment) or _LONG_NUMBER.fullmatch(fragment)
    )
    return fragment if is_identity else ""


def _kind_of_fragment(fragment: str) -> str:
    found = _NAMES_A_MESSAGE.fullmatch(fragment)
    if not found:
        return "page"
    return "comment" if "com" in found["word"].lower() or "reply" in found["word"].lower() else "post"


def _without_scheme(address: Address) -> str:
    return address.href.partition("://")[2]


_SENTENCE_ENDS = tuple(".,;:!?)]}\"'»”’…*")
_NEVER_COMMENTED = frozenset({"comment", "account", "group", "playlist", "page", "link", "event"})

_TRACKING = frozenset(
    [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "ysclid",
        "twclid",
        "ttclid",
        "li_fat_id",
        "rdt_cid",
        "epik",
        "igshid",
        "igsh",
        "mc_cid",
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "hsctatracking",
        "vero_id",
        "vero_conv",
        "oly_enc_id",
        "oly_anon_id",
        "mkt_tok",
        "_openstat",
        "_ga",
        "_gl",
        "srsltid",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "wickedid",
        "s_cid",
        "xtor",
        "xtref",
        "xtcr",
        "at_medium",
        "at_campaign",
        "at_custom1",
        "at_custom2",
        "at_custom3",
        "at_custom4",
        "at_creation",
        "at_variant",
        "at_format",
        "at_link",
        "at_recipient_id",
        "at_recipient_list",
        "at_emailtype",
        "at_ptr_name",
        "at_general_placement",
        "ns_campaign",
        "ns_mchannel",
        "ns_source",
        "ns_linkname",
        "ns_fee",
        "cmpid",
        "wt_mc",
        "wt_zmc",
        "echobox",
        "__twitter_impression",
        "ref_src",
        "ref_url",
        "spm",
        "trk",
        "trkcampaign",
        "phpsessid",
        "jsessionid",
    ]
)
_ARCHIVE_TODAY = frozenset(f"archive.{ending}" for ending in ("today", "is", "ph", "li", "fo", "md", "vn"))
"""One archive under seven names: `archive.is/AbCde` is `archive.ph/AbCde`."""
_TRACKING_FAMILIES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "_x_tr_", "__cft__", "__tn__")
_SHARE_TOKEN = re.compile(r"[A-Za-z0-9_\-]{16,32}")
_LONG_NUMBER = re.compile(r"[A-Za-z]{0,24}[-_]?\d{4,}")
"""An anchor with a number of its own, under a word we do not know."""
_NAMES_A_MESSAGE = re.compile(
    r"(?P<word>p|c|m|r|post|posts|pid|msg|message|mess|comment|comments|commentaire|com|cmt|reply|reponse|"
    r"div-comment|issuecomment|discussioncomment|entry|anchor|note|lecture-comment)[-_=]?\d+",
    re.IGNORECASE,
)
