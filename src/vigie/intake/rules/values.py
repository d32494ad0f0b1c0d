"""The words of this room, as values. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Door(StrEnum):
    """The way a report came in."""

    FORM = "form"
    MAIL = "mail"
    API = "api"
    IMPORT = "import"
    DESK = "desk"  # a member wrote it down for somebody
    WATCH = "watch"  # a member made it of what a watch found


class About(StrEnum):
    """What the person who reports says it is about. A hint for the queue, never a qualification."""

    ANTISEMITISM = "antisemitism"
    RACISM = "racism"
    ANTI_MUSLIM = "anti-muslim"
    RELIGION = "religion"
    LGBT = "lgbt"
    SEXISM = "sexism"
    DISABILITY = "disability"
    THREAT = "threat"
    HARASSMENT = "harassment"
    TERRORISM = "terrorism"
    CHILD_ABUSE = "child-abuse"
    OTHER = "other"


class ReporterRole(StrEnum):
    """What the person who reports is to it."""

    VICTIM = "victim"
    WITNESS = "witness"
    SENT = "sent"  # sent by somebody
    UNKNOWN = ""


class ReportState(StrEnum):
    RECEIVED = "received"  # waits to be sorted into cases
    HELD = "held"  # came in a flood without proof of work: waits for a person
    FILED = "filed"
    REFERRED = "referred"  # child abuse: the address alone, for referral
    PURGED = "purged"  # referred, then nothing is left of it
    SET_ASIDE = "set-aside"  # a person said that a held one is not a report


class MessageFrom(StrEnum):
    REPORTER = "reporter"
    ASSOCIATION = "association"


class MessageKind(StrEnum):
    INFO = "info"
    DECISION = "decision"
    QUESTION = "question"


class OpeningPurpose(StrEnum):
    """Why somebody may look at who reported. A closed list: what is written in the journal names nobody."""

    ANSWER = "answer"
    PROTECTION = "protection"
    COMPLAINT = "complaint"
    JUDICIAL_REQUEST = "judicial-request"
    ACCESS_RIGHT = "access-right"


class ReferralBody(StrEnum):
    """Who receives an address of child abuse."""

    PHAROS = "pharos"
    POINT_DE_CONTACT = "point-de-contact"


@dataclass(frozen=True)
class Contact:
    """How to reach the person who reported, if they want it. Goes into the vault and nowhere else."""

    name: str = ""
    email: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        return any((self.name, self.email, self.phone))


@dataclass(frozen=True)
class Post:
    """What a door already knows of one address: a partner's export brings the words with it."""

    url: str
    text: str = ""
    account: str = ""
    language: str = ""
    published_at: datetime | None = None

    def as_json(self) -> dict[str, str]:
        known = {name: value for name, value in vars(self).items() if value}
        if self.published_at:
            known["published_at"] = self.published_at.isoformat()
        return known

    @classmethod
    def from_json(cls, kept: dict[str, str]) -> Post:
        words = {name: value for name, value in kept.items() if name != "published_at"}
        moment = kept.get("published_at")
        return cls(published_at=datetime.fromisoformat(moment) if moment else None, **words)


@dataclass(frozen=True)
class Upload:
    """A file as it arrived; nothing of it is kept before `receive_report` has looked at the words beside it."""

    name: str
    content: bytes


def same_report(door: Door, nonce: str, given: Mapping[str, object], uploads: Sequence[Upload]) -> str:
    """Return the digest by which the same report, sent twice, is known.

    It covers all that was given: a form reached again by the browser's «back» carries its old nonce, and
    what is then written in it is a new report, not the old one again.
    """
    files = [hashlib.sha256(upload.content).hexdigest() for upload in uploads]
    written = json.dumps([door.value, nonce, given, files], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()
