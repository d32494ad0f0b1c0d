"""The published list of this installation, signed with a key drawn from its secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils import timezone

from vigie.core.keys import derive_key
from vigie.learning.models import TermVersion
from vigie.learning.rules.publication import Entry, Published, as_csv, as_json, last_change, listed
from vigie.organisations.models import Organisation


@dataclass(frozen=True)
class PublicList:
    """What anybody may read, as a page, as files, and what vouches for them."""

    entries: Sequence[Entry]
    dated: date | None
    """Of the last public change; None while nothing is published."""
    since: date | None

    def json(self) -> bytes:
        return as_json(self.entries, dated=self.dated, since=self.since)

    def csv(self) -> bytes:
        return as_csv(self.entries)


def public_list(*, since: date | None = None) -> PublicList:
    """Return the terms that analysts of this installation marked public; with `since`, what changed from that day on."""
    history: list[Published] = []
    for organisation in Organisation.objects.order_by("pk"):
        rows = TermVersion.objects.of(organisation).filter(term__versions__content__is_public=True).distinct()
        history += [
            Published(f"{organisation.slug}-{row.term_id}", organisation.name, timezone.localdate(row.at), row.state())
            for row in rows.order_by("term_id", "number")
        ]
    return PublicList(listed(history, since=since), last_change(history), since)


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive_key(settings.SECRET_KEY, "published-lexicon"))


def signature_of(content: bytes) -> bytes:
    """Return the Ed25519 signature of these very bytes, 64 bytes long."""
    return _key().sign(content)


def public_key_pem() -> bytes:
    """Return the key with which anybody verifies a signature, as `openssl` reads it."""
    return _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
