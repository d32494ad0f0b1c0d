"""One secret outside the database, and a separate key for each purpose drawn from it.

Pure: the secret is given, never looked up.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from vigie.core.errors import BadSetting

SECRET_BYTES = 48


@lru_cache(maxsize=32)
def derive_key(secret: str, purpose: str) -> bytes:
    """Return 32 bytes that depend on `secret` and `purpose` and betray neither (HMAC-SHA-256)."""
    return hmac.new(secret.encode(), f"vigie/{purpose}".encode(), hashlib.sha256).digest()


def read_or_make_secret(path: Path) -> str:
    """Return the installation's secret, made on the first start; readable by its owner only.

    Raises:
        BadSetting: the file is there but empty or too short to protect anything.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(secrets.token_urlsafe(SECRET_BYTES), encoding="ascii")
        draft.chmod(0o600)
        with contextlib.suppress(FileExistsError):  # two processes starting together keep the first one's secret
            os.link(draft, path)
        draft.unlink()
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < 32:
        raise BadSetting(f"{path}: the secret is shorter than 32 characters; restore it from the backup.")
    return secret
