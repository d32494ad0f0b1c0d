"""Look at an address with the evidence room's guarded fetch."""

from __future__ import annotations

import os
from pathlib import Path

from vigie import __version__
from vigie.core.environment import Environment, read_dotenv
from vigie.evidence.captures.plain.look import look
from vigie.evidence.means import Means
from vigie.followup.ports import Visit
from vigie.followup.rules.online import Look


def visit(url: str, *, words: str) -> Visit:
    """Return what `url` shows now; `words` are looked for in its text, however it breaks its lines."""
    means = Means.from_environment(Environment({**read_dotenv(Path(".env")), **os.environ}))
    seen = look(url, guard=means.guard(), words=words)
    return Visit(
        look=Look(
            status=seen.status,
            title=seen.title,
            text=seen.excerpt,
            has_words=seen.has_words,
            marks=frozenset(seen.marks),
            failure=seen.failure.code if seen.failure else "",
        ),
        text_digest=seen.text_digest,
        looked_from=f"vigie {__version__} → {seen.remote_ip}" if seen.remote_ip else f"vigie {__version__}",
    )
