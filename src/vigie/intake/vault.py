"""Seal and unseal who reported. The key lies outside the database; `actions` decides who may look."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from vigie.core.keys import derive_key
from vigie.intake.rules.values import Contact

NONCE_BYTES = 12


def _cipher() -> AESGCM:
    return AESGCM(derive_key(settings.SECRET_KEY, "identity-vault"))


def seal(contact: Contact, *, report_id: int) -> bytes:
    """Return the sealed contact; it opens for this report only, so that rows cannot be swapped."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    written = json.dumps(asdict(contact), ensure_ascii=False).encode()
    return nonce + _cipher().encrypt(nonce, written, b"report:%d" % report_id)


def unseal(sealed: bytes, *, report_id: int) -> Contact:
    """Return the contact.

    Raises:
        cryptography.exceptions.InvalidTag: the bytes were altered, or belong to another report or installation.
    """
    sealed = bytes(sealed)
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return Contact(**json.loads(_cipher().decrypt(nonce, rest, b"report:%d" % report_id)))
