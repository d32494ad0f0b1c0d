"""The environment of the tests, set before Django reads its settings: loaded first, by `-p` in pyproject.toml.

A data folder of this run's own, never the developer's; and no setting of the developer's `.env`.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile

for name in [name for name in os.environ if name.startswith("VIGIE_") and name != "VIGIE_DATABASE_URL"]:
    del os.environ[name]
# The desks that tests start are dozens of processes: compiled anew in each, the code would take longer than what it does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a run in the background; its children would not hear Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["VIGIE_DATA"] = tempfile.mkdtemp(prefix="vigie-tests-")
os.environ["VIGIE_ENV_FILE"] = os.devnull
os.environ["VIGIE_URL"] = "http://testserver"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread of the tests
