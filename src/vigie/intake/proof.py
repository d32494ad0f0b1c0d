"""Proof of work against floods: an ALTCHA challenge, made and checked here, with no third party.

A challenge is signed, expires, and costs the sender a moment of their machine in the background; checking
it costs ours two milliseconds. It proves work, not humanity, and nobody is turned away for want of it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import altcha
from django.conf import settings

from vigie.core.keys import derive_key

ALGORITHM = "PBKDF2/SHA-256"
ROUNDS = 2_000  # of each of the 256 tries it takes on average: under a second, a few on an old telephone
PREFIX = "00"
GOOD_FOR = timedelta(hours=3)  # somebody may write for a long time
MAX_PAYLOAD_CHARACTERS = 4_000


def new_challenge(now: datetime) -> dict[str, object]:
    """Return a challenge to hand out, as JSON."""
    challenge = altcha.create_challenge(
        ALGORITHM, ROUNDS, key_prefix=PREFIX, expires_at=now + GOOD_FOR, hmac_secret=_secret()
    )
    answer: dict[str, object] = challenge.to_dict()
    return answer


def checked(payload: str) -> str | None:
    """Return the name under which a valid proof is spent, or None."""
    if not payload or len(payload) > MAX_PAYLOAD_CHARACTERS:
        return None
    if not altcha.verify_solution(payload, _secret()).verified:
        return None
    signature = altcha.Payload.from_base64(payload).challenge.signature
    return hashlib.sha256(str(signature).encode()).hexdigest()


def _secret() -> bytes:
    return derive_key(settings.SECRET_KEY, "proof-of-work")
