"""The gate of every visit: which addresses of the outside may be fetched at all.

The threat: whoever reports an address chooses what our machine fetches. An address may name, or lead by
DNS, redirect or script to, the desk itself, its database, the router or a cloud's metadata service. So:

- the **address** is read first (`Guard.target`): scheme, no credentials, a port that web sites use;
- the **name** is resolved once, and refused if *any* answer is not a public address (`Guard.resolve`);
- the **connection** goes to the very address that was checked (`Guard.connect`): a name that changes
  its answer between check and connection (DNS rebinding) gains nothing.

Whatever fetches goes through `connect`: the plain fetch by its network backend, Chromium by the forward
proxy that is its only way out. There is no parameter that switches the gate off. The one exception is for
tests and the demonstration, whose servers run on this machine: `VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS`,
a list of `host:port` that must match the address exactly as written.

Ports: 80, 443 and the few on which public sites are also met; any other is refused, so that a reported
address cannot be used to talk to mail, database or printer ports of third parties in our name.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import can_ada
import psutil

from vigie.core.reasons import Reason

ALLOW_FOR_TESTS = "VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS"
WEB_PORTS = frozenset({80, 443, 8000, 8080, 8443, 8888})
DEFAULT_PORT = {"http": 80, "https": 443}
CONNECT_SECONDS = 15.0

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# The registries of special-purpose addresses, written out: what `is_global` answers differs between
# Python versions (CVE-2024-4032), and a gate must not.
# Source: https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry.
NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata service lives there
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # public by its number, but Azure's host agent by its use
        "::/96",  # unspecified, loopback, and the deprecated IPv4-compatible form
        "64:ff9b:1::/48",  # local NAT64
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",  # Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4: carries any IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # what an IPv6-only network makes of an IPv4 site: judged by its inside


class Blocked(Exception):
    """An address that is not visited, or a server that cannot be reached; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.sentence("en"))
        self.reason = reason


@dataclass(frozen=True)
class Target:
    """Where an address leads before any name is resolved."""

    scheme: str
    host: str  # as the WHATWG rules write it: lower case, punycode, decimal and octal forms made dotted
    port: int

    @property
    def written(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass
class Guard:
    """The gate, for one visit; remembers which address each host was reached at.

    >>> Guard().target("https://forum.example/fil/12").host
    'forum.example'
    """

    allowed_for_tests: frozenset[str] = frozenset()
    reached: dict[str, str] = field(default_factory=dict)  # «host:port» → the address connected to
    lookup: Callable[[str, int], list[str]] = field(default=lambda host, port: _ask_dns(host, port), repr=False)

    def target(self, url: str) -> Target:
        """Return where `url` leads, read as a browser reads it.

        Raises:
            Blocked: not an address, not of the web, with credentials, or on a port we do not visit.
        """
        if any(ord(character) < 0x20 or character == "\x7f" for character in url.strip()):
            raise Blocked(Reason("not_an_address", "caractère de contrôle"))
        try:
            read = can_ada.parse(url.strip())
        except ValueError:
            raise Blocked(Reason("not_an_address", url.strip()[:200])) from None
        scheme = read.protocol.rstrip(":")
        if scheme not in DEFAULT_PORT:
            raise Blocked(Reason("not_web", scheme[:40]))
        if read.username or read.password or "@" in urlsplit(url.strip()).netloc:
            raise Blocked(Reason("credentials"))
        return self._checked(scheme, read.hostname, int(read.port) if read.port else DEFAULT_PORT[scheme])

    def host_target(self, host: str, port: int) -> Target:
        """Return the target of a bare host and port, as a proxy is asked for it."""
        bracketed = f"[{host}]" if ":" in host else host
        return self.target(f"https://{bracketed}:{port}/")

    def _checked(self, scheme: str, host: str, port: int) -> Target:
        target = Target(scheme=scheme, host=host.strip("[]").rstrip("."), port=port)
        if not target.host:
            raise Blocked(Reason("not_an_address", host))
        if port not in WEB_PORTS and target.written not in self.allowed_for_tests:
            raise Blocked(Reason("port", str(port)))
        return target

    def resolve(self, target: Target, *, seconds: float = CONNECT_SECONDS) -> list[str]:
        """Return the addresses of `target`, all of them public.

        Raises:
            Blocked: no answer, or one answer among them that is not a public address.
        """
        addresses = _within(seconds, lambda: self.lookup(target.host, target.port))
        if not addresses:
            raise Blocked(Reason("unknown_host", target.host))
        if target.written not in self.allowed_for_tests:
            for address in addresses:
                require_public(address, target.host)
        return addresses

    def connect(self, target: Target, *, seconds: float = CONNECT_SECONDS) -> socket.socket:
        """Return a connection to an address that was checked, the same that is connected to.

        Raises:
            Blocked: refused, unknown, or unreachable.
        """
        deadline = time.monotonic() + seconds
        for address in self.resolve(target, seconds=seconds):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            with contextlib.suppress(OSError):  # the next address may answer; none at all is said below
                connection = socket.create_connection((address, target.port), timeout=left)
                self.reached[target.written] = address
                return connection
        raise Blocked(Reason("unreachable", target.written))


def require_public(address: str, host: str) -> None:
    """Let a public address pass.

    Raises:
        Blocked: any special-purpose address, in any of its disguises, or one of this machine's own.
    """
    ip = embedded(ipaddress.ip_address(address.partition("%")[0]))
    if any(ip in network for network in NOT_PUBLIC if network.version == ip.version) or not ip.is_global:
        raise Blocked(Reason("internal_address", host))
    if str(ip) in own_addresses():
        raise Blocked(Reason("internal_address", host))


def embedded(ip: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def own_addresses() -> frozenset[str]:
    """Return the addresses of this machine's own interfaces."""
    return frozenset(
        row.address.partition("%")[0]
        for rows in psutil.net_if_addrs().values()
        for row in rows
        if row.family in {socket.AF_INET, socket.AF_INET6}
    )


def _ask_dns(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def _within(seconds: float, ask: Callable[[], list[str]]) -> list[str]:
    """Run a look-up that has no time limit of its own; an answer too late counts as none."""
    answer: list[str] = []
    thread = threading.Thread(target=lambda: answer.extend(ask()), daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    return [] if thread.is_alive() else answer
