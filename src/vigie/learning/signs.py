"""Words that rise in confirmed cases: read from decisions, put away without keeping the word."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.keys import derive_key
from vigie.detection.detectors import Reader
from vigie.detection.duplicates import NONE, cluster
from vigie.learning.detectors import detector_of
from vigie.learning.models import EmergingVerdict
from vigie.learning.rules.emerging import Emerging, Rising, Said, emerging
from vigie.learning.rules.labels import Label
from vigie.learning.rules.terms import name_of
from vigie.learning.worth import READ_MOST, YEAR, Stamp, examples_of, stamp_of
from vigie.organisations.rules.policy import Action, Actor, require

LATELY = timedelta(days=28)
WAIT = timedelta(days=14)
DISMISSED, WAITING = "dismissed", "waiting"


@dataclass(frozen=True)
class Signs:
    """What rises, without what was put away."""

    found: Emerging
    rising: Sequence[Rising]
    waiting: int
    dismissed: int


def signs_of(actor: Actor, *, now: datetime) -> Signs:
    """Return the words that rise in what was confirmed lately, but those that an analyst put away."""
    require(actor, Action.SEE_LEXICON, actor.organisation_id)
    here = actor.organisation_id
    found = _rising(here, detector_of(here), stamp_of(here), now.date())
    kept = dict(
        EmergingVerdict.objects.of(here)
        .filter(Q(until=None) | Q(until__gt=now.date()))
        .values_list("digest", "verdict")
    )
    return Signs(
        found=found,
        rising=[one for one in found.rising if digest_of(here, one.phrase) not in kept],
        waiting=sum(verdict == "waiting" for verdict in kept.values()),
        dismissed=sum(verdict == "dismissed" for verdict in kept.values()),
    )


def digest_of(organisation_id: int, phrase: str) -> str:
    """Return what a word is recognised by where it is not kept."""
    key = derive_key(settings.SECRET_KEY, "emerging-word")
    return hmac.new(key, f"{organisation_id}:{phrase}".encode(), hashlib.sha256).hexdigest()


def rising_of(actor: Actor, digest: str, *, now: datetime) -> Rising | None:
    """Return the word that rises and has this digest."""
    require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    here = actor.organisation_id
    found = _rising(here, detector_of(here), stamp_of(here), now.date())
    return next((one for one in found.rising if digest_of(here, one.phrase) == digest), None)


@lru_cache(maxsize=8)
def _rising(organisation_id: int, detector: Reader, _stamp: Stamp, day: date) -> Emerging:
    midnight = datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_current_timezone())
    rows = list(
        examples_of(organisation_id, since=midnight - YEAR)
        .exclude(label=Label.SILENT.value)
        .values_list("pk", "label", "decided_at", "content__text")[:READ_MOST]
    )
    groups = cluster([text for *_rest, text in rows]).ids.tolist()
    said = [
        # A text of no group is one by itself.
        (label, at, Said(pk, text, group if group != NONE else -pk))
        for (pk, label, at, text), group in zip(rows, groups, strict=True)
    ]
    lately = [one for label, at, one in said if label == Label.HATEFUL and at >= midnight - LATELY]
    background = [one for label, at, one in said if label == Label.LAWFUL or at < midnight - LATELY]
    known = {name_of(writing) for term in detector.lexicon.terms for writing in term.writings}
    return emerging(lately, background, known=known)


def put_away(*, actor: Actor, digest: str, waits: bool, now: datetime) -> None:
    """Show a word no more: for two weeks, or for good."""
    require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    verdict = WAITING if waits else DISMISSED
    with transaction.atomic():
        EmergingVerdict.objects.of(actor.organisation_id).update_or_create(
            organisation_id=actor.organisation_id, digest=digest,
            defaults={"verdict": verdict, "at": now, "until": (now + WAIT).date() if waits else None},
        )  # fmt: skip
        record(Event.EMERGING_SETTLED, actor=actor, now=now, data={"verdict": verdict})


def bring_back(*, actor: Actor, digest: str, now: datetime) -> None:
    """Show a word again that was put away."""
    require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    with transaction.atomic():
        gone, _each = EmergingVerdict.objects.of(actor.organisation_id).filter(digest=digest).delete()
        if gone:
            record(Event.EMERGING_SETTLED, actor=actor, now=now, data={"verdict": "back"})
