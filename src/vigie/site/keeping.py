"""`vigie backup` and `vigie restore`: everything of an installation in one file, and back.

The file is a tar.gz that any tool opens: the database, the files, the keys, and last `manifest.json` with the SHA-256 of
each. Whoever holds it holds the identities of those who reported: it is made readable by its owner only.

Consistent while the desk is running: the database is copied first, as it was at one moment. A file of evidence is on the
disk before the row that names it, so every file that this moment knows is there when the files are copied.

Free of Django: restoring must not make the key and the folders that it is about to put in place.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urlsplit

import psycopg

from vigie import __version__
from vigie.core.environment import Environment, database_from_url
from vigie.core.errors import UnusableInput

FORMAT = 1
CHUNK_BYTES = 1024 * 1024
COMPRESSION = 3  # pictures and WARC files are compressed already; more would only be slower
DATABASE = "vigie.sqlite3"
SET_ASIDE = "before-restore-"
MANIFEST, SQLITE_COPY, POSTGRESQL_DUMP, SECRET = "manifest.json", "database.sqlite3", "database.sql", "secret"
MOST_MANIFEST_BYTES = 200 * 1024 * 1024
# Copied apart, made anew at each start, or (Agora) the demonstration's outside world.
LEFT_OUT = {*(f"{DATABASE}{end}" for end in ("", "-wal", "-shm", "-next", "-now")), "static", "agora"}
LEFT_OUT |= {".restoring", "serve.lock"}


class BadBackup(UnusableInput):
    """What was given is no backup of ours, or no longer whole; nothing was changed."""


class WouldOverwrite(UnusableInput):
    """There is an installation already; nothing was changed."""


class CannotKeep(UnusableInput):
    """A program or a place that is needed is not there."""


@dataclass(frozen=True)
class Installation:
    """Where an installation keeps what it has. The settings read the same names."""

    data: Path
    database_url: str  # empty: SQLite in `data`
    secret: Path

    @classmethod
    def from_environment(cls, env: Environment) -> Installation:
        data = env.folder("VIGIE_DATA", default=Path("var"))
        url = env.text("VIGIE_DATABASE_URL")
        if url:
            database_from_url(url)  # a wrong one is refused here, in the words of the settings
        return cls(data, url, Path(env.text("VIGIE_SECRET_KEY_FILE") or data / "keys" / "secret").resolve())

    @property
    def database(self) -> Path:
        return self.data / DATABASE

    @property
    def has_secret_elsewhere(self) -> bool:
        return not self.secret.is_relative_to(self.data)


# --- backup --------------------------------------------------------------------------------------------------


def backup(house: Installation, file: Path) -> int:
    """Write everything into `file` and return how many files that is. Interrupted, it leaves no half file.

    Raises:
        CannotKeep: no database, no key or no `pg_dump`; a folder that cannot be written.
    """
    if not house.secret.is_file():
        raise CannotKeep(f"{house.secret}: there is no key, so there is no installation here; look at VIGIE_DATA.")
    if not file.parent.is_dir():
        raise CannotKeep(f"{file.parent}: there is no such folder.")
    draft = file.with_name(f".{file.name}.part")
    try:
        with _for_the_owner(draft) as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=COMPRESSION) as archive:
                number = _fill(_Writer(archive), house, {file.resolve(), draft.resolve()})
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as fault:
        raise CannotKeep(f"{fault.filename or file}: {fault.strerror or fault}") from fault
    finally:
        draft.unlink(missing_ok=True)
    return number


def _for_the_owner(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _fill(writer: _Writer, house: Installation, own: set[Path]) -> int:
    # The key first: read_or_make_secret never changes it, and without it the rest is of no use.
    if house.has_secret_elsewhere:
        writer.add(house.secret, SECRET)
    with tempfile.TemporaryDirectory(dir=house.data, prefix=".backup-") as name:
        if house.database_url:
            writer.add(_dumped(house.database_url, Path(name)), POSTGRESQL_DUMP)
        else:
            writer.add(_copied(house.database, Path(name)), SQLITE_COPY)
    for path in _files_of(house.data):
        if path.resolve() not in own:
            writer.add(path, f"data/{path.relative_to(house.data).as_posix()}", may_vanish=True)
    writer.finish("postgresql" if house.database_url else "sqlite")
    return len(writer.digests)


def _copied(database: Path, folder: Path) -> Path:
    """Copy a SQLite database as it is at one moment, whoever writes meanwhile."""
    if not database.is_file():
        raise CannotKeep(f"{database}: there is no database; look at VIGIE_DATA.")
    copy = folder / SQLITE_COPY
    with (
        contextlib.closing(sqlite3.connect(database, timeout=30)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)  # all pages in one step: a copy by pieces starts anew at every write
        target.execute("PRAGMA journal_mode=DELETE")
    return copy


def _dumped(url: str, folder: Path) -> Path:
    dump = folder / POSTGRESQL_DUMP
    _postgresql("pg_dump", url, "--no-owner", "--no-privileges", "--format=plain", f"--file={dump}")
    return dump


def _files_of(data: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(data):
        here = Path(folder)
        if here == data:
            names[:] = [name for name in names if not _is_left_out(name)]
            files = [name for name in files if not _is_left_out(name)]
        names.sort()
        for name in sorted(files):
            path = here / name
            if path.suffix != ".part" and path.is_file() and not path.is_symlink():
                yield path


def _is_left_out(name: str) -> bool:
    return name in LEFT_OUT or name.startswith((SET_ASIDE, ".backup-"))


class _Writer:
    """Adds files to an archive, each digest taken from the very bytes that were written."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self.archive = archive
        self.digests: dict[str, dict[str, object]] = {}
        self.progress = _Progress("kept")

    def add(self, path: Path, name: str, *, may_vanish: bool = False) -> None:
        """Add one file; one that a person had erased meanwhile is left out when it `may_vanish`."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            if may_vanish:
                return
            raise
        with source:
            entry = self.archive.gettarinfo(arcname=name, fileobj=source)
            entry.uname = entry.gname = ""
            entry.uid = entry.gid = 0
            # Only so much as the header announces: a file that grows meanwhile must not break the archive.
            reader = _Digesting(source, entry.size)
            self.archive.addfile(entry, reader)  # type: ignore[arg-type]
        self.digests[name] = {"sha256": reader.digest.hexdigest(), "bytes": entry.size}
        self.progress.step(entry.size)

    def finish(self, database: str) -> None:
        written = json.dumps(
            {
                "format": FORMAT,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "vigie": __version__,
                "database": database,
                "files": self.digests,
            },
            indent=1,
        ).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode, entry.mtime = len(written), 0o600, int(time.time())
        with tempfile.TemporaryFile() as whole:
            whole.write(written)
            whole.seek(0)
            self.archive.addfile(entry, whole)
        self.progress.end()


class _Digesting:
    def __init__(self, source: IO[bytes], size: int) -> None:
        self.source, self.left, self.digest = source, size, hashlib.sha256()

    def read(self, wanted: int) -> bytes:
        chunk = self.source.read(min(wanted, self.left))
        self.left -= len(chunk)
        self.digest.update(chunk)
        return chunk


# --- restore -------------------------------------------------------------------------------------------------


def restore(house: Installation, file: Path, *, force: bool = False) -> Path | None:
    """Put an installation back from `file`; return where the former one was set aside, if there was one.

    All of it is unpacked and checked beside before anything is touched. The former files are never deleted: with
    `force` they are moved into a folder of the data folder, for a person to look at and remove.

    Raises:
        BadBackup: unreadable, altered or cut; or of another kind of database than the settings name.
        WouldOverwrite: there is an installation and `force` was not given, or the desk is running.
    """
    if not file.is_file():
        raise BadBackup(f"{file}: there is no such file.")
    if not force:
        _refuse_to_overwrite(house)
    _refuse_while_running(house)
    house.data.mkdir(parents=True, exist_ok=True)
    staging = house.data / ".restoring"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        _unpack(file, staging, wanted="postgresql" if house.database_url else "sqlite")
        return _put_in_place(house, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _refuse_to_overwrite(house: Installation) -> None:
    found = [path for path in (house.database, house.secret, house.data / "files") if path.exists()]
    if found:
        raise WouldOverwrite(
            f"{found[0]}: there is an installation here already. Give an empty VIGIE_DATA, or --force: "
            "what is here is then set aside, not deleted."
        )
    if house.database_url and _tables(house.database_url):
        raise WouldOverwrite(
            "VIGIE_DATABASE_URL: the database is not empty. Give an empty one, or --force: "
            "what is in it is then REPLACED; make a backup of it first."
        )


def _refuse_while_running(house: Installation) -> None:
    sentence = "the desk is running on this database: stop it first."
    if house.database_url:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        if _asked(house.database_url, query):
            raise WouldOverwrite(sentence)
    elif house.database.is_file():
        with contextlib.closing(sqlite3.connect(house.database, timeout=0)) as connection:
            try:
                # Leaving WAL asks to be alone with the file: SQLite itself knows whether anybody has it open.
                connection.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError as fault:
                raise WouldOverwrite(sentence) from fault
            except sqlite3.DatabaseError:
                return  # a broken database is a good reason to restore one


def _unpack(file: Path, staging: Path, *, wanted: str) -> None:
    """Unpack and compare with the manifest, file by file, in both directions."""
    digests: dict[str, dict[str, object]] = {}
    manifest: Mapping[str, object] | None = None
    progress = _Progress("read")
    try:
        with tarfile.open(file, mode="r|gz") as archive:
            for entry in archive:
                source = archive.extractfile(entry) if entry.isreg() else None
                if source is None:
                    raise BadBackup(f"{file}: {entry.name!r} is not a plain file.")
                if entry.name == MANIFEST:
                    manifest = json.loads(source.read(MOST_MANIFEST_BYTES))
                    continue
                target = staging / _safe_name(file, entry.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                reader = _Digesting(source, entry.size)
                with _for_the_owner(target) as out:
                    while chunk := reader.read(CHUNK_BYTES):
                        out.write(chunk)
                    out.flush()
                    os.fsync(out.fileno())
                os.chmod(target, (entry.mode & 0o777) | 0o600)
                digests[entry.name] = {"sha256": reader.digest.hexdigest(), "bytes": entry.size}
                progress.step(entry.size)
    except (tarfile.TarError, EOFError, OSError, ValueError) as fault:
        raise BadBackup(f"{file}: not a whole backup ({type(fault).__name__}: {fault}).") from fault
    progress.end()
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadBackup(f"{file}: no manifest that this version reads; it was cut, or is no backup of Vigie.")
    if manifest["database"] != wanted:
        raise BadBackup(
            f"{file}: holds a database of {manifest['database']}, and the settings name {wanted} (VIGIE_DATABASE_URL)."
        )
    expected = manifest["files"]
    for name in sorted(expected.keys() | digests.keys()):
        if expected.get(name) != digests.get(name):
            raise BadBackup(f"{file}: {name} is not what the manifest says; the backup was altered or cut.")


def _safe_name(file: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    known = path.parts[:1] == ("data",) or name in {SQLITE_COPY, POSTGRESQL_DUMP, SECRET}
    if path.is_absolute() or ".." in path.parts or not known:
        raise BadBackup(f"{file}: {name!r} is no name of a backup.")
    return path


def _put_in_place(house: Installation, staging: Path) -> Path | None:
    # First, because it alone may fail, and then wholly: one transaction.
    if house.database_url:
        _postgresql(
            "psql", house.database_url, "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1",
            "--output=/dev/null", "--command=DROP SCHEMA public CASCADE; CREATE SCHEMA public;",
            f"--file={staging / POSTGRESQL_DUMP}",
        )  # fmt: skip
    aside = house.data / f"{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    former = [path for path in sorted(house.data.iterdir()) if path != staging and not _is_set_aside(path)]
    if house.has_secret_elsewhere and house.secret.exists():
        former.append(house.secret)
    if former:
        aside.mkdir(mode=0o700)
        for path in former:
            shutil.move(path, aside / path.name)
    if (staging / SQLITE_COPY).exists():
        (staging / SQLITE_COPY).rename(house.database)
    if (staging / SECRET).exists():
        target = house.secret if house.has_secret_elsewhere else staging / "data" / "keys" / "secret"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(staging / SECRET, target)
        target.chmod(0o600)
    for path in sorted((staging / "data").iterdir()) if (staging / "data").is_dir() else []:
        path.rename(house.data / path.name)
    if house.has_secret_elsewhere and not house.secret.exists():
        # The backup kept the key among the data; here the settings look for it elsewhere.
        house.secret.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(house.data / "keys" / "secret", house.secret)
        house.secret.chmod(0o600)
    return aside if former else None


def _is_set_aside(path: Path) -> bool:
    return path.name.startswith(SET_ASIDE)


# --- PostgreSQL ----------------------------------------------------------------------------------------------


def _postgresql(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs; the password goes by the environment, not the list of processes."""
    if shutil.which(program) is None:
        raise CannotKeep(f"{program} is not there: install PostgreSQL's programs (Debian: postgresql-client).")
    parts = urlsplit(url)
    environment = {**os.environ, "PGPASSWORD": parts.password} if parts.password else dict(os.environ)
    address = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    done = subprocess.run([program, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise CannotKeep(f"{program}: {done.stderr.strip().splitlines()[0] if done.stderr.strip() else 'failed'}")


def _tables(url: str) -> int:
    return _asked(url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")


def _asked(url: str, query: str) -> int:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
            return int(row[0]) if row else 0
    except psycopg.Error as fault:
        raise CannotKeep(f"VIGIE_DATABASE_URL: {str(fault).strip().splitlines()[0]}") from fault


class _Progress:
    """Megabytes on stderr, when it is a terminal and the work lasts."""

    def __init__(self, verb: str) -> None:
        self.verb, self.bytes, self.started, self.shown = verb, 0, time.monotonic(), 0.0

    def step(self, size: int) -> None:
        self.bytes += size
        now = time.monotonic()
        if sys.stderr.isatty() and now - self.started > 2 and now - self.shown > 0.5:
            self.shown = now
            sys.stderr.write(f"\r{self.bytes / 1e6:,.0f} MB {self.verb} ")
            sys.stderr.flush()

    def end(self) -> None:
        if self.shown:
            sys.stderr.write("\n")
