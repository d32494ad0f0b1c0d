"""What every test may use: the cast, and the real parts."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings as hypothesis_settings

from vigie.organisations.tests.cast import Cast, make_cast

HERE = Path(__file__).parent

# A busy machine is no fault of the rule that is tried.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; without it the tests that need one are left out, and the run says so."""
    path = Path("/usr/bin/chromium")
    if not path.exists():
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return str(path)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite on a file, as in service: in memory, threads do not wait for one another but fail at once."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "tests.sqlite3")
        # Power cuts are not tried here, and each flush to the disk costs.
        connection.settings_dict["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Leave PostgreSQL no session but ours in the tests' database, which it would otherwise not drop.

    A thread's or a killed process's session may end a moment after the last test.
    """
    yield
    if connection.vendor != "postgresql":
        return
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")
            if not cursor.fetchall():
                break
            time.sleep(0.1)


@pytest.fixture
def cast(db: None) -> Cast:
    """Amina reports, Bruno triages, Chloé leads, Judith reads the law; Dario belongs to another association."""
    return make_cast()


@pytest.fixture(autouse=True)
def journal_forgotten_between_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the tables be emptied after a test that really commits: the journal refuses that, as it must.

    The one place that goes around its triggers, and only once the test is over.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or "live_server" in request.fixturenames
    if not commits:
        yield
        return
    request.getfixturevalue("transactional_db")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = origin")
        yield
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")  # triggers rest while the tables are emptied
            return
        statements = importlib.import_module("vigie.casefile.migrations.0002_journal_is_append_only").SQLITE
        for statement in statements:
            cursor.execute(f"DROP TRIGGER {statement.split()[2]}")
        cursor.execute("DELETE FROM casefile_journalentry")
        cursor.execute("DELETE FROM casefile_journalhead")
        for statement in statements:
            cursor.execute(statement)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database", action="store_true", help="leave out what never touches a database: it passed already"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-database"):
        return
    kept = [item for item in items if touches_a_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if not touches_a_database(item)])
    items[:] = kept


def touches_a_database(item: pytest.Item) -> bool:
    """A test with Django's database, or with processes of its own that have one; not of what a page looks like."""
    if item.get_closest_marker("appearance"):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    own_processes = item.path.is_relative_to(HERE / "tests" / "journeys") or item.get_closest_marker("processes")
    return bool(fixtures & {"db", "transactional_db"} or item.get_closest_marker("django_db") or own_processes)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for why in sorted(left_out):
        terminalreporter.write_line(f"left out: {why}")
