"""Settings from the environment or a `.env` file, read once, typed, and refused with one clear sentence.

`Environment` reads a mapping, never the machine, so that every refusal can be tested.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from vigie.core.errors import BadSetting

TRUE = {"1", "true", "yes", "on", "oui"}
FALSE = {"0", "false", "no", "off", "non", ""}


class Environment:
    """Typed look-ups in a mapping of strings.

    >>> Environment({"VIGIE_X": "12"}).integer("VIGIE_X", default=1)
    12
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, *, default: str = "") -> str:
        return self._values.get(name, default).strip()

    def boolean(self, name: str, *, default: bool = False) -> bool:
        raw = self._values.get(name)
        if raw is None:
            return default
        if raw.strip().lower() in TRUE:
            return True
        if raw.strip().lower() in FALSE:
            return False
        raise BadSetting(f"{name}={raw!r} is neither yes nor no: write 1 or 0.")

    def integer(self, name: str, *, default: int, least: int = 0, most: int | None = None) -> int:
        raw = self.text(name)
        if not raw:
            return default
        try:
            value = int(raw)
        except ValueError:
            raise BadSetting(f"{name}={raw!r} is not a whole number.") from None
        if value < least or (most is not None and value > most):
            upper = "any" if most is None else most
            raise BadSetting(f"{name}={value} is out of range: from {least} to {upper}.")
        return value

    def starting_with(self, prefix: str) -> dict[str, str]:
        """Return the settings whose names begin so, by name: for what there may be several of."""
        return {name: value.strip() for name, value in self._values.items() if name.startswith(prefix)}

    def folder(self, name: str, *, default: Path) -> Path:
        return Path(self.text(name) or default).expanduser().resolve()

    def words(self, name: str, *, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default=default).split(",") if word.strip()]

    def web_address(self, name: str, *, default: str) -> str:
        raw = (self.text(name) or default).rstrip("/")
        parts = urlsplit(raw)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise BadSetting(f"{name}={raw!r} is not a web address: write it like https://vigie.example.")
        return raw


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the `NAME=value` lines of `path`; {} when there is no such file.

    Raises:
        BadSetting: a line that is neither a comment nor an assignment, with its number.
    """
    if not path.is_file():
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, sign, value = stripped.partition("=")
        if not sign or not name.strip().isidentifier():
            raise BadSetting(f"{path}, line {number}: expected NAME=value.")
        values[name.strip()] = value.strip().strip("\"'")
    return values


def environment_of_this_process() -> Environment:
    """Return the settings as this process was given them: its environment, then the `.env` file."""
    return Environment({**read_dotenv(Path(os.environ.get("VIGIE_ENV_FILE", ".env"))), **os.environ})


def adopt_dotenv(*names: str) -> None:
    """Put these settings of the `.env` file into the process's environment, where rooms without Django read them.

    What the environment already says stays.
    """
    written = read_dotenv(Path(os.environ.get("VIGIE_ENV_FILE", ".env")))
    for name in names:
        if name in written:
            os.environ.setdefault(name, written[name])


def database_from_url(url: str) -> dict[str, object]:
    """Return Django's description of the PostgreSQL database that `url` names.

    Raises:
        BadSetting: any other scheme, or no database name.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise BadSetting(
            "VIGIE_DATABASE_URL must look like postgresql://user:password@host:5432/database; "
            "leave it empty for SQLite in VIGIE_DATA."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
