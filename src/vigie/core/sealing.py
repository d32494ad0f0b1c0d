"""Seal words so that whoever holds the database alone reads nothing. Pure: the key is given."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


def seal(key: bytes, text: str, *, bound_to: str) -> bytes:
    """Return `text` sealed with AES-256-GCM; it opens for the same `bound_to` only, so that rows cannot be swapped."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), bound_to.encode())


def unseal(key: bytes, sealed: bytes, *, bound_to: str) -> str:
    """Return what was sealed.

    Raises:
        cryptography.exceptions.InvalidTag: altered, bound to something else, or sealed by another installation.
    """
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode()).decode()
