"""Verbs of the watch: sources and watches are written, paused, taken up again; sightings are decided, and undone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, NotFound, Refusal, UnusableInput
from vigie.core.keys import derive_key
from vigie.core.sealing import seal, unseal
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.watch.models import (
    Campaign,
    Decision,
    Lesson,
    Sighting,
    Source,
    Surge,
    Watch,
    WatchSettings,
    WatchSource,
    Wave,
)
from vigie.watch.ports import FieldKind
from vigie.watch.rules.question import Question
from vigie.watch.rules.values import DecisionKind, DismissReason, Does, SightingState, WatchState
from vigie.watch.sources import adapter_of

UNDO_WITHIN = timedelta(minutes=10)
RISES_TOGETHER = timedelta(minutes=30)
ACCOUNTS_LONGEST = timedelta(days=366)
_CALLED = re.compile(r"https?://\S+|www\.\S+|@[\w.-]+")


class AccountsWithoutReason(Refusal):
    """Accounts are watched for a stated reason and until a date, or not at all."""

    def __init__(self) -> None:
        super().__init__(
            N_("Un compte ne se surveille que pour un motif écrit et jusqu’à une date, dans un an au plus tard.")
        )


class NameTaken(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Ce nom est déjà pris : choisissez-en un autre."))


@dataclass(frozen=True)
class Wanted:
    """A watch as a person wrote it."""

    name: str
    question: Question
    sources: Sequence[int]
    does: Does = Does.SHOW
    campaign: int | None = None
    accounts_reason: str = ""
    accounts_until: date | None = None


# --- sources -------------------------------------------------------------------------------------------------


def save_source(
    *, actor: Actor, kind: str, name: str, given: Mapping[str, Any], now: datetime, source: Source | None = None
) -> Source:
    """Add a source, or change one: what was read stays read.

    Raises:
        BadSourceSetting: the field, and what to write.
    """
    require(actor, Action.MANAGE_WATCH, actor.organisation_id)
    adapter = adapter_of(kind)
    if adapter is None:
        raise NotFound(N_("Vigie ne connaît pas cette sorte de source."))
    kept = adapter.checked(given)
    secrets = [field.name for field in adapter.manifest.fields if field.kind is FieldKind.SECRET]
    secret = next((str(given.get(one) or "").strip() for one in secrets), "")
    kept = {key: value for key, value in kept.items() if key not in secrets}
    with transaction.atomic():
        others = Source.objects.of(actor.organisation_id).filter(name=name)
        if others.exclude(pk=source.pk if source else None).exists():
            raise NameTaken
        if source is None:
            source = Source(organisation_id=actor.organisation_id, kind=kind, created_at=now, due_at=now)
        elif source.settings != kept:
            source.cursor = {}  # elsewhere, or something else: from the beginning
        source.name, source.settings, source.due_at = name, kept, now
        source.fault, source.fault_since, source.faults = "", None, 0
        source.turn += 1  # whoever is reading it writes nothing more
        source.save()
        if secret:
            source.secret = seal(_key(), secret, bound_to=f"source:{source.pk}")
            source.save(update_fields=["secret"])
        record(Event.WATCH_SOURCE_SAVED, actor=actor, now=now, data={"source": source.pk, "kind": kind})
    return source


def secret_of(source: Source) -> str:
    """Return the key or token of a source, for the one reading that needs it."""
    return unseal(_key(), bytes(source.secret), bound_to=f"source:{source.pk}") if source.secret else ""


def _key() -> bytes:
    return derive_key(settings.SECRET_KEY, "watch-source")


def set_source_state(*, actor: Actor, source: Source, state: WatchState, now: datetime) -> None:
    """Pause a source, or read it again from where it was."""
    require(actor, Action.MANAGE_WATCH, source.organisation_id)
    with transaction.atomic():
        Source.objects.of(actor.organisation_id).filter(pk=source.pk).update(state=state.value, due_at=now, faults=0)
        record(Event.WATCH_SOURCE_SAVED, actor=actor, now=now, data={"source": source.pk, "state": state.value})


# --- watches -------------------------------------------------------------------------------------------------


def save_watch(*, actor: Actor, wanted: Wanted, now: datetime, watch: Watch | None = None) -> Watch:
    """Write a watch, or change one; each change is a version, which sightings keep.

    Raises:
        AccountsWithoutReason: no reason or date, or a date too far.
    """
    require(actor, Action.MANAGE_WATCH, actor.organisation_id)
    if not wanted.name.strip():
        raise UnusableInput(N_("Donnez un nom à la veille."))
    until = wanted.accounts_until if wanted.question.accounts else None
    if wanted.question.accounts and not (
        wanted.accounts_reason.strip() and until and now.date() <= until <= now.date() + ACCOUNTS_LONGEST
    ):
        raise AccountsWithoutReason
    with transaction.atomic():
        others = Watch.objects.of(actor.organisation_id).filter(name=wanted.name.strip())
        if others.exclude(pk=watch.pk if watch else None).exists():
            raise NameTaken
        if watch is None:
            watch = Watch(organisation_id=actor.organisation_id, version=0)
        watch.name, watch.question, watch.does = wanted.name.strip(), wanted.question.as_json(), wanted.does.value
        watch.campaign = _campaign(actor, wanted.campaign)
        watch.accounts_reason = wanted.accounts_reason.strip() if wanted.question.accounts else ""
        watch.accounts_until = until
        watch.version += 1
        watch.changed_at = now
        watch.save()
        sources = Source.objects.of(actor.organisation_id).filter(pk__in=wanted.sources)
        WatchSource.objects.of(actor.organisation_id).filter(watch=watch).delete()
        WatchSource.across_associations.bulk_create(
            [WatchSource(organisation_id=actor.organisation_id, watch=watch, source=source) for source in sources]
        )
        record(
            Event.WATCH_SAVED, actor=actor, now=now,
            data={
                "watch": watch.pk, "version": watch.version, "accounts": len(wanted.question.accounts),
                "accounts_until": until.isoformat() if until else None,
            },
        )  # fmt: skip
    return watch


def set_watch_state(*, actor: Actor, watch: Watch, state: WatchState, now: datetime) -> None:
    """Pause a watch, or take it up again."""
    require(actor, Action.MANAGE_WATCH, watch.organisation_id)
    with transaction.atomic():
        Watch.objects.of(actor.organisation_id).filter(pk=watch.pk).update(state=state.value)
        record(Event.WATCH_PAUSED if state is WatchState.PAUSED else Event.WATCH_RESUMED, actor=actor, now=now,
               data={"watch": watch.pk})  # fmt: skip


def make_campaign(*, actor: Actor, name: str, starts_on: date, ends_on: date | None, now: datetime) -> Campaign:
    """Begin a campaign, or return the one of that name."""
    require(actor, Action.MANAGE_WATCH, actor.organisation_id)
    name = name.strip()
    if not name:
        raise UnusableInput(N_("Donnez un nom à la campagne."))
    if ends_on and ends_on < starts_on:
        raise UnusableInput(N_("La campagne finit avant d’avoir commencé : corrigez les dates."))
    with transaction.atomic():
        known = Campaign.objects.of(actor.organisation_id).filter(name=name).first()
        if known is not None:
            return known  # type: ignore[no-any-return]
        campaign: Campaign = Campaign.objects.create(
            organisation_id=actor.organisation_id, name=name, starts_on=starts_on, ends_on=ends_on
        )
        record(Event.CAMPAIGN_BEGUN, actor=actor, now=now, data={"campaign": campaign.pk})
    return campaign


def _campaign(actor: Actor, pk: int | None) -> Campaign | None:
    return Campaign.objects.of(actor.organisation_id).filter(pk=pk).first() if pk else None


def keep_days(*, actor: Actor, days: int, now: datetime) -> None:
    """Say how long what became no case is kept."""
    require(actor, Action.MANAGE_WATCH, actor.organisation_id)
    if not 1 <= days <= 30:
        raise UnusableInput(N_("De 1 à 30 jours."))
    with transaction.atomic():
        WatchSettings.objects.of(actor.organisation_id).delete()
        WatchSettings.objects.create(organisation_id=actor.organisation_id, keep_days=days)
        record(Event.SETTINGS_CHANGED, actor=actor, now=now, data={"changed": ["watch_keep_days"]})


# --- the wall ------------------------------------------------------------------------------------------------


def dismiss(*, actor: Actor, wave: Wave, reason: DismissReason, now: datetime) -> Decision:
    """Say of all that waits in a wave that it is none, and why: one example is kept, without names."""
    require(actor, Action.DECIDE_SIGHTING, wave.organisation_id)
    with transaction.atomic():
        waiting = waiting_of(wave)
        if not waiting:
            raise Conflict(N_("Quelqu’un a déjà décidé de ce repérage."))
        return decide(actor=actor, sightings=waiting, kind=DecisionKind.DISMISS, reason=reason.value, now=now)


def waiting_of(wave: Wave) -> list[Sighting]:
    """Return what waits in a wave, under lock, the widest reach first."""
    waiting = Sighting.objects.of(wave.organisation_id).filter(wave=wave, state=SightingState.WAITING)
    return sorted(waiting.select_for_update(), key=lambda one: (-(one.reach or 0), one.seen_at, one.pk))


def decide(
    *,
    actor: Actor,
    sightings: Sequence[Sighting],
    kind: DecisionKind,
    now: datetime,
    reason: str = "",
    case: Case | None = None,
    is_new_case: bool = False,
) -> Decision:
    """Write down what was decided of sightings, with one labelled example. Runs in the caller's transaction."""
    first = sightings[0]
    decision: Decision = Decision.objects.create(
        organisation_id=actor.organisation_id, kind=kind.value, reason=reason, member_id=actor.member_id, made_at=now,
        case=case, is_new_case=is_new_case, count=len({one.key for one in sightings}),
    )  # fmt: skip
    state = SightingState.CASED if kind is DecisionKind.CASE else SightingState.DISMISSED
    Sighting.objects.of(actor.organisation_id).filter(pk__in=[one.pk for one in sightings]).update(
        state=state.value, decision=decision
    )
    Lesson.objects.create(
        organisation_id=actor.organisation_id, label=kind.value, reason=reason, text=without_names(first.text),
        digest=hashlib.sha256(first.text.encode()).hexdigest(), language=first.language, platform=first.platform,
        score=first.score, detector_version=first.detector_version, at=now, decision=decision,
    )  # fmt: skip
    return decision


