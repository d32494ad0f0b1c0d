"""Where a request comes from, for limits that count tries: a name that says nothing of the address it stands for."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from vigie.core.keys import derive_key

# Of one subscriber: an address, or the 2^64 addresses of IPv6 that come with any line.
ONE = {4: 32, 6: 64}
# Of one network, which may be in one hand: a /48 costs nothing, and has 65,536 lines in it.
AROUND = {4: 24, 6: 48}


def source_of(request: HttpRequest, width: dict[int, int] = ONE) -> str:
    """Return a keyed digest of the network the request comes from; the address itself is not kept.

    It is the address at the other end of the line, or what a trusted proxy says of it (`VIGIE_PROXIES`,
    `VIGIE_CLIENT_ADDRESS_HEADER`). Requests that come from nowhere, or around the proxies, are one source together.
    """
    try:
        address = ipaddress.ip_address(DefaultAccountAdapter(request).get_client_ip(request))
        address = (
            getattr(address, "ipv4_mapped", None) or address
        )  # a server that listens on both says ::ffff:192.0.2.7
        network = str(ipaddress.ip_network((address, width[address.version]), strict=False))
    except (ImproperlyConfigured, PermissionDenied):
        network = "unknown"
    key = derive_key(settings.SECRET_KEY, "throttle")
    return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()[:32]
