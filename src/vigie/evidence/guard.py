"""The gate of every visit, as this room names it; it stands in `core.guard`, for the watch goes through it too."""

from vigie.core.guard import (
    ALLOW_FOR_TESTS,
    NOT_PUBLIC,
    WEB_PORTS,
    Blocked,
    Guard,
    Target,
    embedded,
    own_addresses,
    require_public,
)

__all__ = [
    "ALLOW_FOR_TESTS",
    "NOT_PUBLIC",
    "WEB_PORTS",
    "Blocked",
    "Guard",
    "Target",
    "embedded",
    "own_addresses",
    "require_public",
]
