"""Seal and unseal who reported. The key lies outside the database; `actions.identity` decides who may look."""

from __future__ import annotations

import json
from dataclasses import asdict

from django.conf import settings

from vigie.core import sealing
from vigie.core.keys import derive_key
from vigie.intake.rules.values import Contact


def _key() -> bytes:
    return derive_key(settings.SECRET_KEY, "identity-vault")


def seal(contact: Contact, *, report_id: int) -> bytes:
    """Return the sealed contact; it opens for this report only."""
    return sealing.seal(_key(), json.dumps(asdict(contact), ensure_ascii=False), bound_to=f"report:{report_id}")


def unseal(sealed: bytes, *, report_id: int) -> Contact:
    """Return the contact."""
    return Contact(**json.loads(sealing.unseal(_key(), bytes(sealed), bound_to=f"report:{report_id}")))
