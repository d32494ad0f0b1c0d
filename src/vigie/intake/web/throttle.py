"""How often somebody may try a receipt code. Only failures count: who has a code may look as often as they like."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from vigie.core.errors import Refusal
from vigie.core.keys import derive_key
from vigie.core.words import N_

FAILURES_OF_ONE = 10
OF_ONE_SECONDS = 600
# Everybody together: 10^16 codes cannot be guessed anyway; this bounds what guessing costs our processor.
FAILURES_OF_ALL = 300
OF_ALL_SECONDS = 60


class TooManyTries(Refusal):
    """Wait a little."""


def refuse_if_too_many(request: HttpRequest) -> None:
    """Refuse somebody, or everybody, who failed too often lately."""
    one, everybody = _one(request), "suivi:all"
    counts = cache.get_many([one, everybody])
    if counts.get(one, 0) >= FAILURES_OF_ONE or counts.get(everybody, 0) >= FAILURES_OF_ALL:
        raise TooManyTries(N_("Trop d’essais. Attendez quelques minutes, puis recommencez."))


def count_failure(request: HttpRequest) -> None:
    for key, seconds in ((_one(request), OF_ONE_SECONDS), ("suivi:all", OF_ALL_SECONDS)):
        cache.set(key, cache.get(key, 0) + 1, timeout=seconds)


def _one(request: HttpRequest) -> str:
    """Return a name for where the request comes from; the address itself is not kept."""
    address = request.META.get("REMOTE_ADDR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        # Behind our own proxy its last word is what it saw itself; the words before it are the visitor's.
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rpartition(",")[2].strip()
    key = derive_key(settings.SECRET_KEY, "throttle")
    return f"suivi:{hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:32]}"
