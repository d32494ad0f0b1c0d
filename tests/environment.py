"""The environment of the tests, set before Django reads its settings: loaded first, by `-p` in pyproject.toml.

A data folder of this run's own, never the developer's; and no setting of the developer's `.env`.
"""

from __future__ import annotations

import os
import tempfile

for name in [name for name in os.environ if name.startswith("VIGIE_") and name != "VIGIE_DATABASE_URL"]:
    del os.environ[name]
os.environ["VIGIE_DATA"] = tempfile.mkdtemp(prefix="vigie-tests-")
os.environ["VIGIE_ENV_FILE"] = os.devnull
os.environ["VIGIE_URL"] = "http://testserver"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread of the tests
