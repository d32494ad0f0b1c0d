"""Is a text one that every part of the house can keep? Pure."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Say whether databases and files take `text`: PostgreSQL refuses NUL, and UTF-8 half a surrogate pair."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
