"""What a content is called: by its key in rows, which may be erased; by a keyed digest where nothing can be.

Both digests are one, keyed by a secret outside the database: who holds the database alone cannot try addresses on
them, and the house recognises an address that it no longer keeps.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from vigie.core.keys import derive_key

KEY_CHARACTERS = 700  # as the column has it
HIDDEN = "referred:"
REFERENCE = "content:"


def stored_key(key: str) -> str:
    """Return the key as rows hold it: a long one ends with its digest, so that two never become one."""
    if len(key) <= KEY_CHARACTERS:
        return key
    return f"{key[: KEY_CHARACTERS - 65]}…{hashlib.sha256(key.encode()).hexdigest()}"


def hidden_key(key: str) -> str:
    """Return the key under which an address of child abuse is known without being written."""
    return HIDDEN + _digest(key)


def reference_of(key: str) -> str:
    """Return what the journal calls a content; the same before and after its key was hidden."""
    return REFERENCE + (key.removeprefix(HIDDEN) if key.startswith(HIDDEN) else _digest(key))


def _digest(key: str) -> str:
    secret = derive_key(settings.SECRET_KEY, "referred-address")
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()
