"""What every test may use: the cast, and the real parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.organisations.tests.cast import Cast, make_cast


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; without it the tests that need one are left out, and the run says so."""
    path = Path("/usr/bin/chromium")
    if not path.exists():
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return str(path)


@pytest.fixture
def cast(db: None) -> Cast:
    """Amina reports, Bruno triages, Chloé leads, Judith reads the law; Dario belongs to another association."""
    return make_cast()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for why in sorted(left_out):
        terminalreporter.write_line(f"left out: {why}")
