"""`vigie doctor`: look at everything an installation needs, one line each, and say what to do about what is missing."""

from __future__ import annotations

import os
import secrets
import shutil
import smtplib
import stat
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from playwright._impl._driver import compute_driver_executable

from vigie.casefile.models import JournalEntry
from vigie.core.environment import Environment
from vigie.core.errors import BadSetting, UnusableInput
from vigie.detection.readers.ledger import Ledger
from vigie.detection.readers.opening import look_at
from vigie.detection.readers.settings import checked
from vigie.evidence.means import Means
from vigie.evidence.timestamps.rfc3161 import TimestampError, ask, check
from vigie.intake.doors.mailbox.ports import MailboxUnavailable
from vigie.intake.models import Report
from vigie.intake.rules.values import ReportState
from vigie.outbox.rules import SendFailed
from vigie.outbox.transports.smtp.transport import SmtpTransport

LEAST_FREE_BYTES = 2 * 1024**3  # a capture takes some megabytes; below this a busy week fills the disk
CLOCK_TOLERANCE = timedelta(seconds=5)
NEVER_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)  # this version did not exist: a clock that says so is wrong
WAITED_TOO_LONG = timedelta(minutes=10)


class Standing(StrEnum):
    GOOD = "ok"
    UNSET = "unset"  # works without; what is lost is said
    MISSING = "MISSING"


@dataclass(frozen=True)
class Finding:
    """What was found of one thing, and what to do about it."""

    what: str
    standing: Standing
    sentence: str


def findings(environment: Environment) -> Iterable[Finding]:
    """Look at everything, in the order in which a fault hides the next."""
    database = _database()
    yield database
    if database.standing is Standing.GOOD:
        migrations = _migrations()
        yield migrations
        if migrations.standing is Standing.GOOD:
            yield _worker()
            yield _clock()
    yield _secret()
    yield _disk()
    yield _mail_out()
    yield from _mail_in()
    yield from _capture(environment)
    yield from _second_reader(environment)


def _good(what: str, sentence: str) -> Finding:
    return Finding(what, Standing.GOOD, sentence)


def _missing(what: str, sentence: str) -> Finding:
    return Finding(what, Standing.MISSING, sentence)


def _database() -> Finding:
    what = "database"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as fault:
        return _missing(what, f"does not answer ({_one_line(fault)}): look at VIGIE_DATABASE_URL and VIGIE_DATA.")
    return _good(what, f"{connection.display_name} answers")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if behind:
        return _missing("migrations", f"{len(behind)} to apply: run `vigie migrate`, or start with `vigie serve`.")
    return _good("migrations", "the database is of this version")


def _worker() -> Finding:
    """See the worker by its work: a report that nobody sorts means that nobody is there."""
    longest = timezone.now() - WAITED_TOO_LONG
    waiting = Report.across_associations.filter(
        state__in=[ReportState.RECEIVED, ReportState.REFERRED], filed_at=None, not_before__lt=longest
    ).count()
    if waiting:
        return _missing(
            "worker",
            f"{waiting} reports wait for more than 10 minutes: is it running? Look at its log; `vigie worker`.",
        )
    return _good("worker", "no report waits")


