"""What captures are made with here, read from the settings. Cheap to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vigie.core.environment import Environment
from vigie.core.errors import BadSetting
from vigie.evidence.captures.chromium.find import find_chromium
from vigie.evidence.guard import ALLOW_FOR_TESTS, Guard
from vigie.evidence.limits import Limits
from vigie.evidence.timestamps.authority import Authority

CHROMIUM = "VIGIE_CHROMIUM"
TSA_URL = "VIGIE_TSA_URL"
TSA_ROOT = "VIGIE_TSA_ROOT"


@dataclass(frozen=True)
class Means:
    """What a capture has at hand."""

    chromium: str | None = None  # path of the browser; without, a plain fetch is made
    authority: Authority | None = None
    allowed_for_tests: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_environment(cls, env: Environment) -> Means:
        """Read the settings.

        Raises:
            BadSetting: a browser that is not there; an authority without its root certificate.
        """
        wanted = env.text(CHROMIUM)
        chromium = find_chromium(wanted)
        if wanted and wanted.lower() != "none" and chromium is None:
            raise BadSetting(f"{CHROMIUM}={wanted}: there is no such program; leave it empty, or write none.")
        return cls(
            chromium=chromium,
            authority=_authority(env),
            allowed_for_tests=frozenset(word.lower() for word in env.words(ALLOW_FOR_TESTS)),
            limits=Limits(seconds=env.integer("VIGIE_CAPTURE_SECONDS", default=60, least=5, most=600)),
        )

    def guard(self) -> Guard:
        """Return a gate for one visit."""
        return Guard(allowed_for_tests=self.allowed_for_tests)


def _authority(env: Environment) -> Authority | None:
    if not env.text(TSA_URL):
        return None
    url = env.web_address(TSA_URL, default="")
    root = env.text(TSA_ROOT)
    if not root:
        raise BadSetting(f"{TSA_URL} is set but {TSA_ROOT} is not: name the PEM file of the authority's root.")
    if not Path(root).is_file():
        raise BadSetting(f"{TSA_ROOT}={root}: there is no such file.")
    return Authority(url=url, root=Path(root))
