"""Keep letters whole, sealed: the letter of a victim is the evidence, and it says who wrote.

What lies on the disk opens only with the installation's secret, like the vault of who reported.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from vigie.casefile import files
from vigie.core.keys import derive_key

NONCE_BYTES = 12


def _key() -> bytes:
    return derive_key(settings.SECRET_KEY, "letters")


def keep_letter(raw: bytes) -> str:
    """Store the sealed letter and return the digest of the sealed file.

    The same letter gives the same file: the nonce is drawn from key and content (as in SIV), so that a
    second attempt after a crash writes nothing new, and no nonce serves two contents.
    """
    nonce = hmac.new(_key(), b"nonce" + hashlib.sha256(raw).digest(), hashlib.sha256).digest()[:NONCE_BYTES]
    return files.keep(nonce + AESGCM(_key()).encrypt(nonce, raw, None)).sha256


def read_kept_letter(sha256: str) -> bytes:
    """Return the letter as it arrived.

    Raises:
        NotFound: it is no longer kept.
        cryptography.exceptions.InvalidTag: it was sealed by another installation.
    """
    sealed = files.read(sha256)
    return AESGCM(_key()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)


def address_digest(address: str) -> str:
    """Return a keyed digest of an address of mail: enough to know it again, not to read it."""
    return hmac.new(_key(), b"address" + address.strip().lower().encode(), hashlib.sha256).hexdigest()
