"""Find the browser."""

from __future__ import annotations

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
DEBIAN_WRAPPER = Path("/usr/bin/chromium")
DEBIAN_BINARY = Path("/usr/lib/chromium/chromium")


def find_chromium(wanted: str = "") -> str | None:
    """Return the browser to use: `wanted`, or else the first known one; None without, or when it is `none`."""
    if wanted.lower() == "none":
        return None
    found = shutil.which(wanted) if wanted else next(filter(None, map(shutil.which, NAMES)), None)
    if found and Path(found) == DEBIAN_WRAPPER and DEBIAN_BINARY.is_file():
        return str(DEBIAN_BINARY)  # the wrapper would add Debian's Google keys and installed extensions
    return found
