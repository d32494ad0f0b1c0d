"""A backup is whole though the desk is at work, comes back as it was, and never covers what is there."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.processes.house import PATIENCE_SECONDS, REPOSITORY, House, a_house, kill, pausing_smtp_server, wait_for

pytestmark = pytest.mark.processes

AN_ASSOCIATION = """
from vigie.organisations.models import Organisation
Organisation.objects.create(slug="veille", name="Veille", notice_email="signalements@veille.example")
"""
# Writes reports with a file each until it is killed.
WRITE_ON = """
import itertools
from django.utils import timezone
from vigie.intake.actions import receive_report
from vigie.intake.rules.values import Door, Upload
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Actor
actor = Actor(name="public", organisation_id=Organisation.objects.get().pk)
for n in itertools.count():
    mail = Upload(name="m.eml", content=b"From: a@b.example\\nDate: Fri, 20 Nov 2026 10:00:00 +0000\\n\\n%d" % n)
    receive_report(actor=actor, door=Door.API, addresses=[f"https://forum.example/{n}"], attachments=[mail],
                   source_key=f"write-on:{n}", now=timezone.now())
"""
REPORTS = "SELECT count(*) FROM intake_report"
FILES_ARE_WHOLE = """
from vigie.casefile import files
from vigie.intake.models import Attachment
kept = list(Attachment.across_associations.values_list("sha256", flat=True))
for sha256 in kept:
    files.read(sha256)
print(len(kept))
"""


def vigie(house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vigie", *arguments]
    return subprocess.run(
        command,
        env=house.environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def rewritten(backup: Path, name: str, content: bytes) -> None:
    """Write the archive anew with other bytes under one name."""
    entries = []
    with tarfile.open(backup) as archive:
        for entry in archive:
            source = archive.extractfile(entry)
            assert source is not None
            entries.append((entry, source.read()))
    with tarfile.open(backup, "w:gz") as archive:
        for entry, kept in entries:
            written = content if entry.name == name else kept
            entry.size = len(written)
            archive.addfile(entry, io.BytesIO(written))


def test_a_backup_made_while_reports_arrive_comes_back_whole(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    backup = tmp_path / "vigie.tar.gz"
    with a_house(tmp_path / "first") as house, a_house(tmp_path / "second", migrated=False) as other:
        house.run(AN_ASSOCIATION)
        writer = house.start_python(WRITE_ON)
        wait_for(lambda: house.value(REPORTS) > 20, what="reports arrive")
        before = house.value(REPORTS)
        done = vigie(house, "backup", str(backup))
        assert done.returncode == 0, done.stderr
        assert backup.stat().st_mode & 0o077 == 0
        kill(writer)
        assert house.value(REPORTS) > before, "the desk went on while the backup was made"

        restored = vigie(other, "restore", str(backup))
        assert restored.returncode == 0, restored.stderr
        assert other.value(REPORTS) >= before
        assert int(other.run(FILES_ARE_WHOLE)) == other.value(REPORTS)
        verified = vigie(other, "journal", "verify")
        assert verified.stdout.strip() == "veille: whole", verified.stderr

        again = vigie(other, "restore", str(backup))
        assert again.returncode == 2
        assert "there is an installation here already" in again.stderr
        assert "stop it" not in again.stderr
        other.run("from vigie.organisations.models import Organisation as O; O.objects.update(name='Autre')")
        forced = vigie(other, "restore", str(backup), "--force")
        assert forced.returncode == 0, forced.stderr
        assert "before-restore-" in forced.stdout
        assert other.value("SELECT name FROM organisations_organisation") == "Veille"
        assert vigie(other, "journal", "verify").returncode == 0


def test_a_backup_that_was_touched_or_cut_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    backup = tmp_path / "vigie.tar.gz"
    with a_house(tmp_path / "first") as house, a_house(tmp_path / "second", migrated=False) as other:
        assert vigie(house, "backup", str(backup)).returncode == 0
        whole = backup.read_bytes()

        backup.write_bytes(whole[: len(whole) // 2])
        cut = vigie(other, "restore", str(backup))
        assert cut.returncode == 2
        assert "not a whole backup" in cut.stderr

        backup.write_bytes(whole)
        rewritten(backup, "data/keys/secret", b"another secret, long enough to be taken for one")
        altered = vigie(other, "restore", str(backup))
        assert altered.returncode == 2
        assert "data/keys/secret is not what the manifest says" in altered.stderr

        backup.write_bytes(gzip.compress(json.dumps({"not": "a backup"}).encode()))
        assert vigie(other, "restore", str(backup)).returncode == 2
        assert list((tmp_path / "second").iterdir()) == []


def test_nothing_is_restored_under_a_running_desk(tmp_path: Path) -> None:
    backup = tmp_path / "vigie.tar.gz"
    (tmp_path / "house").mkdir()
    with a_house(tmp_path / "house") as house:
        assert vigie(house, "backup", str(backup)).returncode == 0
        holder = house.start_python(
            "import time; from vigie.organisations.models import Organisation; Organisation.objects.count()\n"
            "print('open', flush=True); time.sleep(60)",
            stdout=subprocess.PIPE,
        )
        assert holder.stdout is not None
        holder.stdout.readline()
        refused = vigie(house, "restore", str(backup), "--force")
        assert refused.returncode == 2
        assert "the desk is running" in refused.stderr
        kill(holder)
        holder.stdout.close()
        assert vigie(house, "restore", str(backup), "--force").returncode == 0


def test_the_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    with pausing_smtp_server() as server:
        settings = {"VIGIE_SMTP_PORT": str(server.port), "VIGIE_SMTP_SECURITY": "none"}
        with a_house(tmp_path, **settings) as house:
            told = vigie(house, "doctor")
            lines = {line.split()[1]: line for line in told.stdout.splitlines()}
            assert lines["database"].startswith("ok")
            assert lines["migrations"].startswith("ok")
            assert lines["mail-out"].startswith("ok")
            assert lines["mail-in"].startswith("unset")
            assert lines["timestamps"].startswith("unset")

            secret = tmp_path / "keys" / "secret"
            secret.chmod(0o644)
            house.environment["VIGIE_SMTP_PORT"] = "1"
            house.environment["VIGIE_MAILBOX_RIVE"] = "imap://rive:password@127.0.0.1:1/INBOX"
            house.environment["VIGIE_CHROMIUM"] = "none"
            told = vigie(house, "doctor")
            assert told.returncode == 1
            missing = [line for line in told.stdout.splitlines() if line.startswith("MISSING")]
            assert [line.split()[1] for line in missing] == ["secret-key", "mail-out", "mail-in", "browser"]
            assert f"chmod 600 {secret}" in missing[0]
            assert "VIGIE_SMTP_HOST" in missing[1]
            assert "VIGIE_MAILBOX_RIVE" in missing[2]
            assert "password" not in missing[2]
            assert "apt-get install chromium" in missing[3]
            secret.chmod(0o600)


def test_the_doctor_sees_a_database_of_an_older_version(tmp_path: Path) -> None:
    with a_house(tmp_path, migrated=False) as house:
        told = vigie(house, "doctor")
        assert told.returncode == 1
        assert "vigie migrate" in next(line for line in told.stdout.splitlines() if "migrations" in line)