def _clock() -> Finding:
    what, now = "clock", timezone.now()
    if now < NEVER_BEFORE:
        return _missing(what, f"says {now:%Y-%m-%d}, before this version was made: set it (`timedatectl`).")
    latest = JournalEntry.across_associations.order_by("-at").values_list("at", flat=True).first()
    if latest and latest > now + CLOCK_TOLERANCE:
        return _missing(what, f"is behind the journal's last entry ({latest:%Y-%m-%d %H:%M} UTC): set it.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(cursor.fetchone()[0] - timezone.now())
        if apart > CLOCK_TOLERANCE:
            return _missing(what, f"is {apart.total_seconds():.0f} s apart from the database's: set both by NTP.")
    if _synchronised() is False:
        return _missing(what, "is not set by NTP: run `timedatectl set-ntp true`; dates of evidence rest on it.")
    return _good(what, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _synchronised() -> bool | None:
    """Return what systemd says of NTP; None where nobody can say (a container has its host's clock)."""
    if shutil.which("timedatectl") is None or not Path("/run/systemd/system").is_dir():
        return None
    done = subprocess.run(
        ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
        capture_output=True, text=True, timeout=5, check=False,
    )  # fmt: skip
    return {"yes": True, "no": False}.get(done.stdout.strip())


def _secret() -> Finding:
    path = Path(settings.VIGIE_SECRET_KEY_FILE)
    loose = [place for place in (path, path.parent) if place.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)]
    if path.stat().st_mode & 0o077 or loose:
        return _missing("secret key", f"others may read or replace it: chmod 600 {path}; chmod 700 {path.parent}")
    return _good("secret key", f"{path}, readable by its owner only; keep a copy of it apart from the database")


def _disk() -> Finding:
    free = shutil.disk_usage(settings.VIGIE_DATA).free
    if not os.access(settings.VIGIE_DATA, os.W_OK):
        return _missing("disk", f"{settings.VIGIE_DATA} cannot be written by this user.")
    if free < LEAST_FREE_BYTES:
        return _missing("disk", f"{free / 1e9:.1f} GB free in {settings.VIGIE_DATA}: make room, at least 2 GB.")
    return _good("disk", f"{free / 1e9:,.0f} GB free in {settings.VIGIE_DATA}")


def _mail_out() -> Finding:
    server = settings.VIGIE_SMTP
    if server.dkim_key_file and not os.access(server.dkim_key_file, os.R_OK):
        return _missing("mail out", f"VIGIE_DKIM_KEY_FILE={server.dkim_key_file} cannot be read.")
    try:
        SmtpTransport(server).connect().close()
    except (SendFailed, smtplib.SMTPException) as fault:
        return _missing("mail out", f"{_one_line(fault)}: look at VIGIE_SMTP_HOST, _PORT, _SECURITY, _USER, _PASSWORD.")
    signed = "signed with DKIM" if server.dkim_key_file else "without DKIM (VIGIE_DKIM_KEY_FILE)"
    return _good("mail out", f"{server.host}:{server.port} takes mail, {signed}")


def _mail_in() -> Iterable[Finding]:
    what = "mail in"
    if not settings.VIGIE_MAILBOXES:
        sentence = "no mailbox (VIGIE_MAILBOX): letters, and the platforms' answers, are not read"
        yield Finding(what, Standing.UNSET, sentence)
    for name, account in settings.VIGIE_MAILBOXES.items():
        setting = "_".join(filter(None, ("VIGIE_MAILBOX", name)))
        try:
            with account.open():
                yield _good(what, f"{setting} opens")
        except MailboxUnavailable as fault:
            yield _missing(what, f"{_one_line(fault)}: correct {setting}.")


def _capture(environment: Environment) -> Iterable[Finding]:
    try:
        means = Means.from_environment(environment)
    except BadSetting as fault:
        yield _missing("capture", str(fault))
        return
    yield _browser(means)
    yield _authority(means)


def _browser(means: Means) -> Finding:
    if means.chromium is None:
        return _missing(
            "browser",
            "no Chromium: captures keep only what a plain fetch gives. Debian: apt-get install chromium libatomic1.",
        )
    driver, *_ = compute_driver_executable()
    started = subprocess.run([driver, "--version"], capture_output=True, text=True, timeout=30, check=False)
    if started.returncode:
        # Debian's Chromium does not bring this library, and Playwright's own program asks for it.
        hint = " Debian: apt-get install libatomic1." if "libatomic" in started.stderr else ""
        return _missing("browser", f"what drives the browser does not start: {_one_line(started.stderr)}{hint}")
    done = subprocess.run([means.chromium, "--version"], capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        return _missing("browser", f"{means.chromium} does not start: {_one_line(done.stderr)}")
    return _good("browser", f"{done.stdout.strip()} ({means.chromium})")


def _authority(means: Means) -> Finding:
    what, authority = "timestamps", means.authority
    if authority is None:
        sentence = (
            "no authority (VIGIE_TSA_URL, VIGIE_TSA_ROOT): the dates of captures rest on this machine's clock alone"
        )
        return Finding(what, Standing.UNSET, sentence)
    data = secrets.token_bytes(32)
    try:
        told = check(ask(data, authority), data, roots=authority.root.read_bytes())
    except (TimestampError, OSError) as fault:
        return _missing(what, f"{_one_line(fault)}: look at VIGIE_TSA_URL and VIGIE_TSA_ROOT.")
    apart = abs(told.at - timezone.now())
    if apart > CLOCK_TOLERANCE:
        return _missing(
            what, f"the authority's clock and ours are {apart.total_seconds():.0f} s apart: set ours by NTP."
        )
    return _good(what, f"{authority.host} answers, {apart.total_seconds():.0f} s from our clock")


def _second_reader(environment: Environment) -> Iterable[Finding]:
    """Load the second reader, or ask its server what it has; no text is read."""
    what = "second reader"
    try:
        choice = checked(environment)
        if choice is None:
            yield Finding(what, Standing.UNSET, "none (VIGIE_SECOND_READER): each text is read once")
            return
        told = look_at(choice)
        day = Ledger(choice.data).today()
    except UnusableInput as fault:
        yield _missing(what, _one_line(fault))
        return
    spent = f", {day.tokens:,} tokens" if day.tokens else ""
    spent += f", {day.micro_euros / 1e6:,.4f} €" if day.micro_euros else ""
    today = f"today {day.read:,} texts in {day.seconds:,.0f} s{spent}, {day.unread:,} could not be"
    yield _good(what, f"{told}; {today}")


def _one_line(fault: object) -> str:
    lines = str(fault).strip().splitlines()
    return lines[0] if lines else type(fault).__name__


Tell = Callable[[str], object]


def look(environment: Environment, tell: Tell) -> bool:
    """Tell each finding as it is made; return whether nothing is missing."""
    whole = True
    for finding in findings(environment):
        whole = whole and finding.standing is not Standing.MISSING
        tell(f"{finding.standing.value:<8} {finding.what.replace(' ', '-'):<13} {finding.sentence}\n")
    return whole
