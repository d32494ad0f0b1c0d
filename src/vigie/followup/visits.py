"""Look at an address with the evidence room's guarded fetch."""

from __future__ import annotations

from django.conf import settings

from vigie import __version__
from vigie.evidence.captures.plain.look import look
from vigie.followup.ports import Visit
from vigie.followup.rules.online import Look


def visit(url: str, *, words: str) -> Visit:
    """Return what `url` shows now; `words` are looked for in its text, however it breaks its lines."""
    seen = look(url, guard=settings.VIGIE_CAPTURE_MEANS.guard(), words=words)
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