def undo(*, actor: Actor, decision: Decision, now: datetime) -> Decision:
    """Put back on the wall what one decided oneself a moment ago; the example is unlearned.

    Of a case that was made, the caller (`intake.doors.watch`) closes what it opened.
    """
    require(actor, Action.DECIDE_SIGHTING, decision.organisation_id)
    with transaction.atomic():
        fresh = Decision.objects.of(actor.organisation_id).select_for_update().filter(pk=decision.pk).first()
        if fresh is None or fresh.member_id != actor.member_id:
            raise NotFound(N_("Il n’y a rien à annuler ici."))
        if fresh.undone_at or now > fresh.made_at + UNDO_WITHIN:
            raise Conflict(N_("Cette décision ne peut plus être annulée."))
        Sighting.objects.of(actor.organisation_id).filter(decision=fresh).update(
            state=SightingState.WAITING.value, decision=None
        )
        Lesson.objects.of(actor.organisation_id).filter(decision=fresh).delete()
        fresh.undone_at = now
        fresh.save(update_fields=["undone_at"])
        return fresh  # type: ignore[no-any-return]


def without_names(text: str) -> str:
    """Return a text without the addresses in it and the names it calls."""
    return _CALLED.sub("…", text)


def settle_surge(*, actor: Actor, surge: Surge, now: datetime) -> None:
    """Take away the banner of a rise, and of those that began with it."""
    require(actor, Action.DECIDE_SIGHTING, surge.organisation_id)
    with transaction.atomic():
        began_together = (surge.onset_at - RISES_TOGETHER, surge.onset_at + RISES_TOGETHER)
        rises = Surge.objects.of(actor.organisation_id).filter(settled_at=None, onset_at__range=began_together)
        rises.update(settled_at=now)
        record(Event.SURGE_SETTLED, actor=actor, now=now, data={"surge": surge.pk})


def adopt_surge(*, actor: Actor, surge: Surge, name: str, watches: Iterable[int], now: datetime) -> Campaign:
    """Make one campaign of a rise, with the watches that saw it."""
    campaign = make_campaign(actor=actor, name=name, starts_on=surge.onset_at.date(), ends_on=None, now=now)
    Watch.objects.of(actor.organisation_id).filter(pk__in=list(watches), campaign=None).update(campaign=campaign)
    Surge.objects.of(actor.organisation_id).filter(pk=surge.pk).update(campaign=campaign)
    return campaign
